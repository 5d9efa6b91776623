"""Functions over series, arrays of numbers (rules SERIES-1 to SERIES-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, ticks_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


def amount_of(value: Lowered) -> SqlExpression:
    """Return a point of an axis as a number: ticks, where it is a time."""
    return ticks_of(value) if value.type is T.DATETIME else value.sql


def origin_of(kind: T) -> int:
    """Return what the bins of an axis of that type are multiples from."""
    return -EPOCH_TICKS if kind is T.DATETIME else 0


def _bin_place(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """SERIES-1: the value is known not to be null, nor before the start."""
    axis, step, *start = arguments
    origin: SqlExpression = amount_of(start[0]) if start else call("toInt64", origin_of(axis.type))
    amount = call("assumeNotNull", amount_of(axis)) if axis.nullable else amount_of(axis)
    if axis.type is T.REAL:
        offset = call("minus", amount, origin) if start else amount
        place: SqlExpression = call("toInt64", call("floor", call("divide", offset, step.sql)))
    else:
        offset = call("minus", amount, origin)
        if not start and axis.type is not T.DATETIME:
            offset = call("minus", offset, call("positiveModulo", offset, step.sql))
        place = call("intDivOrZero", offset, step.sql)
    if step.nullable or any(point.nullable for point in start):
        place = call("ifNull", place, 0)
    return Lowered(place, bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {"$bin_place": _bin_place}
