"""Functions that only Kelp itself calls, while it reads records. No text can name them.

Records are read as texts: what a JSON string says, or the JSON text of any other value; null is the empty text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import json_string
from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal
from kelp.clickhouse.sql import SqlLiteral
from kelp.clickhouse.types import expression_type

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


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


def _require_container(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The text as JSON; fails the statement unless it is empty, an array or a bag.

    Of a scalar, the text does not tell a string from a number.
    """
    (text,) = arguments
    first = call("substring", text.sql, 1, 1)
    other = call("not", call("in", first, call("tuple", "", "{", "[")))
    return Lowered(call("if", call("throwIf", other), "", text.sql), bound_call.type, nullable=False)


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


def _limit_time(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The time; null before the first and after the last moment."""
    time, first, last = (argument.sql for argument in arguments)
    within = call("and", call("greaterOrEquals", time, first), call("lessOrEquals", time, last))
    return Lowered(call("if", within, time, literal(None)), bound_call.type, nullable=True)


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
    "require_fit": _require_fit,
    "whole_number": _whole_number,
    "require_container": _require_container,
    "json_of_text": _json_of_text,
    "limit_text": _limit_text,
    "limit_time": _limit_time,
    "text_matches": _matches,
    "none_of": _none_of,
    "value_where": _choose,
}
"""All spellings by the name that calls carry in the bound tree."""
