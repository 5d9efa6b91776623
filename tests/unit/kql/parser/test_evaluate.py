from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | evaluate bag_unpack(a)", "T\n| evaluate bag_unpack(a)"),
        (
            'T | evaluate hint.distribution=per_node bag_unpack(a, "p_") : (*, b: long)',
            'T\n| evaluate hint.distribution=per_node bag_unpack(a, "p_") : (*, b: long)',
        ),
        ('evaluate http_request("u") | take 1', 'evaluate http_request("u")\n| take 1'),
        ("T | evaluate pivot(a) : (b: string, c: real)", "T\n| evaluate pivot(a) : (b: string, c: real)"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | evaluate bag_unpack«»", "expected `(` after `bag_unpack`", None),
        ("T | evaluate f() : «b»", "expected `(` and the columns", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
