"""`partition` and `__partitionby`."""

from __future__ import annotations

from kelp.kql.parser.bodies import parse_body
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_column_path, parse_operand
from kelp.kql.parser.join import as_pipeline
from kelp.kql.parser.mv_apply import parse_context_id
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import Partition, PartitionBy


def parse_partition(cursor: Cursor, start: int) -> Partition:
    """Read `[hints] by column [in values] (operators)`, or `... { query }`."""
    options = parse_options(cursor)
    cursor.expect_word("by", " and a column")
    by = parse_column_path(cursor)
    values = parse_operand(cursor) if cursor.take_word("in") else None
    if cursor.token.kind != "{":
        body = parse_body(cursor, "the column")
        return Partition(cursor.span_from(start), options, by, body, None, values)
    opening = cursor.open("{")
    source = as_pipeline(cursor.productions.pipe(cursor))
    cursor.close(opening)
    return Partition(cursor.span_from(start), options, by, (), source, values)


def parse_partition_by(cursor: Cursor, start: int) -> PartitionBy:
    """Read `[hints] column [id guid] (operators)`."""
    options = parse_options(cursor)
    by = parse_column_path(cursor)
    context_id = parse_context_id(cursor)
    body = parse_body(cursor, "the column")
    return PartitionBy(cursor.span_from(start), options, by, context_id, body)
