"""`partition` without loops: the body runs for all partitions at once, apart by key (rules PART-1 to PART-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.bound import ColumnReference, JoinOutput, Literal, Output
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.carrying import Carried, carry

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.kql import bound

_ONE = Literal(ScalarType.LONG, 1)


def build_partition(
    operator: bound.Partition,
    source: nodes.Plan,
    build: Callable[[bound.Operator], nodes.Plan],
    build_body: Callable[[bound.Operator, nodes.Plan], nodes.Plan],
) -> nodes.Plan:
    """Return the plan of `partition`; `build_body` gives that of the body over its input."""
    rows = _partitions(operator, source, build)
    body = carry(build_body(operator.body, rows), Carried("partition", rows, operator.hidden, {}))
    columns = operator.schema.columns
    return nodes.Project(body, tuple(Output(c.name, ColumnReference(c.name, c.type)) for c in columns))


def _partitions(
    operator: bound.Partition, source: nodes.Plan, build: Callable[[bound.Operator], nodes.Plan]
) -> nodes.Plan:
    """Return the rows the body works on, with the key in the hidden column.

    They are those of the input, or all of a query for each key.
    """
    hidden = Output(operator.hidden.name, operator.key)
    if operator.source is None:
        return nodes.Extend(source, (hidden,))
    keys = nodes.Aggregate(source, (hidden,), ())
    outputs = (
        *(JoinOutput(c.name, c.name, is_left=True) for c in operator.source.schema.columns),
        JoinOutput(hidden.name, hidden.name, is_left=False),
    )
    return nodes.Join(nodes.JoinKind.INNER, build(operator.source), keys, ((_ONE, _ONE),), outputs)
