"""`in` over a list of values or over a dynamic array."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions import reading
from kelp.clickhouse.functions.json_paths import extract
from kelp.clickhouse.functions.spelling import EngineArray, Lowered, call, literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_ELEMENTS = {T.INT: "Float64", T.LONG: "Float64", T.REAL: "Float64", T.BOOL: "Bool"}
_READERS: dict[T, Callable[[SqlExpression], SqlExpression]] = {
    T.DATETIME: reading.datetime_of_text,
    T.TIMESPAN: reading.timespan_of,
    T.GUID: reading.guid_of,
    T.DECIMAL: reading.decimal_of,
}


def spell_in(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Spell membership; a null is in no list (NULL-4)."""
    subject, *items = arguments
    if not items:
        return Lowered(literal(False), T.BOOL, nullable=False)
    if len(items) == 1 and items[0].type is T.DYNAMIC and subject.type is not T.DYNAMIC:
        found: SqlExpression = call("has", _elements(items[0], subject.type), subject.sql)
    else:
        found = call("in", subject.sql, SqlCall("tuple", tuple(item.sql for item in items)))
    if subject.nullable:
        found = call("and", call("isNotNull", subject.sql), call("ifNull", found, literal(False)))
    return Lowered(found, bound_call.type, nullable=False)


def _elements(array: Lowered, kind: T) -> SqlExpression:
    """Return the elements of a dynamic array as values of a type; those of other types are null."""
    if isinstance(array.origin, EngineArray) and array.origin.type is kind:
        return array.origin.items
    if kind in _ELEMENTS:
        return extract(array, f"Array(Nullable({_ELEMENTS[kind]}))")
    texts = extract(array, "Array(String)")
    if kind not in _READERS:
        return texts
    return call("arrayMap", SqlLambda(("e",), _READERS[kind](SqlColumn("", "e"))), texts)
