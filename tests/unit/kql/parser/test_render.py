from __future__ import annotations

import pytest

from kelp.kql.syntax import Call, Render
from kelp.kql.unparse import unparse
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | render timechart", "T\n| render timechart"),
        (
            'T | render barchart with (title="x", kind=stacked, ycolumns=a, b, legend=hidden)',
            'T\n| render barchart with (title="x", kind=stacked, ycolumns=a, b, legend=hidden)',
        ),
        (
            'T | render timechart kind=unstacked title="x" by a, b',
            'T\n| render timechart with (kind=unstacked, title="x", by=a, b)',
        ),
        (
            'T | render columnchart with (xcolumn=["a b"], series=c, ymin=0, accumulate=true)',
            'T\n| render columnchart with (xcolumn=["a b"], series=c, ymin=0, accumulate=true)',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | render«»", "expected a kind of chart", "timechart"),
        ("T | render x with (title«)»", "expected `=` after `title`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_a_list_ends_where_the_next_property_begins() -> None:
    operator = read_operator("T | render x with (ycolumns=a, b, title='c')")
    assert isinstance(operator, Render)
    assert [one.name for one in operator.properties] == ["ycolumns", "title"]
    columns = operator.properties[0].value
    assert isinstance(columns, Call)
    assert columns.name.text == "list"
    assert [unparse(one.value) for one in columns.arguments] == ["a", "b"]
