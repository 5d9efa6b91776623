"""Functions over dynamic arrays that are taken as sets: elements are the same when their JSON texts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import needle_of, over_array
from kelp.clickhouse.functions.dynamics import conjunction
from kelp.clickhouse.functions.json_text import bind_once, is_array, json_array, json_elements
from kelp.clickhouse.functions.spelling import EngineArray, Lowered, Spelling, as_text, call, null_of
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call


def _elements(arrays: tuple[Lowered, ...]) -> tuple[Lowered, ...]:
    return tuple(Lowered(json_elements(array.sql), T.DYNAMIC, nullable=False) for array in arrays)


def _union(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """In the order of first appearance; what is no array adds nothing, and null where none is one (DYN-6)."""
    parts = tuple(element.sql for element in _elements(arguments))
    joined = SqlCall("arrayConcat", parts) if len(parts) > 1 else parts[0]
    found = tuple(is_array(argument.sql) for argument in arguments)
    is_any = SqlCall("or", found) if len(found) > 1 else found[0]
    return as_text(call("if", is_any, json_array(call("arrayDistinct", joined)), ""), bound_call.type)


def _intersect(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Null unless all are arrays."""
    del bound_call
    first, *others = arguments

    def kept(items: SqlExpression, *sets: SqlExpression) -> SqlExpression:
        x = SqlColumn("", "x")
        in_all = conjunction(tuple(call("has", other, x) for other in sets))
        return call("arrayDistinct", call("arrayFilter", SqlLambda(("x",), in_all), items) if sets else items)

    made = over_array(first, _elements(tuple(others)), kept)
    are_arrays = conjunction(tuple(is_array(other.sql) for other in others))
    return as_text(call("if", are_arrays, made.sql, ""), T.DYNAMIC) if others else made


def _difference(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """What is no array takes nothing away."""
    del bound_call
    first, *others = arguments

    def kept(items: SqlExpression, *sets: SqlExpression) -> SqlExpression:
        x = SqlColumn("", "x")
        in_none = conjunction(tuple(call("not", call("has", other, x)) for other in sets))
        return call("arrayDistinct", call("arrayFilter", SqlLambda(("x",), in_none), items))

    return over_array(first, _elements(tuple(others)), kept)


def _has_element(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    array, value = arguments
    if isinstance(array.origin, EngineArray) and array.origin.type is value.type is T.STRING:
        return Lowered(call("has", array.origin.items, value.sql), bound_call.type, nullable=False)
    elements = call("JSONExtractArrayRaw", array.sql)
    return Lowered(call("has", elements, needle_of(value)), bound_call.type, nullable=False)


def _distinct(array: Lowered) -> SqlExpression:
    return call("arrayDistinct", call("JSONExtractArrayRaw", array.sql))


def _equals(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    first, second = (call("arraySort", _distinct(argument)) for argument in arguments)
    are_arrays = conjunction(tuple(is_array(argument.sql) for argument in arguments))
    same = call("and", are_arrays, call("equals", first, second))
    return Lowered(same, bound_call.type, nullable=False)


def _jaccard_index(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """The share of common elements; NaN for two empty sets, null unless both are arrays."""

    def share(first: SqlExpression, second: SqlExpression) -> SqlExpression:
        common = call("length", call("arrayIntersect", first, second))
        united = call("minus", call("plus", call("length", first), call("length", second)), common)
        return call("divide", common, united)

    made = bind_once(tuple(_distinct(argument) for argument in arguments), share)
    are_arrays = conjunction(tuple(is_array(argument.sql) for argument in arguments))
    return Lowered(call("if", are_arrays, made, null_of(T.REAL)), bound_call.type, nullable=True)


SPELLINGS: dict[str, Spelling] = {
    "set_union": _union,
    "set_intersect": _intersect,
    "set_difference": _difference,
    "set_has_element": _has_element,
    "set_equals": _equals,
    "jaccard_index": _jaccard_index,
}
