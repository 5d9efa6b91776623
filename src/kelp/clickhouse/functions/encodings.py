"""Base64 and percent-encoding (rules ENC-1 to ENC-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.hashes import MICROSOFT_ORDER
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.sql import SqlCast, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

GUID_BYTES = 16
_LEFT_ALONE = {"%21": "!", "%2A": "*", "%28": "(", "%29": ")", "~": "%7E"}
"""Where the engine and KQL differ on what needs no encoding."""


# --- base64 ----------------------------------------------------------------------------------------------------------


def _encode_text(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return as_text(call("base64Encode", arguments[0].sql), bound_call.type)


def _encode_array(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ENC-2: an item that is no byte makes the whole text empty."""
    item = SqlColumn("", "b")
    is_byte = call(
        "ifNull", call("and", call("greaterOrEquals", item, 0), call("less", item, 256)), literal(False)
    )

    def encode(items: SqlExpression) -> SqlExpression:
        character = call("char", call("toUInt8", call("ifNull", item, 0)))
        joined = call("arrayStringConcat", call("arrayMap", SqlLambda(("b",), character), items))
        is_valid = call("arrayAll", SqlLambda(("b",), is_byte), items)
        return call("if", is_valid, call("base64Encode", joined), "")

    items = call("JSONExtract", arguments[0].sql, "Array(Nullable(Int64))")
    return as_text(bind_once((items,), encode), bound_call.type)


def _encode_guid(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (guid,) = arguments
    text = call("base64Encode", call("UUIDStringToNum", call("toString", guid.sql), MICROSOFT_ORDER))
    return as_text(call("ifNull", text, "") if guid.nullable else text, bound_call.type)


def _decode_text(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ENC-1: what is no base64, or no UTF-8 inside, gives the empty text."""

    def check(bytes_: SqlExpression) -> SqlExpression:
        return call("if", call("isValidUTF8", bytes_), bytes_, "")

    return as_text(bind_once((call("tryBase64Decode", arguments[0].sql),), check), bound_call.type)


def _decode_array(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    code = call("toInt64", call("reinterpretAsUInt8", SqlColumn("", "c")))
    characters = call("splitByString", "", call("tryBase64Decode", arguments[0].sql))
    return array_value(call("arrayMap", SqlLambda(("c",), code), characters), T.LONG)


def _decode_guid(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """ENC-3: the bytes of a GUID are ordered as .NET orders them; null unless there are 16."""

    def read(bytes_: SqlExpression) -> SqlExpression:
        fixed = call("toFixedString", call("if", _is_guid(bytes_), bytes_, "0" * GUID_BYTES), GUID_BYTES)
        guid = call("toUUID", call("UUIDNumToString", fixed, MICROSOFT_ORDER))
        return call("if", _is_guid(bytes_), guid, SqlCast(literal(None), "Nullable(UUID)"))

    decoded = call("tryBase64Decode", arguments[0].sql)
    return Lowered(bind_once((decoded,), read), bound_call.type, nullable=True)


def _is_guid(bytes_: SqlExpression) -> SqlExpression:
    return call("equals", call("length", bytes_), GUID_BYTES)


# --- percent-encoding ------------------------------------------------------------------------------------------------


def _percent_encode(function: str) -> Spelling:
    """ENC-4: hexadecimal digits are lower case, and `! * ( )` stay as they are."""

    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        text: SqlExpression = call(function, arguments[0].sql)
        for encoded, plain in _LEFT_ALONE.items():
            text = call("replaceAll", text, encoded, plain)
        part = SqlColumn("", "p")
        lowered = call("concat", call("lower", call("substring", part, 1, 2)), call("substring", part, 3))

        def join(parts: SqlExpression) -> SqlExpression:
            changed = call("arrayMap", SqlLambda(("p",), lowered), call("arraySlice", parts, 2))
            first = call("arrayElement", parts, 1)
            return call("arrayStringConcat", call("arrayPushFront", changed, first), "%")

        return as_text(bind_once((call("splitByString", "%", text),), join), bound_call.type)

    return spell


def _url_decode(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return as_text(call("decodeURLFormComponent", arguments[0].sql), bound_call.type)


SPELLINGS: dict[str, Spelling] = {
    "base64_encode_tostring": _encode_text,
    "base64_encode_fromarray": _encode_array,
    "base64_encode_fromguid": _encode_guid,
    "base64_decode_tostring": _decode_text,
    "base64_decode_toarray": _decode_array,
    "base64_decode_toguid": _decode_guid,
    "url_encode": _percent_encode("encodeURLFormComponent"),
    "url_encode_component": _percent_encode("encodeURLComponent"),
    "url_decode": _url_decode,
}
