from __future__ import annotations

import pytest

from kelp.kql.syntax import ColumnDeclaration, Find, NamedExpression
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_source


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("find where a == 1", "find where a == 1"),
        ('find "x"', 'find where "x"'),
        (
            'find withsource=s in (A, B*, database("*").C*) where a has "x" project b, c: long, pack_all()',
            'find withsource=s in (A, B*, database("*").C*) where a has "x" project b, c: long, pack_all()',
        ),
        ("find in (A) where a project-smart", "find in (A) where a"),
        (
            "find in (A) where a project b project-away c, d*",
            "find in (A) where a project b project-away c, d*",
        ),
        ("find where a project b, pack(*)", "find where a project b, pack_all()"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("find in (A) where«»", "expected an expression", None),
        ("find where a project «1»", "expected a column name", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_columns_may_have_types() -> None:
    source = read_source("find where a project b, c: long, pack_all()")
    assert isinstance(source, Find)
    assert source.project is not None
    assert [type(one) for one in source.project] == [NamedExpression, ColumnDeclaration]
    assert source.pack_all
