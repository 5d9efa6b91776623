from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "T | parse-kv a as (b: string, ['c d']: long) with (pair_delimiter=',', kv_delimiter='=', greedy=true)",
            'T\n| parse-kv a as (b: string, ["c d"]: long) with (pair_delimiter=",", kv_delimiter="=", greedy=true)',
        ),
        ("T | parse-kv a as (b: string)", "T\n| parse-kv a as (b: string)"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | parse-kv a «with» (b=1)", "expected `as`", None),
        ("T | parse-kv a as (b«)»", "expected `:` and a type after `b`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
