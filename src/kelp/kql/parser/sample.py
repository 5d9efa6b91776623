"""`sample` and `sample-distinct`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_named
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Sample, SampleDistinct


def parse_sample(cursor: Cursor, start: int) -> Sample:
    """Read the number of rows."""
    parse_options(cursor)
    count = parse_expression(cursor)
    return Sample(cursor.span_from(start), count)


def parse_sample_distinct(cursor: Cursor, start: int) -> SampleDistinct:
    """Read `count of expression`."""
    parse_options(cursor)
    count = parse_expression(cursor)
    cursor.expect_word("of", " and a column")
    of = parse_named(cursor)
    return SampleDistinct(cursor.span_from(start), count, of)
