"""The standard tables: read once from the package, decoded table by table when first asked for.

One `StandardTables` is made at start and shared by every workspace, so a thousand workspaces hold one copy. It knows no
workspace and no engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import msgspec

from kelp.clickhouse.ddl import CUSTOMER_COLUMN
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

CANONICAL_COLUMNS: tuple[Column, ...] = (
    Column("TenantId", ScalarType.STRING),
    Column("TimeGenerated", ScalarType.DATETIME),
    Column("SourceSystem", ScalarType.STRING),
    Column("Type", ScalarType.STRING),
    Column("_ResourceId", ScalarType.STRING),
    Column("_SubscriptionId", ScalarType.STRING),
    Column(CUSTOMER_COLUMN, ScalarType.STRING),
    Column("_IsBillable", ScalarType.STRING),
    Column("_BilledSize", ScalarType.REAL),
)
"""The columns of every table, standard or not; those that a declaration lacks stand at its end."""

_FILE = "standard_tables.json"


@dataclass(frozen=True, slots=True)
class StandardTable:
    """A table as documented. `offers_basic_plan` tells whether it may be moved to the Basic plan."""

    name: str
    schema: RowSchema
    categories: tuple[str, ...]
    solutions: tuple[str, ...]
    resource_types: tuple[str, ...]
    offers_basic_plan: bool


class _Packed(msgspec.Struct, frozen=True, rename="camel"):
    columns: str
    categories: tuple[str, ...]
    solutions: tuple[str, ...]
    resource_types: tuple[str, ...]
    basic: bool


class StandardTables:
    """All standard tables by name (case-sensitive). Safe for concurrent use; the same table is the same object."""

    def __init__(self, packed: dict[str, _Packed]) -> None:
        self._packed = packed
        self._decoded: dict[str, StandardTable] = {}
        self._columns: dict[str, Column] = {}
        self._by_lower_name: dict[str, str] | None = None

    def find(self, name: str) -> StandardTable | None:
        """Return the table of that exact name."""
        if (found := self._decoded.get(name)) is not None:
            return found
        if (packed := self._packed.get(name)) is None:
            return None
        return self._decoded.setdefault(name, self._decode(name, packed))

    def find_canonical_name(self, name: str) -> str | None:
        """Return the documented spelling of a name written in any case."""
        if self._by_lower_name is None:
            self._by_lower_name = {known.lower(): known for known in self._packed}
        return self._by_lower_name.get(name.lower())

    def names(self) -> Iterable[str]:
        """All names, in order."""
        return self._packed.keys()

    def __len__(self) -> int:
        return len(self._packed)

    def _decode(self, name: str, packed: _Packed) -> StandardTable:
        columns = [self._column(text) for text in packed.columns.split(" ")]
        return StandardTable(
            name=name,
            schema=RowSchema(with_canonical_columns(columns)),
            categories=packed.categories,
            solutions=packed.solutions,
            resource_types=packed.resource_types,
            offers_basic_plan=packed.basic,
        )

    def _column(self, text: str) -> Column:
        found = self._columns.get(text)
        if found is None:
            name, _, type_name = text.partition(":")
            found = self._columns.setdefault(text, Column(name, ScalarType(type_name or "string")))
        return found


def with_canonical_columns(columns: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns followed by those of `CANONICAL_COLUMNS` that are not among them."""
    declared = tuple(columns)
    names = {column.name for column in declared}
    return declared + tuple(column for column in CANONICAL_COLUMNS if column.name not in names)


def load_standard_tables() -> StandardTables:
    """Read the package's table file (about half a megabyte, a few milliseconds)."""
    content = resources.files(__package__).joinpath(_FILE).read_bytes()
    return StandardTables(msgspec.json.decode(content, type=dict[str, _Packed]))
