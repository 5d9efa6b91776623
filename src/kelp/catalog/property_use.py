"""Which properties of dynamic columns queries take out of the stored text again and again: counted in memory.

What is counted is rows whose text was parsed for a property. A table that nobody searches costs nothing more, and one
that a dashboard asks every minute is learned within the hour; after a start, counting begins anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kelp.base.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.clickhouse.types import EngineTable
    from kelp.plan.scope import PropertyPath

_KEPT_PROPERTIES = 10_000
_LONGEST_NAME = 200
"""In characters, of all the names that lead to a property: those of programs that use values as names are longer."""

PropertyRead: TypeAlias = "tuple[EngineTable, PropertyPath]"


class PropertyUse:
    """Belongs to one event loop. `due_rows`: after so many rows a property is worth a column of its own."""

    def __init__(self, due_rows: int) -> None:
        self._due_rows = due_rows
        self._rows: Recent[PropertyRead, int] = Recent(_KEPT_PROPERTIES)
        self._due: dict[PropertyRead, None] = {}

    def record(self, reads: Iterable[PropertyRead], rows: int) -> None:
        """Count a query that took the properties out of so many rows."""
        if rows <= 0:
            return
        for read in reads:
            if sum(map(len, read[1].keys)) > _LONGEST_NAME:
                continue
            counted = (self._rows.find(read) or 0) + rows
            self._rows.keep(read, counted)
            if counted >= self._due_rows:
                self._due[read] = None

    def take_due(self) -> tuple[PropertyRead, ...]:
        """Return the properties that were read often enough since they were taken last."""
        due = tuple(self._due)
        self._due.clear()
        for read in due:
            self._rows.drop(read)
        return due
