"""Aggregations that collect values into a dynamic: `make_list`, `make_set`, `make_bag` (AGG-10 to AGG-12)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.groups import Group, over
from kelp.clickhouse.functions.json_text import (
    bind_once,
    is_array,
    is_bag,
    json_bag,
    json_elements,
    json_entries,
    json_part,
    to_json,
)
from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, as_text, call, literal
from kelp.clickhouse.sql import SqlColumn, SqlLambda
from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall

MAX_ITEMS = 1_048_576
LEGACY_MAX_ITEMS = 128
"""What `makelist`, `makeset` and `make_dictionary` keep unless told otherwise."""


def _limit(aggregate: AggregateCall, default: int) -> tuple[SqlExpression, ...]:
    last = aggregate.arguments[-1]
    constant = isinstance(last, Literal) and len(aggregate.arguments) > 1 and last.type in (T.INT, T.LONG)
    size = last.value if constant and isinstance(last, Literal) else None
    return (literal(min(max(size, 1), MAX_ITEMS) if isinstance(size, int) else default),)


def _list(default: int, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-10: the values that are not null, in the order of the rows where these have one."""
    kept = group.without_empty() if group.value.type is T.DYNAMIC else group
    return array_value(kept.apply("groupArray", parameters=_limit(aggregate, default)), group.value.type)


def _list_with_nulls(group: Group, aggregate: AggregateCall) -> Lowered:
    del aggregate
    return array_value(call("groupArray", to_json(group.value)))


def _set(default: int, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-11: distinct values; of dynamic arrays, their elements."""
    parameters = _limit(aggregate, default)
    if group.value.type is not T.DYNAMIC:
        return array_value(group.apply("groupUniqArray", parameters=parameters), group.value.type)
    items = bind_once((group.value.sql,), _members)
    return array_value(group.without_empty().apply("groupUniqArrayArray", items, parameters=parameters))


def _members(value: SqlExpression) -> SqlExpression:
    elements = call(
        "arrayFilter", SqlLambda(("e",), call("notEquals", SqlColumn("", "e"), "null")), json_elements(value)
    )
    return call("if", is_array(value), elements, call("array", json_part(value, ())))


def _bag(default: int, group: Group, aggregate: AggregateCall) -> Lowered:
    """AGG-12: the properties of all bags; of those with one name, the first."""
    bags = group.only(is_bag(group.value.sql)).apply("groupArray")
    entries = call(
        "arrayFlatten", call("arrayMap", SqlLambda(("b",), json_entries(SqlColumn("", "b"))), bags)
    )
    (limit,) = _limit(aggregate, default)

    def merged(all_entries: SqlExpression) -> SqlExpression:
        names = call("tupleElement", all_entries, 1)
        is_first = SqlLambda(("e", "n"), call("equals", SqlColumn("", "n"), 1))
        firsts = call("arrayFilter", is_first, all_entries, call("arrayEnumerateUniq", names))
        kept = call("arraySlice", firsts, 1, limit)
        return bind_once(
            (kept,), lambda found: json_bag(call("tupleElement", found, 1), call("tupleElement", found, 2))
        )

    return as_text(bind_once((entries,), merged), aggregate.type)


SPELLINGS: dict[str, AggregateSpelling] = {
    "make_list": over(partial(_list, MAX_ITEMS)),
    "make_list_if": over(partial(_list, MAX_ITEMS), conditional=True),
    "makelist": over(partial(_list, LEGACY_MAX_ITEMS)),
    "make_list_with_nulls": over(_list_with_nulls),
    "make_set": over(partial(_set, MAX_ITEMS)),
    "make_set_if": over(partial(_set, MAX_ITEMS), conditional=True),
    "makeset": over(partial(_set, LEGACY_MAX_ITEMS)),
    "make_bag": over(partial(_bag, MAX_ITEMS)),
    "make_bag_if": over(partial(_bag, MAX_ITEMS), conditional=True),
    "make_dictionary": over(partial(_bag, LEGACY_MAX_ITEMS)),
}
