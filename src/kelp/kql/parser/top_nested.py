"""`top-nested`."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_expression, parse_named
from kelp.kql.parser.sort import parse_key
from kelp.kql.parser.words import take_hyphenated
from kelp.kql.syntax import TopNested, TopNestedClause


def parse_top_nested(cursor: Cursor, start: int) -> TopNested:
    """Read `[count] of expression [with others = value] by aggregate [asc|desc], top-nested ...`."""
    clauses = [_parse_clause(cursor, start)]
    while cursor.take(","):
        clause_start = cursor.token.start
        if not take_hyphenated(cursor, "top-nested"):
            cursor.fail("`top-nested`")
        clauses.append(_parse_clause(cursor, clause_start))
    return TopNested(cursor.span_from(start), tuple(clauses))


def _parse_clause(cursor: Cursor, start: int) -> TopNestedClause:
    count = None if cursor.at_word("of") else parse_expression(cursor)
    cursor.expect_word("of", " and what to group")
    of = parse_named(cursor)
    others = None
    if cursor.take_word("with"):
        cursor.expect_word("others", " after `with`")
        cursor.expect("=", " after `others`")
        others = parse_expression(cursor)
    cursor.expect_word("by", " and an aggregate")
    by = parse_key(cursor)
    return TopNestedClause(cursor.span_from(start), count, of, others, by)
