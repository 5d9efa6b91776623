"""`mv-apply`."""

from __future__ import annotations

from kelp.kql import tokens
from kelp.kql.parser.bodies import parse_body
from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.mv_expand import OPTIONS, parse_columns, parse_limit
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import MvApply, Name
from kelp.kql.text import Span


def parse_mv_apply(cursor: Cursor, start: int) -> MvApply:
    """Read `columns [limit N] [id guid] on (operators)`."""
    options = parse_options(cursor, OPTIONS)
    columns = parse_columns(cursor)
    limit = parse_limit(cursor)
    context_id = parse_context_id(cursor)
    cursor.expect_word("on", " and the operators in brackets")
    body = parse_body(cursor, "`on`")
    return MvApply(cursor.span_from(start), options, columns, limit, context_id, body)


def parse_context_id(cursor: Cursor) -> Name | None:
    """Read `id guid` if it is there."""
    if not cursor.take_word("id"):
        return None
    token = cursor.token
    if token.kind not in {tokens.GUID, tokens.TYPED, tokens.NAME}:
        cursor.fail("a guid after `id`")
    cursor.advance()
    return Name(Span(token.start, token.end), token.text)
