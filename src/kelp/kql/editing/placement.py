"""Where in a query an edit belongs, and the query with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import syntax
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, Severity, refusal
from kelp.kql.editing.conditions import CellAction, write_operators
from kelp.kql.editing.statements import find_runnable
from kelp.kql.parser import parse
from kelp.kql.text import Span

if TYPE_CHECKING:
    from kelp.kql.editing.conditions import Cell

_TRAILING = (syntax.Sort, syntax.Take, syntax.Top, syntax.Render)
"""What shows rows and keeps their columns: conditions come before them."""
_LAST = (syntax.Fork, syntax.Facet, syntax.MakeGraph, syntax.Consume)
"""What gives no table that another operator could follow."""


@dataclass(frozen=True, slots=True)
class EditedQuery:
    """A text after an edit; `inserted` is what is new in it."""

    text: str
    inserted: Span


def edit_query(text: str, position: int, action: CellAction, cell: Cell) -> EditedQuery:
    """Return the text with the statement at an offset edited for an action on a cell of its result.

    Conditions are put before the last `sort`, `take`, `top` and `render`; `countBy` takes their place. Raises
    `QueryRefusedError` for a statement that does not parse, or that nothing can follow; `NotOfType` for an action that
    the value does not have.
    """
    runnable = find_runnable(text, position)
    if runnable is None:
        raise refusal(NOT_ALLOWED_HERE, "there is no query to edit", Span(0, len(text)))
    statement = runnable.statement
    written = write_operators(action, cell)
    operators, source_end = _read_pipeline(text, statement)
    kept = list(operators)
    while kept and isinstance(kept[-1], _TRAILING):
        kept.pop()
    if kept and isinstance(kept[-1], _LAST):
        raise refusal(NOT_ALLOWED_HERE, "nothing can follow the last operator of this query", kept[-1].span)
    at = kept[-1].span.end if kept else source_end
    end = operators[-1].span.end if action is CellAction.COUNT_BY and operators else at
    pipe = _spell_pipe(text, source_end, operators)
    inserted = "".join(pipe + operator for operator in written)
    return EditedQuery(text[:at] + inserted + text[end:], Span(at, at + len(inserted)))


def _read_pipeline(text: str, statement: Span) -> tuple[list[syntax.Operator], int]:
    """Return the operators of a statement, and where its source ends, with places in the whole text."""
    blank = "".join(one if one == "\n" else " " for one in text[: statement.start])
    parsed = parse(blank + text[statement.start : statement.end])
    errors = tuple(found for found in parsed.diagnostics if found.severity is Severity.ERROR)
    if errors:
        raise QueryRefusedError(errors)
    last = parsed.block.statements[-1] if parsed.block.statements else None
    if not isinstance(last, syntax.QueryStatement):
        raise refusal(NOT_ALLOWED_HERE, "this statement gives no rows", statement)
    if not isinstance(last.value, syntax.PipelineExpression):
        return [], last.value.span.end
    pipeline = last.value.pipeline
    return list(pipeline.operators), pipeline.source.span.end


def _spell_pipe(text: str, source_end: int, operators: list[syntax.Operator]) -> str:
    """Return what comes before an operator: a line of its own where the first has one, and where there is none yet."""
    if not operators:
        return "\n| "
    begin = operators[0].span.start
    line = text.rfind("\n", 0, begin) + 1
    if line <= source_end:
        return " | "
    before = text[line:begin]
    return f"\n{before[: len(before) - len(before.lstrip())]}| "
