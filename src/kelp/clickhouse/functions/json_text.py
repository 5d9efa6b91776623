"""JSON text, which is what a dynamic value is in the engine: writing it, and taking it apart (rules DYN-1 to DYN-4).

The engine writes the reals it takes out of JSON without their fraction where that is zero: `1.0` becomes `1`, which is
a long. What is taken out is mended by its type; what is nested inside of that stays as the engine wrote it (DYN-3).
"""

from __future__ import annotations

import json
from itertools import count
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.functions.spelling import Lowered, call, literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression

NULL = "null"
"""The JSON text of every null."""

_WHOLE = "^-?[0-9]+$"
_INSIDE_ARRAY = r"(?s)^\s*\[(.*)\]\s*$"
_ELEMENT = r'"(?:[^"\\]|\\.)*"|[^,\s"]+'
_CANONICAL_DEPTH = 6


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
            return sql if _is_never_empty(sql) else call("ifNull", call("nullIf", sql, ""), NULL)
        case T.STRING:
            return json_string(sql)
        case T.BOOL:
            # Comparisons give the engine's number 1, not its `true`.
            text: SqlExpression = call("toString", call("toBool", sql))
        case T.INT | T.LONG:
            text = call("toString", sql)
        case T.REAL:
            text = _real_json(sql)
            return call("if", call("isNull", sql), NULL, text) if value.nullable else text
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
    """Return a text as a JSON string; connections are set not to escape the slash."""
    if isinstance(text, SqlLiteral):
        return literal(json.dumps(text.value, ensure_ascii=False))
    return call("toJSONString", text)


def _real_json(sql: SqlExpression) -> SqlExpression:
    """DYN-3: a real has a fraction or an exponent; NaN and the infinities, which JSON lacks, are strings."""
    if isinstance(sql, SqlLiteral) and isinstance(sql.value, float):
        dumped = json.dumps(sql.value).replace("e+", "e")
        return literal(dumped if dumped[-1].isdigit() else f'"{dumped}"')
    return bind_once((sql,), _real_text)


def _real_text(value: SqlExpression) -> SqlExpression:
    text = call("toString", value)
    fraction = call("if", call("match", text, _WHOLE), ".0", "")
    named = call(
        "multiIf", call("isNaN", value), '"NaN"', call("less", value, 0), '"-Infinity"', '"Infinity"'
    )
    return call("if", call("isFinite", value), call("concat", text, fraction), named)


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
        return _mended(SqlCall("JSONExtractRaw", (source, *path)), source, path)

    return bind_once((text, *keys), part)


def json_elements(text: SqlExpression, keys: tuple[SqlExpression, ...] = ()) -> SqlExpression:
    """Return the elements of the JSON array at a path as an engine array of JSON texts; empty for anything else.

    An array of scalars alone, which has as many tokens as elements, gives its own text.
    """

    def elements(source: SqlExpression, *path: SqlExpression) -> SqlExpression:
        taken = SqlCall("JSONExtractArrayRaw", (source, *path))
        if path or not _may_hold_reals(source):
            return taken
        tokens = call("extractAll", call("extract", source, _INSIDE_ARRAY), _ELEMENT)
        is_flat = call("equals", call("length", tokens), call("length", taken))
        return call("if", call("and", _holds_reals(source), is_flat), tokens, taken)

    return bind_once((text, *keys), elements)


def json_entries(text: SqlExpression) -> SqlExpression:
    """Return the properties of a JSON object, in order, as an engine array of tuples of key and JSON text.

    It is empty for anything else.
    """

    def entries(source: SqlExpression) -> SqlExpression:
        taken = call("JSONExtractKeysAndValuesRaw", source)
        if not _may_hold_reals(source):
            return taken
        entry = SqlColumn("", "r")
        key, value = (call("tupleElement", entry, index) for index in (1, 2))
        mended = call("tuple", key, _mended(value, source, (key,)))
        return call("if", _holds_reals(source), call("arrayMap", SqlLambda(("r",), mended), taken), taken)

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
        taken = SqlCall("JSONExtract", (source, *path, literal("String")))
        if path:
            return _mended(taken, source, path)
        is_itself = call("and", _holds_reals(source), call("match", source, r"^\s*[^\s\"]"))
        return call("if", is_itself, source, taken) if _may_hold_reals(source) else taken

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
    return bind_once((text,), lambda held: _sorted_by_name(held, _CANONICAL_DEPTH))


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
    taken = {value.name for value in values if isinstance(value, SqlColumn) and not value.source}
    names = (name for name in map("v{}".format, count()) if name not in taken)
    given = [value if is_simple(value) else SqlColumn("", next(names)) for value in values]
    bound = {
        new.name: value
        for new, value in zip(given, values, strict=True)
        if isinstance(new, SqlColumn) and new != value
    }
    if not bound:
        return body(*values)
    body_of_one = SqlLambda(tuple(bound), body(*given))
    return call(
        "arrayElement", call("arrayMap", body_of_one, *(call("array", value) for value in bound.values())), 1
    )


def is_simple(value: SqlExpression) -> bool:
    """Tell whether an expression may stand often: it costs nothing."""
    if isinstance(value, SqlCall) and value.function in ("toInt64", "toInt32"):
        return isinstance(value.arguments[0], SqlLiteral)
    return isinstance(value, (SqlColumn, SqlLiteral))


def _may_hold_reals(text: SqlExpression) -> bool:
    """Tell whether a real without a fraction may stand in the text, as far as is known before it is run."""
    return not isinstance(text, SqlLiteral) or ".0" in str(text.value)


def _holds_reals(text: SqlExpression) -> SqlExpression:
    """Return whether a real without a fraction may stand in the text. Most texts hold none, and the search is fast."""
    return call("greater", call("position", text, ".0"), 0)


def _mended(taken: SqlExpression, text: SqlExpression, path: tuple[SqlExpression, ...]) -> SqlExpression:
    """Return what was taken from a path, with its fraction where it is a whole real.

    The conditions stand in the order of their cost: hardly a value gets to the last one, which reads the text again.
    """
    if not _may_hold_reals(text):
        return taken
    is_real = call("equals", SqlCall("JSONType", (text, *path)), "Double")
    is_whole_real = call("and", call("match", taken, _WHOLE), _holds_reals(text), is_real)
    return call("if", is_whole_real, call("concat", taken, ".0"), taken)
