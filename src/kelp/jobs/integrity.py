"""Records the hashes of new parts while the server runs, and compares them when asked.

The engine's disks are encrypted but not authenticated; what the comparison can and can't prove is told in
`engine.manifest`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from kelp.base.errors import ServiceError
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.manifest import collect_part_hashes, compare_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.part_manifest import PartManifest
    from kelp.engine.contract import Engine

INTERVAL = timedelta(minutes=1)
"""Between two looks for new parts. What is altered before the first look after its load is not noticed."""
_QUIET_LOOKS = 10
"""A table whose parts did not change for so many looks is merged, and left alone until the next load."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A part that is not what it was, in one of the workspace's stores."""

    workspace_id: UUID
    table: str
    part: str
    is_missing: bool

    def __str__(self) -> str:
        what = "is missing" if self.is_missing else "was altered"
        return f"workspace {self.workspace_id}, table {self.table}: part {self.part} {what}"


@dataclass(frozen=True, slots=True)
class _Watched:
    """A table at the last look: its rows, and for how many looks its parts had not changed."""

    rows: int
    quiet_looks: int


class Integrity:
    """Hashes of all tables of an installation. `key` is the installation's own (32 bytes)."""

    def __init__(
        self,
        engine: Engine,
        ledger: TableLedger,
        manifest: PartManifest,
        key: bytes,
        owner_of: Callable[[UUID], UUID] = lambda store_id: store_id,
    ) -> None:
        """`owner_of` names the workspace that a store belongs to."""
        self._engine = engine
        self._ledger = ledger
        self._manifest = manifest
        self._key = key
        self._owner_of = owner_of
        self._watched: dict[tuple[UUID, str], _Watched] = {}

    async def record(self) -> None:
        """Record the parts of every table that was loaded, or is still being merged.

        A table that can't be read now is looked at the next time.
        """
        for store_id, name in list(self._iter_tables()):
            rows = self._ledger.sizes(store_id)[name].rows
            watched = self._watched.get((store_id, name))
            if watched is not None and watched.rows == rows and watched.quiet_looks >= _QUIET_LOOKS:
                continue
            try:
                has_changed = await self.record_table(store_id, name)
            except (ServiceError, OSError) as error:
                log = structlog.get_logger("kelp.integrity")
                log.warning("parts not recorded", table=name, error=str(error))
                continue
            quiet_looks = 0 if has_changed or watched is None else watched.quiet_looks + 1
            self._watched[store_id, name] = _Watched(rows, quiet_looks)

    async def record_table(self, store_id: UUID, name: str) -> bool:
        """Record the parts of a table and tell whether they are other than those recorded before.

        Whoever removes rows calls it, so that what is gone is not missed. Raises `EngineError`.
        """
        table = EngineTable(database_name(store_id), name)
        known = await asyncio.to_thread(self._manifest.read, store_id, name)
        parts = await collect_part_hashes(self._engine, table, self._key, known=known)
        if parts == known:
            return False
        await asyncio.to_thread(self._manifest.replace, store_id, name, parts)
        return True

    async def verify(self) -> list[Finding]:
        """Compare every table with what was recorded. Raises `ServiceError` where a table can't be read."""
        findings: list[Finding] = []
        for store_id, name in list(self._iter_tables()):
            recorded = await asyncio.to_thread(self._manifest.read, store_id, name)
            table = EngineTable(database_name(store_id), name)
            compared = compare_parts(recorded, await collect_part_hashes(self._engine, table, self._key))
            findings += [
                Finding(self._owner_of(store_id), name, part, False) for part in sorted(compared.altered)
            ]
            findings += [
                Finding(self._owner_of(store_id), name, part, True) for part in sorted(compared.missing)
            ]
        return findings

    def _iter_tables(self) -> Iterator[tuple[UUID, str]]:
        for store_id in self._ledger.store_ids():
            for name, table in self._ledger.tables(store_id).items():
                if table.holds_rows:
                    yield store_id, name
