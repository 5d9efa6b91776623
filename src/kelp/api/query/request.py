"""What a query request says: the body, or the query string of a GET, and the `Prefer` header."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class QueryBody:
    """A query as it was sent. `timespan` is not parsed yet; `workspaces` are more workspaces to query."""

    query: str
    timespan: str | None
    workspaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preferences:
    """The `Prefer` header. Unknown preferences are ignored, as RFC 7240 says."""

    timeout_seconds: float | None = None
    with_statistics: bool = False
    with_render: bool = False


def decode_query(document: Mapping[str, Any]) -> QueryBody:
    """Return the query of a decoded body. Raises `ServiceError` (invalid) naming every member that is wrong."""
    problems: list[ServiceError] = []
    query = document.get("query")
    if not isinstance(query, str) or not query.strip():
        problems.append(_problem("query", "'query' must be the text of a query."))
    timespan = document.get("timespan")
    if timespan is not None and not isinstance(timespan, str):
        problems.append(_problem("timespan", "'timespan' must be an ISO 8601 duration or interval."))
    workspaces = document.get("workspaces") or []
    if not isinstance(workspaces, list) or not all(isinstance(item, str) for item in workspaces):
        problems.append(_problem("workspaces", "'workspaces' must be a list of names or ids."))
    if problems:
        message = " ".join(problem.message for problem in problems)
        raise ServiceError(Category.INVALID, "BadArgumentError", message, details=tuple(problems))
    return QueryBody(str(query), timespan or None, tuple(workspaces))


def _problem(target: str, message: str) -> ServiceError:
    return ServiceError(Category.INVALID, "BadArgumentError", message, target=target)


def read_preferences(header: str) -> Preferences:
    """Return what the `Prefer` header asks for. Raises `ServiceError` for a wait that is no number."""
    found = dict(_iter_preferences(header))
    wait = found.get("wait")
    try:
        seconds = float(wait) if wait is not None else None
    except ValueError as error:
        raise _problem("Prefer", f"'wait={wait}' must give a number of seconds.") from error
    return Preferences(
        timeout_seconds=seconds if seconds is None or seconds > 0 else None,
        with_statistics=found.get("include-statistics") == "true",
        with_render=found.get("include-render") == "true",
    )


def _iter_preferences(header: str) -> list[tuple[str, str]]:
    pairs = (part.partition("=") for part in header.replace(";", ",").split(","))
    return [(name.strip().lower(), value.strip().strip('"').lower()) for name, _, value in pairs]
