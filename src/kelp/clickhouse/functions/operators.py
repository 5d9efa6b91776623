"""Comparison, arithmetic and logic (rules NULL-*, ARITH-*); decimals are in `decimals`, text operators in `terms`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import decimals
from kelp.clickhouse.functions.memberships import spell_in
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, or_else, plain
from kelp.clickhouse.functions.text_search import by_candidates
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, TICKS_PER_DAY, datetime_of, datetime_within, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlExpression
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import bound
    from kelp.kql.bound import Call

_TEXTS = (T.STRING, T.DYNAMIC)
_INTEGERS = (T.INT, T.LONG)
_SHORT_TICKS = 3_652_500 * TICKS_PER_DAY // 100
"""A constant this short, a century, leaves the calendar only from its very ends; it is added without a look."""
_LIMIT = 2.0**63


# --- comparison ------------------------------------------------------------------------------------------------------


def _equality(name: str, otherwise: bool, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:  # noqa: FBT001 - spelled by partial
    """NULL-1: null equals no value and differs from every one; two nulls give null."""
    left, right = arguments
    compared: SqlExpression = call(name, left.sql, right.sql)
    if left.nullable or right.nullable:
        compared = call("ifNull", compared, literal(otherwise))
    if not (left.nullable and right.nullable):
        return Lowered(compared, bound_call.type, nullable=False)
    both = call("and", call("isNull", left.sql), call("isNull", right.sql))
    return Lowered(call("if", both, literal(None), compared), bound_call.type, nullable=True)


# --- arithmetic ------------------------------------------------------------------------------------------------------


def _amount(value: Lowered) -> SqlExpression:
    return ticks_of(value) if value.type is T.DATETIME else value.sql


def _amount_since_year_1(value: Lowered) -> SqlExpression:
    return (
        call("plus", ticks_of(value), call("toInt64", EPOCH_TICKS)) if value.type is T.DATETIME else value.sql
    )


def _nullable(arguments: tuple[Lowered, ...]) -> bool:
    return any(value.nullable for value in arguments)


def _sum(operator: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ARITH-6: a moment outside of the years 1 to 9999 is null."""
    left, right = arguments
    total = call(operator, _amount(left), _amount(right))
    if bound_call.type is not T.DATETIME:
        return Lowered(total, bound_call.type, _nullable(arguments))
    if any(_is_short(argument) for argument in bound_call.arguments):
        return Lowered(datetime_of(total), T.DATETIME, _nullable(arguments))
    return Lowered(datetime_within(total), T.DATETIME, nullable=True)


def _is_short(value: bound.Expression) -> bool:
    ticks = value.value if isinstance(value, Literal) and value.type is T.TIMESPAN else None
    return isinstance(ticks, int) and abs(ticks) < _SHORT_TICKS


def _multiply(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    product = call("multiply", *(value.sql for value in arguments))
    if bound_call.type is T.TIMESPAN and any(value.type is T.REAL for value in arguments):
        return _whole_ticks(product)
    return Lowered(product, bound_call.type, _nullable(arguments))


def _whole_ticks(amount: SqlExpression) -> Lowered:
    """ARITH-5: a timespan times or by a real loses what is less than a tick; one that no timespan holds is null."""
    amount = call("toFloat64", amount)
    fits = call("less", call("abs", amount), literal(_LIMIT))
    return Lowered(call("if", fits, call("toInt64", amount), literal(None)), T.TIMESPAN, nullable=True)


def _divide(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ARITH-2: whole numbers divide to a whole number, cut towards zero; by zero to null. Reals follow IEEE 754."""
    left, right = arguments
    if bound_call.type in (*_INTEGERS, T.TIMESPAN) and right.type in _INTEGERS:
        if _is_harmless_divisor(bound_call.arguments[1]):
            return Lowered(call("intDiv", left.sql, right.sql), bound_call.type, left.nullable)
        return Lowered(call("intDivOrNull", left.sql, right.sql), bound_call.type, nullable=True)
    quotient = call("divide", _amount_since_year_1(left), _amount_since_year_1(right))
    if bound_call.type is T.TIMESPAN:
        return _whole_ticks(quotient)
    return Lowered(quotient, bound_call.type, _nullable(arguments))


def _modulo(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ARITH-3: the remainder is never negative; by zero it is null."""
    left, right = arguments
    amounts = tuple(_amount_since_year_1(value) for value in arguments)
    if bound_call.type is T.TIMESPAN and right.type is T.REAL:
        return _whole_ticks(call("positiveModuloOrNull", *amounts))
    nullable = left.nullable
    remainder: SqlExpression = call("positiveModulo", *amounts)
    if not _is_harmless_divisor(bound_call.arguments[1]):
        remainder, nullable = call("positiveModuloOrNull", *amounts), True
    if bound_call.type in (*_INTEGERS, T.TIMESPAN):
        # The engine's is unsigned, which has no common type with signed ones.
        remainder = call("toInt64", remainder)
    return Lowered(remainder, bound_call.type, nullable)


def _is_harmless_divisor(value: bound.Expression) -> bool:
    """Tell whether a division by the constant cannot fail: by -1 it can, for the least long."""
    constant = value.value if isinstance(value, Literal) and value.type in (*_INTEGERS, T.TIMESPAN) else None
    return isinstance(constant, int) and constant not in (0, -1)


def _exactly(plain_spelling: Spelling, decimal: Spelling) -> Spelling:
    """Return the spelling that leaves decimals to their own."""

    def spelled(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        chosen = decimal if bound_call.type is T.DECIMAL else plain_spelling
        return chosen(bound_call, arguments)

    return spelled


# --- logic and choice ------------------------------------------------------------------------------------------------


def _logic(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(
        SqlCall(name, tuple(value.sql for value in arguments)), bound_call.type, _nullable(arguments)
    )


def _iff(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-3: a condition that is null does not hold."""
    condition, then, otherwise = arguments
    chosen = call("if", or_else(condition, literal(False)), then.sql, otherwise.sql)
    return Lowered(chosen, bound_call.type, then.nullable or otherwise.nullable)


def _case(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    parts = [
        or_else(part, literal(False)) if index % 2 == 0 else part.sql
        for index, part in enumerate(arguments[:-1])
    ]
    nullable = _nullable((*arguments[1::2], arguments[-1]))
    return Lowered(SqlCall("multiIf", (*parts, arguments[-1].sql)), bound_call.type, nullable)


def _coalesce(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The first that is not null; of texts, the first that is not empty."""
    if bound_call.type not in _TEXTS:
        nullable = all(value.nullable for value in arguments)
        return Lowered(
            SqlCall("coalesce", tuple(value.sql for value in arguments)), bound_call.type, nullable
        )
    parts = [part for value in arguments[:-1] for part in (_is_present(value), value.sql)]
    return Lowered(SqlCall("multiIf", (*parts, arguments[-1].sql)), bound_call.type, nullable=False)


def _is_present(value: Lowered) -> SqlExpression:
    if value.type is T.DYNAMIC:
        return call("not", call("in", value.sql, call("tuple", "", "null")))
    return call("notEmpty", value.sql)


SPELLINGS: dict[str, Spelling] = {
    "==": by_candidates(partial(_equality, "equals", False)),
    "!=": partial(_equality, "notEquals", True),
    "<": plain("less"),
    "<=": plain("lessOrEquals"),
    ">": plain("greater"),
    ">=": plain("greaterOrEquals"),
    "+": _exactly(partial(_sum, "plus"), plain("plus")),
    "-": _exactly(partial(_sum, "minus"), plain("minus")),
    "*": _exactly(_multiply, decimals.multiply),
    "/": _exactly(_divide, decimals.divide),
    "%": _exactly(_modulo, decimals.modulo),
    "negate": plain("negate"),
    "and": partial(_logic, "and"),
    "or": partial(_logic, "or"),
    "not": plain("not"),
    "in": by_candidates(spell_in),
    "iff": _iff,
    "case": _case,
    "coalesce": _coalesce,
}
