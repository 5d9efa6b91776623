"""A whole result: its plan lowered, capped, and its cells encoded for the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.lowering.encoding import Encoding, encode_level
from kelp.clickhouse.lowering.level import LoweringContext
from kelp.clickhouse.lowering.nodes import lower_node
from kelp.clickhouse.sql import SqlLiteral

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlSelect
    from kelp.clickhouse.types import EngineTable
    from kelp.kql import bound
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan


@dataclass(frozen=True, slots=True)
class LoweredQuery:
    """The SQL of one result, its columns, and the stored tables it reads."""

    select: SqlSelect
    columns: tuple[Column, ...]
    tables: frozenset[EngineTable]


def lower_query(
    plan: Plan,
    columns: tuple[Column, ...],
    *,
    encoding: Encoding,
    row_cap: int | None,
    plan_inner: Callable[[bound.Operator], Plan],
) -> LoweredQuery:
    """Return the SQL of a plan that gives `columns`.

    `row_cap` bounds the rows (ask for one more than is shown, to know that there were more); `plan_inner` plans the queries inside expressions.
    """
    context = LoweringContext(plan_inner)
    level = lower_node(context, plan)
    if level.limit is not None and row_cap is not None:
        level = level.close(context)
    if row_cap is not None:
        level.limit = SqlLiteral(row_cap)
    level = encode_level(context, level, columns, encoding)
    return LoweredQuery(level.to_select(), columns, frozenset(context.tables))
