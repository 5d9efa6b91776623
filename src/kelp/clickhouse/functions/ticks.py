"""Time as whole numbers: KQL counts in ticks of 100 ns, and so do the engine's `DateTime64(7)` inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.kql.literals import MAX_DATETIME, MIN_DATETIME

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression

TICKS_PER_SECOND = 10_000_000
TICKS_PER_DAY = 86_400 * TICKS_PER_SECOND

EPOCH_TICKS = 621_355_968_000_000_000
"""Ticks from 0001-01-01, where KQL starts to count, to 1970-01-01, where the engine does."""


def ticks_of(value: Lowered) -> SqlExpression:
    """Return a datetime as ticks since 1970, exactly."""
    return call("reinterpretAsInt64", value.sql)


def datetime_of(ticks: SqlExpression) -> SqlExpression:
    """Return ticks since 1970 as a datetime, exactly."""
    return call("reinterpret", call("toInt64", ticks), "DateTime64(7, 'UTC')")


def datetime_within(ticks: SqlExpression) -> SqlExpression:
    """Return ticks since 1970 as a datetime; null outside of the years 1 to 9999 (ARITH-6)."""
    inside = call(
        "and", call("greaterOrEquals", ticks, MIN_DATETIME), call("lessOrEquals", ticks, MAX_DATETIME)
    )
    return call("if", inside, datetime_of(ticks), literal(None))
