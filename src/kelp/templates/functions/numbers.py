"""Functions over numbers and bools, and comparisons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from kelp.templates.errors import ExpressionError
from kelp.templates.functions.arguments import bool_at, list_at, number_at, refuse, text_at
from kelp.templates.functions.contract import Arguments, Function


def _binary(compute: Callable[[int, int], int]) -> Function:
    return Function(2, 2, lambda given: compute(number_at(given, 0), number_at(given, 1)))


def _divide(given: Arguments) -> int:
    """Towards zero, as Azure does."""
    left, right = number_at(given, 0), _divisor(given)
    quotient = abs(left) // abs(right)
    return quotient if (left < 0) == (right < 0) else -quotient


def _modulo(given: Arguments) -> int:
    """With the sign of the dividend, as Azure does."""
    left, right = number_at(given, 0), _divisor(given)
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def _divisor(given: Arguments) -> int:
    right = number_at(given, 1)
    if right == 0:
        raise ExpressionError(f"'{given.function}' divides by 0.")
    return right


def _int(given: Arguments) -> int:
    value = given.values[0]
    if isinstance(value, bool):
        refuse(given, 0, "a whole number or a string of one")
    if isinstance(value, int | float):
        return int(value)
    try:
        return int(text_at(given, 0))
    except ValueError as error:
        raise ExpressionError(f"The argument of 'int' is no whole number: '{value}'.") from error


def _float(given: Arguments) -> float:
    value = given.values[0]
    if isinstance(value, bool):
        refuse(given, 0, "a number or a string of one")
    try:
        return float(value if isinstance(value, int | float) else text_at(given, 0))
    except ValueError as error:
        raise ExpressionError(f"The argument of 'float' is no number: '{value}'.") from error


def _bool(given: Arguments) -> bool:
    value = given.values[0]
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    match text_at(given, 0).lower():
        case "true" | "1":
            return True
        case "false" | "0":
            return False
        case _:
            raise ExpressionError(f"The argument of 'bool' is neither true nor false: '{value}'.")


def _extreme(choose: Callable[[list[int]], int]) -> Function:
    def compute(given: Arguments) -> int:
        is_array = len(given.values) == 1 and isinstance(given.values[0], list)
        values = list_at(given, 0) if is_array else list(given.values)
        numbers = [value for value in values if isinstance(value, int) and not isinstance(value, bool)]
        if not values or len(numbers) != len(values):
            raise ExpressionError(f"'{given.function}' takes whole numbers, or one array of them.")
        return choose(numbers)

    return Function(1, None, compute)


def _compare(decide: Callable[[Any, Any], bool]) -> Function:
    def compute(given: Arguments) -> bool:
        left, right = given.values
        if isinstance(left, str) and isinstance(right, str):
            return decide(left, right)
        return decide(number_at(given, 0), number_at(given, 1))

    return Function(2, 2, compute)


def are_equal(left: Any, right: Any) -> bool:
    """Tell whether two values are the same; texts with regard to case."""
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right)


NUMBER_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "add": _binary(lambda left, right: left + right),
        "and": Function(2, None, lambda given: all(bool_at(given, at) for at in range(len(given.values)))),
        "bool": Function(1, 1, _bool),
        "div": Function(2, 2, _divide),
        "equals": Function(2, 2, lambda given: are_equal(*given.values)),
        "false": Function(0, 0, lambda _: False),
        "float": Function(1, 1, _float),
        "greater": _compare(lambda left, right: left > right),
        "greaterorequals": _compare(lambda left, right: left >= right),
        "int": Function(1, 1, _int),
        "less": _compare(lambda left, right: left < right),
        "lessorequals": _compare(lambda left, right: left <= right),
        "max": _extreme(max),
        "min": _extreme(min),
        "mod": Function(2, 2, _modulo),
        "mul": _binary(lambda left, right: left * right),
        "not": Function(1, 1, lambda given: not bool_at(given, 0)),
        "null": Function(0, 0, lambda _: None),
        "or": Function(2, None, lambda given: any(bool_at(given, at) for at in range(len(given.values)))),
        "sub": _binary(lambda left, right: left - right),
        "true": Function(0, 0, lambda _: True),
    }
)
"""By lower-case name."""
