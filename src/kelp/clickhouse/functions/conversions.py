"""Conversions. A value that does not convert is null."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


def to_text(value: Lowered) -> SqlExpression:
    """Return the value as KQL text; the empty text for null."""
    if value.type is T.STRING:
        return value.sql
    text = call("toString", value.sql)
    return call("ifNull", text, "") if value.nullable else text


def _tostring(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(to_text(arguments[0]), bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {
    "tostring": _tostring,
}
