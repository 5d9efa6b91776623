"""Taking functions of neighbouring rows out of expressions, so that nodes of their own compute them (rule WIN-3)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound
from kelp.plan import nodes
from kelp.plan.rewrite import holds_window

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(slots=True)
class _Layers:
    """The calls found so far: those of a layer use columns of the layers before it."""

    calls: list[dict[bound.WindowCall, str]] = field(default_factory=list)

    def name(self, call: bound.WindowCall, depth: int) -> str:
        """Return the column of a call of that layer; equal calls are one."""
        while len(self.calls) <= depth:
            self.calls.append({})
        return self.calls[depth].setdefault(call, f"$window{depth}.{len(self.calls[depth])}")

    def over(self, source: nodes.Plan) -> nodes.Plan:
        """Return the rows with a column for each call."""
        for calls in self.calls:
            outputs = tuple(bound.Output(name, call) for call, name in calls.items())
            source = nodes.Window(source, outputs)
        return source


def build_filter(source: nodes.Plan, predicate: bound.Expression) -> nodes.Filter:
    """Return the filter over rows that have what it asks of their neighbours."""
    if not holds_window(predicate):
        return nodes.Filter(source, predicate)
    layers = _Layers()
    lifted, _ = _lift(predicate, layers)
    return nodes.Filter(layers.over(source), lifted)


def lift_windows(
    source: nodes.Plan, outputs: tuple[bound.Output, ...]
) -> tuple[nodes.Plan, tuple[bound.Output, ...]]:
    """Return the rows with what the outputs ask of their neighbours, and the outputs over them."""
    if not any(holds_window(output.value) for output in outputs):
        return source, outputs
    layers = _Layers()
    lifted = tuple(bound.Output(output.name, _lift(output.value, layers)[0]) for output in outputs)
    return layers.over(source), lifted


def _lift(expression: bound.Expression, layers: _Layers) -> tuple[bound.Expression, int]:
    """Return the expression over columns of the layers, and how many of these it needs."""
    match expression:
        case bound.WindowCall():
            arguments, depth = _lift_all(expression.arguments, layers)
            name = layers.name(replace(expression, arguments=arguments), depth)
            return bound.ColumnReference(name, expression.type, expression.span), depth + 1
        case bound.Call() | bound.AggregateCall():
            arguments, depth = _lift_all(expression.arguments, layers)
            return replace(expression, arguments=arguments), depth
        case bound.InQuery():
            subject, depth = _lift(expression.subject, layers)
            return replace(expression, subject=subject), depth
        case bound.Literal() | bound.ColumnReference() | bound.ScalarQuery():
            return expression, 0
        case _:
            assert_never(expression)


def _lift_all(
    expressions: Iterable[bound.Expression], layers: _Layers
) -> tuple[tuple[bound.Expression, ...], int]:
    lifted = tuple(_lift(expression, layers) for expression in expressions)
    return tuple(part for part, _ in lifted), max((depth for _, depth in lifted), default=0)
