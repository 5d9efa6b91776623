"""The steps of a query, and a query that counts the rows which are left after each: where they were lost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, Severity, refusal
from kelp.kql.editing.statements import SEPARATOR
from kelp.kql.parser import parse
from kelp.kql.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_STEPS = 16
"""Each is a query of its own in the one that counts."""
_KEEP_ALL_ROWS = (
    syntax.Extend,
    syntax.Project,
    syntax.ProjectAway,
    syntax.ProjectKeep,
    syntax.ProjectRename,
    syntax.ProjectReorder,
    syntax.ProjectByNames,
    syntax.Sort,
    syntax.Serialize,
)
_ENDS = (syntax.Render, syntax.Fork, syntax.Facet, syntax.MakeGraph, syntax.Consume)
"""What gives no table that rows could be counted of."""
_OF_RECORDS = (syntax.ExpressionSource, syntax.Union, syntax.Search, syntax.Find)


@dataclass(frozen=True, slots=True)
class Step:
    """The source, an operator behind it that may take rows away, or one of the conditions of a `where`.

    `removal` is what to delete of the text to be without a condition; None where there is none.
    """

    span: Span
    removal: Span | None


@dataclass(frozen=True, slots=True)
class CountedSteps:
    """`counting` is a query that gives `Step`, a place in `steps`, and `Rows`, which are left after it.

    `latest` is one that gives `Latest`, when the source's last record was generated; None for a source that makes its
    rows.
    """

    steps: tuple[Step, ...]
    counting: str
    latest: str | None


def count_steps(text: str) -> CountedSteps:
    """Return the steps of the last query of a text, the first sixteen at the most.

    Raises `QueryRefusedError` for a text that does not parse, or gives no rows.
    """
    parsed = parse(text)
    errors = tuple(found for found in parsed.diagnostics if found.severity is Severity.ERROR)
    if errors:
        raise QueryRefusedError(errors)
    statements = parsed.block.statements
    last = statements[-1] if statements else None
    if not isinstance(last, syntax.QueryStatement):
        raise refusal(NOT_ALLOWED_HERE, "this text has no query that gives rows", parsed.block.span)
    before = [
        text[one.span.start : one.span.end]
        for one in statements
        if not isinstance(one, syntax.QueryStatement)
    ]
    prelude = "".join(f"{one}{SEPARATOR}" for one in before)
    source, operators = _read(last)
    steps = tuple(_iter_steps(text, source.span, operators))[:MAXIMUM_STEPS]
    counts = ",\n".join(
        f"({text[source.span.start : step.span.end]}\n| summarize Rows = count() | extend Step = {number})"
        for number, step in enumerate(steps)
    )
    latest = None
    if isinstance(source, _OF_RECORDS):
        own = text[source.span.start : source.span.end]
        time = "column_ifexists('TimeGenerated', datetime(null))"
        latest = f"{prelude}{own}\n| summarize Latest = max({time})"
    return CountedSteps(steps, f"{prelude}union\n{counts}", latest)


def _read(statement: syntax.QueryStatement) -> tuple[syntax.Source, tuple[syntax.Operator, ...]]:
    value = statement.value
    if isinstance(value, syntax.PipelineExpression):
        return value.pipeline.source, value.pipeline.operators
    return syntax.ExpressionSource(value.span, value), ()


def _iter_steps(text: str, source: Span, operators: tuple[syntax.Operator, ...]) -> Iterator[Step]:
    yield Step(source, None)
    end = source.end
    for operator in operators:
        if isinstance(operator, _ENDS):
            return
        if isinstance(operator, syntax.Where):
            yield from _iter_conditions(text, operator, end)
        elif not isinstance(operator, _KEEP_ALL_ROWS):
            yield Step(operator.span, None)
        end = operator.span.end


def _iter_conditions(text: str, where: syntax.Where, end_before: int) -> Iterator[Step]:
    """Yield each condition of those that `and` joins without brackets; else the whole operator."""
    parts = [one.span for one in _iter_joined(where.predicate)]
    gaps = [text[one.end : other.start] for one, other in pairwise(parts)]
    is_plain = (parts[0].start, parts[-1].end) == where.predicate.span and parts[-1].end == where.span.end
    if len(parts) == 1 or not is_plain or any(gap.split() != ["and"] for gap in gaps):
        yield Step(where.span, Span(end_before, where.span.end))
        return
    yield Step(Span(where.span.start, parts[0].end), Span(parts[0].start, parts[1].start))
    for one, other in pairwise(parts):
        yield Step(other, Span(one.end, other.end))


def _iter_joined(condition: syntax.Expression) -> Iterator[syntax.Expression]:
    if isinstance(condition, syntax.Binary) and condition.operator == "and":
        yield from _iter_joined(condition.left)
        yield from _iter_joined(condition.right)
    else:
        yield condition
