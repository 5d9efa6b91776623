from __future__ import annotations

import pytest

from tests.unit.kql.parser.reading import assert_reads, assert_refuses


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | where a == 1", "T\n| where a == 1"),
        ("T | filter a", "T\n| where a"),
        ("T | where a > 1 and (b or c)", "T\n| where a > 1 and (b or c)"),
        ("T | where hint.concurrency=1 a == 2", "T\n| where a == 2"),
        ("T|where a|where b", "T\n| where a\n| where b"),
        ("T | where a=1 or b", "T\n| where a = 1 or b"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | where a == b «=» 1", "expected `==`, found `=`", "=~"),
        ("T | where«»", "expected an expression, found the end", None),
        ("T | where a == 1 «AND» b", "found `AND`", "lower case"),
        ("T | where a «is» null", "found `is`", "isnull"),
        ("T | where a «not» in (1)", "found `not`", "!in"),
        ("T | where not «a» == 1", "expected `(` after `not`", "not(condition)"),
        ("T | where a «=»< 1", "expected `==`", "`<=`"),
        ("T | where a «=>» 1", "found `=>`", "`>=`"),
        ("T | where a |«|» b", "expected an operator, found `|`", "`or`"),
        ("T | where a «&&» b", "means nothing here", "`and`"),
        ("T «where» a", "expected `|`", "| where"),
        ("T | where a\n«where» b", "expected `|`", "| where"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)
