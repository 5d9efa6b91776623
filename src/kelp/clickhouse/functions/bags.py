"""Functions that make and take property bags. Rules DYN-9 to DYN-11.

A bag keeps the order in which its keys came; a value that is no bag gives null.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.json_text import (
    NULL,
    bind_once,
    is_array,
    is_bag,
    json_bag,
    json_elements,
    json_entries,
    json_keys,
    json_part,
    json_string,
    to_json,
)
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_EMPTY_BAG = "{}"


# --- making ----------------------------------------------------------------------------------------------------------


def _pack(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-9: nulls are kept, as `null`."""
    parts: list[SqlExpression] = [literal("{")]
    for index, (key, value) in enumerate(zip(arguments[::2], arguments[1::2], strict=True)):
        parts += [literal(", "[: index > 0]), json_string(key.sql), literal(":"), to_json(value)]
    parts.append(literal("}"))
    return as_text(SqlCall("concat", _merged(parts)), bound_call.type)


def _merged(parts: Iterable[SqlExpression]) -> tuple[SqlExpression, ...]:
    """Return the texts with constants that stand beside each other made one; at least two."""
    merged: list[SqlExpression] = []
    for part in parts:
        if isinstance(part, SqlLiteral) and merged and isinstance(merged[-1], SqlLiteral):
            merged[-1] = literal(f"{merged[-1].value}{part.value}")
        else:
            merged.append(part)
    return tuple(merged) if len(merged) > 1 else (*merged, literal(""))


def _pack_nonempty(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-9: nulls and empty texts are left out."""
    keys = SqlCall("array", tuple(key.sql for key in arguments[::2]))
    values = SqlCall("array", tuple(to_json(value) for value in arguments[1::2]))

    def packed(names: SqlExpression, texts: SqlExpression) -> SqlExpression:
        is_kept = call("not", call("in", SqlColumn("", "x"), call("tuple", NULL, '""')))
        kept_names = call("arrayFilter", SqlLambda(("n", "x"), is_kept), names, texts)
        return json_bag(kept_names, call("arrayFilter", SqlLambda(("x",), is_kept), texts))

    return as_text(bind_once((keys, values), packed), bound_call.type)


def _zip(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Keys that are no strings are left out with their values; a value that lacks is null."""

    def zipped(names: SqlExpression, texts: SqlExpression) -> SqlExpression:
        x = SqlColumn("", "x")
        padded = call("arrayResize", texts, call("length", names), NULL)
        is_text = call("startsWith", SqlColumn("", "n"), '"')
        kept = call("arrayFilter", SqlLambda(("x", "n"), is_text), padded, names)
        plain = call("arrayFilter", SqlLambda(("n",), is_text), names)
        return json_bag(call("arrayMap", SqlLambda(("x",), call("JSONExtractString", x)), plain), kept)

    def zipped_texts(keys: SqlExpression, values: SqlExpression) -> SqlExpression:
        made = bind_once((json_elements(keys), json_elements(values)), zipped)
        return call("if", is_array(keys), made, "")

    return as_text(bind_once(tuple(argument.sql for argument in arguments), zipped_texts), bound_call.type)


# --- taking ----------------------------------------------------------------------------------------------------------


def _keys(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (bag,) = arguments

    def keys(text: SqlExpression) -> SqlExpression:
        return call("if", is_bag(text), array_value(json_keys(text), T.STRING).sql, "")

    return as_text(bind_once((bag.sql,), keys), bound_call.type)


def _has_key(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    bag, *path = arguments

    def found(text: SqlExpression, *keys: SqlExpression) -> SqlExpression:
        return call("and", is_bag(text), SqlCall("JSONHas", (text, *keys)))

    return Lowered(bind_once((bag.sql, *(step.sql for step in path)), found), bound_call.type, nullable=False)


def _merge(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-10: of a key that several bags have, the first value stays; what is no bag adds nothing."""

    def merged(entries: SqlExpression) -> SqlExpression:
        e = SqlColumn("", "e")
        keys = call("arrayMap", SqlLambda(("e",), call("tupleElement", e, 1)), entries)
        numbered = call("arrayEnumerateUniq", keys)
        first = call(
            "arrayFilter", SqlLambda(("e", "i"), call("equals", SqlColumn("", "i"), 1)), entries, numbered
        )
        return _bag_of(first)

    def merged_texts(*texts: SqlExpression) -> SqlExpression:
        parts = tuple(json_entries(text) for text in texts)
        joined = SqlCall("arrayConcat", parts) if len(parts) > 1 else parts[0]
        found = tuple(is_bag(text) for text in texts)
        is_any = SqlCall("or", found) if len(found) > 1 else found[0]
        return call("if", is_any, bind_once((joined,), merged), "")

    return as_text(bind_once(tuple(argument.sql for argument in arguments), merged_texts), bound_call.type)


def _bag_of(entries: SqlExpression) -> SqlExpression:
    """Return the JSON object of an engine array of tuples of key and JSON text."""
    e = SqlColumn("", "e")
    entry = call("concat", json_string(call("tupleElement", e, 1)), ":", call("tupleElement", e, 2))
    inside = call("arrayStringConcat", call("arrayMap", SqlLambda(("e",), entry), entries), ",")
    return call("concat", "{", inside, "}")


# --- changing --------------------------------------------------------------------------------------------------------


def _set_key(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-11: a key that is there keeps its place; bags that the path lacks are made."""
    bag, value, *path = arguments
    steps = tuple(step.sql for step in path)

    def changed(text: SqlExpression, json: SqlExpression, *keys: SqlExpression) -> SqlExpression:
        return call("if", is_bag(text), _put(text, keys, json), "")

    return as_text(bind_once((bag.sql, to_json(value), *steps), changed), bound_call.type)


def _put(text: SqlExpression, keys: tuple[SqlExpression, ...], json: SqlExpression) -> SqlExpression:
    key, *deeper = keys
    if deeper:
        inner = json_part(text, (key,))
        below = bind_once((inner, json, *deeper), _put_below)
        return _replaced(text, key, below)
    return _replaced(text, key, json)


def _put_below(inner: SqlExpression, json: SqlExpression, *keys: SqlExpression) -> SqlExpression:
    return _put(call("if", is_bag(inner), inner, _EMPTY_BAG), keys, json)


def _replaced(text: SqlExpression, key: SqlExpression, json: SqlExpression) -> SqlExpression:
    def put(entries: SqlExpression, name: SqlExpression, value: SqlExpression) -> SqlExpression:
        e = SqlColumn("", "e")
        is_it = call("equals", call("tupleElement", e, 1), name)
        changed = call(
            "tuple", call("tupleElement", e, 1), call("if", is_it, value, call("tupleElement", e, 2))
        )
        replaced = call("arrayMap", SqlLambda(("e",), changed), entries)
        is_there = call("arrayExists", SqlLambda(("e",), is_it), entries)
        return _bag_of(
            call("if", is_there, replaced, call("arrayPushBack", entries, call("tuple", name, value)))
        )

    return bind_once((json_entries(text), key, json), put)


def _remove_key(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-11: what is not there need not be removed."""
    bag, *path = arguments
    steps = tuple(step.sql for step in path)

    def changed(text: SqlExpression, *keys: SqlExpression) -> SqlExpression:
        return call("if", is_bag(text), _without(text, keys), "")

    return as_text(bind_once((bag.sql, *steps), changed), bound_call.type)


def _without(text: SqlExpression, keys: tuple[SqlExpression, ...]) -> SqlExpression:
    key, *deeper = keys
    if deeper:

        def below(held: SqlExpression, inner: SqlExpression, *rest: SqlExpression) -> SqlExpression:
            return call("if", is_bag(inner), _replaced(held, rest[0], _without(inner, rest[1:])), held)

        return bind_once((text, json_part(text, (key,)), *keys), below)

    def dropped(entries: SqlExpression, name: SqlExpression) -> SqlExpression:
        is_other = call("notEquals", call("tupleElement", SqlColumn("", "e"), 1), name)
        return _bag_of(call("arrayFilter", SqlLambda(("e",), is_other), entries))

    return bind_once((json_entries(text), key), dropped)


def _remove_keys(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-11: keys that are computed name properties of the bag itself."""
    bag, keys = arguments

    def changed(text: SqlExpression, names: SqlExpression) -> SqlExpression:
        is_other = call("not", call("has", names, call("tupleElement", SqlColumn("", "e"), 1)))
        kept = call("arrayFilter", SqlLambda(("e",), is_other), json_entries(text))
        return call("if", is_bag(text), _bag_of(kept), "")

    names = call("JSONExtract", to_json(keys), "Array(String)")
    return as_text(bind_once((bag.sql, names), changed), bound_call.type)


SPELLINGS: dict[str, Spelling] = {
    "bag_pack": _pack,
    "bag_pack nonempty": _pack_nonempty,
    "bag_zip": _zip,
    "bag_keys": _keys,
    "bag_has_key": _has_key,
    "bag_merge": _merge,
    "bag_set_key": _set_key,
    "bag_remove_keys path": _remove_key,
    "bag_remove_keys": _remove_keys,
}
