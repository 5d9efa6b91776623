"""Takes the calls of functions that the engine can't compute out of expressions, so that segments compute them.

Their arguments become columns, a `Segment` adds a column for each call, and the expression refers to that column. Calls
inside of calls make segments over segments. A call that depends on no row becomes a query of its own, run once. What
a filter asks beside such calls is asked before them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.kql.functions.table import function_table
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan import nodes
from kelp.plan.columns import columns_of
from kelp.plan.rewrite import all_of, iter_conditions, map_inputs, replace_parts
from kelp.plan.segment_operations import Calls, ConstantArgument, Form, SegmentCall, SegmentColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.functions.signature import Function
    from kelp.plan.passes.pipeline import PlanContext

Replacements = Mapping[bound.Expression, bound.Expression]

_INGESTION_TIME = bound.Call("ingestion_time", (), ScalarType.DATETIME)
_RECEIVED = bound.ColumnReference("$received", ScalarType.DATETIME)


def hoist_segments(plan: nodes.Plan, context: PlanContext) -> nodes.Plan:
    """Return the plan whose expressions hold no call of a segment function."""
    del context
    segments = function_table().segments
    walk = _Hoisting(segments)
    hoisted = walk.hoist(plan)
    if walk.has_segments and walk.asks_when_received:
        # Only the table itself knows when its rows were received, not the relation that a segment makes of them.
        return _Hoisting(segments, passes_received=True).hoist(plan)
    return hoisted


def find_segment_call(expression: bound.Expression) -> bound.Call | None:
    """Return a call of a segment function in the expression, if there is one."""
    segments = function_table().segments
    return next((call for call in _iter_calls(expression) if call.function in segments), None)


@dataclass(slots=True)
class _Hoisting:
    """One walk over a plan."""

    segments: Mapping[str, Function]
    passes_received: bool = False
    has_segments: bool = False
    asks_when_received: bool = False
    constants: dict[bound.Call, bound.ScalarQuery] = field(default_factory=dict)

    def hoist(self, plan: nodes.Plan) -> nodes.Plan:
        """Return the node, and all below it, over segments."""
        plan = map_inputs(plan, self.hoist)
        match plan:
            case nodes.Filter():
                return self._filter(plan)
            case nodes.Extend() | nodes.Project() | nodes.Window():
                return self._outputs(plan)
            case nodes.Aggregate():
                return self._aggregate(plan)
            case nodes.Join():
                left, firsts = self._lift(plan.left, [pair[0] for pair in plan.pairs])
                right, seconds = self._lift(plan.right, [pair[1] for pair in plan.pairs])
                return replace(plan, left=left, right=right, pairs=tuple(zip(firsts, seconds, strict=True)))
            case nodes.Sort():
                source, values = self._lift(plan.input, [key.value for key in plan.keys])
                keys = (replace(key, value=value) for key, value in zip(plan.keys, values, strict=True))
                return nodes.Sort(source, tuple(keys))
            case nodes.Limit():
                source, (count_, *groups) = self._lift(plan.input, [plan.count, *plan.keys])
                return nodes.Limit(source, count_, tuple(groups))
            case nodes.Unnest():
                source, values = self._lift(plan.input, [expansion.value for expansion in plan.expansions])
                made = (replace(one, value=value) for one, value in zip(plan.expansions, values, strict=True))
                return replace(plan, input=source, expansions=tuple(made))
            case nodes.Extract():
                source, (subject,) = self._lift(plan.input, [plan.subject])
                return replace(plan, input=source, subject=subject)
            case (
                nodes.Scan()
                | nodes.ScopedScan()
                | nodes.Values()
                | nodes.Counter()
                | nodes.Series()
                | nodes.StepScan()
                | nodes.UnionAll()
                | nodes.Materialized()
                | nodes.Segment()
            ):
                return plan
            case _:
                assert_never(plan)

    def _outputs(self, plan: nodes.Extend | nodes.Project | nodes.Window) -> nodes.Plan:
        if not self._mentions(output.value for output in plan.outputs):
            return plan
        source, values = self._lift(plan.input, [output.value for output in plan.outputs])
        pairs = zip(plan.outputs, values, strict=True)
        return replace(plan, input=source, outputs=tuple(bound.Output(o.name, value) for o, value in pairs))

    def _filter(self, plan: nodes.Filter) -> nodes.Plan:
        if not self._mentions([plan.predicate]):
            return plan
        source, (predicate,) = plan.input, self._as_received(plan.input, [plan.predicate])
        if not self._holds(predicate):
            return nodes.Filter(source, predicate)
        conditions = list(iter_conditions(predicate))
        native = [condition for condition in conditions if not self._holds(condition)]
        if native:
            source = nodes.Filter(source, all_of(native))
        rest = [condition for condition in conditions if self._holds(condition)]
        source, lifted = self._lift(source, rest)
        return nodes.Filter(source, all_of(lifted))

    def _aggregate(self, plan: nodes.Aggregate) -> nodes.Plan:
        """What is called over an aggregate is computed after the aggregation."""
        if not self._mentions(output.value for output in (*plan.keys, *plan.aggregates)):
            return plan
        made: dict[bound.Expression, bound.Expression] = {}
        for output in plan.aggregates:
            if any(
                call.function in self.segments and _aggregates(call) for call in _iter_calls(output.value)
            ):
                for call in _aggregates(output.value):
                    made.setdefault(call, bound.ColumnReference(f"$aggregate{len(made)}", call.type))
        inner = [output for output in plan.aggregates if not _holds_any(output.value, made)]
        inner += [bound.Output(_name_of(column), call) for call, column in made.items()]
        source, values = self._lift(plan.input, [output.value for output in (*plan.keys, *inner)])
        outputs = [
            bound.Output(output.name, value)
            for output, value in zip((*plan.keys, *inner), values, strict=True)
        ]
        keys = len(plan.keys)
        grouped = nodes.Aggregate(source, tuple(outputs[:keys]), tuple(outputs[keys:]))
        if not made:
            return grouped
        results = [
            bound.Output(output.name, replace_parts(output.value, made))
            if _holds_any(output.value, made)
            else bound.Output(output.name, bound.ColumnReference(output.name, output.value.type))
            for output in plan.aggregates
        ]
        passed = (
            bound.Output(key.name, bound.ColumnReference(key.name, key.value.type)) for key in plan.keys
        )
        return self._outputs(nodes.Project(grouped, (*passed, *results)))

    def _lift(
        self, source: nodes.Plan, expressions: list[bound.Expression]
    ) -> tuple[nodes.Plan, list[bound.Expression]]:
        """Return the rows with the columns that the expressions need in place of calls, and the expressions so."""
        if not self._mentions(expressions):
            return source, expressions
        expressions = self._as_received(source, expressions)
        if not any(self._holds(expression) for expression in expressions):
            return source, expressions
        if not _is_one_row(source):
            constants = dict.fromkeys(call for part in expressions for call in self._iter_constants(part))
            once: Replacements = {call: self._once(call) for call in constants}
            expressions = [replace_parts(expression, once) for expression in expressions]
        while calls := dict.fromkeys(call for part in expressions for call in self._iter_innermost(part)):
            fresh = _fresh_names(source)
            names = {call: next(fresh) for call in calls}
            source = self._segment(source, names, fresh)
            made: Replacements = {call: bound.ColumnReference(names[call], call.type) for call in calls}
            expressions = [replace_parts(expression, made) for expression in expressions]
        return source, expressions

    def _segment(
        self, source: nodes.Plan, calls: Mapping[bound.Call, str], fresh: Iterator[str]
    ) -> nodes.Segment:
        """Return the rows with a column for each of the calls."""
        self.has_segments = True
        if self.passes_received and not _gives_received(source):
            source = nodes.Extend(source, (bound.Output(_RECEIVED.name, _INGESTION_TIME),))
        passed = tuple(SegmentColumn(column.name, column.type) for column in columns_of(source))
        computed: dict[tuple[bound.Expression, Form], str] = {}
        made: list[SegmentCall] = []
        for call, name in calls.items():
            row = self.segments[call.function]
            arguments: list[str | ConstantArgument] = []
            for index, value in enumerate(call.arguments):
                form = Form.SERIES if row.takes_series(index, len(call.arguments)) else Form.VALUE
                match value:
                    case bound.Literal():
                        arguments.append(ConstantArgument(value, form))
                    case bound.ColumnReference() if form is Form.VALUE:
                        arguments.append(value.name)
                    case _:
                        arguments.append(
                            computed.get((value, form)) or computed.setdefault((value, form), next(fresh))
                        )
            form = Form.SERIES if row.gives_series else Form.VALUE
            made.append(SegmentCall(call.function, tuple(arguments), SegmentColumn(name, call.type, form)))
        if computed:
            source = nodes.Extend(source, tuple(bound.Output(name, key[0]) for key, name in computed.items()))
        read = (SegmentColumn(name, key[0].type, key[1]) for key, name in computed.items())
        given = (*passed, *(call.output for call in made))
        return nodes.Segment((nodes.SegmentInput(source, (*passed, *read)),), Calls(tuple(made)), given)

    def _as_received(self, source: nodes.Plan, expressions: list[bound.Expression]) -> list[bound.Expression]:
        """Return the expressions with the column that a segment passes on in the place of `ingestion_time()`."""
        if not any(map(_asks_when_received, expressions)):
            return expressions
        self.asks_when_received = True
        if not self.passes_received or not _gives_received(source):
            return expressions
        return [replace_parts(expression, {_INGESTION_TIME: _RECEIVED}) for expression in expressions]

    def _mentions(self, expressions: Iterable[bound.Expression]) -> bool:
        """Tell whether there is anything to do. Asked of every expression there is, so that it must be quick."""
        waiting = list(expressions)
        while waiting:
            part = waiting.pop()
            if isinstance(part, bound.Call):
                if part.function in self.segments or part.function == _INGESTION_TIME.function:
                    return True
                waiting.extend(part.arguments)
            elif not isinstance(part, bound.ColumnReference | bound.Literal):
                waiting.extend(_parts(part))
        return False

    def _holds(self, expression: bound.Expression) -> bool:
        if isinstance(expression, bound.Call) and expression.function in self.segments:
            return True
        return any(map(self._holds, _parts(expression)))

    def _iter_innermost(self, expression: bound.Expression) -> Iterator[bound.Call]:
        for call in _iter_calls(expression):
            if call.function in self.segments and not any(map(self._holds, call.arguments)):
                yield call

    def _iter_constants(self, expression: bound.Expression) -> Iterator[bound.Call]:
        """Yield the calls that depend on no row and stand in none that does."""
        if isinstance(expression, bound.Call) and self._holds(expression):
            if expression.function in self.segments and _is_constant(expression):
                yield expression
                return
        for part in _parts(expression):
            yield from self._iter_constants(part)

    def _once(self, call: bound.Call) -> bound.ScalarQuery:
        """Return the call as a query over one row; of equal calls the same."""
        if call not in self.constants:
            schema = RowSchema((Column("$value", call.type),))
            row = bound.Rows(RowSchema(()), ((),))
            query = bound.Extend(row, (bound.Output("$value", call),), schema)
            self.constants[call] = bound.ScalarQuery(query, call.type, call.span)
        return self.constants[call]


def _gives_received(source: nodes.Plan) -> bool:
    return any(column.name == _RECEIVED.name for column in columns_of(source))


def _asks_when_received(expression: bound.Expression) -> bool:
    if isinstance(expression, bound.Call) and expression.function == _INGESTION_TIME.function:
        return True
    return any(map(_asks_when_received, _parts(expression)))


def _fresh_names(source: nodes.Plan) -> Iterator[str]:
    """Yield names that no column of the rows has. Equal plans get equal ones, so that they stay equal."""
    taken = {column.name for column in columns_of(source)}
    return (name for name in (f"$call{number}" for number in count()) if name not in taken)


def _is_one_row(plan: nodes.Plan) -> bool:
    return isinstance(plan, nodes.Values) and len(plan.rows) == 1


def _name_of(expression: bound.Expression) -> str:
    assert isinstance(expression, bound.ColumnReference)
    return expression.name


def _parts(expression: bound.Expression) -> tuple[bound.Expression, ...]:
    match expression:
        case bound.Call() | bound.AggregateCall() | bound.WindowCall():
            return expression.arguments
        case bound.InQuery():
            return (expression.subject,)
        case bound.Literal() | bound.ColumnReference() | bound.ScalarQuery():
            return ()
        case _:
            assert_never(expression)


def _iter_calls(expression: bound.Expression) -> Iterator[bound.Call]:
    if isinstance(expression, bound.Call):
        yield expression
    for part in _parts(expression):
        yield from _iter_calls(part)


def _aggregates(expression: bound.Expression) -> list[bound.AggregateCall]:
    """Return the aggregations in the expression."""
    if isinstance(expression, bound.AggregateCall):
        return [expression]
    return [call for part in _parts(expression) for call in _aggregates(part)]


def _holds_any(expression: bound.Expression, parts: Replacements) -> bool:
    return expression in parts or any(_holds_any(part, parts) for part in _parts(expression))


def _is_constant(expression: bound.Expression) -> bool:
    """Tell whether the expression has one value for all rows."""
    match expression:
        case bound.ColumnReference() | bound.AggregateCall() | bound.WindowCall():
            return False
        case bound.Call(function="ingestion_time"):
            return False
        case _:
            return all(map(_is_constant, _parts(expression)))
