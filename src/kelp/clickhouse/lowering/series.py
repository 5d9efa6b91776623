"""`make-series`: the bins of each group collected into arrays, those without rows filled in (SERIES-1 to SERIES-5).

The input has one row a bin and group, with the place of its bin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.arrays import array_value
from kelp.clickhouse.functions.json_text import json_array, to_json
from kelp.clickhouse.functions.series import amount_of, origin_of
from kelp.clickhouse.functions.spelling import Lowered, as_text, call, literal
from kelp.clickhouse.functions.ticks import datetime_of
from kelp.clickhouse.lowering.expressions import lower_expression, lower_literal
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral, SqlWindow
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.lowering.level import Level, LoweringContext
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import SeriesValue
    from kelp.plan.nodes import Series

MAX_POINTS = 1_048_576
_ROUNDING = 1e-9
"""What a number of steps between reals may be off a whole number and still be that."""
_PLAIN = (T.INT, T.LONG, T.REAL, T.TIMESPAN)
"""Types whose constants the engine takes as the parameter of an aggregation."""


@dataclass(frozen=True, slots=True)
class _Grid:
    """The axis in numbers: `start` and `stop` are None where the data says."""

    kind: T
    start: SqlExpression | None
    stop: SqlExpression | None
    step: SqlExpression

    @property
    def origin(self) -> SqlExpression:
        """Where places are counted from."""
        return call("toInt64", origin_of(self.kind)) if self.start is None else self.start

    def count(self, low: SqlExpression, found: SqlExpression) -> SqlExpression:
        """Return how many points there are from the place `low` on; `found` are those the data has."""
        count = found
        if self.stop is not None:
            width = call("minus", self.stop, self.origin)
            if self.kind is T.REAL:
                steps: SqlExpression = call(
                    "ceil", call("minus", call("divide", width, self.step), literal(_ROUNDING))
                )
            else:
                steps = call("intDivOrZero", call("minus", call("plus", width, self.step), 1), self.step)
            count = call("minus", call("ifNull", call("toInt64", steps), 0), low)
        return call("least", call("greatest", count, 0), MAX_POINTS)

    def points(self, low: SqlExpression, count: SqlExpression) -> Lowered:
        """Return so many points from the place `low` on."""
        place = call("plus", low, SqlColumn("", "i"))
        amount = call("plus", self.origin, call("multiply", place, self.step))
        point = call("assumeNotNull", datetime_of(amount) if self.kind is T.DATETIME else amount)
        points = call("arrayMap", SqlLambda(("i",), point), call("range", call("toUInt64", count)))
        return array_value(points, self.kind)


@dataclass(frozen=True, slots=True)
class _Array:
    """A series under construction: its column, and whether it is of plain values, or else of JSON texts."""

    value: SeriesValue
    column: str
    is_plain: bool

    @classmethod
    def of(cls, value: SeriesValue, found: Lowered, column: str) -> _Array:
        """Return the plan for a value: nulls, or constants the engine does not take, need JSON."""
        default = value.default
        has_null = found.nullable or default.value is None
        return cls(value, column, value.type in _PLAIN and default.type is value.type and not has_null)

    def collect(self, found: Lowered, position: SqlExpression) -> Lowered:
        """Return the values of a group at their positions."""
        if self.is_plain:
            default = (SqlLiteral(self.value.default.value),)
            items = SqlCall("groupArrayInsertAt", (found.sql, position), default)
        else:
            items = SqlCall("groupArrayInsertAt", (to_json(found), position))
        return Lowered(items, T.DYNAMIC, nullable=False)

    def fill(self, items: SqlExpression, count: SqlExpression) -> Lowered:
        """Return so many values. No JSON text is empty, but the text at a position without a value is."""
        default = lower_literal(self.value.default)
        if self.is_plain:
            return array_value(call("arrayResize", items, count, default.sql), self.value.type)
        x = SqlColumn("", "x")
        text = call("if", call("empty", x), to_json(default), x)
        texts = call("arrayMap", SqlLambda(("x",), text), call("arrayResize", items, count, ""))
        return as_text(json_array(texts), T.DYNAMIC)


def lower_series(context: LoweringContext, plan: Series, level: Level) -> Level:
    """Return a row for each group."""
    level = level.close(context)
    start, stop = (
        None if part is None else amount_of(lower_expression(context, part, level))
        for part in (plan.start, plan.stop)
    )
    grid = _Grid(plan.axis.type, start, stop, lower_expression(context, plan.step, level).sql)
    names = (f"{level.alias}_low", f"{level.alias}_size")
    if start is None:
        keys = tuple(level.columns[key.name].sql for key in plan.keys)
        least = SqlWindow(call("min", level.columns[plan.place.name].sql), keys, (), "")
        level.columns[names[0]] = Lowered(least, T.LONG, nullable=False)
        level = level.close(context)
    arrays = tuple(
        _Array.of(value, level.columns[value.name], f"{level.alias}_{index}")
        for index, value in enumerate(plan.values)
    )
    level = _collect(context, plan, level, arrays, names)
    low = level.columns[names[0]].sql if start is None else call("toInt64", 0)
    count = grid.count(low, level.columns[names[1]].sql if stop is None else literal(0))
    made = {key.name: level.columns[key.name] for key in plan.keys}
    for array in arrays:
        made[array.value.name] = array.fill(level.columns[array.column].sql, count)
    level.columns = {**made, plan.axis.name: grid.points(low, count)}
    return level


def _collect(
    context: LoweringContext,
    plan: Series,
    level: Level,
    arrays: tuple[_Array, ...],
    names: tuple[str, str],
) -> Level:
    """Return the groups, with their least place where that is not the start, and their last where it is not given."""
    low, size = names
    place = level.columns[plan.place.name].sql
    if plan.start is None:
        place = call("minus", place, level.columns[low].sql)
    position = call("toUInt32", call("least", place, MAX_POINTS))
    columns = {key.name: level.columns[key.name] for key in plan.keys}
    for array in arrays:
        columns[array.column] = array.collect(level.columns[array.value.name], position)
    if plan.start is None:
        columns[low] = Lowered(call("min", level.columns[low].sql), T.LONG, nullable=False)
    if plan.stop is None:
        found = call("if", call("equals", call("count"), 0), 0, call("plus", call("max", place), 1))
        columns[size] = Lowered(found, T.LONG, nullable=False)
    level.group_by = [level.columns[key.name].sql for key in plan.keys]
    if not level.group_by and not plan.is_nonempty:
        level.group_by = [literal("")]
    level.is_aggregate = True
    level.columns = columns
    return level.close(context)
