"""Plan nodes to levels of SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.functions.spelling import Lowered, null_of
from kelp.clickhouse.lowering.aggregate import lower_aggregate
from kelp.clickhouse.lowering.expressions import lower_expression, lower_predicate
from kelp.clickhouse.lowering.extract import lower_extract
from kelp.clickhouse.lowering.join import lower_join
from kelp.clickhouse.lowering.level import Level, LoweringContext, Materialization, over
from kelp.clickhouse.lowering.scan import lower_scan
from kelp.clickhouse.lowering.segment import lower_segment, lower_staged
from kelp.clickhouse.lowering.series import lower_series
from kelp.clickhouse.lowering.step_scan import lower_step_scan
from kelp.clickhouse.lowering.union import lower_union
from kelp.clickhouse.lowering.unnest import lower_unnest
from kelp.clickhouse.lowering.values import lower_counter, lower_values
from kelp.clickhouse.lowering.window import lower_window
from kelp.clickhouse.sql import SqlLiteral, SqlOrder, SqlSharedSource
from kelp.clickhouse.types import is_nullable
from kelp.kql.bound import ColumnReference
from kelp.plan import nodes
from kelp.plan.passes.prune_columns import keep_columns
from kelp.plan.rewrite import referenced_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql import bound


def lower_scoped(context: LoweringContext, operator: bound.Operator, columns: Iterable[str]) -> Level:
    """Return the level of a query inside an expression, of which only `columns` are read.

    It goes through the same passes as the query around it.
    """
    return lower_node(context, keep_columns(context.plan_inner(operator), columns))


def lower_node(context: LoweringContext, plan: nodes.Plan) -> Level:
    """Return the level that gives the plan's rows."""
    match plan:
        case nodes.ScopedScan():
            return lower_scan(context, plan)
        case nodes.Values():
            return lower_values(context, plan)
        case nodes.Counter():
            return lower_counter(context, plan)
        case nodes.Filter():
            return _lower_filter(context, plan)
        case nodes.Extend():
            return _lower_outputs(context, plan)
        case nodes.Project():
            return _lower_outputs(context, plan)
        case nodes.Aggregate():
            return lower_aggregate(context, plan, lower_node(context, plan.input))
        case nodes.Series():
            return lower_series(context, plan, lower_node(context, plan.input))
        case nodes.Join():
            return lower_join(context, plan, lower_node(context, plan.left), lower_node(context, plan.right))
        case nodes.UnionAll():
            return lower_union(context, plan, [lower_node(context, part) for part in plan.inputs])
        case nodes.Sort():
            return _lower_sort(context, plan)
        case nodes.Window():
            return lower_window(context, plan, lower_node(context, plan.input))
        case nodes.StepScan():
            return lower_step_scan(context, plan, lower_node(context, plan.input))
        case nodes.Limit():
            return _lower_limit(context, plan)
        case nodes.Unnest():
            return lower_unnest(context, plan, lower_node(context, plan.input))
        case nodes.Extract():
            return lower_extract(context, plan, lower_node(context, plan.input))
        case nodes.Materialized():
            return _lower_materialized(context, plan)
        case nodes.Segment():
            return lower_segment(context, plan)
        case nodes.Scan():
            raise AssertionError("a scan reached the lowering without its scope")
        case _:
            assert_never(plan)


def _lower_filter(context: LoweringContext, plan: nodes.Filter) -> Level:
    level = lower_node(context, plan.input)
    read = referenced_columns([plan.predicate])
    if level.is_cut or level.is_aggregate or level.computes(read):
        level = level.close(context)
    level.where.extend(lower_predicate(context, plan.predicate, level))
    return level


def _lower_outputs(context: LoweringContext, plan: nodes.Extend | nodes.Project) -> Level:
    level = lower_node(context, plan.input)
    computed = [output.value for output in plan.outputs if not _is_reference(output)]
    if computed:
        read = referenced_columns(computed)
        if level.is_aggregate or (level.computes(read) and not level.may_repeat(read)):
            level = level.close(context)
    made = {output.name: lower_expression(context, output.value, level) for output in plan.outputs}
    level.columns = {**level.columns, **made} if isinstance(plan, nodes.Extend) else made
    return level


def _is_reference(output: bound.Output) -> bool:
    return isinstance(output.value, ColumnReference)


def _lower_sort(context: LoweringContext, plan: nodes.Sort) -> Level:
    level = lower_node(context, plan.input)
    if level.is_cut or level.array_join:
        level = level.close(context)
    keys = [
        SqlOrder(lower_expression(context, key.value, level).sql, key.descending, key.nulls_first)
        for key in plan.keys
    ]
    # To the engine, a constant in ORDER BY is the place of a column.
    level.order_by = [key for key in keys if not isinstance(key.value, SqlLiteral)]
    return level


def _lower_limit(context: LoweringContext, plan: nodes.Limit) -> Level:
    level = lower_node(context, plan.input)
    if level.is_cut:
        level = level.close(context)
    count = lower_expression(context, plan.count, level).sql
    if plan.keys:
        if level.is_aggregate:
            level = level.close(context)
        keys = tuple(lower_expression(context, key, level).sql for key in plan.keys)
        level.limit_by = (count, keys)
    else:
        level.limit = count
    return level


def _lower_materialized(context: LoweringContext, plan: nodes.Materialized) -> Level:
    """Return a use; what is used is lowered when all uses are known, see `lower_statement`."""
    if plan.name in context.staged:
        return lower_staged(context, plan)
    known = context.materialized.setdefault(plan.name, Materialization(plan.input, {}))
    known.columns.update({column.name: column for column in plan.columns})
    columns = {c.name: Lowered(null_of(c.type), c.type, is_nullable(c.type)) for c in plan.columns}
    return over(context, SqlSharedSource(plan.name), columns)


__all__ = ["Lowered", "lower_node", "lower_scoped", "over"]
