"""`assert-schema` and `consume`: the rows as they are, or none of them (TAB-8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql import syntax


def bind_assert_schema(node: syntax.AssertSchema, source: bound.Operator) -> bound.Operator:
    """Return the rows; refused where their columns are not exactly those written, in order."""
    wanted = ", ".join(f"{column.name}: {column.type}" for column in node.columns)
    found = ", ".join(f"{column.name}: {column.type}" for column in source.schema.columns)
    if wanted != found:
        raise refusal(WRONG_TYPE, f"the columns are ({found}), not ({wanted})", node.span)
    return source


def bind_consume(source: bound.Operator) -> bound.Take:
    """Return no rows."""
    return bound.Take(source, bound.Literal(ScalarType.LONG, 0))
