"""When tables changed: what was read at one version is what would be read now, as long as it is the same."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.clickhouse.types import EngineTable


class DataVersion(NamedTuple):
    """`structure` changes with any statement but an insert, `rows` with inserts into the tables."""

    structure: int
    rows: tuple[int, ...]


class DataVersions:
    """Of an engine that nobody else writes to. Safe for concurrent use."""

    def __init__(self) -> None:
        self._changes: Iterator[int] = count(1)
        self._structure = 0
        self._rows: dict[EngineTable, int] = {}

    def note_rows(self, table: EngineTable) -> None:
        """Rows may have been added to a table. Call when they can be seen."""
        self._rows[table] = next(self._changes)

    def note_structure(self) -> None:
        """Something else may have changed: a table was made, altered, emptied, detached."""
        self._structure = next(self._changes)

    def version_of(self, tables: Iterable[EngineTable]) -> DataVersion:
        """Return the version of tables as they are now."""
        return DataVersion(self._structure, tuple(self._rows.get(table, 0) for table in sorted(tables)))
