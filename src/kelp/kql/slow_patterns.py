"""What makes a query slow that could be written otherwise: warnings, never refusals.

Codes: `KLP0101` a text searched inside of words, `KLP0102` a needless regular expression, `KLP0103` no time filter,
`KLP0104` a search through all tables, `KLP0105` case folded for a comparison, `KLP0106` a join with a whole table.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.diagnostics import Diagnostic, Severity
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.kql.parser import ParsedQuery
    from kelp.kql.text import SourceText, Span

INSIDE_WORDS = "KLP0101"
NEEDLESS_REGEX = "KLP0102"
NO_TIME_FILTER = "KLP0103"
ALL_TABLES = "KLP0104"
FOLDED_CASE = "KLP0105"
WHOLE_TABLE_JOINED = "KLP0106"

LARGE_ROWS = 10_000_000
_LARGE_ONLY = frozenset({NO_TIME_FILTER, WHOLE_TABLE_JOINED})
"""Warnings that matter where so many rows are read, and are noise elsewhere."""

_WORD = re.compile(r"[^\W_]{3,}")
_PLAIN = re.compile(r"[\w\s@/:,;=-]+")
_ALTERNATIVES = re.compile(r"\(?(?:\?:)?([^\W_]+(?:\|[^\W_]+)+)\)?")
_MOST = 10
_INNER = (
    bound.Call, bound.AggregateCall, bound.WindowCall, bound.Output, bound.SortKey, bound.ScalarQuery, bound.InQuery,
)  # fmt: skip


def find_slow_patterns(
    query: bound.BoundQuery, parsed: ParsedQuery, *, has_time_range: bool
) -> tuple[Diagnostic, ...]:
    """Return the warnings of a bound query in text order, ten at the most.

    `has_time_range` tells that the request itself limits the time of all tables. What saved functions hold is not told:
    the author of the query does not see it.
    """
    walk = _Walk(has_time_range)
    for result in query.results:
        walk.visit(result.operator, is_timed=has_time_range)
    for statement in parsed.block.statements:
        if isinstance(statement, syntax.QueryStatement):
            walk.found.extend(_wide_searches(statement.value))
    # A place in a saved function is none in this text: there, other words stand.
    text = parsed.source
    unique = {(one.warning.code, one.warning.span): one.warning for one in walk.found if one.stands_in(text)}
    return tuple(sorted(unique.values(), key=lambda found: found.span)[:_MOST])


def worth_showing(warnings: Iterable[Diagnostic], rows_read: int | None) -> tuple[Diagnostic, ...]:
    """Return the warnings that matter for a query that read so many rows; None where that is not known."""
    is_large = rows_read is None or rows_read >= LARGE_ROWS
    return tuple(found for found in warnings if is_large or found.code not in _LARGE_ONLY)


@dataclass(frozen=True, slots=True)
class _Found:
    """A warning, and a word that stands at its place."""

    warning: Diagnostic
    word: str

    def stands_in(self, text: SourceText) -> bool:
        return self.word in text.slice(self.warning.span)


@dataclass(slots=True)
class _Walk:
    """A walk down the operators; `is_timed` there: a condition above limits the time."""

    has_time_range: bool
    found: list[_Found] = field(default_factory=list)
    _seen: set[tuple[int, bool]] = field(default_factory=set)
    _looked_at: set[int] = field(default_factory=set)

    def visit(self, node: object, *, is_timed: bool) -> None:
        place = (id(node), is_timed)
        if place in self._seen:
            return
        self._seen.add(place)
        match node:
            case bound.TableScan():
                if not is_timed and _has_time(node):
                    self.found.append(_no_time_filter(node))
            case bound.Where():
                self._look(node.predicate)
                self.visit(node.input, is_timed=is_timed or _limits_time(node.predicate))
            case bound.Join():
                self._visit_join(node, is_timed=is_timed)
            case bound.Summarize() | bound.MakeSeries():
                self._descend(node, is_timed=self.has_time_range)
            case _:
                self._descend(node, is_timed=is_timed)

    def _visit_join(self, node: bound.Join, *, is_timed: bool) -> None:
        right = _without_names(node.right)
        if isinstance(right, bound.TableScan) and not self.has_time_range:
            self.found.append(_whole_table(right))
            self.visit(node.left, is_timed=is_timed)
        else:
            self._descend(node, is_timed=is_timed)

    def _descend(self, node: object, *, is_timed: bool) -> None:
        for value in _members(node):
            if isinstance(value, _INNER):
                self._look(value)
            elif hasattr(value, "schema"):
                self.visit(value, is_timed=is_timed)

    def _look(self, value: object) -> None:
        """Look at an expression and what is in it; a value that the text names once may stand in many places."""
        if id(value) in self._looked_at:
            return
        self._looked_at.add(id(value))
        if isinstance(value, bound.Call):
            self.found.extend(_check_call(value))
        for inner in _members(value):
            if isinstance(inner, _INNER):
                self._look(inner)
            elif hasattr(inner, "schema"):
                self.visit(inner, is_timed=self.has_time_range)


def _members(node: object) -> Iterator[object]:
    for name in getattr(node, "__slots__", ()):
        value = getattr(node, name)
        if isinstance(value, tuple):
            for item in value:
                if isinstance(item, tuple):
                    yield from item
                else:
                    yield item
        else:
            yield value


def _without_names(node: bound.Operator) -> bound.Operator:
    while isinstance(node, bound.Shared):
        node = node.input
    return node


def _has_time(node: bound.TableScan) -> bool:
    return any(column.type is ScalarType.DATETIME for column in node.schema.columns)


def _limits_time(predicate: object) -> bool:
    if isinstance(predicate, bound.ColumnReference):
        return predicate.type is ScalarType.DATETIME
    return isinstance(predicate, _INNER) and any(map(_limits_time, _members(predicate)))


def _warning(code: str, word: str, message: str, span: Span, hint: str) -> _Found:
    return _Found(Diagnostic(code, Severity.WARNING, message, span, hint), word)


def _no_time_filter(node: bound.TableScan) -> _Found:
    name = node.symbol.reference.name
    message = f"'{name}' is read from its first day on"
    hint = "limit the time: | where TimeGenerated > ago(1d)"
    return _warning(NO_TIME_FILTER, name, message, node.span, hint)


def _whole_table(node: bound.TableScan) -> _Found:
    name = node.symbol.reference.name
    message = f"the join reads the whole of '{name}'"
    hint = f"filter, project or summarize it first: join ({name} | where TimeGenerated > ago(1d)) on ..."
    return _warning(WHOLE_TABLE_JOINED, name, message, node.span, hint)


def _check_call(call: bound.Call) -> Iterator[_Found]:
    if len(call.arguments) != 2:
        return
    subject, sought = call.arguments
    if not isinstance(sought, bound.Literal) or not isinstance(sought.value, str):
        return
    text = sought.value
    match call.function:
        case "contains" | "contains_cs":
            if isinstance(subject, bound.ColumnReference) and _WORD.fullmatch(text):
                yield _inside_words(call, text)
        case "matches regex":
            yield from _check_regex(call, text)
        case "==" | "!=":
            if isinstance(subject, bound.Call) and subject.function in {"tolower", "toupper"}:
                operator = "=~" if call.function == "==" else "!~"
                message = (
                    f"'{subject.function}()' is computed for every row to compare without regard to case"
                )
                yield _warning(FOLDED_CASE, subject.function, message, call.span, f"write {operator}")


def _inside_words(call: bound.Call, text: str) -> _Found:
    word = call.function.removesuffix("_cs")
    instead = call.function.replace("contains", "has")
    prefix = call.function.replace("contains", "hasprefix")
    message = f"'{word}' looks inside of every word, which no index helps with"
    hint = f'if "{text}" is a whole word, write {instead}; if words begin with it, {prefix}'
    return _warning(INSIDE_WORDS, word, message, call.span, hint)


def _check_regex(call: bound.Call, pattern: str) -> Iterator[_Found]:
    several = _ALTERNATIVES.fullmatch(pattern)
    anchored = pattern.startswith("^")
    if several is not None:
        words = ", ".join(f'"{word}"' for word in several[1].split("|"))
        instead = f"has_any ({words}) if these are whole words"
    elif anchored and _PLAIN.fullmatch(pattern[1:]):
        instead = f'startswith_cs "{pattern[1:]}"'
    elif _PLAIN.fullmatch(pattern):
        instead = f'contains_cs "{pattern}", or has_cs if it is a whole word'
    else:
        return
    message = "a regular expression is slower than the operators for what this one says"
    yield _warning(NEEDLESS_REGEX, "regex", message, call.span, f"write {instead}")


def _wide_searches(value: syntax.Expression) -> Iterator[_Found]:
    """Find `search` and `find` without tables at the start of a query."""
    if not isinstance(value, syntax.PipelineExpression):
        return
    source = value.pipeline.source
    if isinstance(source, (syntax.Search, syntax.Find)) and not source.tables:
        word = "search" if isinstance(source, syntax.Search) else "find"
        message = f"'{word}' reads all tables"
        yield _warning(
            ALL_TABLES, word, message, source.span, f"name the tables: {word} in (Table1, Table2) ..."
        )
