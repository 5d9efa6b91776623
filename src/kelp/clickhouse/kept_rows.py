"""Rows that are kept as Arrow, written by the engine as lines of text: JSON, or CSV. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call
from kelp.clickhouse.functions.ticks import datetime_of
from kelp.clickhouse.lowering.encoding import Encoding, encode_cell
from kelp.clickhouse.printer import print_query
from kelp.clickhouse.sql import SqlColumn, SqlSelect, SqlSharedSource
from kelp.clickhouse.types import expression_type
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.types import Column

SOURCE = "rows"
"""What the statement calls the relation that it reads."""
_ALIAS = "r"
_TEXTS = (T.STRING, T.DYNAMIC)
_AS_TEXT = (T.DYNAMIC, T.DECIMAL, T.GUID)
_FORMULA = r"^[=+\-@\t\r]"
"""What a spreadsheet takes for the begin of a formula."""


def kept_type(scalar_type: T) -> str:
    """Return the engine's type of a column as `Encoding.ARROW` writes it."""
    if scalar_type in _AS_TEXT:
        return "Nullable(String)"
    return "Nullable(Int64)" if scalar_type is T.DATETIME else expression_type(scalar_type)


def print_lines(columns: Iterable[Column], *, disarmed: bool) -> str:
    """Return the statement whose rows are those of the relation, with cells as on the wire.

    `disarmed`: texts, and names of columns, that a spreadsheet would run have an apostrophe before them.
    """
    projections = []
    for column in columns:
        cell, name = _encode(column), column.name
        if disarmed:
            name = f"'{name}" if name[:1] in "=+-@\t\r" else name
            cell = _disarm(cell) if column.type in _TEXTS else cell
        projections.append((name, cell))
    return print_query(SqlSelect(tuple(projections), SqlSharedSource(SOURCE), _ALIAS))


def _encode(column: Column) -> SqlExpression:
    cell = SqlColumn(_ALIAS, column.name)
    if column.type in _AS_TEXT:
        return cell
    value = datetime_of(cell) if column.type is T.DATETIME else cell
    return encode_cell(Lowered(value, column.type, nullable=True), Encoding.WIRE).sql


def _disarm(cell: SqlExpression) -> SqlExpression:
    return call("if", call("match", cell, _FORMULA), call("concat", "'", cell), cell)
