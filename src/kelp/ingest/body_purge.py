"""Takes records out of the raw data whose rows were purged, so that no one finds them there.

A body does not say which rows came of it. So its records are run through the rule of today and the rows that come of
them are looked at; where some fulfil the filter, halves are tried until the records are found. A transformation looks
at each record by itself, and so may this.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from kelp.ingest.batch import Batch, take_records
from kelp.ingest.flow import Origin
from kelp.ingest.recipe import decode_recipe
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from kelp.ingest.discovery import Discovery
    from kelp.ingest.journal import Envelope
    from kelp.ingest.load_plan import LoadPlan
    from kelp.ingest.planning import Planner
    from kelp.ingest.raw_archive import RawArchive

_GROUP_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class _Body:
    envelope: Envelope
    records: list[bytes]

    @property
    def size_bytes(self) -> int:
        return sum(map(len, self.records))


class BodyPurge:
    """Belongs to one event loop. Raises as `RawArchive` and `Planner` do."""

    def __init__(self, archive: RawArchive, planner: Planner, discovery: Discovery) -> None:
        self._archive = archive
        self._planner = planner
        self._discovery = discovery

    async def remove(
        self,
        workspace_id: UUID,
        table: str,
        until: datetime,
        print_condition: Callable[[Sequence[Column]], str] | None,
    ) -> int:
        """Take out of the bodies received by then all records whose rows in the table fulfil the condition.

        `print_condition` gives it for a relation with those columns. Without it the bodies go that feed this table
        alone. Returns how many bodies changed; safe to call again.
        """
        count = 0
        for day in await asyncio.to_thread(self._archive.list_days, workspace_id):
            if day <= until.date():
                count += await self._purge_day(workspace_id, day, table, until, print_condition)
        return count

    async def _purge_day(
        self,
        workspace_id: UUID,
        day: date,
        table: str,
        until: datetime,
        print_condition: Callable[[Sequence[Column]], str] | None,
    ) -> int:
        origins = await asyncio.to_thread(self._archive.list_origins, workspace_id, day)
        changes: dict[UUID, Envelope | None] = {}
        for origin in origins:
            tables = self._planner.find_tables(origin)
            if table not in tables:
                continue
            if print_condition is None:
                if tables == {table}:
                    changes |= dict.fromkeys(await self._list_ids(origin, day, until))
                continue
            for bodies in await asyncio.to_thread(self._gather, origin, day, until):
                changes |= await self._purge_bodies(origin, table, bodies, print_condition)
        if not changes:
            return 0

        def change(envelope: Envelope) -> Envelope | None:
            return changes.get(envelope.frame_id, envelope)

        await asyncio.to_thread(self._archive.rewrite_day, workspace_id, day, change)
        return len(changes)

    async def _list_ids(self, origin: Origin, day: date, until: datetime) -> list[UUID]:
        return await asyncio.to_thread(
            lambda: [envelope.frame_id for envelope in self._iter_envelopes(origin, day, until)]
        )

    def _iter_envelopes(self, origin: Origin, day: date, until: datetime) -> Iterator[Envelope]:
        for envelope in self._archive.iter_day(origin.workspace_id, day):
            if Origin.of(envelope) == origin and envelope.received_at <= until:
                yield envelope

    def _gather(self, origin: Origin, day: date, until: datetime) -> list[list[_Body]]:
        """Return the bodies of an origin in groups that are read alike."""
        groups: list[list[_Body]] = []
        open_groups: dict[frozenset[tuple[str, str]], tuple[list[_Body], int]] = {}
        for envelope in self._iter_envelopes(origin, day, until):
            body = _Body(envelope, split_records(take_records(envelope)))
            key = frozenset(envelope.headers.items())
            group, size_bytes = open_groups.get(key, ([], _GROUP_BYTES))
            if size_bytes >= _GROUP_BYTES:
                group, size_bytes = [], 0
                groups.append(group)
            group.append(body)
            open_groups[key] = group, size_bytes + body.size_bytes
        return groups

    async def _purge_bodies(
        self,
        origin: Origin,
        table: str,
        bodies: Sequence[_Body],
        print_condition: Callable[[Sequence[Column]], str],
    ) -> dict[UUID, Envelope | None]:
        records = [record for body in bodies for record in body.records]
        headers, received_at = bodies[0].envelope.headers, bodies[-1].envelope.received_at
        batch = Batch((), headers, received_at, join_records(records), sum(map(len, records)))
        gone: set[int] = set()
        for plan in await self._planner.make_plans(origin, batch, table=table):
            if plan.table == table:
                condition = print_condition(_columns_of(plan))
                gone |= await self._find(plan, condition, records, 0)
        changes: dict[UUID, Envelope | None] = {}
        first = 0
        for body in bodies:
            last = first + len(body.records)
            kept = [record for index, record in enumerate(body.records, first) if index not in gone]
            if len(kept) < len(body.records):
                changes[body.envelope.frame_id] = _with_records(body.envelope, kept)
            first = last
        return changes

    async def _find(self, plan: LoadPlan, condition: str, records: Sequence[bytes], first: int) -> set[int]:
        """Return the numbers, from `first`, of the records whose rows fulfil the condition."""
        if not records:
            return set()
        recipe = decode_recipe(plan.transformation)
        count = await self._discovery.count_rows(recipe, join_records(records), condition)
        if count == 0:
            return set()
        if count >= len(records):
            return set(range(first, first + len(records)))
        middle = len(records) // 2
        left = await self._find(plan, condition, records[:middle], first)
        return left | await self._find(plan, condition, records[middle:], first + middle)


def split_records(plain: bytes) -> list[bytes]:
    """Return the objects of a body, each exactly as it came."""
    return [bytes(raw) for raw in msgspec.json.decode(b"[" + plain + b"]", type=list[msgspec.Raw])]


def join_records(records: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return records in the chunks in which the engine reads them."""
    return tuple(chunk for record in records for chunk in (record, b"\n"))


def _with_records(envelope: Envelope, records: Sequence[bytes]) -> Envelope | None:
    if not records:
        return None
    return replace(envelope, body=b"[" + b",".join(records) + b"]", content_encoding="")


def _columns_of(plan: LoadPlan) -> tuple[Column, ...]:
    return tuple(Column(name, ScalarType(kind)) for name, kind in plan.columns)
