"""Constant dynamic values: reading their JSON text at compile time."""

from __future__ import annotations

import json
import re
from decimal import Decimal

from kelp.kql.bound import Expression, Literal
from kelp.kql.types import ScalarType

_OUTSIDE_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\s+')


def compact(text: str) -> str:
    """Return JSON text without the white space between its parts; numbers and strings stay as they are written."""
    return _OUTSIDE_STRINGS.sub(lambda found: found[0] if found[0].startswith('"') else "", text)


def canonical(text: str) -> str:
    """Return JSON text without white space, the properties of its objects in the order of their names.

    Numbers stay as they are written. What is no JSON stays as it is.
    """
    try:
        return _written(json.loads(text, parse_float=_Number, parse_int=_Number))
    except (ValueError, RecursionError):
        return text


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _written(value: object) -> str:
    match value:
        case _Number():
            return value
        case dict():
            entries = (
                f"{json.dumps(name, ensure_ascii=False)}:{_written(value[name])}" for name in sorted(value)
            )
            return f"{{{','.join(entries)}}}"
        case list():
            return f"[{','.join(map(_written, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def elements_of(literal: Literal) -> tuple[Expression, ...] | None:
    """Return the elements of a constant array as typed literals; None when it is no array.

    Nested values stay dynamic.
    """
    if not isinstance(literal.value, str):
        return None
    try:
        decoded = json.loads(literal.value, parse_float=Decimal)
    except ValueError:
        return None
    return tuple(_literal(item, literal) for item in decoded) if isinstance(decoded, list) else None


def _literal(item: object, parent: Literal) -> Literal:
    match item:
        case None:
            return Literal(ScalarType.DYNAMIC, None, parent.span)
        case bool():
            return Literal(ScalarType.BOOL, item, parent.span)
        case int():
            return Literal(ScalarType.LONG, item, parent.span)
        case Decimal():
            return Literal(ScalarType.REAL, float(item), parent.span)
        case str():
            return Literal(ScalarType.STRING, item, parent.span)
        case _:
            return Literal(
                ScalarType.DYNAMIC, json.dumps(item, default=float, separators=(",", ":")), parent.span
            )
