"""A whole query: text to syntax."""

from __future__ import annotations

from dataclasses import dataclass

from kelp.kql import tokens
from kelp.kql.diagnostics import Diagnostic
from kelp.kql.lexer import tokenize
from kelp.kql.parser.cursor import Cursor, ParsingEnded, Productions
from kelp.kql.parser.pipeline import parse_operators, parse_pipe, parse_table
from kelp.kql.parser.statements import parse_block
from kelp.kql.syntax import QueryBlock
from kelp.kql.text import SourceText, Span

_PRODUCTIONS = Productions(parse_pipe, parse_table, parse_operators, parse_block)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """What a text says. Where `diagnostics` has an error, `block` is what could be read."""

    block: QueryBlock
    diagnostics: tuple[Diagnostic, ...]
    source: SourceText


def parse(text: str) -> ParsedQuery:
    """Read a query.

    Takes time linear in the length of the text and never raises: what is wrong is in `diagnostics`, in text order,
    several in one answer. Brackets in each other beyond a fixed depth are refused with `KLP0002`. Safe to call from
    several threads.
    """
    source = SourceText(text)
    found, diagnostics = tokenize(source)
    cursor = Cursor(source, found, diagnostics, _PRODUCTIONS)
    try:
        block = parse_block(cursor, tokens.END)
    except ParsingEnded:
        block = QueryBlock(Span(0, len(text)), ())
    return ParsedQuery(block, tuple(sorted(cursor.diagnostics, key=lambda found: found.span.start)), source)
