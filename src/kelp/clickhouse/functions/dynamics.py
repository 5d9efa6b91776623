"""Access into dynamic values, which are JSON text. Rules DYN-1, DYN-2 and DYN-4."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import (
    NULL,
    bind_once,
    canonical_json,
    is_array,
    is_bag,
    json_array,
    json_part,
    json_string,
    plain_text,
    to_json,
)
from kelp.clickhouse.functions.spelling import (
    EngineArray,
    JsonPath,
    Lowered,
    Spelling,
    as_text,
    call,
    literal,
)
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.json_text import canonical
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


_TREE_DEPTH = 5


def path_of(value: Lowered) -> JsonPath:
    """Return where a dynamic value stands: in its own text if nothing better is known."""
    return value.origin if isinstance(value.origin, JsonPath) else JsonPath(value.sql)


def at_path(path: JsonPath) -> Lowered:
    """Return the dynamic value at a path; null where there is none."""
    part = json_part(path.text, path.keys)
    if path.guards:
        part = call("if", conjunction(path.guards), part, "")
    return replace(as_text(part, T.DYNAMIC), origin=path)


def conjunction(conditions: tuple[SqlExpression, ...]) -> SqlExpression:
    """Return what holds when all the conditions hold; true for none."""
    if len(conditions) < 2:
        return conditions[0] if conditions else literal(True)
    return SqlCall("and", conditions)


def _member(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-1: a missing property, or one of what is no bag, is null."""
    del bound_call
    target, key = arguments
    path = path_of(target)
    return at_path(replace(path, keys=(*path.keys, key.sql)))


def _index(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-2: an integer reaches into arrays, below zero from their end; a string into bags."""
    target, index = arguments
    if index.type is T.STRING:
        return _member(bound_call, arguments)
    if index.type is T.DYNAMIC:
        return as_text(bind_once((target.sql, index.sql), _at_dynamic), T.DYNAMIC)
    position = position_of(index)
    if isinstance(target.origin, EngineArray):
        return _item(target.origin, position)
    path = path_of(target)
    guard = (
        call("equals", SqlCall("JSONType", (path.text, *path.keys)), "Array")
        if path.keys
        else is_array(path.text)
    )
    return at_path(replace(path, keys=(*path.keys, position), guards=(*path.guards, guard)))


def _at_dynamic(target: SqlExpression, index: SqlExpression) -> SqlExpression:
    number = Lowered(call("toInt64OrNull", index), T.LONG, nullable=True)
    item = call("if", is_array(target), json_part(target, (position_of(number),)), "")
    member = json_part(target, (call("JSONExtractString", index),))
    return call("if", call("startsWith", index, '"'), member, item)


def position_of(index: Lowered) -> SqlExpression:
    """Return an index as the engine counts: from 1, from the end below 0; 0, where nothing is, for null."""
    if isinstance(index.sql, SqlCall) and index.sql.function in ("toInt64", "toInt32"):
        (constant,) = index.sql.arguments
        if isinstance(constant, SqlLiteral) and isinstance(constant.value, int):
            return literal(constant.value + (constant.value >= 0))
    number = call("toInt64", index.sql)
    position = call("plus", number, call("greaterOrEquals", number, 0))
    return call("ifNull", position, 0) if index.nullable else position


def _item(array: EngineArray, position: SqlExpression) -> Lowered:
    item = call("arrayElement", array.items, position)
    if array.type is T.DYNAMIC:
        return as_text(item, T.DYNAMIC)
    if array.type is T.STRING:
        found = call("arrayElementOrNull", array.items, position)
        json = call("ifNull", to_json(Lowered(found, T.STRING, nullable=False)), NULL)
        return replace(as_text(json, T.DYNAMIC), origin=Lowered(item, T.STRING, nullable=False))
    scalar = Lowered(call("arrayElementOrNull", array.items, position), array.type, nullable=True)
    return replace(as_text(to_json(scalar), T.DYNAMIC), origin=scalar)


def _dynamic_to_json(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-9: the JSON text with the properties of bags in the order of their names; a string alone as it is."""
    (value,) = arguments
    if isinstance(value.sql, SqlLiteral) and str(value.sql.value).startswith(("{", "[")):
        return as_text(literal(canonical(str(value.sql.value))), bound_call.type)
    text = bind_once((value.sql,), lambda held: call("if", call("empty", held), "", plain_text(held)))
    is_composed = call("match", value.sql, r"^\s*[\[{]")
    return as_text(call("if", is_composed, canonical_json(value.sql), text), bound_call.type)


def _treepath(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """DYN-15: the paths of all properties in order; the elements of an array share one, at position 0."""
    (value,) = arguments

    def paths(text: SqlExpression) -> SqlExpression:
        found = _paths_below(text, literal(""), _TREE_DEPTH)
        listed = json_array(call("arrayMap", SqlLambda(("p",), json_string(SqlColumn("", "p"))), found))
        return call("if", call("or", is_bag(text), is_array(text)), listed, "")

    return as_text(bind_once((value.sql,), paths), bound_call.type)


def _paths_below(text: SqlExpression, above: SqlExpression, depth: int) -> SqlExpression:
    """Return the distinct paths below a path. SQL has no recursion, so it ends at a depth."""
    if depth == 0:
        return SqlCast(literal(()), "Array(String)")
    entry = SqlColumn("", f"e{depth}")
    unnamed = call(
        "arrayMap",
        SqlLambda(("x",), call("tuple", "", SqlColumn("", "x"))),
        call("JSONExtractArrayRaw", text),
    )
    entries = call("if", is_bag(text), call("JSONExtractKeysAndValuesRaw", text), unnamed)
    step = call("if", is_bag(text), call("concat", "['", call("tupleElement", entry, 1), "']"), "[0]")
    path = call("concat", above, step)
    below = _paths_below(call("tupleElement", entry, 2), path, depth - 1)
    each = call("arrayMap", SqlLambda((entry.name,), call("arrayPushFront", below, path)), entries)
    return call("arrayDistinct", call("arrayFlatten", each))


SPELLINGS: dict[str, Spelling] = {
    "dynamic_member": _member,
    "dynamic_index": _index,
    "dynamic_to_json": _dynamic_to_json,
    "treepath": _treepath,
}
