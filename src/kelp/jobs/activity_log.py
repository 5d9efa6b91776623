"""Brings the audit of resources into `AzureActivity`: every record once, in the workspaces that its subscription chose.

The follower remembers the last record it looked at. Before a batch is handed in, it notes which: a process that dies in
between hands the same one in again, under the same name, and ingestion takes it once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import msgspec
import structlog

from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.jobs.activity_rows import TABLE, make_activity_row
from kelp.resources.audit import AuditRecord
from kelp.resources.store import ResourceStore

NAME = "activity-log"
INTERVAL = timedelta(seconds=1)
_SETTING = "activity_log"
_BATCH_RECORDS = 1_000
_RETRY_AFTER = timedelta(seconds=30)

Routes = Callable[[AuditRecord], frozenset[UUID]]
"""Says which workspaces a record goes to."""


class Rows(Protocol):
    """The way into the tables of workspaces."""

    async def send(self, workspace_id: UUID, table: str, body: bytes, *, once: str = "") -> None:
        """Return when the rows are durable; what bears the same name `once` is taken once. Raises `ServiceError`."""
        ...


@dataclass(frozen=True, slots=True)
class _Part:
    """The records from `first` to `last` that go to one workspace; one that was handed in never changes again."""

    workspace_id: UUID
    first: int
    last: int

    @property
    def once(self) -> str:
        return f"activity {self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class _Position:
    """`sequence` is the last record that was looked at.

    `underway` was handed in, and may or may not have been taken; `owed` waits for a workspace that took nothing.
    """

    sequence: int = 0
    underway: tuple[_Part, ...] = ()
    owed: tuple[_Part, ...] = ()


class ActivityLog:
    """Belongs to one event loop; a process and store has one.

    A workspace that takes nothing holds up no other: what it is owed is tried again now and then.
    """

    def __init__(self, store: ResourceStore, rows: Rows, routes: Routes, clock: Clock) -> None:
        self._store = store
        self._rows = rows
        self._routes = routes
        self._clock = clock
        self._retry_at = clock.now()
        self._kept: _Position | None = None

    async def run(self) -> None:
        """Write what was recorded since the last run, and what is owed when it is time to try again."""
        position = await asyncio.to_thread(self._read)
        if self._clock.now() >= self._retry_at and (position.underway or position.owed):
            self._retry_at = self._clock.now() + _RETRY_AFTER
            blocked = {part.workspace_id for part in position.underway}
            heads, rest = _cut(position.owed, blocked)
            position = replace(position, owed=rest)
            position = await self._hand_in(position, (*position.underway, *heads))
        while records := await asyncio.to_thread(self._store.audit_after, position.sequence, _BATCH_RECORDS):
            first, last = records[0].sequence, records[-1].sequence
            targets = {one for record in records for one in self._routes(record)}
            new = [_Part(one, first, last) for one in sorted(targets)]
            behind = {part.workspace_id for part in (*position.owed, *position.underway)}
            owed = _merge((*position.owed, *(part for part in new if part.workspace_id in behind)))
            fresh = tuple(part for part in new if part.workspace_id not in behind)
            position = await self._hand_in(
                replace(position, sequence=last, owed=owed), (*position.underway, *fresh), fresh
            )

    async def _hand_in(
        self, position: _Position, underway: tuple[_Part, ...], parts: tuple[_Part, ...] | None = None
    ) -> _Position:
        """Send parts of what is underway, all unless they are named; return the position behind those taken."""
        await self._write(replace(position, underway=underway))
        sent = underway if parts is None else parts
        taken = {part for part in sent if await self._send(part)}
        position = replace(position, underway=tuple(part for part in underway if part not in taken))
        await self._write(position)
        return position

    async def _send(self, part: _Part) -> bool:
        """Hand a part in; return whether it is done with."""
        count = part.last - part.first + 1
        records = await asyncio.to_thread(self._store.audit_after, part.first - 1, count)
        rows = [make_activity_row(record) for record in records if part.workspace_id in self._routes(record)]
        if not rows:
            return True
        try:
            await self._rows.send(part.workspace_id, TABLE, msgspec.json.encode(rows), once=part.once)
        except ServiceError as error:
            structlog.get_logger("kelp.jobs").warning(
                "activity not written", workspace=str(part.workspace_id), rows=len(rows), code=error.code
            )
            # A workspace that is gone has nobody left who would read the rows.
            return error.category is Category.NOT_FOUND
        return True

    def _read(self) -> _Position:
        if self._kept is None:
            text = self._store.find_setting(_SETTING)
            self._kept = _Position() if text is None else msgspec.json.decode(text, type=_Position)
        return self._kept

    async def _write(self, position: _Position) -> None:
        """Keep the position, unless it is what is kept already."""
        if position == self._kept:
            return
        text = msgspec.json.encode(position).decode()
        await asyncio.to_thread(self._store.note_setting, _SETTING, text)
        self._kept = position


def _merge(parts: Iterable[_Part]) -> tuple[_Part, ...]:
    """Return one part for each workspace. What lies between two of its parts went to others, or was nobody's."""
    merged: dict[UUID, _Part] = {}
    for part in parts:
        known = merged.get(part.workspace_id, part)
        first, last = min(known.first, part.first), max(known.last, part.last)
        merged[part.workspace_id] = _Part(part.workspace_id, first, last)
    return tuple(merged.values())


def _cut(parts: Iterable[_Part], blocked: set[UUID]) -> tuple[tuple[_Part, ...], tuple[_Part, ...]]:
    """Return what of each part fits into one batch, and the rest; of blocked workspaces all is rest."""
    heads, rests = [], []
    for part in parts:
        last = min(part.last, part.first + _BATCH_RECORDS - 1)
        if part.workspace_id in blocked:
            rests.append(part)
            continue
        heads.append(_Part(part.workspace_id, part.first, last))
        if last < part.last:
            rests.append(_Part(part.workspace_id, last + 1, part.last))
    return tuple(heads), tuple(rests)
