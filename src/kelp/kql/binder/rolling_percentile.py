"""The plugin `rolling_percentile`: a percentile of the window of bins that ends with each bin (PLUG-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.timeline import Timeline

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_MAX_BINS = 10_000


def bind_rolling_percentile(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return a row for each bin that has rows."""
    call = Timeline(context, node, source, names)
    column = call.read_column("_value", "the column of the values")
    level = call.read_scalar("_level", "the percentile")
    call.read_time("the column of the index")
    call.read_scalar("_step", "the size of a bin")
    bins = call.read_whole("_bins", "the number of bins of a window", 1, _MAX_BINS)
    call.read_dimensions()
    parts = call.periods()
    text = f"""
let _binned = _rows | where isnotnull(_time) | extend _place = bin(_time, _step);
_binned
| mv-expand _ahead = range(0, {bins - 1}, 1) to typeof(long)
| extend _place = _place + _ahead * _step
| join kind=leftsemi (_binned | summarize by _place{parts["dims"]}) on _place{parts["dims"]}
| summarize _percentile = percentile(_value, _level) by _place{parts["dims"]}
| sort by {parts["sort_dims"]}_place asc
| project _place{parts["dims"]}, _percentile"""
    shown = level.value if isinstance(level, bound.Literal) else 0
    name = f"rolling_{bins}_percentile_{column}_{shown}"
    return call.run(text, [call.time_name, *call.dimensions, name])
