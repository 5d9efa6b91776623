"""What the binder asks of the world outside the text: which tables and stored functions a query may name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.types import RowSchema


@dataclass(frozen=True, slots=True)
class TableReference:
    """A table of one workspace.

    `workspace` is the name or id as written in `workspace("..")`, None for the query's own scope.
    """

    workspace: str | None
    name: str


@dataclass(frozen=True, slots=True)
class TableSymbol:
    """A table a query may read. `name` has its canonical spelling.

    `plan` names the plan of a table that answers simple queries only (`kql.plan_limits`); empty for any other.
    """

    reference: TableReference
    schema: RowSchema
    plan: str = ""


@dataclass(frozen=True, slots=True)
class StoredFunction:
    """A saved function. `parameters` and `body` are KQL text: `(a: long = 1)`, and what stands between the braces."""

    name: str
    parameters: str
    body: str


@runtime_checkable
class ForeignFunctions(Protocol):
    """What a provider has too that knows the functions of other workspaces."""

    def find_foreign_function(self, workspace: str, name: str) -> StoredFunction | None:
        """Return the function of that name of a workspace that `has_workspace` knows, or None."""
        ...


class SchemaProvider(Protocol):
    """The names of a `QueryScope`. Implementations are immutable for the life of a query and do no I/O."""

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        """Return the table of that name (case-sensitive, as in KQL), or None where the caller may know of none."""
        ...

    def has_workspace(self, workspace: str) -> bool:
        """Tell whether `workspace("..")` names a workspace of the scope."""
        ...

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        """Yield the tables that a wildcard in `union` or `search` may match: those that hold data, in name order."""
        ...

    def table_names(self) -> Iterable[str]:
        """Yield every table name, for the nearest-name hint."""
        ...

    def find_function(self, name: str) -> StoredFunction | None:
        """Return the stored function of that name, or None."""
        ...
