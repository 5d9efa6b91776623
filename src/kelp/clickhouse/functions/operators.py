"""Comparison, arithmetic and logic. Rules NULL-*, ARITH-*, TERM-* of docs/semantics.md."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, or_else, plain
from kelp.clickhouse.functions.ticks import datetime_of, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlExpression
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.bound import Call


def _equal(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-1: null equals nothing; two nulls give null."""
    left, right = arguments
    compared = call("equals", left.sql, right.sql)
    if not (left.nullable or right.nullable):
        return Lowered(compared, bound_call.type, nullable=False)
    if left.nullable and right.nullable:
        return Lowered(
            _unless_both_null(left, right, call("ifNull", compared, literal(False))), T.BOOL, nullable=True
        )
    return Lowered(call("ifNull", compared, literal(False)), T.BOOL, nullable=False)


def _not_equal(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-1: null differs from every value; two nulls give null."""
    left, right = arguments
    compared = call("notEquals", left.sql, right.sql)
    if not (left.nullable or right.nullable):
        return Lowered(compared, bound_call.type, nullable=False)
    if left.nullable and right.nullable:
        return Lowered(
            _unless_both_null(left, right, call("ifNull", compared, literal(True))), T.BOOL, nullable=True
        )
    return Lowered(call("ifNull", compared, literal(True)), T.BOOL, nullable=False)


def _unless_both_null(left: Lowered, right: Lowered, value: SqlExpression) -> SqlExpression:
    both = call("and", call("isNull", left.sql), call("isNull", right.sql))
    return call("if", both, literal(None), value)


def _amount(value: Lowered) -> SqlExpression:
    return ticks_of(value) if value.type is T.DATETIME else value.sql


def _sum(operator: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    left, right = arguments
    nullable = left.nullable or right.nullable
    total = call(operator, _amount(left), _amount(right))
    if bound_call.type is T.DATETIME:
        return Lowered(datetime_of(total), T.DATETIME, nullable)
    return Lowered(total, bound_call.type, nullable)


def _multiply(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    left, right = arguments
    product: SqlExpression = call("multiply", left.sql, right.sql)
    if bound_call.type is T.TIMESPAN:
        product = call("toInt64", product)
    return Lowered(product, bound_call.type, left.nullable or right.nullable)


def _divide(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ARITH-2: integers divide to an integer, and by zero to null; reals follow IEEE 754."""
    left, right = arguments
    if bound_call.type in (T.INT, T.LONG):
        quotient = call("intDivOrNull", left.sql, right.sql)
        return Lowered(quotient, bound_call.type, nullable=True)
    quotient = call("divide", left.sql, right.sql)
    if bound_call.type is T.TIMESPAN:
        return Lowered(call("toInt64", quotient), T.TIMESPAN, left.nullable or right.nullable)
    return Lowered(quotient, bound_call.type, left.nullable or right.nullable)


def _modulo(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ARITH-3: the remainder is never negative; by zero null."""
    left, right = arguments
    return Lowered(call("positiveModuloOrNull", _amount(left), right.sql), bound_call.type, nullable=True)


def _in(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, *items = arguments
    if not items:
        return Lowered(literal(False), T.BOOL, nullable=False)
    found = call("in", subject.sql, SqlCall("tuple", tuple(item.sql for item in items)))
    if subject.nullable:
        return Lowered(call("ifNull", found, literal(False)), bound_call.type, nullable=False)
    return Lowered(found, bound_call.type, nullable=False)


def _logic(name: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    nullable = any(argument.nullable for argument in arguments)
    return Lowered(SqlCall(name, tuple(argument.sql for argument in arguments)), bound_call.type, nullable)


def _iff(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    condition, then, otherwise = arguments
    chosen = call("if", or_else(condition, literal(False)), then.sql, otherwise.sql)
    return Lowered(chosen, bound_call.type, then.nullable or otherwise.nullable)


def _case(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    parts = [
        or_else(part, literal(False)) if index % 2 == 0 else part.sql
        for index, part in enumerate(arguments[:-1])
    ]
    nullable = any(value.nullable for value in (*arguments[1::2], arguments[-1]))
    return Lowered(SqlCall("multiIf", (*parts, arguments[-1].sql)), bound_call.type, nullable)


def _coalesce(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The first that is not null; for texts, the first that is not empty."""
    if bound_call.type in (T.STRING, T.DYNAMIC):
        parts = [part for value in arguments[:-1] for part in (call("notEmpty", value.sql), value.sql)]
        return Lowered(SqlCall("multiIf", (*parts, arguments[-1].sql)), bound_call.type, nullable=False)
    nullable = all(value.nullable for value in arguments)
    return Lowered(SqlCall("coalesce", tuple(value.sql for value in arguments)), bound_call.type, nullable)


SPELLINGS: dict[str, Spelling] = {
    "==": _equal,
    "!=": _not_equal,
    "<": plain("less"),
    "<=": plain("lessOrEquals"),
    ">": plain("greater"),
    ">=": plain("greaterOrEquals"),
    "+": partial(_sum, "plus"),
    "-": partial(_sum, "minus"),
    "*": _multiply,
    "/": _divide,
    "%": _modulo,
    "negate": plain("negate"),
    "and": partial(_logic, "and"),
    "or": partial(_logic, "or"),
    "not": plain("not"),
    "in": _in,
    "iff": _iff,
    "case": _case,
    "coalesce": _coalesce,
}
