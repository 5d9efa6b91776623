"""Constants of one type as constants of another, wherever that can be done here exactly as the engine would do it."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import literals
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

_EPOCH_TICKS = 621_355_968_000_000_000

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")


def _read_bool(text: str) -> bool | None:
    """READ-3."""
    word = text.lower()
    if word in ("true", "false"):
        return word == "true"
    return int(text) != 0 if _INTEGER.fullmatch(text) else None


_READERS: dict[T, Callable[[str], bool | int | float | str | None]] = {
    T.BOOL: _read_bool,
    T.INT: literals.read_int,
    T.LONG: literals.read_long,
    T.REAL: literals.read_real,
    T.DECIMAL: literals.read_decimal,
    T.DATETIME: literals.read_datetime,
    T.TIMESPAN: literals.read_timespan,
    T.GUID: literals.read_guid,
}


def convert_constant(value: Literal, target: T) -> Literal | None:
    """Return the constant as `target`, null where it does not convert; None where that is left to the engine."""
    constant = value.value
    if constant is None:
        return replace(value, type=target, value="" if target is T.STRING else None)
    if isinstance(constant, str):
        return _from_text(value, constant, target)
    if isinstance(constant, bool):
        return _from_bool(value, target, is_true=constant)
    if isinstance(constant, float):
        return _from_real(value, constant, target)
    return _from_whole(value, constant, target)


def _from_text(value: Literal, text: str, target: T) -> Literal | None:
    if value.type is not T.STRING or target not in _READERS:
        return None
    return replace(value, type=target, value=_READERS[target](text))


def _from_bool(value: Literal, target: T, *, is_true: bool) -> Literal | None:
    match target:
        case T.STRING:
            return replace(value, type=target, value=str(is_true))
        case T.INT | T.LONG:
            return replace(value, type=target, value=int(is_true))
        case T.REAL:
            return replace(value, type=target, value=float(is_true))
        case _:
            return None


def _from_real(value: Literal, number: float, target: T) -> Literal | None:
    if target is T.BOOL:
        return replace(value, type=target, value=number != 0)
    if target in (T.INT, T.LONG):
        limit = 2.0 ** (31 if target is T.INT else 63)
        fits = math.isfinite(number) and abs(number) < limit
        return replace(value, type=target, value=int(number) if fits else None)
    return None


def _from_whole(value: Literal, number: int, target: T) -> Literal | None:
    """From an int, long, datetime or timespan."""
    if value.type is T.DATETIME:
        return replace(value, type=T.LONG, value=number + _EPOCH_TICKS) if target is T.LONG else None
    match target:
        case T.LONG:
            return replace(value, type=target)
        case T.INT:
            fits = literals.MIN_INT <= number <= literals.MAX_INT
            return replace(value, type=target, value=number if fits else None)
        case T.REAL:
            return replace(value, type=target, value=float(number))
        case T.STRING if value.type is not T.TIMESPAN:
            return replace(value, type=target, value=str(number))
        case T.BOOL if value.type is not T.TIMESPAN:
            return replace(value, type=target, value=number != 0)
        case T.DECIMAL if value.type is not T.TIMESPAN:
            return replace(value, type=target, value=str(number))
        case T.TIMESPAN:
            return replace(value, type=target)
        case T.DATETIME:
            ticks = number - _EPOCH_TICKS
            fits = literals.MIN_DATETIME <= ticks <= literals.MAX_DATETIME
            return replace(value, type=target, value=ticks if fits else None)
        case _:
            return None
