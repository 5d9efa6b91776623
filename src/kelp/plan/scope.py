"""What one query may reach.

Built from the caller's rights before anything is compiled; nothing widens it later.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.bound import Expression
    from kelp.kql.schema import TableReference
    from kelp.kql.types import ScalarType


@dataclass(frozen=True, slots=True)
class PropertyPath:
    """A scalar in the stored JSON text of a dynamic column: the names that lead to it, and as which type it is read.

    `reading` is the engine's type, `String` for the text that `tostring` gives.
    """

    column: str
    keys: tuple[str, ...]
    reading: str


@dataclass(frozen=True, slots=True)
class ScopedTable:
    """One stored table behind a name, and the rows of it that the caller may see.

    `predicate` is mandatory for every scan: retention cut-off, record filter, customer; None only where all
    rows may be seen. It refers to the table's columns by name. `stored_columns` are the columns the engine
    has (a known standard table may have none yet, then `exists` is False and the scan is empty).
    `term_indexed` are the columns with a term index; `non_null` those that are never null. `constants` are
    string columns that are not stored because every row has the same value. `promoted` are the properties that
    have a column of their own, by its name, beside the text that holds them. `has_limited_plan` tells that it answers
    simple queries only (`kql.plan_limits`).

    With an empty `database` it is no stored table but the relation of that name that the statement around the
    query gives: the records that a transformation reads.
    """

    database: str
    table: str
    exists: bool
    stored_columns: Mapping[str, ScalarType]
    predicate: Expression | None
    term_indexed: frozenset[str] = frozenset()
    non_null: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    promoted: Mapping[PropertyPath, str] = field(default_factory=lambda: MappingProxyType({}))
    has_limited_plan: bool = False

    @property
    def is_relation(self) -> bool:
        """Whether the rows come with the statement instead of from storage."""
        return not self.database


@dataclass(frozen=True, slots=True)
class QueryScope:
    """The tables a query may read: behind each name the stored ones, several when a query spans workspaces."""

    tables: Mapping[TableReference, tuple[ScopedTable, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
