from __future__ import annotations

import pytest

from kelp.kql.syntax import ExpressionSource, Pipeline, Union, WildcardName
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_source


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("union A, B", "union A, B"),
        (
            'union kind=outer withsource=t isfuzzy=true (A | where x), B*, database("d").C*',
            'union kind=outer withsource=t isfuzzy=true (A | where x), B*, database("d").C*',
        ),
        ("A | union B", "A\n| union B"),
        ("union *", "union *"),
        ("union (A), (B | take 1) | count", "union A, (B | take 1)\n| count"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("A | union«»", "expected an expression", None),
        ("union A, «|» count", "expected an expression", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_sources_are_pipelines_or_patterns() -> None:
    source = read_source("union (A | take 1), B*, C")
    assert isinstance(source, Union)
    assert [type(one) for one in source.sources] == [Pipeline, WildcardName, Pipeline]


def test_a_table_may_be_called_union() -> None:
    assert isinstance(read_source("['union'] | take 1"), ExpressionSource)
