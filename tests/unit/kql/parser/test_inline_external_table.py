from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            'inline_external_table (a: string) kind=storage dataformat=parquet (h@"https://x") | take 1',
            'inline_external_table (a: string) kind=storage dataformat=parquet (h@"https://x")\n| take 1',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("inline_external_table (a«)» kind=delta", "expected `:` and a type", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
