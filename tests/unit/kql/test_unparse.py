from __future__ import annotations

import pytest

from kelp.kql.parser import parse
from kelp.kql.syntax import (
    ErrorExpression,
    ExpressionSource,
    NameExpression,
    Pipeline,
    QueryStatement,
    SetOption,
    Take,
    UnknownOperator,
    Where,
)
from kelp.kql.text import NOWHERE
from kelp.kql.unparse import unparse


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", "a"),
        ("größe", "größe"),
        ("$left", "$left"),
        ("a b", '["a b"]'),
        ("a-b", '["a-b"]'),
        ('a"b', '["a\\"b"]'),
        ("1a", '["1a"]'),
        ("", '[""]'),
        ("true", '["true"]'),
        ("and", '["and"]'),
        ("by", '["by"]'),
        ("union", '["union"]'),
        ("count", "count"),
    ],
)
def test_names(name: str, expected: str) -> None:
    assert unparse(NameExpression(NOWHERE, name)) == expected


def test_a_pipeline_has_a_line_for_each_operator() -> None:
    parsed = parse("T|where a|take 1")
    assert unparse(parsed.block) == "T\n| where a\n| take 1"


def test_an_inner_pipeline_stays_on_its_line() -> None:
    parsed = parse("T | where a in (U | where b | project c)")
    assert unparse(parsed.block) == "T\n| where a in (U | where b | project c)"


def test_each_sort_of_node_has_a_text() -> None:
    a = NameExpression(NOWHERE, "a")
    source = ExpressionSource(NOWHERE, a)
    assert unparse(a) == "a"
    assert unparse(source) == "a"
    assert unparse(Where(NOWHERE, a)) == "where a"
    assert (
        unparse(Pipeline(NOWHERE, source, (Where(NOWHERE, a), Take(NOWHERE, a)))) == "a\n| where a\n| take a"
    )
    assert unparse(SetOption(NOWHERE, "b", a)) == "set b = a"
    assert unparse(QueryStatement(NOWHERE, a)) == "a"


def test_nodes_that_stand_for_errors_have_a_text_too() -> None:
    assert unparse(ErrorExpression(NOWHERE)) == ""
    assert unparse(UnknownOperator(NOWHERE, "foo-bar")) == "foo-bar"
    assert unparse(parse("T | foo | where | take 1").block) == "T\n| foo\n| where \n| take 1"
