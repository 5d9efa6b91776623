from __future__ import annotations

import pytest

from kelp.kql.syntax import ExpressionSource, Join, Where
from kelp.kql.unparse import unparse
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("A | join B on k", "A\n| join B on k"),
        (
            "A | join kind=leftouter hint.strategy=broadcast (B | where x) on $left.a == $right.b, c",
            "A\n| join kind=leftouter hint.strategy=broadcast (B | where x) on $left.a == $right.b, c",
        ),
        (
            'A | join kind = inner database("d").B on a and $left.b == $right.c',
            'A\n| join kind=inner database("d").B on a and $left.b == $right.c',
        ),
        ("A | join (datatable(a: long) [1]) on a", "A\n| join (datatable(a: long) [1]) on a"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("A | join B«»", "expected `on`", "$left"),
        ("A | join kind=inner (B) «a»", "expected `on`", "$left"),
        ("A | join (B) on a «=» b", "expected `==`", "=="),
        ("A | join (B«»", "expected `)`", "close the `(` of line 1, position 10"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_a_name_is_a_pipeline_without_operators() -> None:
    operator = read_operator("A | join kind=inner B on k")
    assert isinstance(operator, Join)
    assert isinstance(operator.right.source, ExpressionSource)
    assert operator.right.operators == ()
    assert [(one.name, unparse(one.value)) for one in operator.options] == [("kind", "inner")]


def test_brackets_hold_a_pipeline() -> None:
    operator = read_operator("A | join (B | where x) on k")
    assert isinstance(operator, Join)
    assert [type(one) for one in operator.right.operators] == [Where]
