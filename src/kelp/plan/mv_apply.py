"""`mv-apply` without correlation: number the rows, expand them, and run the body for all rows at once, apart by number.

The body's operators carry along the number and the input's other columns under hidden names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql.bound import ColumnReference, Output
from kelp.kql.types import ScalarType
from kelp.plan import nodes
from kelp.plan.carrying import Carried, carry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from kelp.kql import bound
    from kelp.kql.types import Column


def build_mv_apply(
    operator: bound.MvApply,
    source: nodes.Plan,
    build_body: Callable[[bound.Operator, nodes.Plan], nodes.Plan],
    depth: int,
) -> nodes.Plan:
    """Return the plan of `mv-apply`.

    `build_body` gives that of the body over its input; `depth` tells nested ones apart.
    """
    prefix = f"$apply{depth}"
    row = ColumnReference(f"{prefix}.row", ScalarType.LONG)
    expanded = nodes.Unnest(
        source, operator.expansions, False, operator.item_index, operator.limit, row_number=row.name
    )
    made = {expansion.name for expansion in operator.expansions}
    outside = [column for column in operator.input.schema.columns if column.name not in made]
    hidden = {c.name: ColumnReference(f"{prefix}.{c.name}", c.type) for c in outside}
    copies = (Output(hidden[c.name].name, ColumnReference(c.name, c.type)) for c in outside)
    rows = nodes.Extend(expanded, tuple(copies))
    carried = Carried("mv-apply", rows, row, hidden)
    body = carry(build_body(operator.body, rows), carried)
    return nodes.Project(body, tuple(_results(operator, outside, hidden)))


def _results(
    operator: bound.MvApply, outside: Iterable[Column], hidden: dict[str, ColumnReference]
) -> Iterable[Output]:
    """Yield the columns of the result: the input's where the body gives none of that name, then the body's."""
    given = {column.name: column for column in operator.body.schema.columns}
    for column in outside:
        inner = given.pop(column.name, None)
        yield Output(
            column.name, hidden[column.name] if inner is None else ColumnReference(inner.name, inner.type)
        )
    for column in given.values():
        yield Output(column.name, ColumnReference(column.name, column.type))
