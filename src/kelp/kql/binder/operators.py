"""Arithmetic and comparison: the operators whose result depends on the types of both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder.conversion import convert
from kelp.kql.bound import Call, Expression, Literal
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.functions.signature import widen
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.text import Span

_TEXTUAL = frozenset({T.STRING, T.GUID})


def bind_comparison(operator: str, left: Expression, right: Expression, span: Span) -> Call:
    """Return `left operator right` for `== != < <= > >=`, both sides brought to one type; rules NULL-1 and TYPE-3."""
    left, right = _align(operator, left, right, span)
    return Call(operator, (left, right), T.BOOL, span)


def _align(operator: str, left: Expression, right: Expression, span: Span) -> tuple[Expression, Expression]:
    if left.type == right.type or (left.type.is_numeric and right.type.is_numeric):
        return left, right
    if left.type is T.DYNAMIC:
        return convert(left, right.type), right
    if right.type is T.DYNAMIC:
        return left, convert(right, left.type)
    if _is_null(left):
        return convert(left, right.type), right
    if _is_null(right):
        return left, convert(right, left.type)
    if left.type in _TEXTUAL and right.type in _TEXTUAL:
        return convert(left, T.STRING), convert(right, T.STRING)
    if operator in ("==", "!=") and T.STRING in (left.type, right.type):
        return _align_with_text(left, right)
    for datetime, other in ((left.type, right), (right.type, left)):
        if datetime is T.DATETIME and other.type is T.STRING and isinstance(other, Literal):
            return convert(left, T.DATETIME), convert(right, T.DATETIME)
    raise refusal(
        WRONG_TYPE,
        f"'{operator}' cannot compare {left.type} with {right.type}",
        span,
        f"convert one side, for example with to{left.type}()",
    )


def _align_with_text(left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Compare a text literal with a value of another type in that type (`EventID == "4624"`), else both as text."""
    if isinstance(right, Literal) and right.type is T.STRING:
        return left, convert(right, left.type)
    if isinstance(left, Literal) and left.type is T.STRING:
        return convert(left, right.type), right
    return convert(left, T.STRING), convert(right, T.STRING)


def _is_null(value: Expression) -> bool:
    return isinstance(value, Literal) and value.value is None


def bind_arithmetic(operator: str, left: Expression, right: Expression, span: Span) -> Expression:
    """Return `left operator right` for `+ - * / %`, folded where both are constants; rules ARITH-1 to ARITH-4."""
    if left.type is T.DYNAMIC and right.type is not T.DYNAMIC:
        left = convert(left, T.REAL if right.type.is_numeric else right.type)
    elif right.type is T.DYNAMIC and left.type is not T.DYNAMIC:
        right = convert(right, T.REAL if left.type.is_numeric else left.type)
    result = _arithmetic_type(operator, left.type, right.type)
    if result is None:
        hint = "use strcat()" if operator == "+" and T.STRING in (left.type, right.type) else None
        raise refusal(WRONG_TYPE, f"'{operator}' is not defined between {left.type} and {right.type}", span, hint)
    folded = _fold(operator, left, right, result, span)
    return folded or Call(operator, (left, right), result, span)


def _arithmetic_type(operator: str, left: T, right: T) -> T | None:
    if left.is_numeric and right.is_numeric:
        return widen(left, right)
    match operator, left, right:
        case ("-", T.DATETIME, T.DATETIME) | ("+" | "-" | "%", T.TIMESPAN, T.TIMESPAN):
            return T.TIMESPAN
        case ("+" | "-", T.DATETIME, T.TIMESPAN) | ("+", T.TIMESPAN, T.DATETIME):
            return T.DATETIME
        case ("/", T.TIMESPAN, T.TIMESPAN):
            return T.REAL
        case ("*" | "/" | "%", T.TIMESPAN, _) if right.is_numeric:
            return T.TIMESPAN
        case ("*", _, T.TIMESPAN) if left.is_numeric:
            return T.TIMESPAN
        case ("%", T.DATETIME, T.TIMESPAN):
            return T.TIMESPAN
        case _:
            return None


def _fold(operator: str, left: Expression, right: Expression, result: T, span: Span) -> Literal | None:
    """Fold what is exact in Python: sums and products of integers and ticks. The engine folds the rest."""
    if not (isinstance(left, Literal) and isinstance(right, Literal)) or operator not in "+-*":
        return None
    first, second = left.value, right.value
    if not (isinstance(first, int) and isinstance(second, int)) or isinstance(first, bool) or isinstance(second, bool):
        return None
    value = {"+": first + second, "-": first - second, "*": first * second}[operator]
    limit = 2**31 if result is T.INT else 2**63
    return Literal(result, value, span) if -limit <= value < limit else None


def bind_negation(operand: Expression, span: Span) -> Expression:
    """Return `-operand` for a number or timespan."""
    if operand.type is T.DYNAMIC:
        operand = convert(operand, T.REAL)
    if not (operand.type.is_numeric or operand.type is T.TIMESPAN):
        raise refusal(WRONG_TYPE, f"'-' is not defined for {operand.type}", span)
    if isinstance(operand, Literal) and isinstance(operand.value, (int, float)):
        return Literal(operand.type, -operand.value, span)
    return Call("negate", (operand,), operand.type, span)
