"""Functions of neighbouring rows: the engine's window functions over rows that are numbered once (WIN-3 to WIN-7).

The engine keeps the order of a sorted subquery up to its first window step, and no further: after it the rows go on in
several streams. So either all functions of that step have one and the same window, the row's number among them, or the
step only numbers the rows; whatever comes later is ordered by that number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, call, literal, or_else
from kelp.clickhouse.lowering.expressions import lower_expression
from kelp.clickhouse.lowering.level import Level, LoweringContext
from kelp.clickhouse.lowering.sessions import Session, lower_session
from kelp.clickhouse.sql import SqlCall, SqlCast, SqlOrder, SqlWindow
from kelp.clickhouse.types import expression_type
from kelp.kql.bound import Literal, WindowCall
from kelp.kql.types import ScalarType as T
from kelp.plan.rewrite import referenced_columns

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql import bound
    from kelp.plan.nodes import Window

_SO_FAR = "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"
_TEXTS = (T.STRING, T.DYNAMIC)
_NEIGHBOURS = {"prev": "lagInFrame", "next": "leadInFrame"}
_RANKS = frozenset({"row_rank_dense", "row_rank_min"})
_RESTART_AT = {
    "row_number": 1,
    "row_cumsum": 1,
    "row_rank_dense": 1,
    "row_rank_min": 1,
    "row_window_session": 3,
}


def lower_window(context: LoweringContext, plan: Window, level: Level) -> Level:
    """Return the rows with the calls as columns, in the order they came in."""
    calls = {output.name: _call_of(output) for output in plan.outputs}
    read = referenced_columns((*calls.values(), *plan.keys))
    repeats = level.computes(read) and not level.may_repeat(read)
    if level.is_aggregate or level.is_cut or level.order_by or repeats:
        level = level.close(context)
    # A name that is made again stands for the new column from here on.
    level.columns = {name: value for name, value in level.columns.items() if name not in calls}
    given = list(level.columns)
    work = _start(context, plan, calls, level)
    for name, window_call in calls.items():
        work.begin(name, window_call)
    work.close()
    unfinished = {name: window_call for name, window_call in calls.items() if work.is_unfinished(name)}
    for name, window_call in unfinished.items():
        work.finish(name, window_call)
    if unfinished:
        work.close()
    parts = (part for session in work.sessions.values() for part in session.columns)
    kept = (*given, *calls, work.number, *work.keys, *parts)
    work.level.columns = {name: work.level.columns[name] for name in kept if name in work.level.columns}
    for name, session in work.sessions.items():
        work.level = lower_session(context, work.level, name, session, (*work.keys, work.number))
    work.level.columns = {name: work.level.columns[name] for name in (*given, *calls, work.number)}
    work.level.order_by = [work.order()]
    return work.level


def _call_of(output: bound.Output) -> WindowCall:
    if not isinstance(output.value, WindowCall):
        raise TypeError(f"no function of neighbouring rows: {output.value!r}")
    return output.value


def _start(context: LoweringContext, plan: Window, calls: dict[str, WindowCall], level: Level) -> _Work:
    """Return the work over the numbered rows; they are numbered beforehand where one window can't serve all calls."""
    alias = context.fresh_alias()
    work = _Work(context, level, f"{alias}_number", tuple(f"{alias}_key{i}" for i in range(len(plan.keys))))
    after = max((_offset(c) for c in calls.values() if c.function == "next"), default=0)
    is_running = any(_runs(window_call) for window_call in calls.values())
    if not plan.keys and not (is_running and after):
        before = max((_offset(c) for c in calls.values() if c.function != "next"), default=0)
        work.frame = _SO_FAR if is_running else f"ROWS BETWEEN {before} PRECEDING AND {after} FOLLOWING"
    for name, key in zip(work.keys, plan.keys, strict=True):
        level.columns[name] = lower_expression(context, key, level)
    # A frame does not matter for it, but a window does.
    number = SqlWindow(call("row_number"), (), (), work.frame)
    level.columns[work.number] = Lowered(call("toInt64", number), T.LONG, nullable=False)
    if not work.frame:
        work.close()
    return work


def _offset(window_call: WindowCall) -> int:
    offset = window_call.arguments[1] if window_call.function in _NEIGHBOURS else None
    return offset.value if isinstance(offset, Literal) and isinstance(offset.value, int) else 1


def _runs(window_call: WindowCall) -> bool:
    """Tell whether the first step needs all rows so far: to sum them, or to count restarts."""
    name, has_restart = (
        window_call.function,
        len(window_call.arguments) > _RESTART_AT.get(window_call.function, 9),
    )
    return name == "row_cumsum" or (name == "row_rank_dense" and has_restart)


@dataclass(slots=True)
class _Work:
    """The level at work and the names of the columns that were made for the calls, which no text can write.

    `frame` is that of the step that numbers the rows, empty when they are numbered already.
    """

    context: LoweringContext
    level: Level
    number: str
    keys: tuple[str, ...]
    frame: str = ""
    parts: dict[tuple[str, str], str] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)

    def close(self) -> None:
        """Make the columns so far ones that window functions may be applied to."""
        self.level = self.level.close(self.context)
        self.frame = ""

    def order(self) -> SqlOrder:
        """Return the order of the rows."""
        return SqlOrder(self.level.columns[self.number].sql, descending=False, nulls_first=False)

    def _column(self, name: str) -> SqlExpression:
        return self.level.columns[name].sql

    def _argument(self, window_call: WindowCall, index: int) -> Lowered:
        return lower_expression(self.context, window_call.arguments[index], self.level)

    def _over(self, function: SqlCall, frame: str = _SO_FAR, group: str | None = None) -> SqlWindow:
        """Return the function over the rows so far, of the same keys, and of the same group."""
        if self.frame:
            return SqlWindow(function, (), (), self.frame)
        names = (*self.keys, *(() if group is None else (group,)))
        return SqlWindow(function, tuple(self._column(name) for name in names), (self.order(),), frame)

    def _keep(self, output: str, part: str, value: Lowered) -> None:
        """Make a column that the second step needs for an output."""
        name = self.parts.setdefault((output, part), f"{self.number}_{len(self.parts)}")
        self.level.columns[name] = value

    def _part(self, output: str, part: str) -> Lowered:
        return self.level.columns[self.parts[output, part]]

    def _has(self, output: str, part: str) -> bool:
        return (output, part) in self.parts

    # --- the first step

    def begin(self, name: str, window_call: WindowCall) -> None:
        """Make the column if it looks at nothing but given ones, else what it is made of."""
        if window_call.function in _NEIGHBOURS:
            self.level.columns[name] = self._neighbour(window_call)
            return
        restart_at = _RESTART_AT[window_call.function]
        if len(window_call.arguments) > restart_at:
            flag = or_else(self._argument(window_call, restart_at), literal(False))
            self._keep(name, "restart", Lowered(flag, T.BOOL, nullable=False))
        match window_call.function:
            case "row_number":
                self._begin_number(name, window_call)
            case "row_cumsum":
                self._begin_sum(name, window_call)
            case "row_window_session":
                self._begin_session(name, window_call)
            case _:
                self._begin_rank(name, window_call)

    def _neighbour(self, window_call: WindowCall) -> Lowered:
        """WIN-4: beyond the first and the last row is the default, or null."""
        value, offset = self._argument(window_call, 0), _offset(window_call)
        arguments: tuple[SqlExpression, ...] = (_nullable(value), literal(offset))
        if len(window_call.arguments) > 2:
            default = self._argument(window_call, 2).sql
            if value.type not in _TEXTS:
                kind = expression_type(value.type)
                arguments, default = (SqlCast(value.sql, kind), literal(offset)), SqlCast(default, kind)
            arguments = (*arguments, default)
        frame = (
            _SO_FAR if window_call.function == "prev" else f"ROWS BETWEEN CURRENT ROW AND {offset} FOLLOWING"
        )
        found = self._over(SqlCall(_NEIGHBOURS[window_call.function], arguments), frame)
        return Lowered(found, value.type, nullable=value.type not in _TEXTS)

    def _position(self) -> Lowered:
        """Return the place of the row among those of its keys, counted from 1."""
        position = self._column(self.number)
        if self.keys:
            position = call("toInt64", self._over(call("row_number")))
        return Lowered(position, T.LONG, nullable=False)

    def _begin_number(self, name: str, window_call: WindowCall) -> None:
        if self._has(name, "restart"):
            self._keep(name, "position", self._position())
        else:
            self.level.columns[name] = _counted(window_call, self._position().sql)

    def _begin_sum(self, name: str, window_call: WindowCall) -> None:
        value = self._argument(window_call, 0)
        if not self._has(name, "restart"):
            total = self._over(call("sum", value.sql))
            self.level.columns[name] = _total(Lowered(total, window_call.type, value.nullable))
            return
        self._keep(name, "value", value)
        self._keep_group(name)

    def _keep_group(self, name: str) -> None:
        """Keep how often there was a restart so far."""
        restarts = self._over(call("countIf", self._part(name, "restart").sql))
        self._keep(name, "group", Lowered(restarts, T.LONG, nullable=False))

    def _begin_rank(self, name: str, window_call: WindowCall) -> None:
        value = self._argument(window_call, 0)
        self._keep(name, "value", value)
        last = self._over(call("lagInFrame", _nullable(value), 1))
        self._keep(name, "last", Lowered(last, value.type, nullable=value.type not in _TEXTS))
        self._keep(name, "position", self._position())
        if window_call.function == "row_rank_dense" and self._has(name, "restart"):
            self._keep_group(name)

    def _begin_session(self, name: str, window_call: WindowCall) -> None:
        """WIN-7: a session ends where the next value is too far from the one before, and around a null."""
        value, length, distance = (self._argument(window_call, index) for index in range(3))
        ticks = Lowered(call("reinterpretAsInt64", value.sql), T.LONG, value.nullable)
        last = self._over(call("lagInFrame", _nullable(ticks), 1))
        apart = call("greaterOrEquals", call("minus", ticks.sql, last), distance.sql)
        starts: SqlExpression = call("ifNull", apart, literal(True))
        if self._has(name, "restart"):
            starts = call("or", starts, self._part(name, "restart").sql)
        self._keep(name, "time", ticks)
        self._keep(name, "length", Lowered(or_else(length, literal(0)), T.TIMESPAN, nullable=False))
        self._keep(name, "starts", Lowered(starts, T.BOOL, nullable=False))

    # --- the second step

    def is_unfinished(self, name: str) -> bool:
        """Tell whether the first step made parts of the column only."""
        return name not in self.level.columns

    def finish(self, name: str, window_call: WindowCall) -> None:
        """Make the column out of what the first step kept for it."""
        match window_call.function:
            case "row_number":
                self._finish_number(name, window_call)
            case "row_cumsum":
                value = self._part(name, "value")
                total = self._over(call("sum", value.sql), group=self.parts[name, "group"])
                self.level.columns[name] = _total(Lowered(total, window_call.type, value.nullable))
            case "row_rank_dense":
                group = self.parts.get((name, "group"))
                changes = self._over(call("countIf", self._is_other(name)), group=group)
                self.level.columns[name] = Lowered(call("toInt64", changes), T.LONG, nullable=False)
            case "row_rank_min":
                position = self._part(name, "position").sql
                first = self._over(call("max", call("if", self._is_other(name), position, 0)))
                rank = call("plus", call("minus", first, self._start(name)), 1)
                self.level.columns[name] = Lowered(rank, T.LONG, nullable=False)
            case _:
                segment = f"{self.number}_{len(self.parts)}_segment"
                counted = self._over(call("countIf", self._part(name, "starts").sql))
                self.level.columns[segment] = Lowered(counted, T.LONG, nullable=False)
                time, length = (self.parts[name, part] for part in ("time", "length"))
                self.sessions[name] = Session(time, length, segment)

    def _finish_number(self, name: str, window_call: WindowCall) -> None:
        position = call("plus", call("minus", self._part(name, "position").sql, self._start(name)), 1)
        self.level.columns[name] = _counted(window_call, position)

    def _start(self, name: str) -> SqlExpression:
        """Return the place of the first row, or of the last one where there was a restart."""
        if not self._has(name, "restart"):
            return call("toInt64", 1)
        position = self._part(name, "position").sql
        return self._over(call("max", call("if", self._part(name, "restart").sql, position, 1)))

    def _is_other(self, name: str) -> SqlExpression:
        """WIN-6: return whether the value is not that of the row before."""
        value, last = self._part(name, "value"), self._part(name, "last")
        is_other: SqlExpression = call("notEquals", value.sql, last.sql)
        if last.nullable:
            nulls = call("notEquals", call("isNull", value.sql), call("isNull", last.sql))
            is_other = call("ifNull", is_other, nulls)
        reasons = [is_other, call("equals", self._part(name, "position").sql, 1)]
        if self._has(name, "restart"):
            reasons.append(self._part(name, "restart").sql)
        return SqlCall("or", tuple(reasons))


def _counted(window_call: WindowCall, position: SqlExpression) -> Lowered:
    """WIN-5: rows are counted from the first argument on."""
    first = window_call.arguments[0] if window_call.arguments else None
    start = first.value if isinstance(first, Literal) and isinstance(first.value, int) else 1
    number = call("plus", position, call("toInt64", start - 1)) if start != 1 else position
    return Lowered(number, T.LONG, nullable=False)


def _nullable(value: Lowered) -> SqlExpression:
    """Return the value such that there is a null beyond the ends: of texts it is the empty one."""
    return value.sql if value.nullable or value.type in _TEXTS else call("toNullable", value.sql)


def _total(total: Lowered) -> Lowered:
    """WIN-6: nulls add nothing."""
    zero = SqlCast(literal("0"), "Decimal(38, 18)") if total.type is T.DECIMAL else literal(0)
    return Lowered(or_else(total, zero), total.type, nullable=False)
