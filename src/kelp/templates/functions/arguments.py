"""Reading arguments as what a function needs. Everything here raises `ExpressionError`, which names the argument."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from kelp.templates.errors import ExpressionError
from kelp.templates.functions.contract import Arguments


def kind_of(value: Any) -> str:
    """Return what to call a value in messages."""
    match value:
        case None:
            return "null"
        case bool():
            return "a bool"
        case int():
            return "a whole number"
        case float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
        case _:
            return "a lambda"


def refuse(given: Arguments, position: int, expected: str) -> NoReturn:
    """Raise that an argument is not what is expected."""
    found = kind_of(given.values[position])
    raise ExpressionError(f"Argument {position + 1} of '{given.function}' must be {expected}, not {found}.")


def text_at(given: Arguments, position: int, default: str | None = None) -> str:
    """Return a string."""
    if position >= len(given.values) and default is not None:
        return default
    value = given.values[position]
    return value if isinstance(value, str) else refuse(given, position, "a string")


def number_at(given: Arguments, position: int, default: int | None = None) -> int:
    """Return a whole number."""
    if position >= len(given.values) and default is not None:
        return default
    value = given.values[position]
    return (
        value
        if isinstance(value, int) and not isinstance(value, bool)
        else refuse(given, position, "a whole number")
    )


def bool_at(given: Arguments, position: int) -> bool:
    """Return a bool."""
    value = given.values[position]
    return value if isinstance(value, bool) else refuse(given, position, "a bool")


def list_at(given: Arguments, position: int) -> list[Any]:
    """Return an array."""
    value = given.values[position]
    return value if isinstance(value, list) else refuse(given, position, "an array")


def object_at(given: Arguments, position: int) -> dict[str, Any]:
    """Return an object."""
    value = given.values[position]
    return value if isinstance(value, dict) else refuse(given, position, "an object")


def texts_of(given: Arguments, first: int = 0) -> list[str]:
    """Return all arguments from one on, which must be strings."""
    return [text_at(given, position) for position in range(first, len(given.values))]


def describe_scalar(value: Any) -> str:
    """Return a value as it stands in a text: `True`, `1`, JSON for arrays and objects."""
    match value:
        case None:
            return ""
        case bool():
            return "True" if value else "False"
        case str():
            return value
        case _:
            return encode_json(value)


def encode_json(value: Any) -> str:
    """Return JSON without blanks, in the order of members."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
