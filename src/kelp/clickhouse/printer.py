"""Spells the SQL tree. It decides nothing: every choice was made when the tree was built."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse import sql
from kelp.clickhouse.quoting import quote_identifier, quote_string, quote_strings

if TYPE_CHECKING:
    from collections.abc import Iterable

_INFIX = {
    "equals": "=", "notEquals": "!=", "less": "<", "lessOrEquals": "<=", "greater": ">", "greaterOrEquals": ">=",
    "plus": "+", "minus": "-", "multiply": "*", "divide": "/", "and": "AND", "or": "OR", "in": "IN", "like": "LIKE",
}  # fmt: skip


def print_query(query: sql.SqlQuery) -> str:
    """Return the text of a query."""
    match query:
        case sql.SqlSelect():
            return _print_select(query)
        case sql.SqlUnion():
            return " UNION ALL ".join(_print_select(part) for part in query.queries)
        case _:
            assert_never(query)


def _print_select(select: sql.SqlSelect) -> str:
    parts: list[str] = []
    if select.shared:
        named = (
            f"{quote_identifier(name)} AS MATERIALIZED ({print_query(query)})"
            for name, query in select.shared
        )
        parts.append("WITH " + ", ".join(named))
    columns = [f"{print_expression(value)} AS {quote_identifier(name)}" for name, value in select.projections]
    parts.append("SELECT " + (", ".join(columns) or "1"))
    if select.source is not None:
        joined = isinstance(select.source, sql.SqlJoin)
        alias = "" if joined else f" AS {quote_identifier(select.alias)}"
        parts.append(f"FROM {_print_source(select.source)}{alias}")
    if select.array_join:
        arrays = (
            f"{print_expression(value)} AS {quote_identifier(name)}" for name, value in select.array_join
        )
        parts.append("ARRAY JOIN " + ", ".join(arrays))
    if select.where:
        parts.append("WHERE " + " AND ".join(print_expression(condition) for condition in select.where))
    if select.group_by:
        parts.append("GROUP BY " + _print_list(select.group_by))
    if select.order_by:
        parts.append("ORDER BY " + ", ".join(_print_order(key) for key in select.order_by))
    if select.limit_by is not None:
        count, keys = select.limit_by
        parts.append(f"LIMIT {print_expression(count)} BY {_print_list(keys)}")
    if select.limit is not None:
        parts.append(f"LIMIT {print_expression(select.limit)}")
    return " ".join(parts)


def _print_source(source: sql.SqlSource) -> str:
    match source:
        case sql.SqlTable():
            return source.table.sql
        case sql.SqlTableFunction():
            return f"{source.function}({_print_list(source.arguments)})"
        case sql.SqlSharedSource():
            return quote_identifier(source.name)
        case sql.SqlSelect() | sql.SqlUnion():
            return f"({print_query(source)})"
        case sql.SqlJoin():
            return _print_join(source)
        case _:
            assert_never(source)


def _print_join(join: sql.SqlJoin) -> str:
    left = f"{_print_source(join.left)} AS {quote_identifier(join.left_alias)}"
    right = f"{_print_source(join.right)} AS {quote_identifier(join.right_alias)}"
    conditions = " AND ".join(f"{print_expression(a)} = {print_expression(b)}" for a, b in join.pairs)
    return f"{left} {join.kind} JOIN {right} ON {conditions}"


def _print_order(key: sql.SqlOrder) -> str:
    direction = "DESC" if key.descending else "ASC"
    return f"{print_expression(key.value)} {direction} NULLS {'FIRST' if key.nulls_first else 'LAST'}"


def _print_list(values: Iterable[sql.SqlExpression]) -> str:
    return ", ".join(print_expression(value) for value in values)


def print_expression(value: sql.SqlExpression) -> str:
    """Return the text of an expression."""
    match value:
        case sql.SqlLiteral():
            return _print_literal(value.value)
        case sql.SqlColumn():
            name = quote_identifier(value.name)
            return f"{quote_identifier(value.source)}.{name}" if value.source else name
        case sql.SqlCall():
            return _print_call(value)
        case sql.SqlCast():
            return f"CAST({print_expression(value.value)}, {quote_string(value.type)})"
        case sql.SqlLambda():
            names = ", ".join(quote_identifier(name) for name in value.parameters)
            return f"({names}) -> {print_expression(value.body)}"
        case sql.SqlSubquery():
            return f"({print_query(value.query)})"
        case sql.SqlWindow():
            return _print_window(value)
        case _:
            assert_never(value)


def _print_call(call: sql.SqlCall) -> str:
    if call.function in _INFIX and len(call.arguments) >= 2:
        return (
            "(" + f" {_INFIX[call.function]} ".join(print_expression(part) for part in call.arguments) + ")"
        )
    parameters = f"({_print_list(call.parameters)})" if call.parameters else ""
    return f"{call.function}{parameters}({_print_list(call.arguments)})"


def _print_window(window: sql.SqlWindow) -> str:
    parts: list[str] = []
    if window.partition_by:
        parts.append("PARTITION BY " + _print_list(window.partition_by))
    if window.order_by:
        parts.append("ORDER BY " + ", ".join(_print_order(key) for key in window.order_by))
    if window.frame:
        parts.append(window.frame)
    return f"{_print_call(window.call)} OVER ({' '.join(parts)})"


def _print_literal(value: str | float | bool | None | tuple[str, ...]) -> str:  # noqa: FBT001 - a truth value too
    match value:
        case None:
            return "NULL"
        case bool():
            return "true" if value else "false"
        case str():
            return quote_string(value)
        case tuple():
            return quote_strings(value)
        case int():
            return str(value)
        case float():
            if math.isnan(value):
                return "nan"
            return ("-inf" if value < 0 else "inf") if math.isinf(value) else repr(value)
        case _:
            assert_never(value)
