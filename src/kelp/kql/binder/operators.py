"""Arithmetic and comparison: the operators whose result depends on the types of both sides."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from kelp.kql.binder.conversion import convert
from kelp.kql.bound import Call, Expression, Literal
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.functions.signature import widen
from kelp.kql.literals import MAX_DATETIME, MIN_DATETIME
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.text import Span

_EQUALITY = ("==", "!=")
_INTEGERS = (T.INT, T.LONG)
_TICKS = (T.DATETIME, T.TIMESPAN)
_EXACT_IN_REALS = 2**53
_EPOCH_TICKS = 621_355_968_000_000_000


# --- comparison ------------------------------------------------------------------------------------------------------


def bind_comparison(operator: str, left: Expression, right: Expression, span: Span) -> Call:
    """Return `left operator right` for `== != < <= > >=`, both sides brought to one type (NULL-1, TYPE-1 to TYPE-4)."""
    left, right = _align(operator, left, right, span)
    return Call(operator, (left, right), T.BOOL, span)


def _align(operator: str, left: Expression, right: Expression, span: Span) -> tuple[Expression, Expression]:
    if T.DYNAMIC in (left.type, right.type):
        return _align_dynamic(operator, left, right)
    if left.type == right.type or (left.type.is_numeric and right.type.is_numeric):
        return left, right
    if _is_null(left) or _is_null(right):
        return (convert(left, right.type), right) if _is_null(left) else (left, convert(right, left.type))
    if T.BOOL in (left.type, right.type) and (left.type.is_numeric or right.type.is_numeric):
        return (convert(left, T.LONG), right) if left.type is T.BOOL else (left, convert(right, T.LONG))
    text = T.STRING in (left.type, right.type)
    moment = T.DATETIME in (left.type, right.type)
    if text and (
        operator in _EQUALITY or (moment and isinstance(left if left.type is T.STRING else right, Literal))
    ):
        return _align_with_text(left, right)
    raise refusal(
        WRONG_TYPE,
        f"'{operator}' cannot compare {left.type} with {right.type}",
        span,
        f"convert one side, for example with to{left.type}()",
    )


def _align_dynamic(operator: str, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """TYPE-2: a dynamic value takes the type of the other side; two compare as texts, or as numbers for order."""
    if left.type == right.type:
        kind = T.STRING if operator in _EQUALITY else T.REAL
        return convert(left, kind), convert(right, kind)
    if left.type is T.DYNAMIC:
        return convert(left, _type_beside(operator, right)), right
    return left, convert(right, _type_beside(operator, left))


def _type_beside(operator: str, other: Expression) -> T:
    """A whole number is compared with whatever number the dynamic value holds, not with its whole part."""
    if other.type not in _INTEGERS:
        return other.type
    value = other.value if isinstance(other, Literal) else None
    small = isinstance(value, int) and abs(value) < _EXACT_IN_REALS
    return T.REAL if small or operator not in _EQUALITY else T.LONG


def _align_with_text(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """TYPE-3: a constant takes the type of what it is compared with (`EventID == "4624"`); else both are texts."""
    if isinstance(right, Literal) and right.type is T.STRING:
        return left, convert(right, left.type)
    if isinstance(left, Literal) and left.type is T.STRING:
        return convert(left, right.type), right
    return convert(left, T.STRING), convert(right, T.STRING)


def _is_null(value: Expression) -> bool:
    return isinstance(value, Literal) and value.value is None


# --- arithmetic ------------------------------------------------------------------------------------------------------


def bind_arithmetic(operator: str, left: Expression, right: Expression, span: Span) -> Expression:
    """Return `left operator right` for `+ - * / %`, computed where both are constants; rules ARITH-1 to ARITH-7."""
    if left.type is T.DYNAMIC and right.type is T.DYNAMIC:
        numbers = bind_arithmetic(operator, convert(left, T.REAL), convert(right, T.REAL), span)
        return convert(numbers, T.DYNAMIC)
    if left.type is T.DYNAMIC:
        left = convert(left, _operand_type(operator, right.type))
    elif right.type is T.DYNAMIC:
        right = convert(right, _operand_type(operator, left.type))
    result = _arithmetic_type(operator, left.type, right.type)
    if result is None:
        hint = "use strcat()" if operator == "+" and T.STRING in (left.type, right.type) else None
        message = f"'{operator}' is not defined between {left.type} and {right.type}"
        raise refusal(WRONG_TYPE, message, span, hint)
    if result is T.DECIMAL:
        left, right = convert(left, T.DECIMAL), convert(right, T.DECIMAL)
    elif T.DECIMAL in (left.type, right.type):
        left, right = (convert(side, T.REAL) if side.type is T.DECIMAL else side for side in (left, right))
    folded = _fold(operator, left, right, result, span)
    return folded or Call(operator, (left, right), result, span)


def _operand_type(operator: str, other: T) -> T:
    """What a dynamic value is beside a value of a type: a number, or a time where times are added or subtracted."""
    return other if other in _TICKS and operator in "+-" else T.REAL


def _arithmetic_type(operator: str, left: T, right: T) -> T | None:
    if left.is_numeric and right.is_numeric:
        # ARITH-1: whole numbers give a long.
        return (
            widen(widen(left, right), T.LONG)
            if left in _INTEGERS and right in _INTEGERS
            else widen(left, right)
        )
    match operator, left, right:
        case ("-", T.DATETIME, T.DATETIME) | ("+" | "-" | "%", T.TIMESPAN, T.TIMESPAN):
            return T.TIMESPAN
        case ("+" | "-", T.DATETIME, T.TIMESPAN) | ("+", T.TIMESPAN, T.DATETIME):
            return T.DATETIME
        case ("/", T.TIMESPAN | T.DATETIME, T.TIMESPAN) | ("/", T.DATETIME, T.DATETIME):
            return T.REAL
        case ("*" | "/" | "%", T.TIMESPAN, _) if right.is_numeric:
            return T.TIMESPAN
        case ("*", _, T.TIMESPAN) if left.is_numeric:
            return T.TIMESPAN
        case ("%", T.DATETIME, T.TIMESPAN | T.DATETIME):
            return T.TIMESPAN
        case _:
            return None


def _fold(operator: str, left: Expression, right: Expression, result: T, span: Span) -> Literal | None:
    """Compute what Python computes as the engine would; leave the rest, and what overflows, to the engine."""
    if not (isinstance(left, Literal) and isinstance(right, Literal)):
        return None
    first, second = _number_of(left), _number_of(right)
    if first is None or second is None:
        return None
    if result is T.REAL:
        value = _fold_reals(operator, _since_year_1(left, first), _since_year_1(right, second))
        return None if value is None or not math.isfinite(value) else Literal(result, value, span)
    if isinstance(first, int) and isinstance(second, int):
        return _fold_integers(operator, first, second, result, span)
    return None


def _number_of(literal: Literal) -> int | float | None:
    value = literal.value
    if isinstance(value, bool) or not isinstance(value, (int, float)) or literal.type is T.DECIMAL:
        return None
    return value


def _since_year_1(literal: Literal, number: float) -> float:
    return number + _EPOCH_TICKS if literal.type is T.DATETIME else number


def _fold_reals(operator: str, first: float, second: float) -> float | None:
    match operator:
        case "+":
            return float(first) + float(second)
        case "-":
            return float(first) - float(second)
        case "*":
            return float(first) * float(second)
        case "/" if second != 0:
            return float(first) / float(second)
        case _:
            return None


def _fold_integers(operator: str, first: int, second: int, result: T, span: Span) -> Literal | None:
    match operator:
        case "+":
            value = first + second
        case "-":
            value = first - second
        case "*":
            value = first * second
        case "/" if second != 0:
            value = abs(first) // abs(second) * (1 if (first < 0) == (second < 0) else -1)
        case _:
            return None
    if result is T.DATETIME and not MIN_DATETIME <= value <= MAX_DATETIME:
        return Literal(result, None, span)
    return Literal(result, value, span) if -(2**63) <= value < 2**63 else None


def bind_negation(operand: Expression, span: Span) -> Expression:
    """Return `-operand` for a number or timespan."""
    if operand.type is T.DYNAMIC:
        operand = convert(operand, T.REAL)
    if not (operand.type.is_numeric or operand.type is T.TIMESPAN):
        raise refusal(WRONG_TYPE, f"'-' is not defined for {operand.type}", span)
    result = T.LONG if operand.type is T.INT else operand.type
    if isinstance(operand, Literal) and isinstance(operand.value, (int, float)):
        return Literal(result, -operand.value, span)
    return Call("negate", (operand,), result, span)
