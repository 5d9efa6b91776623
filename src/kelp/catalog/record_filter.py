"""From what a role assignment's condition says of records to the predicate that a scan of a table must hold.

A comparison that can't be made of this table - it has no such column, or one of another type - lets nothing through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.kql.bound import Call, ColumnReference, Expression, Literal
from kelp.kql.types import ScalarType
from kelp.resources.role_condition import (
    ActionMatch,
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    Family,
    RecordColumn,
    Relation,
    Truth,
    Value,
    compare_text,
    like_expression,
)

if TYPE_CHECKING:
    from kelp.kql.types import RowSchema
    from kelp.plan.scope import ScopedTable

NO_ROWS = Literal(ScalarType.BOOL, False)
"""The predicate of a table of which nobody may see a row yet."""
_EVERY_ROW = Literal(ScalarType.BOOL, True)
_ORDERED = {
    Relation.EQUALS: "==",
    Relation.LESS: "<",
    Relation.LESS_EQUALS: "<=",
    Relation.GREATER: ">",
    Relation.GREATER_EQUALS: ">=",
}
_TYPES = {
    Family.STRING: (ScalarType.STRING,),
    Family.NUMERIC: (ScalarType.INT, ScalarType.LONG, ScalarType.REAL),
    Family.DATETIME: (ScalarType.DATETIME,),
    Family.BOOL: (ScalarType.BOOL,),
    Family.GUID: (ScalarType.GUID,),
}


def filter_records(
    limits: tuple[Condition, ...], schema: RowSchema, stored: ScopedTable
) -> Expression | None:
    """Return the predicate of the records for which any of the conditions holds; None where none can be asked.

    It refers to stored columns only. What asks for a column that the table has, but nothing stored yet, is `NO_ROWS`.
    """
    askable = [limit for limit in limits if _is_askable(limit, schema)]
    return either(*(_compile(limit, schema, stored) for limit in askable)) if askable else None


def either(*predicates: Expression) -> Expression:
    """Return the predicate of the rows that any of them lets through."""
    if _EVERY_ROW in predicates:
        return _EVERY_ROW
    left = tuple(dict.fromkeys(one for one in predicates if one != NO_ROWS))
    return Call("or", left, ScalarType.BOOL) if len(left) > 1 else next(iter(left), NO_ROWS)


def both(*predicates: Expression) -> Expression:
    """Return the predicate of the rows that all of them let through."""
    if NO_ROWS in predicates:
        return NO_ROWS
    left = tuple(dict.fromkeys(one for one in predicates if one != _EVERY_ROW))
    return Call("and", left, ScalarType.BOOL) if len(left) > 1 else next(iter(left), _EVERY_ROW)


def _is_askable(condition: Condition, schema: RowSchema) -> bool:
    """Tell whether anything could ever pass: whether the table has the columns that the condition asks for."""
    match condition:
        case AllOf(parts):
            return all(_is_askable(part, schema) for part in parts)
        case AnyOf(parts):
            return any(_is_askable(part, schema) for part in parts)
        case Comparison(attribute=RecordColumn(name), family=family):
            column = schema.find_column(name)
            return column is not None and column.type in _TYPES[family]
        case Truth(value):
            return value
        case Comparison() | ActionMatch():
            return False
        case _ as unreachable:
            assert_never(unreachable)


def _compile(condition: Condition, schema: RowSchema, stored: ScopedTable) -> Expression:
    match condition:
        case AllOf(parts):
            return both(*(_compile(part, schema, stored) for part in parts))
        case AnyOf(parts):
            return either(*(_compile(part, schema, stored) for part in parts))
        case Comparison(attribute=RecordColumn(name)) if _is_askable(condition, schema):
            return _compare(condition, name, stored)
        case Truth(value):
            return _EVERY_ROW if value else NO_ROWS
        case Comparison() | ActionMatch():
            return NO_ROWS
        case _ as unreachable:
            assert_never(unreachable)


def _compare(comparison: Comparison, name: str, stored: ScopedTable) -> Expression:
    combine = both if comparison.needs_all else either
    constant = stored.constants.get(name)
    if constant is not None:
        found = (
            compare_text(comparison, constant, str(value)) is not comparison.is_negated
            for value in comparison.values
        )
        return combine(*(_EVERY_ROW if one else NO_ROWS for one in found))
    kind = stored.stored_columns.get(name)
    if kind is None or kind not in _TYPES[comparison.family]:
        return NO_ROWS
    column = ColumnReference(name, kind)
    made = [_relate(comparison, column, value) for value in comparison.values]
    if not comparison.is_negated:
        return combine(*made)
    negated = combine(*(Call("not", (one,), ScalarType.BOOL) for one in made))
    if kind is ScalarType.STRING:
        return negated
    return both(Call("isnotnull", (column,), ScalarType.BOOL), negated)


def _relate(comparison: Comparison, column: ColumnReference, value: Value) -> Expression:
    if comparison.family is not Family.STRING:
        kind = column.type
        if comparison.family is Family.NUMERIC:
            kind = ScalarType.REAL if isinstance(value, float) else ScalarType.LONG
        operator = _ORDERED[comparison.relation]
        return Call(operator, (column, Literal(kind, value)), ScalarType.BOOL)
    text, ignores_case = str(value), comparison.ignores_case
    match comparison.relation:
        case Relation.STARTS_WITH:
            operator = "startswith" if ignores_case else "startswith_cs"
        case Relation.LIKE:
            operator = "matches regex"
            text = ("(?is)" if ignores_case else "(?s)") + like_expression(text)
        case _:
            operator = "=~" if ignores_case else "=="
    return Call(operator, (column, Literal(ScalarType.STRING, text)), ScalarType.BOOL)
