"""A KQL predicate over the rows of one stored table to the condition of an engine's statement that removes rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.scan import conditions_of
from kelp.clickhouse.printer import print_expression
from kelp.clickhouse.transformation import bind_over_records
from kelp.kql import bound
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, refusal
from kelp.kql.text import NOWHERE

if TYPE_CHECKING:
    from kelp.kql.types import Column
    from kelp.plan.scope import ScopedTable


def compile_row_predicate(text: str, table: ScopedTable, columns: tuple[Column, ...], now_ticks: int) -> str:
    """Return the condition that holds for exactly the rows of the table for which the KQL predicate is true.

    `columns` are those that it may name. Raises `QueryRefusedError`.
    """
    operator = bind_over_records(f"source | where {text}", columns, now_ticks)
    if not isinstance(operator, bound.Where) or not isinstance(operator.input, bound.TableScan):
        raise refusal(NOT_ALLOWED_HERE, "this is no predicate over one table", NOWHERE)
    types = {column.name: column.type for column in columns}
    conditions = conditions_of(table, operator.predicate, types, "")
    return " AND ".join(f"({print_expression(condition)})" for condition in conditions) or "1"
