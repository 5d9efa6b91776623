"""`make-series`: aggregations over the bins of an axis, as one array a group (rules SERIES-1 to SERIES-5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import adapt, convert
from kelp.kql.binder.naming import derived_name
from kelp.kql.binder.operators import bind_arithmetic, bind_comparison
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.summarize import bind_aggregates, bind_keys, schema_of
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_TIMES = (T.DATETIME, T.TIMESPAN)
_ZEROS: dict[T, int | float | str] = {T.INT: 0, T.LONG: 0, T.REAL: 0.0, T.DECIMAL: "0", T.TIMESPAN: 0}


@dataclass(frozen=True, slots=True)
class _Grid:
    """Where the bins are: from `start` up to, not including, `stop`; None where the data says."""

    start: bound.Expression | None
    stop: bound.Expression | None
    step: bound.Expression


def bind_make_series(
    context: BindContext, node: syntax.MakeSeries, source: bound.Operator, names: NameScope
) -> bound.MakeSeries:
    """Return the series: the keys, an array for each aggregation, and the array of the axis."""
    scope = Scope(names, source.schema)
    keys = bind_keys(context, node.keys, scope)
    axis = _bind_axis(context, node, scope)
    grid = _bind_grid(context, node, axis.type, Scope(names))
    rows = bound.Where(source, _inside(axis, grid, node))
    items = tuple(item.value for item in node.aggregates)
    aggregates = bind_aggregates(context, items, rows, names, keys)
    if len(aggregates) != len(items):
        raise refusal(WRONG_ARGUMENTS, "an aggregation of 'make-series' gives one column", node.span)
    place = bound.Output(context.unique_name("place"), _place(context, axis, grid, node))
    summarized = (*keys, place)
    groups = bound.Summarize(rows, summarized, aggregates, schema_of((*summarized, *aggregates)))
    taken = [output.name for output in (*keys, *aggregates)]
    name = node.axis.names[0].text if node.axis.names else derived_name(node.axis.value, taken)
    series = tuple(
        bound.SeriesValue(output.name, output.value.type, _bind_default(context, item, output, names))
        for item, output in zip(node.aggregates, aggregates, strict=True)
    )
    columns = (
        *(Column(key.name, key.value.type) for key in keys),
        *(Column(value.name, T.DYNAMIC) for value in series),
        Column(name, T.DYNAMIC),
    )
    return bound.MakeSeries(
        groups,
        tuple(bound.ColumnReference(key.name, key.value.type) for key in keys),
        series,
        Column(name, axis.type),
        bound.ColumnReference(place.name, T.LONG),
        grid.start,
        grid.stop,
        grid.step,
        _is_nonempty(node),
        RowSchema(columns),
    )


def _is_nonempty(node: syntax.MakeSeries) -> bool:
    for option in node.options:
        if option.name.lower() == "kind":
            value = option.value.name.lower() if isinstance(option.value, syntax.NameExpression) else ""
            if value != "nonempty":
                raise refusal(WRONG_ARGUMENTS, "the kind of 'make-series' is nonempty", option.span)
            return not node.keys
    return False


def _bind_axis(context: BindContext, node: syntax.MakeSeries, scope: Scope) -> bound.Expression:
    axis = expressions.bind_expression(context, node.axis.value, scope)
    if axis.type is T.INT:
        axis = convert(axis, T.LONG)
    if axis.type not in (T.LONG, T.REAL, *_TIMES):
        raise refusal(
            WRONG_TYPE, f"the axis of 'make-series' is a time or a number, not {axis.type}", node.axis.span
        )
    return axis


def _bind_grid(context: BindContext, node: syntax.MakeSeries, kind: T, scope: Scope) -> _Grid:
    step_kind = T.TIMESPAN if kind is T.DATETIME else kind
    step = _bind_bound(context, node.step, step_kind, scope, "the step")
    if isinstance(step, bound.Literal) and (not isinstance(step.value, (int, float)) or step.value <= 0):
        raise refusal(WRONG_ARGUMENTS, "the step of 'make-series' is greater than 0", node.step.span)
    start, stop = (
        None if part is None else _bind_bound(context, part, kind, scope, "a bound")
        for part in (node.start, node.stop)
    )
    if not node.in_range or start is None or stop is None:
        return _Grid(start, stop, step)
    first, last = (call_function(context, "bin", (part, step), node.span) for part in (start, stop))
    return _Grid(first, bind_arithmetic("+", last, step, node.span), step)


def _bind_bound(
    context: BindContext, node: syntax.Expression, kind: T, scope: Scope, what: str
) -> bound.Expression:
    value = expressions.bind_expression(context, node, scope)
    adapted = adapt(value, kind)
    if adapted is None:
        message = f"{what} of this 'make-series' is of type {kind}, not {value.type}"
        raise refusal(WRONG_TYPE, message, node.span)
    return adapted


def _inside(axis: bound.Expression, grid: _Grid, node: syntax.MakeSeries) -> bound.Expression:
    """Return the condition for rows that have a bin; a null has none."""
    conditions: list[bound.Expression] = []
    if grid.start is not None:
        conditions.append(bind_comparison(">=", axis, grid.start, node.span))
    if grid.stop is not None:
        conditions.append(bind_comparison("<", axis, grid.stop, node.span))
    if not conditions:
        return bound.Call("isnotnull", (axis,), T.BOOL, node.span)
    return conditions[0] if len(conditions) == 1 else bound.Call("and", tuple(conditions), T.BOOL, node.span)


def _place(
    context: BindContext, axis: bound.Expression, grid: _Grid, node: syntax.MakeSeries
) -> bound.Expression:
    start = () if grid.start is None else (grid.start,)
    return call_function(context, "$bin_place", (axis, grid.step, *start), node.span)


def _bind_default(
    context: BindContext, item: syntax.MakeSeriesAggregate, output: bound.Output, names: NameScope
) -> bound.Literal:
    """Return what stands in bins without rows: the default, or zero."""
    kind = output.value.type
    if not (kind.is_numeric or kind in _TIMES):
        raise refusal(WRONG_TYPE, f"'make-series' aggregates to numbers and times, not to {kind}", item.span)
    if item.default is None:
        return bound.Literal(kind, _ZEROS.get(kind))
    default = expressions.bind_expression(context, item.default, Scope(names))
    adapted = adapt(default, kind)
    if adapted is None and default.type.is_numeric and kind.is_numeric:
        adapted = default
    if not isinstance(adapted, bound.Literal):
        raise refusal(WRONG_TYPE, f"the default is a constant of type {kind}", item.default.span)
    return adapted
