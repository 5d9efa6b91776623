from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "externaldata(a: string, b: long) [@'https://x/y.csv', h'https://z'] with (format='csv', ignoreFirstRecord=true)",
            'externaldata(a: string, b: long) ["https://x/y.csv", "https://z"] with (format="csv", ignoreFirstRecord=true)',
        ),
        (
            'externaldata(a: string) ["https://x"] | where a',
            'externaldata(a: string) ["https://x"]\n| where a',
        ),
        (
            'external_data(a: string) [strcat("https://", b)]',
            'externaldata(a: string) [strcat("https://", b)]',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ('externaldata(a: string) «"x"»', "expected `[`", None),
        ('externaldata(a: string) ["x"] with «format»="csv"', "expected `(` after `with`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
