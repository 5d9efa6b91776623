"""The columns that a bound expression reads, and the expression over others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import bound

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALLS = (bound.Call, bound.AggregateCall, bound.WindowCall)


def references_of(value: bound.Expression) -> set[str]:
    """Return the names of the columns that the expression reads."""
    waiting, found = [value], set[str]()
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        if isinstance(part, bound.ColumnReference):
            found.add(part.name)
        elif isinstance(part, _CALLS):
            waiting.extend(part.arguments)
        elif isinstance(part, bound.InQuery):
            waiting.append(part.subject)
    return found


def replace_references(value: bound.Expression, others: Mapping[str, bound.Expression]) -> bound.Expression:
    """Return the expression with other ones in the place of the columns named."""
    if isinstance(value, bound.ColumnReference):
        return others.get(value.name, value)
    if isinstance(value, _CALLS):
        return replace(value, arguments=tuple(replace_references(part, others) for part in value.arguments))
    if isinstance(value, bound.InQuery):
        return replace(value, subject=replace_references(value.subject, others))
    return value
