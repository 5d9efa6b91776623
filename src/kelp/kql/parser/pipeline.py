"""Pipelines: a source, then operators with pipes between them. The table of operators is here."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from types import MappingProxyType

from kelp.kql import tokens
from kelp.kql.parser.count import parse_count
from kelp.kql.parser.cursor import Cursor, ProductionFailed
from kelp.kql.parser.datatable import parse_datatable
from kelp.kql.parser.distinct import parse_distinct
from kelp.kql.parser.expressions import PRECEDENCE, parse_expression
from kelp.kql.parser.extend import parse_extend
from kelp.kql.parser.externaldata import parse_externaldata
from kelp.kql.parser.join import parse_join
from kelp.kql.parser.lookup import parse_lookup
from kelp.kql.parser.print import parse_print
from kelp.kql.parser.project import (
    parse_project,
    parse_project_away,
    parse_project_by_names,
    parse_project_keep,
    parse_project_rename,
    parse_project_reorder,
)
from kelp.kql.parser.range import parse_range
from kelp.kql.parser.sort import parse_sort
from kelp.kql.parser.summarize import parse_summarize
from kelp.kql.parser.take import parse_take
from kelp.kql.parser.top import parse_top
from kelp.kql.parser.union import parse_union
from kelp.kql.parser.where import parse_where
from kelp.kql.syntax import (
    Expression,
    ExpressionSource,
    Operator,
    Pipeline,
    PipelineExpression,
    Source,
    UnknownOperator,
)
from kelp.kql.text import Span
from kelp.kql.tokens import Token

OPERATORS: MappingProxyType[str, Callable[[Cursor, int], Operator]] = MappingProxyType(
    {
        "where": parse_where,
        "filter": parse_where,
        "extend": parse_extend,
        "project": parse_project,
        "project-away": parse_project_away,
        "project-keep": parse_project_keep,
        "project-rename": parse_project_rename,
        "project-reorder": parse_project_reorder,
        "project-by-names": parse_project_by_names,
        "summarize": parse_summarize,
        "count": parse_count,
        "distinct": parse_distinct,
        "join": parse_join,
        "lookup": parse_lookup,
        "union": parse_union,
        "sort": parse_sort,
        "order": parse_sort,
        "top": parse_top,
        "take": parse_take,
        "limit": parse_take,
    }
)
"""What may stand after a pipe. Each reads from behind its word; the second argument is where that word starts."""

_SOURCES: MappingProxyType[str, Callable[[Cursor, int], Source]] = MappingProxyType(
    {
        "print": parse_print,
        "range": parse_range,
        "union": parse_union,
        "datatable": parse_datatable,
        "externaldata": parse_externaldata,
        "external_data": parse_externaldata,
    }
)
_FOLLOW = frozenset({"|", ";", ")", "}", "]", ",", tokens.END})


def parse_pipe(cursor: Cursor) -> Expression:
    """Read a pipeline; where nothing is piped and the source is an expression, that expression."""
    start = cursor.token.start
    source = _find_source(cursor)
    if source is None:
        value = parse_expression(cursor)
        if cursor.token.kind != "|":
            return value
        source = ExpressionSource(value.span, value)
    operators = _parse_piped(cursor)
    span = cursor.span_from(start)
    return PipelineExpression(span, Pipeline(span, source, operators))


def parse_table(cursor: Cursor) -> Expression:
    """Read `datatable` or `externaldata`; the current token is one of these words."""
    source = _find_source(cursor)
    assert source is not None
    return PipelineExpression(source.span, Pipeline(source.span, source, ()))


def parse_operators(cursor: Cursor) -> tuple[Operator, ...]:
    """Read operators with pipes between them, the first without a pipe before it."""
    return (_parse_operator(cursor), *_parse_piped(cursor))


def _parse_piped(cursor: Cursor) -> tuple[Operator, ...]:
    operators: list[Operator] = []
    while True:
        if cursor.take("|") or (cursor.token.kind not in _FOLLOW and _continues(cursor)):
            operators.append(_parse_operator(cursor))
        else:
            return tuple(operators)


def _continues(cursor: Cursor) -> bool:
    """Report what stands behind an operator; return whether it is an operator whose pipe is missing."""
    token = cursor.token
    if _first_on_line(cursor) and peek_word(cursor) in OPERATORS:
        cursor.report("`|` before the operator", f"write | {peek_word(cursor)}")
        return True
    return False


def _first_on_line(cursor: Cursor) -> bool:
    before = cursor.source.text[cursor.previous_end() : cursor.token.start]
    return "\n" in before


def _find_source(cursor: Cursor) -> Source | None:
    token = cursor.token
    if token.kind is not tokens.NAME:
        return None
    word = token.text
    parse = _SOURCES.get(word)
    if parse is None or not _starts_source(cursor, word):
        return None
    _read_word(cursor)
    return parse(cursor, token.start)


def _starts_source(cursor: Cursor, word: str) -> bool:
    """Whether the word starts a source, and is not the name of a column, a table or a function."""
    following = cursor.peek()
    if word == "range":
        return following.kind is tokens.NAME
    if word in {"datatable", "externaldata", "external_data"}:
        return following.kind == "("
    if following.kind in {"=", "."} or following.kind in _FOLLOW:
        return False
    return following.text not in PRECEDENCE or following.text in {"in", "*", "-", "+"}


def peek_word(cursor: Cursor) -> str:
    """Return the operator word at the cursor: `mv-expand` is several tokens with nothing between them."""
    word = cursor.token.text
    if cursor.token.kind is not tokens.NAME:
        return ""
    distance = 0
    while _hyphen_follows(cursor, distance):
        distance += 2
        word = f"{word}-{cursor.peek(distance).text}"
    return word


def _hyphen_follows(cursor: Cursor, distance: int) -> bool:
    first, hyphen, second = cursor.peek(distance), cursor.peek(distance + 1), cursor.peek(distance + 2)
    return (
        hyphen.kind == "-"
        and second.kind is tokens.NAME
        and first.end == hyphen.start
        and hyphen.end == second.start
    )


def _read_word(cursor: Cursor) -> str:
    word = peek_word(cursor)
    for _ in range(word.count("-") * 2 + 1):
        cursor.advance()
    return word


def _parse_operator(cursor: Cursor) -> Operator:
    """Read one operator; where it can't be read, skip to the next pipe."""
    first = cursor.token
    depth = cursor.depth
    word = ""
    try:
        if first.kind is not tokens.NAME:
            cursor.fail("an operator")
        word = _read_word(cursor)
        parse = OPERATORS.get(word)
        if parse is None:
            _refuse_word(cursor, first, word)
        operator = parse(cursor, first.start)
        if cursor.token.kind not in _FOLLOW and not (
            _first_on_line(cursor) and peek_word(cursor) in OPERATORS
        ):
            cursor.fail("`|` or the end of the query")
        return operator
    except ProductionFailed:
        cursor.skip_to("|", depth)
        return UnknownOperator(cursor.span_from(first.start), word)


def _refuse_word(cursor: Cursor, first: Token, word: str) -> None:
    near = get_close_matches(word.lower(), OPERATORS, 1) if len(word) <= 30 else []
    span = Span(first.start, first.start + len(word))
    cursor.add(f"there is no operator `{word[:40]}`", span, f"did you mean `{near[0]}`?" if near else None)
    raise ProductionFailed
