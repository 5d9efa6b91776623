"""Functions over IPv6 addresses and ranges written as text (rules IP-1 to IP-3).

An IPv4 address is the IPv6 address it maps to, `::ffff:a.b.c.d`; its prefix length then counts from bit 96.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.ipv4 import all_texts, length_of, shift_of, shortest_of, valid_length
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

BITS = 128
IPV4_BITS = 32
_MAPPED_BITS = 96
_DOTTED = r"^(?:::)?[0-9]{1,3}\."


def _address(text: SqlExpression) -> SqlExpression:
    """Return the 128 bits of an address; NULL where it is none."""
    written = call("substringIndex", text, "/", 1)
    is_dotted = call("match", written, _DOTTED)
    mapped = call("if", is_dotted, call("concat", "::ffff:", call("replaceOne", written, "::", "")), written)
    return call("reinterpretAsUInt128", call("reverse", call("IPv6StringToNumOrNull", mapped)))


def _length(text: SqlExpression) -> SqlExpression:
    own = length_of(text, BITS)
    is_short = call("and", call("match", text, _DOTTED), call("greater", call("position", text, "/"), 0))
    is_mapped = call("and", is_short, call("lessOrEquals", own, IPV4_BITS))
    return call("if", is_mapped, call("toUInt8", call("plus", own, _MAPPED_BITS)), own)


def _cut(address: SqlExpression, length: SqlExpression) -> SqlExpression:
    """Return the address without the bits beyond the prefix; NULL where the address or the length is none."""

    def spell(bits: SqlExpression, prefix: SqlExpression) -> SqlExpression:
        shift = shift_of(prefix, BITS)
        plain = call("ifNull", bits, call("toUInt128", 0))
        cut = call("bitShiftLeft", call("bitShiftRight", plain, shift), shift)
        is_valid = call("and", call("isNotNull", bits), call("lessOrEquals", prefix, BITS))
        return call("if", is_valid, call("toNullable", cut), literal(None))

    return bind_once((address, length), spell)


def _canonical(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Return all eight groups of four digits; what is no address gives the empty text."""
    text, *limit = arguments

    def spell(written: SqlExpression) -> SqlExpression:
        length = shortest_of([_length(written), *(valid_length(value, BITS) for value in limit)])
        digits = call("leftPad", call("lower", call("hex", _cut(_address(written), length))), BITS // 4, "0")
        return call("arrayStringConcat", call("extractAll", call("ifNull", digits, ""), ".{4}"), ":")

    return as_text(bind_once((text.sql,), spell), bound_call.type)


def _cut_pair(arguments: tuple[Lowered, ...]) -> tuple[SqlExpression, SqlExpression]:
    first, second, *length = arguments
    lengths = [_length(first.sql), _length(second.sql), *(valid_length(value, BITS) for value in length)]
    shortest = shortest_of(lengths)
    return _cut(_address(first.sql), shortest), _cut(_address(second.sql), shortest)


def _compare(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def spell(left: SqlExpression, right: SqlExpression) -> SqlExpression:
        compared = call("multiIf", call("less", left, right), -1, call("equals", left, right), 0, 1)
        is_null = call("or", call("isNull", left), call("isNull", right))
        return call("if", is_null, literal(None), call("toInt64", compared))

    return Lowered(bind_once(_cut_pair(arguments), spell), bound_call.type, nullable=True)


def _is_match(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(call("equals", *_cut_pair(arguments)), bound_call.type, nullable=True)


def _is_inside(address: SqlExpression, text: SqlExpression) -> SqlExpression:
    length = _length(text)
    return call("equals", _cut(address, length), _cut(_address(text), length))


def _is_in_range(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    address, span = arguments
    return Lowered(bind_once((_address(address.sql), span.sql), _is_inside), bound_call.type, nullable=True)


def _is_in_any_range(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    address, *ranges = arguments
    texts = tuple(all_texts(value) for value in ranges)
    listed = texts[0] if len(texts) == 1 else SqlCall("arrayConcat", texts)

    def spell(bits: SqlExpression, candidates: SqlExpression) -> SqlExpression:
        inside = call("ifNull", _is_inside(bits, SqlColumn("", "r")), literal(False))
        found = call("arrayExists", SqlLambda(("r",), inside), candidates)
        return call("if", call("isNull", bits), literal(None), found)

    return Lowered(bind_once((_address(address.sql), listed), spell), bound_call.type, nullable=True)


SPELLINGS: dict[str, Spelling] = {
    "parse_ipv6": _canonical,
    "parse_ipv6_mask": _canonical,
    "ipv6_compare": _compare,
    "ipv6_is_match": _is_match,
    "ipv6_is_in_range": _is_in_range,
    "ipv6_is_in_any_range": _is_in_any_range,
}
