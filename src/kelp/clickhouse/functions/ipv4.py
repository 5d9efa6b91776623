"""Functions over IPv4 addresses and ranges written as text (rules IP-1 to IP-6).

An address may carry a prefix length, `192.168.1.7/24`; it then stands for the first address of that range.
"""

from __future__ import annotations

import json
import re
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import text_search
from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.conversions import to_text
from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, or_else
from kelp.clickhouse.functions.terms import dynamic_texts
from kelp.clickhouse.functions.text_search import HAS, Comparison, Edge, find_text
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

BITS = 32
NO_LENGTH = 255
"""What stands for a prefix length that is none."""
_ALL_ONES = 2**BITS - 1
_PRIVATE_RANGES = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_OCTET = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_BESIDE = "(?:^|[^0-9A-Za-z])"
_PREFIX_COMPARISON = Comparison(Edge.SEPARATOR, Edge.ANYTHING, is_case_sensitive=False)


# --- numbers ---------------------------------------------------------------------------------------------------------


def read_range(text: str) -> tuple[int, int] | None:
    """Return the number of a constant address, as written, and its prefix length; None where it is none."""
    address, slash, length = text.partition("/")
    try:
        number = int(IPv4Address(address))
    except AddressValueError:
        return None
    if not slash:
        return number, BITS
    return (number, int(length)) if re.fullmatch("[0-9]{1,2}", length) and int(length) <= BITS else None


def mask_of(length: int) -> int:
    """Return the netmask of a prefix length."""
    ones: int = _ALL_ONES
    return (ones << (BITS - length)) & ones


def _address_part(text: SqlExpression) -> SqlExpression:
    return call("substringIndex", text, "/", 1)


def length_of(text: SqlExpression, bits: int) -> SqlExpression:
    """Return the prefix length written behind an address, all bits where none is, and `NO_LENGTH` for what is none.

    It is never NULL: a shift by NULL is not safe in the engine, which computes it all the same.
    """
    slash = call("position", text, "/")
    written = call(
        "ifNull", call("toUInt8OrNull", call("substring", text, call("plus", slash, 1))), NO_LENGTH
    )
    checked = call(
        "if", call("lessOrEquals", written, bits), call("toUInt8", written), call("toUInt8", NO_LENGTH)
    )
    return call("if", call("equals", slash, 0), call("toUInt8", bits), checked)


def valid_length(value: Lowered, bits: int) -> SqlExpression:
    """Return a prefix length given as an argument, `NO_LENGTH` where it is none."""
    given = or_else(value, literal(-1))
    is_valid = call("and", call("greaterOrEquals", given, 0), call("lessOrEquals", given, bits))
    return call("toUInt8", call("if", is_valid, given, NO_LENGTH))


def shortest_of(lengths: Sequence[SqlExpression]) -> SqlExpression:
    """Return the shortest prefix length; `NO_LENGTH` where one of them is none."""
    if len(lengths) == 1:
        return lengths[0]
    longest = SqlCall("greatest", tuple(lengths))
    return call(
        "if", call("equals", longest, NO_LENGTH), call("toUInt8", NO_LENGTH), SqlCall("least", tuple(lengths))
    )


def shift_of(length: SqlExpression, bits: int) -> SqlExpression:
    """Return how many bits lie beyond the prefix; none for what is no length."""
    return call("toUInt8", call("minus", bits, call("least", length, call("toUInt8", bits))))


def _number_part(text: SqlExpression) -> SqlExpression:
    return call("IPv4StringToNumOrNull", _address_part(text))


def _cut(number: SqlExpression, length: SqlExpression) -> SqlExpression:
    """Return the number without the bits beyond the prefix; NULL where the number or the length is none."""

    def spell(plain: SqlExpression, prefix: SqlExpression) -> SqlExpression:
        shift = shift_of(prefix, BITS)
        wide = call("toUInt64", call("ifNull", plain, 0))
        cut = call("bitShiftLeft", call("bitShiftRight", wide, shift), shift)
        is_valid = call("and", call("isNotNull", plain), call("lessOrEquals", prefix, BITS))
        return call("if", is_valid, call("toNullable", cut), literal(None))

    return bind_once((number, length), spell)


def number_of(value: SqlExpression) -> SqlExpression:
    """Return the number of an address, or of the first address of its range; NULL where it is none (IP-1)."""
    if isinstance(value, SqlLiteral) and isinstance(value.value, str):
        found = read_range(value.value)
        return literal(None) if found is None else call("toUInt64", found[0] & mask_of(found[1]))

    def read(text: SqlExpression) -> SqlExpression:
        plain = call("toUInt64", call("IPv4StringToNumOrNull", text))
        return call(
            "if",
            call("equals", call("position", text, "/"), 0),
            plain,
            _cut(_number_part(text), length_of(text, BITS)),
        )

    return bind_once((value,), read)


def _long(value: SqlExpression) -> Lowered:
    return Lowered(value, T.LONG, nullable=True)


def _parse(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _long(call("toInt64", number_of(arguments[0].sql)))


def _parse_mask(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    text, length = arguments

    def read(address: SqlExpression, own: SqlExpression) -> SqlExpression:
        return call("toInt64", _cut(_number_part(address), shortest_of([length_of(address, BITS), own])))

    return _long(bind_once((text.sql, valid_length(length, BITS)), read))


def _netmask_suffix(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def read(text: SqlExpression) -> SqlExpression:
        length = length_of(text, BITS)
        is_valid = call("and", call("isNotNull", _number_part(text)), call("lessOrEquals", length, BITS))
        return call("if", is_valid, call("toNullable", call("toInt64", length)), literal(None))

    return _long(bind_once((arguments[0].sql,), read))


def _format(with_mask: bool, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:  # noqa: FBT001 - bound by partial
    """IP-5: an address or its number; what is none, or a length that is none, gives the empty text."""
    value, *length = arguments
    lengths = [valid_length(length[0], BITS)] if length else []
    if value.type.is_numeric:
        given = or_else(value, literal(-1))
        in_range = call("and", call("greaterOrEquals", given, 0), call("lessOrEquals", given, _ALL_ONES))
        number: SqlExpression = call(
            "if", in_range, call("toNullable", call("toUInt64", given)), literal(None)
        )
        lengths.append(call("toUInt8", BITS))
    else:
        text = to_text(value)
        number = _number_part(text)
        lengths.append(length_of(text, BITS))

    def spell(plain: SqlExpression, prefix: SqlExpression) -> SqlExpression:
        address: SqlExpression = call("IPv4NumToString", call("toUInt32", _cut(plain, prefix)))
        if with_mask:
            address = call("concat", address, "/", call("toString", prefix))
        return call("ifNull", address, "")

    return as_text(bind_once((number, shortest_of(lengths)), spell), bound_call.type)


# --- ranges and comparison -------------------------------------------------------------------------------------------


def _is_in_constant(number: SqlExpression, ranges: Iterable[str]) -> SqlExpression:
    conditions: list[SqlExpression] = []
    for text in ranges:
        found = read_range(text)
        if found is None:
            continue
        first = found[0] & mask_of(found[1])
        last = first | (_ALL_ONES ^ mask_of(found[1]))
        if first == last:
            conditions.append(call("equals", number, first))
        else:
            conditions.append(
                call("and", call("greaterOrEquals", number, first), call("lessOrEquals", number, last))
            )
    if not conditions:
        return call("if", call("isNull", number), literal(None), literal(False))
    return conditions[0] if len(conditions) == 1 else SqlCall("or", tuple(conditions))


def _truth(value: SqlExpression) -> Lowered:
    return Lowered(value, T.BOOL, nullable=True)


def _is_private(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    number = number_of(arguments[0].sql)
    return _truth(bind_once((number,), lambda plain: _is_in_constant(plain, _PRIVATE_RANGES)))


def _is_in_computed(number: SqlExpression, text: SqlExpression) -> SqlExpression:
    def spell(address: SqlExpression, base: SqlExpression, length: SqlExpression) -> SqlExpression:
        return call("equals", _cut(address, length), _cut(base, length))

    return bind_once((number, _number_part(text), length_of(text, BITS)), spell)


def _is_in_range(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """IP-3: null where the address or the range is none."""
    del bound_call
    address, span = arguments
    constant = find_text(span)
    if constant is None:
        return _truth(bind_once((number_of(address.sql), span.sql), _is_in_computed))
    if read_range(constant) is None:
        return _truth(literal(None))
    return _truth(bind_once((number_of(address.sql),), lambda number: _is_in_constant(number, [constant])))


def constant_texts(values: Sequence[Lowered]) -> tuple[list[str], list[Lowered]]:
    """Part arguments into constant texts, those of constant arrays among them, and all others."""
    texts: list[str] = []
    others: list[Lowered] = []
    for value in values:
        constant = value.sql.value if isinstance(value.sql, SqlLiteral) else None
        listed = (
            json.loads(constant)
            if value.type is T.DYNAMIC and isinstance(constant, str) and constant
            else None
        )
        if isinstance(constant, str) and value.type is T.STRING:
            texts.append(constant)
        elif isinstance(listed, list):
            texts.extend(item for item in listed if isinstance(item, str))
        else:
            others.append(value)
    return texts, others


def all_texts(value: Lowered) -> SqlExpression:
    """Return the texts that an argument stands for, as an engine array."""
    return dynamic_texts(value.sql) if value.type is T.DYNAMIC else call("array", to_text(value))


def _is_in_any_range(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    address, *ranges = arguments
    texts, others = constant_texts(ranges)

    def spell(number: SqlExpression) -> SqlExpression:
        conditions = [_is_in_constant(number, texts)] if texts or not others else []
        for other in others:
            inside = call("ifNull", _is_in_computed(number, SqlColumn("", "r")), literal(False))
            found = call("arrayExists", SqlLambda(("r",), inside), all_texts(other))
            conditions.append(call("if", call("isNull", number), literal(None), found))
        return conditions[0] if len(conditions) == 1 else SqlCall("or", tuple(conditions))

    return _truth(bind_once((number_of(address.sql),), spell))


def _cut_pair(arguments: tuple[Lowered, ...]) -> tuple[SqlExpression, SqlExpression]:
    """Return both numbers without the bits beyond the shortest of the prefixes (IP-2)."""
    first, second, *length = arguments
    lengths = [length_of(value.sql, BITS) for value in (first, second)]
    shortest = shortest_of([*lengths, *(valid_length(value, BITS) for value in length)])
    return _cut(_number_part(first.sql), shortest), _cut(_number_part(second.sql), shortest)


def _compare(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def spell(left: SqlExpression, right: SqlExpression) -> SqlExpression:
        compared = call("multiIf", call("less", left, right), -1, call("equals", left, right), 0, 1)
        is_null = call("or", call("isNull", left), call("isNull", right))
        return call("if", is_null, literal(None), call("toInt64", compared))

    return _long(bind_once(_cut_pair(arguments), spell))


def _is_match(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _truth(call("equals", *_cut_pair(arguments)))


def _range_to_cidr_list(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """IP-6.

    The fewest ranges that cover the addresses from the first to the last, largest first where they begin.
    """
    del bound_call
    first, last = (call("toUInt64", call("IPv4StringToNumOrNull", argument.sql)) for argument in arguments)

    def spell(start: SqlExpression, stop: SqlExpression) -> SqlExpression:
        begin = call("tuple", call("assumeNotNull", start), call("emptyArrayString"))
        folded = call(
            "arrayFold",
            SqlLambda(("a", "i"), _next_range(call("assumeNotNull", stop))),
            call("range", 2 * BITS),
            begin,
        )
        listed = array_value(call("tupleElement", folded, 2), T.STRING).sql
        return call("if", call("ifNull", call("lessOrEquals", start, stop), literal(False)), listed, "")

    return as_text(bind_once((first, last), spell), T.DYNAMIC)


def _next_range(stop: SqlExpression) -> SqlExpression:
    """Return the state (next address, ranges so far) with the largest range that begins there and ends by `stop`."""
    state = SqlColumn("", "a")
    start = call("tupleElement", state, 1)
    ranges = call("tupleElement", state, 2)
    left = call("plus", call("minus", stop, start), 1)
    aligned = call(
        "if", call("equals", start, 0), BITS, call("bitCount", call("bitXor", start, call("minus", start, 1)))
    )
    zeros = call("if", call("equals", start, 0), aligned, call("minus", aligned, 1))
    bits = call("toUInt8", call("least", zeros, call("floor", call("log2", left))))
    text = call(
        "concat",
        call("IPv4NumToString", call("toUInt32", start)),
        "/",
        call("toString", call("minus", BITS, bits)),
    )
    following = call("toUInt64", call("plus", start, call("bitShiftLeft", call("toUInt64", 1), bits)))
    grown = call("tuple", following, call("arrayPushBack", ranges, text))
    return call("if", call("greater", start, stop), state, grown)


# --- addresses in text -----------------------------------------------------------------------------------------------


def _is_prefix(text: str) -> bool:
    octets = text.split(".")
    is_whole = read_range(text) is not None and "/" not in text
    return is_whole or (
        text.endswith(".")
        and 2 <= len(octets) <= 4
        and all(re.fullmatch("[0-9]{1,3}", octet) and int(octet) < 256 for octet in octets[:-1])
    )


def _octets_after(given: int) -> str:
    return rf"{_OCTET}(?:\.{_OCTET}){{{3 - given}}}(?:$|[^0-9A-Za-z])"


def _match_prefix(subject: Lowered, prefix: str) -> SqlExpression:
    """IP-4: a whole address that begins so, with neither letter nor digit beside it."""
    if not prefix.endswith("."):
        return text_search.match_needle(subject, prefix, HAS)
    pattern = _BESIDE + re.escape(prefix) + _octets_after(prefix.count("."))
    matched = call("match", subject.sql, pattern)
    narrowed = text_search.find_candidates(subject, prefix, _PREFIX_COMPARISON)
    return matched if narrowed is None else call("and", narrowed, matched)


def _has(is_prefix: bool, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:  # noqa: FBT001 - bound by partial
    subject, *needles = arguments
    texts, others = constant_texts(needles)
    conditions: list[SqlExpression] = []
    if is_prefix:
        conditions += [_match_prefix(subject, text) for text in dict.fromkeys(texts) if _is_prefix(text)]
    else:
        valid = [text for text in dict.fromkeys(texts) if read_range(text) is not None and "/" not in text]
        conditions += [text_search.match_any(subject, valid, HAS)] if valid else []
    for other in others:
        needle = SqlColumn("", "n")
        condition = _has_computed(subject.sql, needle, is_prefix=is_prefix)
        conditions.append(call("arrayExists", SqlLambda(("n",), condition), all_texts(other)))
    if not conditions:
        return Lowered(literal(False), bound_call.type, nullable=False)
    found = conditions[0] if len(conditions) == 1 else SqlCall("or", tuple(conditions))
    return Lowered(found, bound_call.type, nullable=False)


def _has_computed(subject: SqlExpression, needle: SqlExpression, *, is_prefix: bool) -> SqlExpression:
    is_address = call("isIPv4String", needle)
    whole = call("and", is_address, text_search.match_computed(subject, needle, HAS))
    if not is_prefix:
        return whole
    # As many octets must follow as the prefix lacks.
    patterns = [
        (
            call("match", needle, rf"^(?:{_OCTET}\.){{{given}}}$"),
            call("concat", _BESIDE, call("regexpQuoteMeta", needle), _octets_after(given)),
        )
        for given in (1, 2, 3)
    ]
    return SqlCall(
        "or",
        (whole, *(call("and", is_start, call("match", subject, pattern)) for is_start, pattern in patterns)),
    )


SPELLINGS: dict[str, Spelling] = {
    "parse_ipv4": _parse,
    "parse_ipv4_mask": _parse_mask,
    "format_ipv4": partial(_format, False),
    "format_ipv4_mask": partial(_format, True),
    "ipv4_is_private": _is_private,
    "ipv4_netmask_suffix": _netmask_suffix,
    "ipv4_compare": _compare,
    "ipv4_is_match": _is_match,
    "ipv4_is_in_range": _is_in_range,
    "ipv4_is_in_any_range": _is_in_any_range,
    "ipv4_range_to_cidr_list": _range_to_cidr_list,
    "has_ipv4": partial(_has, False),
    "has_any_ipv4": partial(_has, False),
    "has_ipv4_prefix": partial(_has, True),
    "has_any_ipv4_prefix": partial(_has, True),
}
