"""Numeric functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, plain
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.bound import Call


def _isnull(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """NULL-2: a string is never null."""
    (value,) = arguments
    if value.type is T.STRING:
        return Lowered(literal(False), bound_call.type, nullable=False)
    if value.type is T.DYNAMIC:
        return Lowered(call("in", value.sql, call("tuple", "", "null")), bound_call.type, nullable=False)
    return Lowered(call("isNull", value.sql), bound_call.type, nullable=False)


def _isnotnull(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(call("not", _isnull(bound_call, arguments).sql), bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {
    "abs": plain("abs"),
    "isnull": _isnull,
    "isnotnull": _isnotnull,
}
