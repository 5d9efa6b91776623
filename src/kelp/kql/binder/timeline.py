"""The arguments of plugins that cut a timeline into periods, and the texts that number periods (PLUG-6).

A period is known by its place, counted from 0 for the one that begins at `_start`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import derived_name
from kelp.kql.binder.plugin_text import bind_text, rename_columns
from kelp.kql.binder.project import project_columns
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext

_UNITS = {"week": 7, "month": 28, "year": 365}
"""Periods of the calendar, and how many days they have at least."""


def reads_columns(value: bound.Expression) -> bool:
    """Tell whether a value differs from row to row."""
    waiting: list[bound.Expression] = [value]
    while waiting:
        match waiting.pop():
            case bound.ColumnReference():
                return True
            case bound.Call() | bound.AggregateCall() | bound.WindowCall() as call:
                waiting.extend(call.arguments)
            case bound.InQuery() as membership:
                waiting.append(membership.subject)
    return False


@dataclass(slots=True)
class Timeline:
    """What such a plugin was called with, read argument by argument.

    Columns are kept under names that a text can use: `_id`, `_time`, `_d0` and on, scalars as they are asked for.
    """

    context: BindContext
    node: syntax.Evaluate
    source: bound.Operator
    names: NameScope
    columns: list[bound.Output] = field(default_factory=list)
    values: dict[str, bound.Expression] = field(default_factory=dict)
    time_name: str = ""
    time_type: T = T.DATETIME
    unit: str | None = None
    dimensions: list[str] = field(default_factory=list)
    """How the user calls the dimensions."""
    place: int = 0

    def _next(self, what: str) -> syntax.Expression:
        arguments = self.node.call.arguments
        if self.place >= len(arguments):
            name = self.node.call.name.text
            raise refusal(WRONG_ARGUMENTS, f"'{name}' needs {what}", self.node.call.span)
        argument = arguments[self.place]
        if argument.name is not None:
            message = f"'{self.node.call.name.text}' takes no named arguments"
            raise refusal(WRONG_ARGUMENTS, message, argument.span)
        self.place += 1
        return argument.value

    @property
    def has_more(self) -> bool:
        """Tell whether there are arguments that were not read yet."""
        return self.place < len(self.node.call.arguments)

    def bind(self, node: syntax.Expression) -> bound.Expression:
        """Return the value of an argument, over the columns of the input."""
        return expressions.bind_expression(self.context, node, Scope(self.names, self.source.schema))

    def read_column(self, name: str, what: str) -> str:
        """Keep the next argument as the column `name`; return what the user calls it."""
        node = self._next(what)
        value = self.bind(node)
        if name == "_time":
            if value.type not in (T.DATETIME, T.TIMESPAN) and not value.type.is_numeric:
                raise refusal(WRONG_TYPE, f"a timeline can't be of type {value.type}", node.span)
            self.time_type = value.type
            value = value if value.type in (T.DATETIME, T.TIMESPAN, T.REAL) else convert(value, T.LONG)
        self.columns.append(bound.Output(name, value))
        return derived_name(node, ())

    def read_time(self, what: str = "the column of the timeline") -> None:
        """Keep the next argument as the timeline."""
        self.time_name = self.read_column("_time", what)

    def read_scalar(self, name: str, what: str) -> bound.Expression:
        """Keep the next argument, which must be the same for all rows, as the value `name`."""
        node = self._next(what)
        value = self.bind(node)
        if reads_columns(value):
            raise refusal(WRONG_ARGUMENTS, f"{what} must not depend on the row", node.span)
        if value.type is T.INT:
            value = convert(value, T.LONG)
        self.values[name] = value
        return value

    def read_whole(self, name: str, what: str, low: int, high: int) -> int:
        """Return the next argument, a constant whole number."""
        value = self.read_scalar(name, what)
        number = value.value if isinstance(value, bound.Literal) else None
        if not isinstance(number, int) or isinstance(number, bool) or not low <= number <= high:
            message = f"{what} is a constant from {low} to {high}"
            raise refusal(WRONG_ARGUMENTS, message, self.node.call.arguments[self.place - 1].span)
        return number

    def read_step(self, name: str = "_step", what: str = "the size of a period") -> None:
        """Keep the next argument as the size of a period: a distance, or `week`, `month` or `year`."""
        value = self.read_scalar(name, what)
        if value.type is T.STRING:
            unit = value.value if isinstance(value, bound.Literal) else None
            if unit not in _UNITS or self.time_type is not T.DATETIME:
                message = f"{what} is a distance, or over times 'week', 'month' or 'year'"
                raise refusal(WRONG_ARGUMENTS, message, self.node.call.arguments[self.place - 1].span)
            self.unit = str(unit)

    def next_is_scalar(self) -> bool:
        """Tell whether there is a next argument, and it is the same for all rows."""
        if not self.has_more:
            return False
        node = self.node.call.arguments[self.place].value
        return not isinstance(node, syntax.PipelineExpression) and not reads_columns(self.bind(node))

    def count_scalars(self) -> int:
        """Return how many of the next arguments are the same for all rows."""
        place, found = self.place, 0
        while self.next_is_scalar():
            self.place += 1
            found += 1
        self.place = place
        return found

    def read_dimensions(self) -> None:
        """Keep the arguments that are left as dimensions."""
        while self.has_more:
            name = f"_d{len(self.dimensions)}"
            self.dimensions.append(self.read_column(name, "a dimension"))

    def read_known_ids(self) -> bound.Operator | None:
        """Return the ids of the last argument as `_id`, where that is a table."""
        arguments = self.node.call.arguments
        last = arguments[-1].value
        is_column = isinstance(last, syntax.NameExpression) and self.source.schema.find_column(last.name)
        if not self.has_more or is_column or not pipeline.is_tabular(self.context, last, self.names):
            return None
        table = pipeline.bind_tabular(self.context, last, self.names)
        first = arguments[0].value
        name = first.name if isinstance(first, syntax.NameExpression) else ""
        column = table.schema.find_column(name)
        if column is None:
            raise refusal(WRONG_ARGUMENTS, f"the table of ids has no column '{name}'", last.span)
        call = self.node.call
        self.node = replace(self.node, call=replace(call, arguments=arguments[:-1]))
        ids = (bound.Output("_id", bound.ColumnReference(column.name, column.type)),)
        return project_columns(table, ids)

    def periods(self) -> dict[str, str]:
        """Return parts of texts: lists of the dimensions, whether they are those of the last row, places and times."""
        dimensions = [f"_d{index}" for index in range(len(self.dimensions))]
        listed = "".join(f", {name}" for name in dimensions)
        parts = {
            "dims": listed,
            "front": "".join(f"{name}, " for name in dimensions),
            "sort_dims": "".join(f"{name} asc, " for name in dimensions),
            "same_dims": "".join(f" and prev({name}) == {name}" for name in dimensions),
            "on_dims": listed,
            "by_dims": f"by {listed[2:]}" if listed else "",
        }
        if self.unit is not None:
            return parts | {
                "place": f"datetime_diff('{self.unit}', _time, _start)",
                "last": f"datetime_diff('{self.unit}', _end, _start)",
                "moment": f"datetime_add('{self.unit}', _place, startof{self.unit}(_start))",
            }
        return parts | {
            "place": "tolong(round((bin_at(_time, _step, _start) - _start) / _step))",
            "last": "tolong(round((bin_at(_end, _step, _start) - _start) / _step))",
            "moment": "_start + _place * _step",
        }

    def run(self, text: str, outputs: list[str], **tables: bound.Operator) -> bound.Operator:
        """Return what the text makes of the columns kept, `_rows`, with the columns named `outputs`."""
        rows = bound.Shared("_rows", project_columns(self.source, tuple(self.columns)))
        made = bind_text(self.context, text, {"_rows": rows, **tables}, self.values, self.node.span)
        renamed = rename_columns(made, outputs)
        columns = (
            bound.Output(
                output.name,
                convert(output.value, self.time_type) if output.name in self._time_names() else output.value,
            )
            for output in renamed.outputs
        )
        return project_columns(made, tuple(columns))

    def _time_names(self) -> tuple[str, ...]:
        if not self.time_type.is_numeric:
            return ()
        return (self.time_name, f"from_{self.time_name}", f"to_{self.time_name}")
