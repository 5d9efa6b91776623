"""What the editor's requests hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.api.query.timespan import parse_timespan
from kelp.base.clock import to_ticks
from kelp.base.errors import Category, ServiceError
from kelp.kql.editing.conditions import Cell, CellAction
from kelp.kql.editing.parameters import TimeRange
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

_ACTIONS = {one.value: one for one in CellAction}
_TYPES = {one.value: one for one in ScalarType}


@dataclass(frozen=True, slots=True)
class TextQuestion:
    """A text, the workspaces that it is about, and a place in it as the browser counts."""

    query: str
    workspaces: tuple[str, ...]
    timespan: str | None
    position: int


def decode_text(document: Mapping[str, Any], *, needs_workspaces: bool = True) -> TextQuestion:
    """Return what a document asks about a text. Raises `ServiceError` (invalid) naming every member that is wrong."""
    query, timespan = document.get("query"), document.get("timespan")
    workspaces, position = document.get("workspaces") or [], document.get("position", 0)
    problems: list[ServiceError] = []
    if not isinstance(query, str):
        problems.append(invalid("query", "'query' must be the text of a query."))
    if not isinstance(workspaces, list) or not all(isinstance(one, str) for one in workspaces):
        problems.append(invalid("workspaces", "'workspaces' must be a list of ids."))
    elif needs_workspaces and not workspaces:
        problems.append(invalid("workspaces", "'workspaces' must name at least one workspace."))
    if timespan is not None and not isinstance(timespan, str):
        problems.append(invalid("timespan", "'timespan' must be an ISO 8601 duration or interval."))
    if type(position) is not int or position < 0:
        problems.append(invalid("position", "'position' must be a number of characters from the start."))
    raise_problems(problems)
    return TextQuestion(str(query), tuple(workspaces), timespan or None, position)


def decode_cell(document: Mapping[str, Any]) -> tuple[CellAction, Cell]:
    """Return what is to be done, and with which cell. Raises `ServiceError` (invalid) as `decode_text` does."""
    action, column, value = document.get("op"), document.get("column"), document.get("value")
    path, kind = document.get("path") or [], document.get("type")
    problems: list[ServiceError] = []
    if action not in _ACTIONS:
        problems.append(invalid("op", f"'op' must be one of {', '.join(_ACTIONS)}."))
    if not isinstance(column, str) or not column:
        problems.append(invalid("column", "'column' must be the name of a column of the result."))
    if not isinstance(path, list) or not all(type(step) is int or isinstance(step, str) for step in path):
        problems.append(invalid("path", "'path' must be a list of names of properties and positions."))
    if kind not in _TYPES:
        problems.append(invalid("type", f"'type' must be one of {', '.join(_TYPES)}."))
    if value is not None and not isinstance(value, (str, int, float)):
        problems.append(invalid("value", "'value' must be text, a number, true, false or null."))
    raise_problems(problems)
    return _ACTIONS[str(action)], Cell(str(column), tuple(path), value, _TYPES[str(kind)])


def read_time_range(timespan: str, now: datetime) -> TimeRange:
    """Return the range that a timespan names: one that ends now as its length. Raises `ServiceError` (invalid)."""
    start, end = (to_ticks(moment) for moment in parse_timespan(timespan, now))
    return TimeRange(start_ticks=start, end_ticks=end) if "/" in timespan else TimeRange(end - start)


def invalid(target: str, message: str) -> ServiceError:
    """Return the refusal of one member."""
    return ServiceError(Category.INVALID, "BadArgumentError", message, target=target)


def raise_problems(problems: Sequence[ServiceError]) -> None:
    """Raise one refusal that tells of all problems, if there are any."""
    if problems:
        message = " ".join(problem.message for problem in problems)
        raise ServiceError(Category.INVALID, "BadArgumentError", message, details=tuple(problems))
