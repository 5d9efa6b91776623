"""Arithmetic of decimals: 38 digits, 18 of them after the point (rule ARITH-7). What does not fit is null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.clickhouse.sql import SqlCast
from kelp.clickhouse.types import required_type
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_SCALE = 18
_DECIMAL = required_type(T.DECIMAL)


def _fitted(wide: SqlExpression) -> SqlExpression:
    return call("accurateCastOrNull", wide, _DECIMAL)


def multiply(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return the product, computed in 76 digits and cut to 18 after the point."""
    left, right = arguments
    return Lowered(
        _fitted(call("multiplyDecimal", left.sql, right.sql, _SCALE)), bound_call.type, nullable=True
    )


def divide(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return the quotient; null by zero."""
    left, right = arguments
    divisor = call("nullIf", right.sql, SqlCast(literal("0"), _DECIMAL))
    # The engine divides before it chooses, also by what lies under a null, and to divide by zero is an error.
    quotient = _fitted(
        call("divideDecimal", left.sql, call("ifNull", divisor, SqlCast(literal("1"), _DECIMAL)), _SCALE)
    )
    return Lowered(
        call("if", call("isNull", divisor), literal(None), quotient), bound_call.type, nullable=True
    )


def modulo(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return the remainder, which is never negative; null by zero."""
    left, right = (call("reinterpretAsInt128", value.sql) for value in arguments)
    rest = call("positiveModuloOrNull", left, right)
    return Lowered(as_decimal(rest), bound_call.type, nullable=True)


def as_decimal(units: SqlExpression) -> SqlExpression:
    """Return a number of units of the last place as a decimal."""
    return call("reinterpret", call("toInt128", units), _DECIMAL)
