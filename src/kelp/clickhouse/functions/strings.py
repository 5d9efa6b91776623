"""Functions over text (rules STR-1 to STR-9)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import text_search
from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.conversions import to_text
from kelp.clickhouse.functions.json_text import NULL, bind_once, json_elements, plain_text
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, or_else
from kelp.clickhouse.functions.terms import dynamic_elements
from kelp.clickhouse.functions.text_search import HAS, find_text
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

MAX_REPETITIONS = 1024
MAX_PRECISION = 15
MAX_LENGTH = 2**40
"""More characters than any text has."""
MAX_CODE_POINT = 0x10FFFF
_HALF_PAIRS = 0x1B
"""The upper bits of the code points that are halves of a UTF-16 pair, and no characters."""
_PLACEHOLDERS = 0xF0000
"""The first private character: what a text is marked with while it is being replaced."""
_BYTE_UNITS = ("Bytes", "KB", "MB", "GB", "TB", "PB", "EB")


def find_integer(value: Lowered) -> int | None:
    """Return a constant integer, which is lowered to `toInt64(n)`; None for anything else."""
    inner = value.sql
    if isinstance(inner, SqlCall) and inner.function in ("toInt64", "toInt32"):
        (inner,) = inner.arguments
    if isinstance(inner, SqlLiteral) and isinstance(inner.value, int) and not isinstance(inner.value, bool):
        return inner.value
    return None


def _long(value: SqlExpression) -> Lowered:
    return Lowered(call("toInt64", value), T.LONG, nullable=False)


def _bool(value: SqlExpression) -> Lowered:
    return Lowered(value, T.BOOL, nullable=False)


def _text_function(function: str) -> Spelling:
    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        del bound_call
        return as_text(call(function, arguments[0].sql), T.STRING)

    return spell


def _length_function(function: str) -> Spelling:
    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        del bound_call
        return _long(call(function, arguments[0].sql))

    return spell


# --- making texts ----------------------------------------------------------------------------------------------------


def _strcat(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    texts = tuple(to_text(argument) for argument in arguments)
    return as_text(texts[0] if len(texts) == 1 else SqlCall("concat", texts), bound_call.type)


def _strcat_delim(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    delimiter, *parts = arguments
    listed = SqlCall("array", tuple(part.sql for part in parts))
    if find_text(delimiter) is not None:
        return as_text(call("arrayStringConcat", listed, delimiter.sql), bound_call.type)
    spaced = [piece for part in parts for piece in (delimiter.sql, part.sql)]
    return as_text(call("concat", "", *spaced[1:]), bound_call.type)


def _strrep(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-4: at most 1024 times; less than once gives the empty text."""
    value, times, *delimiter = arguments
    count = call("least", call("greatest", or_else(times, literal(0)), 0), MAX_REPETITIONS)
    if not delimiter:
        return as_text(call("repeat", value.sql, count), bound_call.type)

    def repeated(text: SqlExpression, between: SqlExpression, number: SqlExpression) -> SqlExpression:
        unit = call("concat", between, text)
        return call("substring", call("repeat", unit, number), call("plus", call("length", between), 1))

    return as_text(bind_once((value.sql, delimiter[0].sql, count), repeated), bound_call.type)


def _substring(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-1: characters count from 0; a start below zero counts from the end."""
    subject, start, *length = arguments
    cut = _cut_start(subject.sql, start)
    if not length:
        return as_text(cut, bound_call.type)
    taken = find_integer(length[0])
    if taken is not None:
        return as_text(_take_left(subject.sql, start, cut, literal(max(taken, 0))), bound_call.type)
    count = call("greatest", or_else(length[0], literal(0)), 0)
    return as_text(call("leftUTF8", cut, count), bound_call.type)


def _cut_start(text: SqlExpression, start: Lowered) -> SqlExpression:
    index = find_integer(start)
    if index is not None:
        index = max(min(index, MAX_LENGTH), -MAX_LENGTH)
        if index == 0:
            return text
        return call("substringUTF8", text, index + 1) if index > 0 else call("rightUTF8", text, -index)

    def cut(whole: SqlExpression, first: SqlExpression) -> SqlExpression:
        from_start = call("substringUTF8", whole, call("plus", call("least", first, MAX_LENGTH), 1))
        return call("if", call("less", first, 0), call("rightUTF8", whole, call("negate", first)), from_start)

    return bind_once((text, or_else(start, literal(0))), cut)


def _take_left(text: SqlExpression, start: Lowered, cut: SqlExpression, count: SqlLiteral) -> SqlExpression:
    index = find_integer(start)
    if index is not None and index > 0:
        return call("substringUTF8", text, min(index, MAX_LENGTH) + 1, count)
    return call("leftUTF8", cut, count)


def _split(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-2: an empty delimiter does not split.

    With an index an array of that part alone, null where there is none.
    """
    subject, delimiter, *index = arguments
    constant = find_text(delimiter)
    if constant == "":
        parts: SqlExpression = call("array", subject.sql)
    elif constant is not None:
        parts = call("splitByString", delimiter.sql, subject.sql)
    else:
        parts = bind_once((subject.sql, delimiter.sql), _split_computed)
    if not index:
        return array_value(parts, T.STRING)
    position = call("plus", or_else(index[0], literal(-1)), 1)

    def pick(texts: SqlExpression, place: SqlExpression) -> SqlExpression:
        exists = call("and", call("greater", place, 0), call("lessOrEquals", place, call("length", texts)))
        part = array_value(call("array", call("arrayElement", texts, place)), T.STRING).sql
        return call("if", exists, part, "")

    return as_text(bind_once((parts, position), pick), bound_call.type)


def _split_computed(text: SqlExpression, delimiter: SqlExpression) -> SqlExpression:
    """The engine splits by constants only: mark the places, then split by the mark."""
    mark = chr(_PLACEHOLDERS)
    marked = call("splitByString", mark, call("replaceAll", text, delimiter, mark))
    return call("if", call("empty", delimiter), call("array", text), marked)


# --- looking into texts ----------------------------------------------------------------------------------------------


def window_of(text: SqlExpression, window: Sequence[Lowered]) -> SqlExpression:
    """Return the part of the text that `start` and `length` name, which count characters; -1 is no limit."""
    if not window:
        return text
    searched = _cut_start(text, window[0])
    return searched if len(window) == 1 else _limited(searched, window[1])


def _limited(text: SqlExpression, length: Lowered) -> SqlExpression:
    limit = find_integer(length)
    if limit is not None:
        return text if limit < 0 else call("leftUTF8", text, limit)

    def cut(part: SqlExpression, number: SqlExpression) -> SqlExpression:
        return call("if", call("less", number, 0), part, call("leftUTF8", part, call("greatest", number, 0)))

    return bind_once((text, or_else(length, literal(0))), cut)


def _indexof(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-3: characters count from 0; -1 where there is none."""
    subject, sought, *window = arguments
    if not window:
        return _long(call("minus", call("toInt64", call("positionUTF8", subject.sql, sought.sql)), 1))
    start, length, occurrence = (window[i] if i < len(window) else None for i in range(3))
    assert start is not None
    found = bind_once(
        (subject.sql, sought.sql, _offset(subject.sql, start)),
        lambda text, needle, shift: _find_from(text, needle, shift, length, occurrence),
    )
    limits = [(part, low) for part, low in ((length, -1), (occurrence, 0)) if part is not None]
    if all((constant := find_integer(part)) is not None and constant >= low for part, low in limits):
        return Lowered(found, bound_call.type, nullable=False)
    invalid = [call("less", or_else(part, literal(-2)), low) for part, low in limits]
    condition = invalid[0] if len(invalid) == 1 else call("or", *invalid)
    return Lowered(call("if", condition, literal(None), found), bound_call.type, nullable=True)


def _find_from(
    text: SqlExpression,
    needle: SqlExpression,
    shift: SqlExpression,
    length: Lowered | None,
    occurrence: Lowered | None,
) -> SqlExpression:
    searched = call("substringUTF8", text, call("plus", shift, 1))
    limit = literal(-1) if length is None else or_else(length, literal(-1))
    if occurrence is None or find_integer(occurrence) == 1:
        within = searched if length is None else _limited(searched, length)
        place: SqlExpression = call("minus", call("toInt64", call("positionUTF8", within, needle)), 1)
    else:
        place = _nth_place(searched, needle, limit, or_else(occurrence, literal(1)))
    return bind_once(
        (place, shift), lambda p, s: call("if", call("less", p, 0), call("toInt64", -1), call("plus", p, s))
    )


def _offset(text: SqlExpression, start: Lowered) -> SqlExpression:
    index = find_integer(start)
    if index is not None and index >= 0:
        return call("toInt64", index)

    def offset(first: SqlExpression, size: SqlExpression) -> SqlExpression:
        return call("if", call("less", first, 0), call("greatest", call("plus", size, first), 0), first)

    return bind_once((or_else(start, literal(0)), call("toInt64", call("lengthUTF8", text))), offset)


def _nth_place(
    text: SqlExpression, needle: SqlExpression, limit: SqlExpression, number: SqlExpression
) -> SqlExpression:
    """Return where the n-th occurrence starts, from 0; -1 where there is none.

    The search for each goes on behind the one before, and looks at `limit` characters again.
    """
    mark = chr(_PLACEHOLDERS)
    parts = call("splitByString", mark, call("replaceAll", text, needle, mark))

    def place(
        pieces: SqlExpression, sought: SqlExpression, most: SqlExpression, count: SqlExpression
    ) -> SqlExpression:
        size = call("toInt64", call("lengthUTF8", sought))
        before = call("arraySlice", pieces, 1, count)
        skipped = call("lengthUTF8", call("arrayStringConcat", before))
        start = call("plus", skipped, call("multiply", call("minus", count, 1), size))
        fits = call("lessOrEquals", call("plus", call("lengthUTF8", SqlColumn("", "p")), size), most)
        in_reach = call("or", call("less", most, 0), call("arrayAll", SqlLambda(("p",), fits), before))
        exists = call(
            "and", call("greater", count, 0), call("greater", call("length", pieces), count), in_reach
        )
        found = call("if", call("empty", sought), call("toInt64", 0), call("toInt64", start))
        is_there = call("or", exists, call("and", call("empty", sought), call("greater", count, 0)))
        return call("if", is_there, found, call("toInt64", -1))

    return bind_once((parts, needle, limit, number), place)


def _countof(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-5: plain matches may overlap, those of a regular expression do not."""
    from kelp.clickhouse.functions.regular_expressions import read_pattern, with_pattern  # noqa: PLC0415

    subject, sought, *kind = arguments
    mode = find_text(kind[0]) if kind else "normal"
    constant = find_text(sought)
    if mode == "regex":
        if constant is None:
            raise refusal(
                WRONG_ARGUMENTS, "the regular expression of 'countof' must be a constant", bound_call.span
            )
        forms = read_pattern(constant, bound_call.span).print()
        return _long(with_pattern(subject.sql, forms, lambda text, form: call("countMatches", text, form)))
    if mode != "normal":
        raise refusal(WRONG_ARGUMENTS, 'the kind of \'countof\' is "normal" or "regex"', bound_call.span)
    if constant is not None and not _overlaps_itself(constant):
        return _long(call("countSubstrings", subject.sql, sought.sql))

    def count(text: SqlExpression, needle: SqlExpression) -> SqlExpression:
        here = call("startsWith", call("substring", text, SqlColumn("", "i")), needle)
        places = call("range", 1, call("plus", call("length", text), 1))
        return call("if", call("empty", needle), 0, call("arrayCount", SqlLambda(("i",), here), places))

    return _long(bind_once((subject.sql, sought.sql), count))


def _overlaps_itself(needle: str) -> bool:
    return any(needle.startswith(needle[start:]) for start in range(1, len(needle)))


def _has_any_index(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-6: the position of the first value that is in the text as `has` means it, or -1."""
    del bound_call
    subject, values = arguments
    needles = _constant_texts(values)
    if needles is None:
        element = SqlColumn("", "needle")
        found = text_search.match_computed(subject.sql, plain_text(element), HAS)
        condition = call("and", call("notEquals", element, NULL), found)
        place = call("arrayFirstIndex", SqlLambda(("needle",), condition), dynamic_elements(values.sql))
        return _long(call("minus", call("toInt64", place), 1))
    pairs = [
        part
        for index, needle in enumerate(needles)
        if needle is not None
        for part in (text_search.match_needle(subject, needle, HAS), literal(index))
    ]
    if not pairs:
        return _long(literal(-1))
    return _long(SqlCall("multiIf", (*pairs, literal(-1))))


def _constant_texts(value: Lowered) -> list[str | None] | None:
    """Return the texts of a constant dynamic array, other elements as their JSON, and None for null."""
    if not isinstance(value.sql, SqlLiteral) or not isinstance(value.sql.value, str):
        return None
    try:
        items = json.loads(value.sql.value or "[]")
    except ValueError:
        return None
    if not isinstance(items, list):
        return None
    return [item if item is None or isinstance(item, str) else json.dumps(item) for item in items]


def _isempty(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    if value.type in (T.STRING, T.DYNAMIC):
        return Lowered(call("empty", to_text(value)), bound_call.type, nullable=False)
    return Lowered(
        call("isNull", value.sql) if value.nullable else literal(False), bound_call.type, nullable=False
    )


def _isnotempty(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    if value.type in (T.STRING, T.DYNAMIC):
        return Lowered(call("notEmpty", to_text(value)), bound_call.type, nullable=False)
    return Lowered(
        call("isNotNull", value.sql) if value.nullable else literal(True), bound_call.type, nullable=False
    )


def _strcmp(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    left, right = (argument.sql for argument in arguments)
    return _long(call("multiIf", call("less", left, right), -1, call("equals", left, right), 0, 1))


def _isascii(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _bool(call("isValidASCII", arguments[0].sql))


def _isutf8(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return _bool(call("notEquals", call("isValidUTF8", arguments[0].sql), 0))


# --- changing texts --------------------------------------------------------------------------------------------------


def _replace_string(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return as_text(SqlCall("replaceAll", tuple(argument.sql for argument in arguments)), bound_call.type)


def _replace_strings(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-7: in the order of the lookups; what was replaced is not looked at again.

    Each match is marked with a private character first, and the marks are replaced in the end.
    """
    subject, lookups, rewrites = arguments
    sought, given = (json_elements(value.sql) for value in (lookups, rewrites))

    def replace_all(text: SqlExpression, wanted: SqlExpression, replacements: SqlExpression) -> SqlExpression:
        numbers = call("arrayEnumerate", wanted)
        marked = call("arrayFold", SqlLambda(("t", "w", "i"), _mark_one()), wanted, numbers, text)
        return call(
            "arrayFold", SqlLambda(("t", "w", "i"), _unmark_one(replacements)), wanted, numbers, marked
        )

    return as_text(bind_once((subject.sql, sought, given), replace_all), bound_call.type)


def _mark_of(index: SqlExpression) -> SqlExpression:
    code = call("toString", call("plus", index, _PLACEHOLDERS))
    return call("decodeXMLComponent", call("concat", "&#", code, ";"))


def _mark_one() -> SqlExpression:
    text, wanted, index = (SqlColumn("", name) for name in ("t", "w", "i"))
    replaced = call("replaceAll", text, call("JSONExtractString", wanted), _mark_of(index))
    return call("if", call("startsWith", wanted, '"'), replaced, text)


def _unmark_one(replacements: SqlExpression) -> SqlExpression:
    text, wanted, index = (SqlColumn("", name) for name in ("t", "w", "i"))
    given = call("arrayElement", replacements, index)
    chosen = call(
        "if",
        call("startsWith", given, '"'),
        call("JSONExtractString", given),
        call("JSONExtractString", wanted),
    )
    return call("replaceAll", text, _mark_of(index), chosen)


def _translate(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-8: a replacement list that is too short is filled up with its last character.

    An empty one removes.
    """
    sought, given, subject = arguments
    source, target = find_text(sought), find_text(given)
    if source is None or target is None:
        raise refusal(WRONG_ARGUMENTS, "the lists of 'translate' must be constants", bound_call.span)
    pairs = dict(
        reversed([(c, target[min(i, len(target) - 1)] if target else "") for i, c in enumerate(source)])
    )
    removed = "".join(c for c, replacement in pairs.items() if not replacement)
    text = subject.sql
    if removed:
        text = call("translateUTF8", text, removed, "")
    elif pairs:
        text = call("translateUTF8", text, "".join(pairs), "".join(pairs.values()))
    return as_text(text, bound_call.type)


# --- code points and sizes -------------------------------------------------------------------------------------------


def _codepoints_from_string(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call

    def codes(wide: SqlExpression) -> SqlExpression:
        start = call("plus", call("multiply", SqlColumn("", "i"), 4), 1)
        code = call("toInt64", call("reinterpretAsUInt32", call("substring", wide, start, 4)))
        return call(
            "arrayMap", SqlLambda(("i",), code), call("range", call("intDiv", call("length", wide), 4))
        )

    wide = call("convertCharset", arguments[0].sql, "UTF-8", "UTF-32LE")
    return array_value(bind_once((wide,), codes), T.LONG)


def _codepoints_to_string(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """STR-9: an argument that is no code point makes the whole text empty."""
    lists: list[SqlExpression] = []
    for argument in arguments:
        if argument.type is T.DYNAMIC:
            lists.append(call("JSONExtract", argument.sql, "Array(Nullable(Int64))"))
        elif argument.type in (T.INT, T.LONG):
            lists.append(call("array", call("toNullable", call("toInt64", argument.sql))))
        else:
            message = f"'unicode_codepoints_to_string' takes integers and arrays of them, not {argument.type}"
            raise refusal(WRONG_ARGUMENTS, message, bound_call.span)
    codes = lists[0] if len(lists) == 1 else SqlCall("arrayConcat", tuple(lists))
    code = SqlColumn("", "c")
    character = call("decodeXMLComponent", call("concat", "&#", call("toString", code), ";"))
    in_range = call("and", call("greater", code, 0), call("lessOrEquals", code, MAX_CODE_POINT))
    is_half = call("equals", call("bitShiftRight", code, 11), _HALF_PAIRS)
    is_valid = call("ifNull", call("and", in_range, call("not", is_half)), literal(False))

    def join(values: SqlExpression) -> SqlExpression:
        characters = call("arrayMap", SqlLambda(("c",), call("ifNull", character, "")), values)
        text = call("arrayStringConcat", characters)
        return call("if", call("arrayAll", SqlLambda(("c",), is_valid), values), text, "")

    return as_text(bind_once((codes,), join), bound_call.type)


def _format_bytes(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The size in the largest unit that leaves at least one of it, or in the unit asked for, of 1024 each."""
    size, *rest = arguments
    given = find_integer(rest[0]) if rest else 0
    unit = find_text(rest[1]) if len(rest) > 1 else ""
    if given is None or unit is None or (unit and unit.lower() not in {name.lower() for name in _BYTE_UNITS}):
        message = f"'format_bytes' takes a constant precision and one of the units {', '.join(_BYTE_UNITS)}"
        raise refusal(WRONG_ARGUMENTS, message, bound_call.span)
    precision = min(max(given, 0), MAX_PRECISION)
    chosen = [i for i, name in enumerate(_BYTE_UNITS) if name.lower() == unit.lower()]

    def spelled(bytes_: SqlExpression, index: int) -> SqlExpression:
        amount = call("round", call("divide", bytes_, 1024.0**index), precision)
        return call("concat", call("toString", amount), f" {_BYTE_UNITS[index]}")

    def choose(bytes_: SqlExpression) -> SqlExpression:
        if chosen:
            return spelled(bytes_, chosen[0])
        parts: list[SqlExpression] = []
        for index in range(len(_BYTE_UNITS) - 1):
            parts += [call("less", call("abs", bytes_), 1024.0 ** (index + 1)), spelled(bytes_, index)]
        return SqlCall("multiIf", (*parts, spelled(bytes_, len(_BYTE_UNITS) - 1)))

    text = bind_once((call("toFloat64", size.sql),), choose)
    return as_text(call("ifNull", text, "") if size.nullable else text, bound_call.type)


SPELLINGS: dict[str, Spelling] = {
    "strlen": _length_function("lengthUTF8"),
    "string_size": _length_function("length"),
    "tolower": _text_function("lowerUTF8"),
    "toupper": _text_function("upperUTF8"),
    "reverse": _text_function("reverseUTF8"),
    "strcat": _strcat,
    "strcat_delim": _strcat_delim,
    "strrep": _strrep,
    "strcmp": _strcmp,
    "substring": _substring,
    "split": _split,
    "indexof": _indexof,
    "countof": _countof,
    "replace_string": _replace_string,
    "replace_strings": _replace_strings,
    "translate": _translate,
    "has_any_index": _has_any_index,
    "isempty": _isempty,
    "isnotempty": _isnotempty,
    "isascii": _isascii,
    "isutf8": _isutf8,
    "unicode_codepoints_from_string": _codepoints_from_string,
    "unicode_codepoints_to_string": _codepoints_to_string,
    "format_bytes": _format_bytes,
}
