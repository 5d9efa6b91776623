"""`mv-expand`: the engine's ARRAY JOIN over the elements of dynamic values. Rules MV-1 to MV-4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.conversions import convert
from kelp.clickhouse.functions.dynamics import conjunction, path_of
from kelp.clickhouse.functions.json_text import (
    bind_once,
    is_array,
    is_bag,
    json_elements,
    json_entries,
    json_string,
)
from kelp.clickhouse.functions.spelling import EngineArray, Lowered, call, literal, null_of
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Expansion
    from kelp.plan.nodes import Unnest

_PARSED_FROM_TEXT = frozenset({T.DATETIME, T.TIMESPAN, T.GUID, T.DECIMAL})
"""Types that JSON holds as strings, so that a string conforms to them."""
_NAMED_NUMBERS = tuple(map(literal, ('"NaN"', '"Infinity"', '"-Infinity"')))
"""The reals that JSON holds as strings."""


def lower_unnest(context: LoweringContext, plan: Unnest, level: Level) -> Level:
    """Return the expanded rows. What the input computes is computed before, once a row."""
    kept = set(level.columns) - {expansion.name for expansion in plan.expansions}
    if plan.row_number is not None:
        if not _is_plain(level):
            level = level.close(context)
        level.columns[plan.row_number] = Lowered(call("rowNumberInAllBlocks"), T.LONG, nullable=False)
        level = level.close(context)
    elif not _is_plain(level) or level.computes(kept):
        level = level.close(context)
    values = [lower_expression(context, expansion.value, level) for expansion in plan.expansions]
    arrays = [_items(value, bag_as_array=plan.bag_as_array) for value in values]
    if len(arrays) > 1:
        level, arrays = _side_by_side(context, level, arrays)
    if plan.limit is not None:
        limit = lower_expression(context, plan.limit, level).sql
        arrays = [EngineArray(call("arraySlice", array.items, 1, limit), array.type) for array in arrays]
    for expansion, array in zip(plan.expansions, arrays, strict=True):
        name = f"{context.fresh_alias()}_item"
        level.array_join.append((name, array.items))
        level.columns[expansion.name] = _typed(SqlColumn("", name), array.type, expansion)
    if plan.item_index is not None:
        name = f"{context.fresh_alias()}_index"
        level.array_join.append((name, call("arrayEnumerate", arrays[0].items)))
        index = call("minus", call("toInt64", SqlColumn("", name)), 1)
        level.columns[plan.item_index] = Lowered(index, T.LONG, nullable=False)
    return level


def _is_plain(level: Level) -> bool:
    taken = level.where or level.array_join or level.order_by
    return not (taken or level.is_aggregate or level.is_cut)


def _side_by_side(
    context: LoweringContext, level: Level, arrays: list[EngineArray]
) -> tuple[Level, list[EngineArray]]:
    """Return the arrays as columns of a level below, filled up with nulls to the length of the longest."""
    names = [f"{context.fresh_alias()}_items" for _ in arrays]
    given = set(level.columns)
    for name, array in zip(names, arrays, strict=True):
        level.columns[name] = Lowered(array.items, array.type, nullable=False)
    below = level.close(context)
    columns = [below.columns[name].sql for name in names]
    longest = SqlCall("greatest", tuple(call("length", column) for column in columns))
    below.columns = {name: value for name, value in below.columns.items() if name in given}
    return below, [
        EngineArray(call("arrayResize", column, longest, null_of(array.type)), array.type)
        for column, array in zip(columns, arrays, strict=True)
    ]


def _items(value: Lowered, *, bag_as_array: bool) -> EngineArray:
    """Return what a value expands to: an array's elements, a bag's properties, else itself (null too)."""
    if isinstance(value.origin, EngineArray):
        return value.origin
    path = path_of(value)
    if not path.keys:
        return EngineArray(
            bind_once((value.sql,), lambda text: _of_text(text, bag_as_array=bag_as_array)), T.DYNAMIC
        )
    elements = json_elements(path.text, path.keys)
    if path.guards:
        elements = call("if", conjunction(path.guards), elements, SqlLiteral(()))

    def found(items: SqlExpression, text: SqlExpression) -> SqlExpression:
        return call("if", call("notEmpty", items), items, _rest(text, bag_as_array=bag_as_array))

    return EngineArray(bind_once((elements, value.sql), found), T.DYNAMIC)


def _of_text(text: SqlExpression, *, bag_as_array: bool) -> SqlExpression:
    rest = _rest(text, bag_as_array=bag_as_array)
    return call("if", is_array(text), json_elements(text), rest)


def _rest(text: SqlExpression, *, bag_as_array: bool) -> SqlExpression:
    """Return what a value expands to that is no array with elements."""
    entry = SqlColumn("", "p")
    key, value = json_string(call("tupleElement", entry, 1)), call("tupleElement", entry, 2)
    if bag_as_array:
        part = call("concat", "[", key, ",", value, "]")
    else:
        part = call("concat", "{", key, ":", value, "}")
    properties = call("arrayMap", SqlLambda(("p",), part), json_entries(text))
    return call("multiIf", is_array(text), SqlLiteral(()), is_bag(text), properties, call("array", text))


def _typed(item: SqlColumn, kind: T, expansion: Expansion) -> Lowered:
    """MV-4: `to typeof()` takes elements of the type, or that JSON writes as strings; all others are null."""
    value = Lowered(item, kind, nullable=False)
    if kind is expansion.type:
        return value
    if kind is not T.DYNAMIC:
        return (
            convert(value, expansion.type)
            if expansion.type in (T.DYNAMIC, T.STRING)
            else _mismatch(value, expansion)
        )
    converted = convert(value, expansion.type)
    if expansion.type is T.STRING or expansion.type in _PARSED_FROM_TEXT:
        return converted
    is_text = call("startsWith", item, '"')
    if expansion.type is T.REAL:
        # Only these numbers are texts in JSON.
        is_text = call("and", is_text, call("not", call("in", item, SqlCall("tuple", _NAMED_NUMBERS))))
    return Lowered(call("if", is_text, literal(None), converted.sql), expansion.type, nullable=True)


def _mismatch(value: Lowered, expansion: Expansion) -> Lowered:
    if expansion.type in _PARSED_FROM_TEXT or (value.type.is_numeric and expansion.type.is_numeric):
        return convert(value, expansion.type)
    return Lowered(null_of(expansion.type), expansion.type, nullable=True)
