"""Functions over datetimes and timespans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.bound import Call

EPOCH_TICKS = 621_355_968_000_000_000
"""Ticks from 0001-01-01, where KQL's bins start, to 1970-01-01."""


def _bin(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """BIN-1: rounds down to a multiple of the step, counted from 0001-01-01 for datetimes."""
    value, step = arguments
    if value.type is T.DATETIME:
        since = call("plus", ticks_of(value), EPOCH_TICKS)
        binned = call(
            "minus", call("minus", since, call("positiveModuloOrNull", since, step.sql)), EPOCH_TICKS
        )
        return Lowered(datetime_of(binned), T.DATETIME, nullable=True)
    if bound_call.type is T.REAL:
        return Lowered(
            call("multiply", call("floor", call("divide", value.sql, step.sql)), step.sql),
            T.REAL,
            nullable=True,
        )
    rounded = call("minus", value.sql, call("positiveModuloOrNull", value.sql, step.sql))
    return Lowered(rounded, bound_call.type, nullable=True)


SPELLINGS: dict[str, Spelling] = {
    "bin": _bin,
}
