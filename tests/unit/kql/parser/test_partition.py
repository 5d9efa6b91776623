from __future__ import annotations

import pytest

from kelp.kql.syntax import NameExpression, Partition, Take
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | partition by a (top 1 by b)", "T\n| partition by a (top 1 by b)"),
        (
            "T | partition hint.strategy=native by a.b (summarize count() | take 1)",
            "T\n| partition hint.strategy=native by a.b (summarize count() | take 1)",
        ),
        ("T | partition by a { T2 | where b }", "T\n| partition by a { T2 | where b }"),
        ("T | partition by a in (f(x)) (take 1)", "T\n| partition by a in f(x) (take 1)"),
        ("T | __partitionby a (take 1)", "T\n| __partitionby a (take 1)"),
        (
            "T | __partitionby a id 0f4b1de6-41dc-4f52-8d4c-2f4f2b4a7c11 (take 1)",
            "T\n| __partitionby a id 0f4b1de6-41dc-4f52-8d4c-2f4f2b4a7c11 (take 1)",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | partition by a «take» 1", "expected `(` after the column", None),
        ("T | partition «a» (take 1)", "expected `by`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_brackets_after_the_column_are_no_call() -> None:
    operator = read_operator("T | partition by a (take 1)")
    assert isinstance(operator, Partition)
    assert operator.by == NameExpression(operator.by.span, "a")
    assert [type(one) for one in operator.body] == [Take]
