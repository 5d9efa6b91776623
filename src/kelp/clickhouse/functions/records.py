"""Functions that only Kelp itself calls, while it reads records. No text can name them.

Records are read as texts: what a JSON string says, or the JSON text of any other value; null is the empty text.
"""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal
from kelp.clickhouse.sql import SqlLiteral
from kelp.clickhouse.types import expression_type
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_TEXTS = frozenset({ScalarType.STRING, ScalarType.DYNAMIC})


def _does_not_fit(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Whether there is a text, and it did not convert to the value."""
    return Lowered(_is_unfit(*arguments), bound_call.type, nullable=False)


def _require_fit(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The value; fails the statement where there is a text that did not convert to it."""
    value = arguments[1]
    checked = call("if", call("throwIf", _is_unfit(*arguments)), literal(None), value.sql)
    return Lowered(checked, bound_call.type, nullable=True)


def _is_unfit(text: Lowered, value: Lowered) -> SqlExpression:
    return call("and", call("isNull", value.sql), call("notEmpty", text.sql))


def _whole_number(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The integer that was read from the text, or that the text writes as a real without fraction: `5.0`, `1e3`."""
    text, integer = arguments
    real = call("accurateCastOrNull", call("toFloat64OrNull", text.sql), _bare_type(bound_call))
    return Lowered(call("if", call("isNull", integer.sql), real, integer.sql), bound_call.type, nullable=True)


def _bare_type(bound_call: Call) -> str:
    return expression_type(bound_call.type).removeprefix("Nullable(").removesuffix(")")


def _plain_value(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The value that the text writes in the usual way; null for any other way, and for what is no value.

    Nothing is known yet of a time whose text has no hyphen after the year: see `_require_fits`.
    """
    (text,), kind = arguments, bound_call.type
    match kind:
        case ScalarType.DYNAMIC:
            return Lowered(text.sql, kind, nullable=False)
        case ScalarType.DATETIME:
            value = call("parseDateTime64BestEffortOrNull", text.sql, 7, "UTC")
        case ScalarType.INT | ScalarType.LONG:
            bare = _bare_type(bound_call)
            real = call("accurateCastOrNull", call("toFloat64OrNull", text.sql), bare)
            value = call("coalesce", call(f"to{bare}OrNull", text.sql), real)
        case ScalarType.REAL:
            value = call("toFloat64OrNull", text.sql)
        case ScalarType.GUID:
            value = call("toUUIDOrNull", text.sql)
        case _:
            is_true, is_false = (call("equals", text.sql, word) for word in ("true", "false"))
            value = call("multiIf", is_true, literal(True), is_false, literal(False), literal(None))
    return Lowered(value, kind, nullable=True)


def _require_fits(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """True; fails the statement where a text has no plain value. Arguments are values and their texts in turn.

    There are as many nulls as empty texts if all fit. The engine takes longer to understand checks than to make them,
    so there is one for all columns of a type. Of a dynamic scalar the text does not tell a string from a number.
    """
    pairs = list(zip(arguments[::2], arguments[1::2], strict=True))
    nulls: list[SqlExpression] = []
    for kind in sorted({value.type for value, _ in pairs} - _TEXTS):
        values = call("array", *(value.sql for value, _ in pairs if value.type is kind))
        nulls.append(call("countEqual", values, literal(None)))
    conditions: list[SqlExpression] = []
    if nulls:
        texts = call("array", *(text.sql for value, text in pairs if value.type not in _TEXTS))
        conditions.append(call("equals", reduce(_plus, nulls), call("countEqual", texts, "")))
    for kind, position, allowed in (
        (ScalarType.DATETIME, 5, ["-", ""]),
        (ScalarType.DYNAMIC, 1, ["{", "[", ""]),
    ):
        marks = [call("substring", text.sql, position, 1) for value, text in pairs if value.type is kind]
        if marks:
            conditions.append(call("hasAll", call("array", *map(literal, allowed)), call("array", *marks)))
    fits = call("and", *conditions) if len(conditions) > 1 else conditions[0]
    return Lowered(call("not", call("throwIf", call("not", fits))), bound_call.type, nullable=False)


def _plus(left: SqlExpression, right: SqlExpression) -> SqlExpression:
    return call("plus", left, right)


def _billed_size(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """What the values count for: a text its bytes, any other value eight, null nothing."""
    texts, others = _split(arguments)
    sizes = [_size_of(texts)] if texts else []
    sizes += [call("if", call("isNull", one.sql), 0, 8) if one.nullable else literal(8) for one in others]
    total = reduce(_plus, sizes) if sizes else literal(0)
    return Lowered(call("toFloat64", total), bound_call.type, nullable=False)


def _require_size(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The last argument's value; fails the statement where the texts before it have more bytes than the first says.

    The engine takes longer to understand a check of each text than to make it, so it is one for all of them.
    """
    limit, *values, result = arguments
    texts, _ = _split(values)
    if not texts:
        return result
    is_large = call("greater", _size_of(texts), limit.sql)
    checked = call("if", call("throwIf", is_large), literal(0), result.sql)
    return Lowered(checked, bound_call.type, nullable=False)


def _split(values: Iterable[Lowered]) -> tuple[list[Lowered], list[Lowered]]:
    """Return the texts that are no constants, and all values that are no texts."""
    texts = [one for one in values if one.type in _TEXTS and not isinstance(one.sql, SqlLiteral)]
    return texts, [one for one in values if one.type not in _TEXTS]


def _size_of(texts: list[Lowered]) -> SqlExpression:
    """The bytes of all texts together; the engine adds eight to each for its place in memory."""
    return call("minus", call("byteSize", *(text.sql for text in texts)), 8 * len(texts))


def _json_of_text(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The text as JSON, given the record and the name of the property: a string gets its quotes back."""
    text, record, name = arguments
    is_string = call("equals", call("JSONType", record.sql, name.sql), "String")
    quoted = call("and", call("notEmpty", text.sql), is_string)
    return Lowered(call("if", quoted, json_string(text.sql), text.sql), bound_call.type, nullable=False)


def _limit_text(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The text, cut to so many bytes where it has more; U+FFFD stands for a character that was cut in two."""
    text, limit = arguments
    if isinstance(text.sql, SqlLiteral):
        return text
    cut = call("toValidUTF8", call("substring", text.sql, 1, limit.sql))
    is_long = call("greater", call("length", text.sql), limit.sql)
    return Lowered(call("if", is_long, cut, text.sql), bound_call.type, nullable=False)


def _time_within(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The time if it is between the first and the last moment, else another, which is never null."""
    time, first, last, other = (argument.sql for argument in arguments)
    within = call("and", call("greaterOrEquals", time, first), call("lessOrEquals", time, last))
    return Lowered(call("ifNull", call("if", within, time, other), other), bound_call.type, nullable=False)


def _matches(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Whether the text matches a regular expression of the engine's dialect."""
    text, pattern = arguments
    return Lowered(call("match", text.sql, pattern.sql), bound_call.type, nullable=False)


def _none_of(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Whether none of the conditions holds."""
    conditions = [argument.sql for argument in arguments]
    anything = call("or", *conditions) if len(conditions) > 1 else conditions[0]
    return Lowered(call("not", anything), bound_call.type, nullable=False)


def _choose(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The value where the condition holds, else null (of texts: the empty one)."""
    condition, value = arguments
    other = literal(None) if value.nullable else literal("")
    return Lowered(call("if", condition.sql, value.sql, other), bound_call.type, value.nullable)


SPELLINGS: dict[str, Spelling] = {
    "does_not_fit": _does_not_fit,
    "whole_number": _whole_number,
    "plain_value": _plain_value,
    "require_fit": _require_fit,
    "require_fits": _require_fits,
    "billed_size": _billed_size,
    "require_size": _require_size,
    "json_of_text": _json_of_text,
    "limit_text": _limit_text,
    "time_within": _time_within,
    "text_matches": _matches,
    "none_of": _none_of,
    "value_where": _choose,
}
"""All spellings by the name that calls carry in the bound tree."""
