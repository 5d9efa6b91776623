"""Functions that hash a scalar (rules HASH-1 and HASH-2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.conversions import to_text
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.ticks import EPOCH_TICKS, ticks_of
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

MICROSOFT_ORDER = 2
"""The engine's name for the order of bytes in which .NET writes a GUID."""


def _bytes_of(value: Lowered) -> SqlExpression:
    """HASH-1: texts hash their UTF-8, numbers and times their 8 bytes, GUIDs their 16 as .NET orders them."""
    match value.type:
        case T.BOOL | T.INT | T.LONG | T.TIMESPAN:
            return call("toInt64", value.sql)
        case T.DATETIME:
            return call("toInt64", call("plus", ticks_of(value), EPOCH_TICKS))
        case T.GUID:
            return call("UUIDStringToNum", call("toString", value.sql), MICROSOFT_ORDER)
        case T.REAL:
            return value.sql
        case _:
            return to_text(value)


def hash_of(value: Lowered) -> SqlExpression:
    """Return the xxHash64 of a scalar, unsigned; null for null."""
    return call("xxHash64", _bytes_of(value))


def _hash(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """xxHash64; with a modulus, which counts the hash as unsigned, 0 to modulus - 1."""
    value, *modulus = arguments
    if value.type is T.DYNAMIC:
        raise refusal(WRONG_TYPE, "'hash' takes no dynamic value", bound_call.span, "use tostring()")
    hashed = hash_of(value)
    nullable = value.nullable
    if modulus:
        size = modulus[0]
        is_valid = call("greater", size.sql, 0)
        hashed = call("modulo", hashed, call("toUInt64", call("if", is_valid, size.sql, literal(None))))
        nullable = True
    return Lowered(call("toInt64", hashed), T.LONG, nullable)


def _digest(function: str) -> Spelling:
    """HASH-2: of the value's text, in lower-case hexadecimal digits."""

    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        del bound_call
        return as_text(call("lower", call("hex", call(function, arguments[0].sql))), T.STRING)

    return spell


SPELLINGS: dict[str, Spelling] = {
    "hash": _hash,
    "hash_md5": _digest("MD5"),
    "hash_sha1": _digest("SHA1"),
    "hash_sha256": _digest("SHA256"),
}
