"""Conversion between units (rule UNIT-1)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, null_of
from kelp.clickhouse.functions.units_table import UNITS, Unit
from kelp.clickhouse.sql import SqlCall, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_TO_BASE = (("multiply", "multiplier", 1.0), ("divide", "divisor", 1.0), ("plus", "offset", 0.0))
_FROM_BASE = (("minus", "offset", 0.0), ("multiply", "divisor", 1.0), ("divide", "multiplier", 1.0))
_TILT = "Tilt"


def _convert(quantity: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """UNIT-1: by way of the base unit; null where a name is no unit of the quantity."""
    del bound_call
    value, source, target = arguments
    units = UNITS[quantity]
    computed = [name.sql for name in (source, target) if not isinstance(name.sql, SqlLiteral)]
    constant = [name.sql.value for name in (source, target) if isinstance(name.sql, SqlLiteral)]
    if any(name not in units for name in constant):
        return Lowered(null_of(T.REAL), T.REAL, nullable=True)
    base = _linear(value.sql, source.sql, units, _TO_BASE)
    if quantity == "angle":
        base = _if_tilt(source.sql, call("degrees", call("asin", value.sql)), base)
    result = _linear(base, target.sql, units, _FROM_BASE)
    if quantity == "angle":
        result = _if_tilt(target.sql, call("sin", call("radians", base)), result)
    for name in computed:
        result = call("if", call("in", name, _list("tuple", tuple(units))), result, null_of(T.REAL))
    return Lowered(result, T.REAL, nullable=value.nullable or bool(computed))


def _linear(
    value: SqlExpression,
    name: SqlExpression,
    units: Mapping[str, Unit],
    steps: tuple[tuple[str, str, float], ...],
) -> SqlExpression:
    for function, field, neutral in steps:
        amounts = tuple(getattr(unit, field) for unit in units.values())
        if isinstance(name, SqlLiteral):
            amount: SqlExpression = literal(float(getattr(units[str(name.value)], field)))
        else:
            names, sizes = _list("array", tuple(units)), _list("array", tuple(map(float, amounts)))
            amount = call("transform", name, names, sizes, neutral)
        value = value if amount == literal(neutral) else call(function, value, amount)
    return value


def _list(function: str, values: tuple[str | float, ...]) -> SqlExpression:
    return SqlCall(function, tuple(literal(value) for value in values))


def _if_tilt(name: SqlExpression, tilted: SqlExpression, otherwise: SqlExpression) -> SqlExpression:
    """A tilt is the sine of an angle."""
    if isinstance(name, SqlLiteral):
        return tilted if name.value == _TILT else otherwise
    return call("if", call("equals", name, _TILT), tilted, otherwise)


SPELLINGS: dict[str, Spelling] = {f"convert_{quantity}": partial(_convert, quantity) for quantity in UNITS}
