from __future__ import annotations

import pytest

from kelp.kql.syntax import Literal, NameExpression, Pipeline, Search, WildcardName
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_source


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ('search "x"', 'search "x"'),
        ("search *", "search *"),
        (
            'search kind=case_sensitive in (A, B*, database("d").C) "x" and a:"y"',
            'search kind=case_sensitive in (A, B*, database("d").C) "x" and a:"y"',
        ),
        ('T | search * has "x" or b == 1', 'T\n| search * has "x" or b == 1'),
        ("search a:b", "search a:b"),
        ('search "x" and not("y")', 'search "x" and ["not"]("y")'),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ('search in «A» "x"', "expected `(` and the tables", None),
        ("T | search«»", "expected an expression", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_a_bare_term_is_a_string() -> None:
    source = read_source('search "x"')
    assert isinstance(source, Search)
    assert isinstance(source.predicate, Literal)


def test_tables_are_names_patterns_or_pipelines() -> None:
    source = read_source('search in (A, B*, (C | take 1)) "x"')
    assert isinstance(source, Search)
    assert [type(one) for one in source.tables] == [NameExpression, WildcardName, Pipeline]
