"""Plugins that look for events following each other: `sequence_detect` and the funnels (PLUG-14, PLUG-15)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.naming import derived_name
from kelp.kql.binder.timeline import Timeline
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

_MAX_STEPS = 16


def bind_sequence_detect(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return a row for each way in which events that fit the conditions follow each other."""
    call = Timeline(context, node, source, names)
    call.read_time()
    call.read_scalar("_step", "the time between two events")
    call.read_scalar("_span", "the time of the whole sequence")
    steps: list[str] = []
    for argument in node.call.arguments[call.place :]:
        value = call.bind(argument.value)
        is_step = value.type is T.BOOL and not call.dimensions
        name = (
            argument.name.text if argument.name else derived_name(argument.value, (*steps, *call.dimensions))
        )
        if is_step:
            call.columns.append(bound.Output(f"_e{len(steps)}", value))
            steps.append(name)
        else:
            call.columns.append(bound.Output(f"_d{len(call.dimensions)}", value))
            call.dimensions.append(name)
    if not 0 < len(steps) <= _MAX_STEPS:
        message = f"'sequence_detect' needs from 1 to {_MAX_STEPS} conditions"
        raise refusal(WRONG_ARGUMENTS, message, node.call.span)
    dims = call.periods()["dims"]
    text = f"_rows | where _e0 | project _one = 1, _t0 = _time{dims}"
    for index in range(1, len(steps)):
        text += f"""
| join kind=inner (_rows | where _e{index} | project _one = 1, _t{index} = _time{dims}) on _one{dims}
| where _t{index} > _t{index - 1} and _t{index} - _t{index - 1} <= _step and _t{index} - _t0 <= _span"""
    times = [f"_t{index}" for index in range(len(steps))]
    shown = [*dims.split(", ")[1:], *times, f"{times[-1]} - _t0"]
    text += f"\n| project {', '.join(shown)}\n| sort by {', '.join(f'{time} asc' for time in times)}"
    outputs = [f"{step}_{call.time_name}" for step in steps]
    return call.run(text, [*call.dimensions, *outputs, "Duration"])


def _read_states(call: Timeline) -> list[str]:
    """Return the texts that a sequence of states is compared with."""
    value = call.read_scalar("_sequence", "the sequence of states")
    return [_text_of(element) for element in _elements(call, value)]


def _elements(call: Timeline, value: bound.Expression) -> tuple[bound.Expression, ...]:
    elements = elements_of(value) if isinstance(value, bound.Literal) and value.type is T.DYNAMIC else None
    if not elements or len(elements) > _MAX_STEPS:
        message = f"a constant array of up to {_MAX_STEPS} values is expected here"
        raise refusal(WRONG_TYPE, message, call.node.call.arguments[call.place - 1].span)
    return elements


def _text_of(element: bound.Expression) -> str:
    """Return a value as the text that `tostring` makes of it, in quotes."""
    value = element.value if isinstance(element, bound.Literal) else None
    text = str(value) if not isinstance(value, float) or not value.is_integer() else f"{value:.1f}"
    escaped = ("" if value is None else text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def bind_funnel_sequence_completion(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many ids came how far in the sequence within each of the periods."""
    call = Timeline(context, node, source, names)
    call.read_column("_id", "the column of the ids")
    call.read_time()
    call.read_scalar("_start", "the start of the time")
    call.read_scalar("_end", "the end of the time")
    call.read_step()
    state_name = call.read_column("_state", "the column of the states")
    states = _read_states(call)
    _elements(call, call.read_scalar("_periods", "the periods to complete the sequence in"))
    parts = call.periods()
    is_moment = call.time_type in (T.DATETIME, T.TIMESPAN)
    text = f"""
let _seen = materialize(_rows
    | where isnotnull(_id) and _time >= _start and _time <= _end
    | project _id, _time, _state = tostring(_state));
let _s0 = _seen | where _state == {states[0]} | project _id, _time, _now = _time;
"""
    for index, state in enumerate(states[1:], 1):
        text += f"""
let _s{index} = _s{index - 1}
    | join kind=inner (_seen | where _state == {state} | project _id, _next = _time) on _id
    | where _next > _now
    | summarize _now = min(_next) by _id, _time;
"""
    reached = ", ".join(
        f"(_s{index} | project _id, _time, _now, _index = {index}, _state = {state})"
        for index, state in enumerate(states)
    )
    text += f"""
union {reached}
| mv-expand with_itemindex=_rank _period = _periods to typeof({"timespan" if is_moment else "real"})
| where _now - _time <= _period
| summarize _ids = count_distinct(_id) by _place = {parts["place"]}, _state, _period, _rank, _index
| sort by _place asc, _rank asc, _index asc
| project {parts["moment"]}, _state, _period, _ids"""
    return call.run(text, [call.time_name, state_name, "Period", "dcount"])


def bind_funnel_sequence(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> tuple[bound.Operator, ...]:
    """Return how many ids went through the sequence: by what came before and after, by the one, by the other."""
    call = Timeline(context, node, source, names)
    call.read_column("_id", "the column of the ids")
    call.read_time()
    call.read_scalar("_start", "the start of the time")
    call.read_scalar("_end", "the end of the time")
    call.read_scalar("_gap", "the time between two steps")
    call.read_step()
    call.read_column("_state", "the column of the states")
    kind = call.columns[-1].value.type
    nothing = '""' if kind is T.STRING else f"{kind}(null)"
    states = _read_states(call)
    parts = call.periods()
    count = len(states)
    steps = "".join(
        f" and next(_id, {index}) == _id and next(_text, {index}) == {state}"
        f" and next(_time, {index}) - {f'next(_time, {index - 1})' if index > 1 else '_time'} <= _gap"
        for index, state in enumerate(states[1:], 1)
    )
    found = f"""
_rows
| where isnotnull(_id) and _time >= _start and _time <= _end
| extend _text = tostring(_state)
| sort by _id asc, _time asc
| where not(coalesce(prev(_id) == _id and prev(_text) == _text, false))
| extend _prev = iff(prev(_id) == _id, prev(_state), {nothing})
| extend _next = iff(next(_id, {count}) == _id, next(_state, {count}), {nothing})
| where _text == {states[0]}{steps}
"""
    tables: list[bound.Operator] = []
    for shown in (("prev", "next"), ("prev",), ("next",)):
        keys = ", ".join(f"_{name}" for name in shown)
        text = f"""{found}
| summarize _ids = count_distinct(_id), _samples = make_set(_id, 128) by _place = {parts["place"]}, {keys}
| sort by _place asc, _ids desc
| project {parts["moment"]}, {keys}, _ids, _samples"""
        tables.append(call.run(text, [call.time_name, *shown, "dcount", "samples"]))
    return tuple(tables)
