"""Calls of functions that a workspace has saved: their own place to find names, and errors that say where they are."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql.binder.scope import FunctionBinding, NameScope
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.saved_function import parse_function
from kelp.kql.schema import ForeignFunctions, TableReference

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.kql.binder.context import BindContext
    from kelp.kql.schema import SchemaProvider, StoredFunction, TableSymbol
    from kelp.kql.text import Span

_INSIDE = "in the function '"


def bind_stored(stored: StoredFunction, span: Span) -> FunctionBinding:
    """Return a saved function as if a let statement had defined it, outside all of the query's own names.

    `span` is where it is called: what is wrong with its text is told there.
    """
    with _told_at(stored.name, span):
        return FunctionBinding(stored.name, parse_function(stored), NameScope(), is_saved=True)


def find_foreign(context: BindContext, workspace: str, name: str) -> StoredFunction | None:
    """Return the function of that name of another workspace that the caller may query."""
    provider = context.provider
    return provider.find_foreign_function(workspace, name) if isinstance(provider, ForeignFunctions) else None


@contextmanager
def inside(context: BindContext, binding: FunctionBinding, span: Span) -> Iterator[None]:
    """Bind the body of a function in the block: of a saved one in its own workspace, errors told where it is called."""
    if not binding.is_saved:
        yield
        return
    provider, mending = context.provider, context.mending
    context.mending = None
    if binding.workspace is not None:
        context.provider = _Within(provider, binding.workspace)
    try:
        with _told_at(binding.name, span):
            yield
    finally:
        context.provider, context.mending = provider, mending


@contextmanager
def _told_at(name: str, span: Span) -> Iterator[None]:
    try:
        yield
    except QueryRefusedError as refused:
        told = tuple(
            replace(
                found,
                span=span,
                message=found.message
                if found.message.startswith(_INSIDE)
                else f"{_INSIDE}{name}': {found.message}",
            )
            for found in refused.diagnostics
        )
        raise QueryRefusedError(told) from refused


class _Within:
    """The names of a scope as a function of another workspace sees them: that workspace's come first."""

    def __init__(self, around: SchemaProvider, workspace: str) -> None:
        self._around = around
        self._workspace = workspace

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        return self._around.find_table(TableReference(reference.workspace or self._workspace, reference.name))

    def has_workspace(self, workspace: str) -> bool:
        return self._around.has_workspace(workspace)

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        return self._around.iter_tables(workspace or self._workspace)

    def table_names(self) -> Iterable[str]:
        return (symbol.reference.name for symbol in self.iter_tables(None))

    def find_function(self, name: str) -> StoredFunction | None:
        return self.find_foreign_function(self._workspace, name)

    def find_foreign_function(self, workspace: str, name: str) -> StoredFunction | None:
        around = self._around
        return around.find_foreign_function(workspace, name) if isinstance(around, ForeignFunctions) else None
