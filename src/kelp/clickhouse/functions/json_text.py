"""JSON text, which is what a dynamic value is in the engine: writing it, and taking it apart (rules DYN-1 to DYN-4).

The engine writes the reals it takes out of JSON without their fraction where that is zero (`1.0` becomes `1`), which
would turn a KQL real into a long. Texts that hold such a real go the long way, see `_keeping_reals`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression

NULL = "null"
"""The JSON text of every null."""

_WHOLE_REAL_ENDS = (".0,", ".0]", ".0}", ".0 ", ".0\n", ".0\r", ".0\t", ".00")
"""A text that holds a real without a fraction holds one of these; so may others."""
_TOKEN = r'"(?:[^"\\]|\\.)*"|[-+.0-9eE]+|[^-+.0-9eE"]+'
_REAL = r"^-?[0-9]+\.[0-9]+$"
_CANONICAL_DEPTH = 6
_MARKED = r'"\\u0001([-.0-9]+)"'


# --- writing ---------------------------------------------------------------------------------------------------------


def to_json(value: Lowered) -> SqlExpression:
    """Return the JSON text of a scalar, never NULL.

    Null gives `null`; what JSON has no type for (datetimes, timespans, guids, decimals) is a string as KQL prints it.
    """
    sql = value.sql
    match value.type:
        case T.DYNAMIC:
            if isinstance(sql, SqlLiteral):
                return literal(str(sql.value) or NULL)
            return sql if _is_never_empty(sql) else call("if", call("empty", sql), NULL, sql)
        case T.STRING:
            return json_string(sql)
        case T.BOOL:
            # Comparisons give the engine's number 1, not its `true`.
            text: SqlExpression = call("toString", call("toBool", sql))
        case T.INT | T.LONG:
            text = call("toString", sql)
        case T.REAL:
            text = _real_json(sql)
        case T.DATETIME:
            text = call("concat", '"', call("replaceOne", call("toString", sql), " ", "T"), 'Z"')
        case T.TIMESPAN | T.DECIMAL | T.GUID:
            from kelp.clickhouse.functions.conversions import to_text  # noqa: PLC0415 - conversions read JSON

            text = call("concat", '"', to_text(value), '"')
            return call("if", call("isNull", sql), NULL, text) if value.nullable else text
        case _:
            assert_never(value.type)
    return call("ifNull", text, NULL) if value.nullable else text


def _is_never_empty(sql: SqlExpression) -> bool:
    """Tell whether the JSON text was put together here, so that it is not the empty text of a null."""
    return isinstance(sql, SqlCall) and sql.function == "concat"


def json_string(text: SqlExpression) -> SqlExpression:
    """Return a text as a JSON string. The engine escapes the slash too, which nobody else does."""
    if isinstance(text, SqlLiteral):
        return literal(json.dumps(text.value, ensure_ascii=False))
    return call("replaceAll", call("toJSONString", text), "\\/", "/")


def _real_json(sql: SqlExpression) -> SqlExpression:
    """DYN-3: a real has a fraction or an exponent; NaN and the infinities, which JSON lacks, are strings."""
    if isinstance(sql, SqlLiteral) and isinstance(sql.value, float):
        dumped = json.dumps(sql.value)
        return literal(dumped if dumped[-1].isdigit() else f'"{dumped}"')
    text = call("toString", sql)
    fraction = call("if", call("match", text, "^-?[0-9]+$"), ".0", "")
    named = call("multiIf", call("isNaN", sql), '"NaN"', call("less", sql, 0), '"-Infinity"', '"Infinity"')
    return call("if", call("isFinite", sql), call("concat", text, fraction), named)


def json_array(items: SqlExpression) -> SqlExpression:
    """Return the JSON array of an engine array of JSON texts."""
    return call("concat", "[", call("arrayStringConcat", items, ","), "]")


def json_bag(keys: SqlExpression, values: SqlExpression) -> SqlExpression:
    """Return the JSON object of an engine array of keys (plain text) and one, as long, of JSON texts."""
    entry = call("concat", json_string(SqlColumn("", "k")), ":", SqlColumn("", "v"))
    entries = call("arrayMap", SqlLambda(("k", "v"), entry), keys, values)
    return call("concat", "{", call("arrayStringConcat", entries, ","), "}")


# --- reading ---------------------------------------------------------------------------------------------------------


def json_part(text: SqlExpression, keys: tuple[SqlExpression, ...]) -> SqlExpression:
    """Return the JSON text at a path of keys and positions, empty where there is nothing.

    Positions count from 1, or from the end below 0; on an object they count its properties.
    """

    def part(source: SqlExpression, *path: SqlExpression) -> SqlExpression:
        return _keeping_reals(source, lambda held: SqlCall("JSONExtractRaw", (held, *path)), _unmark)

    return bind_once((text, *keys), part)


def json_elements(text: SqlExpression, keys: tuple[SqlExpression, ...] = ()) -> SqlExpression:
    """Return the elements of the JSON array at a path as an engine array of JSON texts; empty for anything else."""

    def elements(source: SqlExpression, *path: SqlExpression) -> SqlExpression:
        return _keeping_reals(
            source, lambda held: SqlCall("JSONExtractArrayRaw", (held, *path)), _unmark_each
        )

    return bind_once((text, *keys), elements)


def json_entries(text: SqlExpression) -> SqlExpression:
    """Return the properties of a JSON object, in order, as an engine array of tuples of key and JSON text.

    It is empty for anything else.
    """

    def entries(source: SqlExpression) -> SqlExpression:
        return _keeping_reals(source, lambda held: call("JSONExtractKeysAndValuesRaw", held), _unmark_entries)

    return bind_once((text,), entries)


def json_keys(text: SqlExpression) -> SqlExpression:
    """Return the keys of a JSON object in order; empty for anything else."""
    return call("JSONExtractKeys", text)


def plain_text(element: SqlExpression) -> SqlExpression:
    """Return what KQL's `tostring` makes of one JSON text: a string's own text, nothing for null, else the JSON."""
    is_string = call("startsWith", element, '"')
    return call(
        "multiIf", is_string, call("JSONExtractString", element), call("equals", element, NULL), "", element
    )


def plain_part(text: SqlExpression, keys: tuple[SqlExpression, ...] = ()) -> SqlExpression:
    """Return what KQL's `tostring` makes of the JSON at a path: `plain_text` of `json_part`, in one extraction."""

    def plain(source: SqlExpression, *path: SqlExpression) -> SqlExpression:
        fast = SqlCall("JSONExtract", (source, *path, literal("String")))
        whole = plain_text(_unmark(SqlCall("JSONExtractRaw", (_mark(source), *path))))
        found = call("if", _may_hold_whole_real(source), whole, fast)
        return found if path else call("if", call("match", source, "^-?[0-9]"), source, found)

    return bind_once((text, *keys), plain)


def plain_texts(elements: SqlExpression) -> SqlExpression:
    """Return `plain_text` of each of an engine array of JSON texts."""
    return call("arrayMap", SqlLambda(("e",), plain_text(SqlColumn("", "e"))), elements)


def is_array(text: SqlExpression) -> SqlExpression:
    """Return whether a JSON text is an array; a glance at its start tells."""
    return call("match", text, r"^\s*\[")


def is_bag(text: SqlExpression) -> SqlExpression:
    """Return whether a JSON text is an object."""
    return call("match", text, r"^\s*\{")


def canonical_json(text: SqlExpression) -> SqlExpression:
    """Return JSON text with the properties of its objects in the order of their names.

    SQL has no recursion, so what is nested deeper than `_CANONICAL_DEPTH` levels stays as it is.
    """
    return bind_once((_mark(text),), lambda marked: _unmark(_sorted_by_name(marked, _CANONICAL_DEPTH)))


def _sorted_by_name(text: SqlExpression, depth: int) -> SqlExpression:
    if depth == 0:
        return text
    entry = SqlColumn("", f"e{depth}")
    unnamed = call(
        "arrayMap",
        SqlLambda(("e",), call("tuple", "", SqlColumn("", "e"))),
        call("JSONExtractArrayRaw", text),
    )
    named = call("arraySort", call("JSONExtractKeysAndValuesRaw", text))
    label = call("if", is_bag(text), call("concat", json_string(call("tupleElement", entry, 1)), ":"), "")
    part = call("concat", label, _sorted_by_name(call("tupleElement", entry, 2), depth - 1))
    parts = call("arrayMap", SqlLambda((entry.name,), part), call("if", is_bag(text), named, unnamed))
    inside = call("arrayStringConcat", parts, ",")
    bag, array = call("concat", "{", inside, "}"), call("concat", "[", inside, "]")
    return call("multiIf", is_bag(text), bag, is_array(text), array, text)


# --- what both need --------------------------------------------------------------------------------------------------


def bind_once(values: tuple[SqlExpression, ...], body: Callable[..., SqlExpression]) -> SqlExpression:
    """Return `body` over the values, each computed once however often the body names it.

    Columns and constants are handed on as they are; anything else becomes a parameter of a lambda over arrays of one
    element. The body may use nothing but what it is given.
    """
    if all(isinstance(value, (SqlColumn, SqlLiteral)) for value in values):
        return body(*values)
    names = tuple(f"v{index}" for index in range(len(values)))
    bound = SqlLambda(names, body(*(SqlColumn("", name) for name in names)))
    return call("arrayElement", call("arrayMap", bound, *(call("array", value) for value in values)), 1)


def _keeping_reals(
    text: SqlExpression,
    take: Callable[[SqlExpression], SqlExpression],
    unmark: Callable[[SqlExpression], SqlExpression],
) -> SqlExpression:
    """Take parts out of JSON text so that `1.0` stays `1.0`.

    Where the text may hold such a real, all reals of it travel as marked strings.
    """
    if isinstance(text, SqlLiteral) and not any(end in str(text.value) for end in _WHOLE_REAL_ENDS):
        return take(text)
    return call("if", _may_hold_whole_real(text), unmark(take(_mark(text))), take(text))


def _may_hold_whole_real(text: SqlExpression) -> SqlExpression:
    """The search for one needle costs a fraction of the search for all, and most texts hold none."""
    maybe = call("greater", call("position", text, ".0"), 0)
    return call("and", maybe, call("multiSearchAny", text, literal(_WHOLE_REAL_ENDS)))


def _mark(text: SqlExpression) -> SqlExpression:
    token = SqlColumn("", "t")
    marked = call("if", call("match", token, _REAL), call("concat", '"\\u0001', token, '"'), token)
    tokens = call("extractAll", text, _TOKEN)
    return call("arrayStringConcat", call("arrayMap", SqlLambda(("t",), marked), tokens))


def _unmark(text: SqlExpression) -> SqlExpression:
    return call("replaceRegexpAll", text, _MARKED, "\\1")


def _unmark_each(texts: SqlExpression) -> SqlExpression:
    return call("arrayMap", SqlLambda(("r",), _unmark(SqlColumn("", "r"))), texts)


def _unmark_entries(entries: SqlExpression) -> SqlExpression:
    entry = SqlColumn("", "r")
    pair = call("tuple", call("tupleElement", entry, 1), _unmark(call("tupleElement", entry, 2)))
    return call("arrayMap", SqlLambda(("r",), pair), entries)
