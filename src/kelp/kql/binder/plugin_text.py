"""Plugins that are queries themselves: KQL of Kelp's own, bound over the tables and values of the call.

Such a text sees nothing but what it is given. Its columns and names begin with `_`; callers rename what comes out.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from kelp.kql.binder import statements
from kelp.kql.binder.project import project_columns
from kelp.kql.binder.scope import NameScope, ScalarBinding, TabularBinding
from kelp.kql.bound import ColumnReference, Output
from kelp.kql.diagnostics import Diagnostic, QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.bound import Expression, Operator, Project
    from kelp.kql.syntax import QueryBlock
    from kelp.kql.text import Span


@lru_cache(maxsize=128)
def _parse(text: str) -> QueryBlock:
    from kelp.kql.parser import parse  # noqa: PLC0415 - the parser is only needed for such texts

    parsed = parse(text)
    if parsed.diagnostics:
        raise AssertionError(f"{parsed.diagnostics[0].message}\n{text}")
    return parsed.block


def bind_text(
    context: BindContext,
    text: str,
    tables: Mapping[str, Operator],
    values: Mapping[str, Expression],
    span: Span,
) -> Operator:
    """Return the table that the text gives.

    Raises `QueryRefusedError` at `span`, the place of the call, where what it was given does not fit together.
    """
    names = NameScope()
    for name, table in tables.items():
        names = names.define(name, TabularBinding(table))
    for name, value in values.items():
        names = names.define(name, ScalarBinding(value))
    try:
        return statements.bind_tabular_block(context, _parse(text), names)
    except QueryRefusedError as refused:
        found = tuple(
            Diagnostic(one.code, one.severity, one.message, span, one.hint) for one in refused.diagnostics
        )
        raise QueryRefusedError(found) from None


def rename_columns(source: Operator, new_names: Iterable[str]) -> Project:
    """Return the rows with the columns named anew, in order."""
    pairs = zip(new_names, source.schema.columns, strict=True)
    return project_columns(
        source, tuple(Output(name, ColumnReference(column.name, column.type)) for name, column in pairs)
    )
