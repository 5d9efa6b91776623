"""Aggregations that pick a row of the group: `arg_max`, `arg_min`, `take_any`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.groups import Group, over
from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, as_text, call, literal, null_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall

_TEXTS = (T.STRING, T.DYNAMIC)

Take = Callable[[str, "SqlExpression"], "SqlExpression"]
"""Applies an aggregate, by the suffix to its name, to a value."""


def _extreme_row(name: str, aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    """AGG-6: the value, null or not, in the row where the first argument is greatest or least.

    Where that is null throughout, it is the first row. Every column is found by itself, and all in one row: the
    engine looks at nothing but the first argument to choose it.
    """
    by, value = arguments

    def take(suffix: str, taken: SqlExpression) -> SqlExpression:
        return call(f"{name}{suffix}", taken, by.sql)

    found = _taken(take, value)
    if not by.nullable:
        return found
    nowhere = Group((by,)).is_without_values()
    return Lowered(call("if", nowhere, _first_value(value).sql, found.sql), aggregate.type, found.nullable)


def _taken(take: Take, value: Lowered) -> Lowered:
    """Take a value with an aggregate that would pass over rows where it is null."""
    if value.type in _TEXTS:
        return as_text(call("ifNull", take("", value.sql), ""), value.type)
    if not value.nullable:
        return Lowered(take("OrNull", value.sql), value.type, nullable=True)
    is_present = call("ifNull", take("", call("isNotNull", value.sql)), literal(False))
    present = take("", call("assumeNotNull", value.sql))
    return Lowered(call("if", is_present, present, null_of(value.type)), value.type, nullable=True)


def _first(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    del aggregate
    return _first_value(arguments[0])


def _first_value(value: Lowered) -> Lowered:
    if value.type in _TEXTS:
        return as_text(call("any", value.sql), value.type)
    name = "any_respect_nulls" if value.nullable else "anyOrNull"
    return Lowered(call(name, value.sql), value.type, nullable=True)


def _any(group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-7: a value that is neither null nor empty, if there is one."""
    if aggregate.type in _TEXTS:
        return as_text(group.without_empty().apply("any"), aggregate.type)
    return Lowered(group.apply("any" if group.value.nullable else "anyOrNull"), aggregate.type, nullable=True)


SPELLINGS: dict[str, AggregateSpelling] = {
    "take_any": over(_any),
    "take_anyif": over(_any, conditional=True),
    "$arg_max": partial(_extreme_row, "argMax"),
    "$arg_min": partial(_extreme_row, "argMin"),
    "$first": _first,
}
