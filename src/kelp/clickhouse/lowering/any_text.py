"""`or` over one needle in many columns, as `search` makes it: what costs by the condition is asked of all at once.

Each condition of its own would compile the expression that tells Unicode's letters from separators, which takes longer
than the search of a small table.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.text_search import has_in_any
from kelp.clickhouse.sql import SqlColumn
from kelp.kql import bound
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.clickhouse.lowering.level import Level
    from kelp.clickhouse.sql import SqlExpression

_FEWEST = 2


def gather_searches(
    conditions: Sequence[bound.Expression], level: Level
) -> tuple[list[SqlExpression], list[bound.Expression]]:
    """Return a condition for each needle that several plain columns are searched for, and what is left of all."""
    columns_of: dict[str, list[tuple[bound.Expression, SqlColumn]]] = {}
    for condition in conditions:
        found = _find_search(condition, level)
        if found is not None:
            needle, column = found
            columns_of.setdefault(needle, []).append((condition, column))
    gathered = {needle: found for needle, found in columns_of.items() if len(found) >= _FEWEST}
    taken = {id(condition) for found in gathered.values() for condition, _ in found}
    joined = [has_in_any([column for _, column in found], needle) for needle, found in gathered.items()]
    return joined, [condition for condition in conditions if id(condition) not in taken]


def _find_search(condition: bound.Expression, level: Level) -> tuple[str, SqlColumn] | None:
    match condition:
        case bound.Call(
            function="has",
            arguments=(
                bound.ColumnReference(name=name, type=ScalarType.STRING),
                bound.Literal(value=str() as needle),
            ),
        ):
            subject = level.columns[name]
            if needle and not subject.term_indexed and isinstance(subject.sql, SqlColumn):
                return needle.lower(), subject.sql
    return None
