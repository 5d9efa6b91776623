"""Plugins that count who was active in the periods of a timeline (PLUG-6, PLUG-7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.binder.timeline import Timeline

if TYPE_CHECKING:
    from kelp.kql import bound, syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_MAX_PERIODS = 10_000


def _open(context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope) -> Timeline:
    call = Timeline(context, node, source, names)
    call.read_column("_id", "the column of who was active")
    call.read_time()
    return call


def _read_range(call: Timeline) -> None:
    call.read_scalar("_start", "the start of the time")
    call.read_scalar("_end", "the end of the time")


_WHOLE_RANGE = """
let _start = toscalar(_rows | summarize min(_time));
let _end = toscalar(_rows | summarize max(_time));
"""


def bind_sliding_window_counts(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many rows and ids there were in the window that ends with each period."""
    call = _open(context, node, source, names)
    _read_range(call)
    call.read_scalar("_lookback", "the size of the window")
    call.read_step()
    call.read_dimensions()
    parts = call.periods()
    text = f"""
let _last = {parts["last"]};
_rows
| where _time > _start - _lookback and _time <= _end
| summarize _n = count() by _id, _place = {parts["place"]}{parts["dims"]}
| mv-expand _ahead = range(0, {_span_of(call, "_lookback")} - 1, 1) to typeof(long)
| extend _from = _place, _place = _place + _ahead
| where _place >= 0 and _place <= _last{_fits(call)}
| summarize _count = sum(_n), _ids = count_distinct(_id) by _place{parts["dims"]}
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _count, _ids"""
    return call.run(text, [call.time_name, *call.dimensions, "Count", "Dcount"])


def _span_of(call: Timeline, window: str) -> str:
    """Return how many periods a window has; of calendar periods, how many it may have."""
    if call.unit is None:
        return f"max_of(1, tolong(floor({window} / _step, 1)))"
    days = {"week": 7, "month": 28, "year": 365}[call.unit]
    return f"(tolong({window} / {days}d) + 2)"


def _fits(call: Timeline) -> str:
    """Return the condition that a period of the calendar and those up to another fit into the window."""
    if call.unit is None:
        return ""
    add = f"datetime_add('{call.unit}', {{}}, startof{call.unit}(_start))"
    return f" and (_ahead == 0 or {add.format('_place + 1')} - {add.format('_from')} <= _lookback)"


def bind_active_users_count(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many ids of each step were seen in enough periods shortly before (PLUG-8)."""
    call = _open(context, node, source, names)
    _read_range(call)
    call.read_scalar("_lookback", "how far to look back")
    call.read_scalar("_period", "the size of a period")
    wanted = call.read_whole("_wanted", "the number of periods", 1, _MAX_PERIODS)
    call.read_step(what="the size of a step")
    call.read_dimensions()
    parts = call.periods()
    dimensions = [f"_d{index}" for index in range(len(call.dimensions))]
    same = " and ".join(f"prev({name}, {wanted - 1}) == {name}" for name in ("_id", *dimensions))
    enough = f"| where {same} and _time - prev(_latest, {wanted - 1}) < _lookback" if wanted > 1 else ""
    text = f"""
_rows
| where _time > _start - _lookback and _time <= _end
| summarize _latest = max(_time), _time = min(_time) by _id{parts["dims"]}, _seen = bin_at(_time, _period, _start)
| sort by _id asc, {parts["sort_dims"]}_seen asc
{enough}
| where _time >= _start
| summarize _ids = count_distinct(_id) by _place = {parts["place"]}{parts["dims"]}
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _ids"""
    return call.run(text, [call.time_name, *call.dimensions, "dcount"])


def bind_activity_counts_metrics(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many rows and ids each period has, how many ids are new, and how many there were so far."""
    call = _open(context, node, source, names)
    _read_range(call)
    call.read_step()
    call.read_dimensions()
    parts = call.periods()
    changed = "".join(f" or prev({name}) != {name}" for name in parts["dims"].split(", ")[1:])
    text = f"""
_rows
| where _time >= _start and _time <= _end
| summarize _n = count() by _id, _place = {parts["place"]}{parts["dims"]}
| sort by _id asc, {parts["sort_dims"]}_place asc
| extend _known = isnotnull(_id), _old = coalesce(prev(_id) == _id{parts["same_dims"]}, false)
| summarize _count = sum(_n), _ids = countif(_known), _new = countif(_known and not(_old)) by _place{parts["dims"]}
| sort by {parts["sort_dims"]}_place asc
| extend _all = row_cumsum(_new, false{changed})
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _count, _ids, _new, _all"""
    outputs = [call.time_name, *call.dimensions, "count", "dcount", "new_dcount", "aggregated_dcount"]
    return call.run(text, outputs)


def bind_activity_metrics(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many ids each period has, how many the one before it had not, and which share of that came again."""
    call = _open(context, node, source, names)
    has_range = call.count_scalars() > 1
    if has_range:
        _read_range(call)
    call.read_step()
    call.read_dimensions()
    parts = call.periods()
    text = f"""
{"" if has_range else _WHOLE_RANGE}
_rows
| where isnotnull(_id) and _time >= _start and _time <= _end
| summarize by _id, _place = {parts["place"]}{parts["dims"]}
| sort by _id asc, {parts["sort_dims"]}_place asc
| extend _again = coalesce(prev(_id) == _id and prev(_place) == _place - 1{parts["same_dims"]}, false)
| summarize _ids = count(), _kept = countif(_again) by _place{parts["dims"]}
| sort by {parts["sort_dims"]}_place asc
| extend _before = iff(prev(_place) == _place - 1{parts["same_dims"]}, prev(_ids), 0)
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _ids, _ids - _kept, todouble(_kept) / _before,
    todouble(_before - _kept) / _before"""
    outputs = ["dcount_values", "dcount_newvalues", "retention_rate", "churn_rate"]
    return call.run(text, [call.time_name, *call.dimensions, *outputs])


def bind_activity_engagement(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many ids each period has, how many the longer window that ends with it, and the ratio."""
    call = _open(context, node, source, names)
    has_range = call.count_scalars() > 2
    if has_range:
        _read_range(call)
    call.read_scalar("_step", "the size of the inner window")
    call.read_scalar("_outer", "the size of the outer window")
    call.read_dimensions()
    parts = call.periods()
    text = f"""
{"" if has_range else _WHOLE_RANGE}
let _last = {parts["last"]};
_rows
| where isnotnull(_id) and _time > _start - _outer and _time <= _end
| summarize by _id, _place = {parts["place"]}{parts["dims"]}
| mv-expand _ahead = range(0, {_span_of(call, "_outer")} - 1, 1) to typeof(long)
| extend _place = _place + _ahead
| where _place >= 0 and _place <= _last
| summarize _inside = countif(_ahead == 0), _ids = count_distinct(_id) by _place{parts["dims"]}
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _inside, _ids, todouble(_inside) / _ids"""
    outputs = ["dcount_activities_inner", "dcount_activities_outer", "activity_ratio"]
    return call.run(text, [call.time_name, *call.dimensions, *outputs])


def bind_session_count(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many sessions each period has; one ends where its id is away longer than the lookback (PLUG-9)."""
    call = _open(context, node, source, names)
    _read_range(call)
    call.read_step()
    call.read_scalar("_lookback", "how far to look back")
    call.read_dimensions()
    parts = call.periods()
    text = f"""
_rows
| where isnotnull(_id) and _time >= _start and _time <= _end
| sort by _id asc, {parts["sort_dims"]}_time asc
| extend _goes_on = coalesce(prev(_id) == _id and _time - prev(_time) <= _lookback{parts["same_dims"]}, false)
| extend _session = row_cumsum(iff(_goes_on, 0, 1))
| summarize by _session, _place = {parts["place"]}{parts["dims"]}
| summarize _sessions = count() by _place{parts["dims"]}
| sort by _place asc
| project {parts["moment"]}{parts["dims"]}, _sessions"""
    return call.run(text, [call.time_name, *call.dimensions, "count_sessions"])


_MARK_KNOWN = """
    | join kind=leftouter (_known | distinct _id | extend _is_known = true) on _id
    | extend _from = iff(_is_known, -1, _from)
"""


def bind_new_activity_metrics(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return what became of the ids that were first seen in a period, in it and all later ones (PLUG-10)."""
    call = _open(context, node, source, names)
    _read_range(call)
    call.read_step()
    has_cohort = call.next_is_scalar()
    if has_cohort:
        call.read_scalar("_cohort", "the time of the cohort")
    known = call.read_known_ids()
    call.read_dimensions()
    parts = call.periods()
    chosen = f"| where _from == {parts['place'].replace('_time', '_cohort')}" if has_cohort else ""
    text = f"""
let _last = {parts["last"]};
let _seen = materialize(_rows
    | where isnotnull(_id) and _time >= _start and _time <= _end
    | summarize by _id, _place = {parts["place"]}{parts["dims"]});
let _kept = _seen
    | join kind=inner (_seen | summarize _from = min(_place) by _id{parts["dims"]}) on _id{parts["on_dims"]}
    {_MARK_KNOWN if known is not None else ""}
    | summarize _kept = count() by _from, _place{parts["dims"]};
let _places = range _place from 0 to _last step 1 | extend _one = 1;
_places
| join kind=inner (_places | project-rename _from = _place) on _one
| where _from <= _place
{"| join kind=inner (_seen | summarize " + parts["by_dims"] + " | extend _one = 1) on _one" if parts["dims"] else ""}
| join kind=leftouter _kept on _from, _place{parts["on_dims"]}
| extend _kept = coalesce(_kept, 0)
| sort by {parts["sort_dims"]}_place asc, _from desc
| extend _new = row_cumsum(_kept, prev(_place) != _place) - iff(_from == _place, 0, _kept)
{chosen}
| sort by {parts["sort_dims"]}_from asc, _place asc
| extend _size = row_cumsum(iff(_from == _place, _kept, 0), prev(_from) != _from)
| project {parts["moment"].replace("_place", "_from")}, {parts["moment"]}{parts["dims"]}, _new, _kept,
    _size - _kept, todouble(_kept) / _size, todouble(_size - _kept) / _size"""
    outputs = [f"from_{call.time_name}", f"to_{call.time_name}", *call.dimensions]
    outputs += ["dcount_new_values", "dcount_retained_values", "dcount_churn_values"]
    outputs += ["retention_rate", "churn_rate"]
    return call.run(text, outputs, **({} if known is None else {"_known": known}))
