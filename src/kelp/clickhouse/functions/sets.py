"""Functions over dynamic arrays that are taken as sets: elements are the same when their JSON texts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import joined_arrays, needle_of
from kelp.clickhouse.functions.dynamics import conjunction
from kelp.clickhouse.functions.json_text import bind_once, is_array, json_array, json_elements
from kelp.clickhouse.functions.spelling import EngineArray, Lowered, Spelling, as_text, call, null_of
from kelp.clickhouse.sql import SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


_ITEM = SqlColumn("", "i")


def _union(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """In the order of first appearance; what is no array adds nothing, and null where none is one (DYN-6)."""
    return as_text(joined_arrays(arguments, lambda items: call("arrayDistinct", items)), bound_call.type)


def _intersect(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Null unless all are arrays."""

    def kept(*texts: SqlExpression) -> SqlExpression:
        in_all = conjunction(tuple(call("has", json_elements(other), _ITEM) for other in texts[1:]))
        common = call("arrayFilter", SqlLambda((_ITEM.name,), in_all), json_elements(texts[0]))
        return call("if", _are_arrays(texts), json_array(call("arrayDistinct", common)), "")

    return as_text(bind_once(tuple(argument.sql for argument in arguments), kept), bound_call.type)


def _difference(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """What is no array takes nothing away."""

    def kept(*texts: SqlExpression) -> SqlExpression:
        in_none = conjunction(
            tuple(call("not", call("has", json_elements(other), _ITEM)) for other in texts[1:])
        )
        left = call("arrayFilter", SqlLambda((_ITEM.name,), in_none), json_elements(texts[0]))
        return call("if", is_array(texts[0]), json_array(call("arrayDistinct", left)), "")

    return as_text(bind_once(tuple(argument.sql for argument in arguments), kept), bound_call.type)


def _are_arrays(texts: tuple[SqlExpression, ...]) -> SqlExpression:
    return conjunction(tuple(is_array(text) for text in texts))


def _has_element(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    array, value = arguments
    if isinstance(array.origin, EngineArray) and array.origin.type is value.type is T.STRING:
        return Lowered(call("has", array.origin.items, value.sql), bound_call.type, nullable=False)
    elements = call("JSONExtractArrayRaw", array.sql)
    return Lowered(call("has", elements, needle_of(value)), bound_call.type, nullable=False)


def _distinct(text: SqlExpression) -> SqlExpression:
    return call("arrayDistinct", call("JSONExtractArrayRaw", text))


def _equals(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    def same(*texts: SqlExpression) -> SqlExpression:
        first, second = (call("arraySort", _distinct(text)) for text in texts)
        return call("and", _are_arrays(texts), call("equals", first, second))

    return Lowered(bind_once(tuple(a.sql for a in arguments), same), bound_call.type, nullable=False)


def _jaccard_index(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The share of common elements; NaN for two empty sets, null unless both are arrays."""

    def share(first: SqlExpression, second: SqlExpression) -> SqlExpression:
        common = call("length", call("arrayIntersect", first, second))
        united = call("minus", call("plus", call("length", first), call("length", second)), common)
        return call("divide", common, united)

    def index(*texts: SqlExpression) -> SqlExpression:
        made = bind_once(tuple(_distinct(text) for text in texts), share)
        return call("if", _are_arrays(texts), made, null_of(T.REAL))

    return Lowered(bind_once(tuple(a.sql for a in arguments), index), bound_call.type, nullable=True)


SPELLINGS: dict[str, Spelling] = {
    "set_union": _union,
    "set_intersect": _intersect,
    "set_difference": _difference,
    "set_has_element": _has_element,
    "set_equals": _equals,
    "jaccard_index": _jaccard_index,
}
