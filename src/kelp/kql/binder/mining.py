"""`reduce`, and the plugins that look for patterns: the engine counts equal rows, the rest is found among these."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, mining, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_aggregate
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import unique
from kelp.kql.binder.project import project_columns, reference
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.summarize import schema_of
from kelp.kql.diagnostics import WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.kql.binder.context import BindContext

_DEFAULT = "~"
"""What stands for the default of an argument."""

_WEIGHT, _WEIGHT_A, _WEIGHT_B = "$weight", "$weight_a", "$weight_b"


class _Arguments:
    """The arguments of a call in their places, `~` where the default is meant."""

    def __init__(
        self, context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
    ) -> None:
        self._context, self._node, self._source, self._names = context, node, source, names
        self._waiting = [argument.value for argument in node.call.arguments]
        for argument in node.call.arguments:
            if argument.name is not None:
                message = f"'{node.call.name.text}' takes no named arguments"
                raise refusal(WRONG_ARGUMENTS, message, argument.span)

    def take(self) -> bound.Expression | None:
        """Return the next argument; None where it is not there, or `~`."""
        if not self._waiting:
            return None
        scope = Scope(self._names, self._source.schema)
        value = expressions.bind_expression(self._context, self._waiting.pop(0), scope)
        return None if isinstance(value, bound.Literal) and value.value == _DEFAULT else value

    def need(self, what: str) -> bound.Expression:
        """Return the next argument, which must be there."""
        value = self.take()
        if value is None:
            name = self._node.call.name.text
            raise refusal(WRONG_ARGUMENTS, f"'{name}' needs {what}", self._node.call.span)
        return value

    def number(self, default: float, low: float, high: float, what: str) -> float:
        """Return the next argument, a constant between two numbers."""
        value = self.take()
        if value is None:
            return default
        number = value.value if isinstance(value, bound.Literal) else None
        if isinstance(number, str) and value.type is T.DECIMAL:
            number = float(number)
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not low <= number <= high:
            raise refusal(WRONG_ARGUMENTS, f"{what} is a constant from {low:g} to {high:g}", value.span)
        return number

    def weight(self) -> bound.ColumnReference | None:
        """Return the next argument, a column of numbers."""
        value = self.take()
        if value is None:
            return None
        if not isinstance(value, bound.ColumnReference) or not value.type.is_numeric:
            raise refusal(WRONG_TYPE, "the weights are a column of numbers", value.span)
        return value

    def wildcards(self, columns: Sequence[Column]) -> tuple[mining.PatternColumn, ...]:
        """Return the columns, with the wildcards that are left: constants, each for the columns of its type."""
        given: dict[T, bound.Literal] = {}
        while self._waiting:
            value = self.take()
            if value is None:
                continue
            if not isinstance(value, bound.Literal):
                raise refusal(WRONG_ARGUMENTS, "a wildcard is a constant", value.span)
            given[value.type] = value
        return tuple(
            mining.PatternColumn(
                f"${place}", given.get(column.type, bound.Literal(column.type, _empty(column.type)))
            )
            for place, column in enumerate(columns)
        )


def _empty(kind: T) -> str | None:
    return "" if kind is T.STRING else None


def bind_mining(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the patterns of the plugins `autocluster`, `basket` and `diffpatterns` (MINE-1 to MINE-4)."""
    arguments = _Arguments(context, node, source, names)
    match node.call.name.text:
        case "autocluster":
            size_weight = arguments.number(0.5, 0, 1, "the weight of the size")
            weight = arguments.weight()
            seeds = int(arguments.number(25, 1, 1000, "the number of seeds"))
            columns = _without(source, weight)
            clusters = mining.Autocluster(arguments.wildcards(columns), _WEIGHT, size_weight, seeds)
            counted = _count(context, source, columns, {_WEIGHT: _times(weight)})
            return _mine(counted, clusters, columns, _COUNTS)
        case "basket":
            threshold = arguments.number(0.05, 0.015, 1, "the threshold")
            weight = arguments.weight()
            dimensions = int(arguments.number(5, 1, 100, "the number of dimensions"))
            columns = _without(source, weight)
            basket = mining.Basket(arguments.wildcards(columns), _WEIGHT, threshold, dimensions)
            counted = _count(context, source, columns, {_WEIGHT: _times(weight)})
            return _mine(counted, basket, columns, _COUNTS)
        case _:
            return _bind_diffpatterns(context, source, arguments)


_COUNTS = (Column("Count", T.LONG), Column("Percent", T.REAL))
_DIFFERENCES = (
    Column("CountA", T.LONG),
    Column("CountB", T.LONG),
    Column("PercentA", T.REAL),
    Column("PercentB", T.REAL),
    Column("PercentDiffAB", T.REAL),
)


def _bind_diffpatterns(context: BindContext, source: bound.Operator, arguments: _Arguments) -> bound.Operator:
    split = arguments.need("the column that tells the sets apart")
    if not isinstance(split, bound.ColumnReference):
        raise refusal(WRONG_ARGUMENTS, "a column is expected here", split.span)
    sets = [convert(arguments.need("the value of each set"), T.STRING) for _ in range(2)]
    weight = arguments.weight()
    threshold = arguments.number(0.05, 0.015, 1, "the threshold")
    dimensions = arguments.number(0, 1, 100, "the number of dimensions")
    columns = _without(source, weight, split)
    text = convert(split, T.STRING)
    is_in = [bound.Call("==", (text, value), T.BOOL) for value in sets]
    rows = bound.Where(source, bound.Call("or", tuple(is_in), T.BOOL))
    weights = {
        name: bound.Call("iff", (condition, _times(weight), bound.Literal(T.REAL, 0.0)), T.REAL)
        for name, condition in zip((_WEIGHT_A, _WEIGHT_B), is_in, strict=True)
    }
    method = mining.DiffPatterns(
        arguments.wildcards(columns), (_WEIGHT_A, _WEIGHT_B), threshold, int(dimensions) or None
    )
    return _mine(_count(context, rows, columns, weights), method, columns, _DIFFERENCES)


def _without(source: bound.Operator, *used: bound.ColumnReference | None) -> tuple[Column, ...]:
    names = {column.name for column in used if column is not None}
    return tuple(column for column in source.schema.columns if column.name not in names)


def _times(weight: bound.ColumnReference | None) -> bound.Expression:
    return bound.Literal(T.REAL, 1.0) if weight is None else convert(weight, T.REAL)


def _count(
    context: BindContext,
    source: bound.Operator,
    columns: Sequence[Column],
    weights: Mapping[str, bound.Expression],
) -> bound.Summarize:
    """Return the distinct values of the columns, named by place, with the sums of the weights."""
    keys = tuple(
        bound.Output(f"${place}", bound.ColumnReference(column.name, column.type))
        for place, column in enumerate(columns)
    )
    # A key keeps one row of no input from being a group.
    one = bound.Output("$one", bound.Literal(T.LONG, 1))
    sums = tuple(
        bound.Output(name, call_aggregate(context, "sum", (value,), value.span, allowed=True))
        for name, value in weights.items()
    )
    return bound.Summarize(source, (*keys, one), sums, schema_of((*keys, one, *sums)))


def _mine(
    counted: bound.Summarize, method: mining.Mining, columns: Sequence[Column], counts: Sequence[Column]
) -> bound.Operator:
    """Return the patterns in the order of their numbers, with the columns named as the input's are."""
    own = (Column("SegmentId", T.LONG), *counts)
    values = tuple(Column(f"value:${place}", column.type) for place, column in enumerate(columns))
    read = [reference(column) for column in counted.schema.columns if column.name != "$one"]
    given = project_columns(counted, tuple(read))
    found = bound.Mine(given, method, RowSchema((*own, *values)))
    taken = [column.name for column in own]
    outputs = [*map(reference, own)]
    for value, column in zip(values, columns, strict=True):
        name = unique(column.name, taken)
        taken.append(name)
        outputs.append(bound.Output(name, bound.ColumnReference(value.name, value.type)))
    key = bound.SortKey(bound.ColumnReference("SegmentId", T.LONG), descending=False, nulls_first=True)
    return project_columns(bound.Sort(found, (key,)), tuple(outputs))


def bind_diffpatterns_text(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the patterns of words in which the texts of two sets of rows differ (MINE-5)."""
    arguments = _Arguments(context, node, source, names)
    text = arguments.need("the column of the texts")
    if text.type not in (T.STRING, T.DYNAMIC):
        raise refusal(WRONG_TYPE, f"texts are expected here, not {text.type}", text.span)
    condition = arguments.need("a condition")
    if condition.type is not T.BOOL:
        raise refusal(WRONG_TYPE, f"a condition is expected here, not {condition.type}", condition.span)
    least = int(arguments.number(1, 0, 200, "the number of tokens"))
    threshold = arguments.number(0.05, 0.015, 1, "the threshold")
    most = int(arguments.number(20, 1, 20, "the number of tokens"))
    outputs = (
        bound.Output("$0", convert(text, T.STRING)),
        bound.Output("$is", condition),
    )
    rows = project_columns(source, outputs)
    is_true = bound.ColumnReference("$is", T.BOOL)
    one, zero = bound.Literal(T.REAL, 1.0), bound.Literal(T.REAL, 0.0)
    weights: dict[str, bound.Expression] = {
        _WEIGHT_A: bound.Call("iff", (is_true, one, zero), T.REAL),
        _WEIGHT_B: bound.Call("iff", (is_true, zero, one), T.REAL),
    }
    counted = _count(context, rows, (Column("$0", T.STRING),), weights)
    method = mining.DiffPatternsText("$0", (_WEIGHT_A, _WEIGHT_B), least, threshold, most)
    read = tuple(reference(column) for column in counted.schema.columns if column.name != "$one")
    columns = (
        Column("Count_of_True", T.LONG),
        Column("Count_of_False", T.LONG),
        Column("Percent_of_True", T.REAL),
        Column("Percent_of_False", T.REAL),
        Column("Pattern", T.STRING),
    )
    return bound.Mine(project_columns(counted, read), method, RowSchema(columns))


def bind_reduce(
    context: BindContext, node: syntax.Reduce, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the patterns of texts with how many there are of each, or each row with its pattern (MINE-6)."""
    by = expressions.bind_expression(context, node.by.value, Scope(names, source.schema))
    text = convert(by, T.STRING)
    kind = next((option.value for option in node.options if option.name.lower() == "kind"), None)
    is_by_text = kind is not None
    if isinstance(kind, syntax.NameExpression) and kind.name != "source":
        raise refusal(WRONG_ARGUMENTS, "'reduce' has no kind but source", node.span)
    threshold, characters = 0.1, None
    for option in node.properties:
        value = expressions.bind_expression(context, option.value, Scope(names)) if option.value else None
        given = value.value if isinstance(value, bound.Literal) else None
        match option.name.lower():
            case "threshold" if isinstance(given, (int, float)) and 0 <= given <= 1:
                threshold = float(given)
            case "characters" if isinstance(given, str):
                characters = given
            case _:
                message = "'reduce' takes a threshold from 0 to 1, and characters as a text"
                raise refusal(WRONG_ARGUMENTS, message, node.span)
    rows = project_columns(source, (bound.Output("$0", text),))
    one: bound.Expression = bound.Literal(T.LONG, 1)
    counted = _count(context, rows, (Column("$0", T.STRING),), {_WEIGHT: one})
    method = mining.Reduce("$0", _WEIGHT, threshold, characters, is_by_text)
    read = tuple(reference(column) for column in counted.schema.columns if column.name != "$one")
    given_rows = project_columns(counted, read)
    if not is_by_text:
        columns = (Column("Pattern", T.STRING), Column("Count", T.LONG), Column("Representative", T.STRING))
        return bound.Mine(given_rows, method, RowSchema(columns))
    found = bound.Mine(given_rows, method, RowSchema((Column("text", T.STRING), Column("Pattern", T.STRING))))
    left = [bound.JoinOutput(column.name, column.name, is_left=True) for column in source.schema.columns]
    name = unique("Pattern", [output.name for output in left])
    outputs = (*left, bound.JoinOutput(name, "Pattern", is_left=False))
    pair = (text, bound.ColumnReference("text", T.STRING))
    schema = RowSchema((*source.schema.columns, Column(name, T.STRING)))
    return bound.Join("leftouter", source, found, (pair,), outputs, schema)
