"""`macro-expand`, a source."""

from __future__ import annotations

from kelp.kql.parser.cursor import Cursor
from kelp.kql.parser.expressions import parse_operand
from kelp.kql.parser.options import parse_options
from kelp.kql.syntax import MacroExpand

_OPTIONS = frozenset({"kind", "isfuzzy"})


def parse_macro_expand(cursor: Cursor, start: int) -> MacroExpand:
    """Read `[kind=...] [isfuzzy=...] group as name (statements)`."""
    options = parse_options(cursor, _OPTIONS)
    group = parse_operand(cursor)
    cursor.expect_word("as", " and a name for the entity")
    alias = cursor.expect_name()
    opening = cursor.open("(", " and the query for each entity")
    body = cursor.productions.block(cursor, ")")
    cursor.close(opening)
    return MacroExpand(cursor.span_from(start), options, group, alias, body)
