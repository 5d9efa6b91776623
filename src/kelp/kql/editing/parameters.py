"""A query with its constants as parameters: `declare query_parameters` with the values that it has now."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING

from kelp.kql import syntax, tokens
from kelp.kql.diagnostics import QueryRefusedError, Severity
from kelp.kql.editing.spelling import spell_value
from kelp.kql.editing.statements import SEPARATOR
from kelp.kql.lexer import tokenize
from kelp.kql.parser import parse
from kelp.kql.text import SourceText
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.text import Span

_NO_WORD = re.compile(r"\W+")
_TIME = "TimeGenerated"


@dataclass(frozen=True, slots=True)
class TimeRange:
    """The time that is asked for beside the text: `length_ticks` that end now, or from `start_ticks` until `end_ticks`.

    Ticks of 100 ns, moments since 1970.
    """

    length_ticks: int = 0
    start_ticks: int = 0
    end_ticks: int = 0


@dataclass(frozen=True, slots=True)
class _Constant:
    name: str
    node: syntax.Literal


@dataclass(frozen=True, slots=True)
class ParametrisedQuery:
    """A text whose constants are declared before it; `has_range` tells whether the time range is written in it."""

    text: str
    has_range: bool


def write_parameters(text: str, time_range: TimeRange | None = None) -> ParametrisedQuery:
    """Return the text with what its conditions compare with as parameters; with a time range for its tables too.

    Constants of type dynamic and those in other places stay. The range is written behind each table that is named by a
    plain word, or nowhere where some are not. Raises `QueryRefusedError` for a text that does not parse.
    """
    parsed = parse(text)
    errors = tuple(found for found in parsed.diagnostics if found.severity is Severity.ERROR)
    if errors:
        raise QueryRefusedError(errors)
    taken = {word.text for word in tokenize(SourceText(text))[0] if word.kind == tokens.NAME}
    declared: dict[tuple[str, str], str] = {}
    edits: list[tuple[Span, str]] = []
    for constant in _iter_constants(parsed.block):
        spelled = text[constant.node.span.start : constant.node.span.end]
        key = (constant.node.type.value, spelled)
        if key not in declared:
            declared[key] = _name_anew(constant.name, taken)
        edits.append((constant.node.span, declared[key]))
    parameters = [f"{name}:{kind} = {spelled}" for (kind, spelled), name in declared.items()]
    is_wide = _has_wide_source(parsed.block)
    places = [] if time_range is None or is_wide else list(_iter_tables(parsed.block))
    if time_range is not None and places:
        condition, more = _name_range(time_range, taken)
        edits += [
            (span, _filter(text[span.start : span.end], condition, is_main)) for span, is_main in places
        ]
        parameters += more
    if not parameters:
        return ParametrisedQuery(text, has_range=False)
    for span, written in sorted(edits, reverse=True):
        text = text[: span.start] + written + text[span.end :]
    declaration = f"declare query_parameters ({', '.join(parameters)})"
    return ParametrisedQuery(f"{declaration}{SEPARATOR}{text}", has_range=bool(places))


def _filter(table: str, condition: str, is_main: bool) -> str:  # noqa: FBT001
    return f"{table}\n| where {condition}" if is_main else f"({table} | where {condition})"


def _name_range(time_range: TimeRange, taken: set[str]) -> tuple[str, list[str]]:
    def declare(name: str, ticks: int, kind: ScalarType) -> tuple[str, str]:
        own = _name_anew(name, taken)
        return own, f"{own}:{kind.value} = {spell_value(str(ticks), kind)}"

    if time_range.length_ticks:
        length, one = declare("range_length", time_range.length_ticks, ScalarType.TIMESPAN)
        return f"{_TIME} >= ago({length})", [one]
    start, first = declare("range_start", time_range.start_ticks, ScalarType.DATETIME)
    end, last = declare("range_end", time_range.end_ticks, ScalarType.DATETIME)
    return f"{_TIME} >= {start} and {_TIME} < {end}", [first, last]


def _name_anew(wanted: str, taken: set[str]) -> str:
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}_{number}"
    taken.add(name)
    return name


def _iter_constants(block: syntax.QueryBlock) -> Iterator[_Constant]:
    """Yield what conditions of a `where` compare with, in the order of the text."""
    for where in _iter_nodes(block):
        if isinstance(where, syntax.Where):
            for node in _iter_nodes(where.predicate):
                yield from _iter_compared(node)


def _iter_compared(node: object) -> Iterator[_Constant]:
    found: list[tuple[str, syntax.Expression, syntax.Expression]] = []
    match node:
        case syntax.Binary(operator=operator, left=left, right=right) if operator not in ("and", "or"):
            found = [("wanted", left, right), ("wanted", right, left)]
        case syntax.Between(subject=subject, low=low, high=high):
            found = [("least", subject, low), ("most", subject, high)]
        case syntax.Membership(subject=subject, items=items):
            found = [("wanted", subject, item) for item in items]
        case _:
            pass
    for role, subject, value in found:
        name = _name_of(subject)
        if isinstance(value, syntax.Call) and value.name.text == "ago" and len(value.arguments) == 1:
            role, value = "length", value.arguments[0].value
        if not name or not isinstance(value, syntax.Literal):
            continue
        if value.type is not ScalarType.DYNAMIC and value.value is not None:
            yield _Constant(f"{role}_{name}", value)


def _name_of(subject: syntax.Expression) -> str:
    """Return the word that tells what is compared: a column, a property, or what a function is called with."""
    match subject:
        case syntax.NameExpression(name=name):
            return _NO_WORD.sub("_", name)
        case syntax.Member(name=name):
            return _NO_WORD.sub("_", name.text)
        case syntax.Index(index=syntax.Literal(value=str() as name)):
            return _NO_WORD.sub("_", name)
        case syntax.Call(arguments=(first, *_)):
            return _name_of(first.value)
        case _:
            return ""


def _iter_tables(block: syntax.QueryBlock) -> Iterator[tuple[Span, bool]]:
    """Yield where tables are named, and whether that is the source of a query itself."""
    lets = {node.name.text for node in _iter_nodes(block) if isinstance(node, syntax.Let)}
    values = [one.value for one in block.statements if isinstance(one, syntax.QueryStatement)]
    own = [one.pipeline.source if isinstance(one, syntax.PipelineExpression) else one for one in values]
    inner = (node.source for node in _iter_nodes(block) if isinstance(node, syntax.Pipeline))
    seen: set[Span] = set()
    for is_main, source in (*((True, one) for one in own), *((False, one) for one in inner)):
        table = source.value if isinstance(source, syntax.ExpressionSource) else source
        if isinstance(table, syntax.NameExpression) and table.name not in lets and table.span not in seen:
            seen.add(table.span)
            yield table.span, is_main


def _has_wide_source(block: syntax.QueryBlock) -> bool:
    """Tell whether tables are read that are not named each: by a pattern, or all of them."""
    nodes = list(_iter_nodes(block))
    unions = (node.sources for node in nodes if isinstance(node, syntax.Union))
    return any(isinstance(node, (syntax.Search, syntax.Find)) for node in nodes) or any(
        isinstance(source, syntax.WildcardName) for sources in unions for source in sources
    )


def _iter_nodes(node: object) -> Iterator[object]:
    if isinstance(node, tuple):
        for item in node:
            yield from _iter_nodes(item)
    elif is_dataclass(node) and not isinstance(node, type):
        yield node
        for one in fields(node):
            yield from _iter_nodes(getattr(node, one.name))
