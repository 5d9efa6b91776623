"""Makes a table anew from the bodies that were kept, with the rules and transformations of today.

The new rows go to a twin, which takes the table's place at once when it is complete; a generation of load plans begins
with it. Until then the old table answers, and a crash leaves it as it was. Rows that were received before the first day
of which bodies are kept are taken over as they are.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

import msgspec
import structlog

from kelp.base.clock import to_ticks
from kelp.base.durable_file import delete_durably, make_directory_durably, write_durably
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import TableSize
from kelp.clickhouse import ddl
from kelp.engine.errors import RowsRejected
from kelp.ingest.batch import Batch, Gathering
from kelp.ingest.flow import Origin
from kelp.ingest.journal import EnvelopeKind, FrameRef
from kelp.ingest.scan import BodyRefused
from kelp.ingest.twin_table import TwinTable, find_twins

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.base.clock import Clock
    from kelp.catalog.engine_tables import EngineTables
    from kelp.catalog.ledger import TableLedger
    from kelp.catalog.purge_conditions import PurgeConditions
    from kelp.engine.contract import Engine
    from kelp.ingest.flow import FlowDirectory
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.journal import Envelope, Journal
    from kelp.ingest.loading import Loader
    from kelp.ingest.planning import Planner
    from kelp.ingest.raw_archive import RawArchive
    from kelp.ingest.writer import Writer

Progress: TypeAlias = Callable[[int, int], None]

_BATCH_BYTES = 16 * 2**20
_SPAN_SECONDS = 30.0
"""Over how much time the bodies of a batch may have come; all count as received with the last of them."""
_READ_AT_ONCE = 256
_RETRY_SECONDS = 5.0


class _Swap(msgspec.Struct, frozen=True, rename="camel"):
    """A twin that is complete: from now on its table is the twin, whatever happens."""

    workspace_id: UUID
    table: str
    twin_id: str
    store_id: UUID | None = None
    """The store of the twin; None: the one at home."""

    @property
    def store(self) -> UUID:
        """The store of the twin."""
        return self.store_id or self.workspace_id


@dataclass(frozen=True, slots=True)
class _Survey:
    """What is kept of a workspace, as far as it concerns one table."""

    bodies: int
    first_day: datetime | None
    rules_gone: frozenset[str]


class Reprocessing:
    """Belongs to one event loop; one table of a workspace at a time."""

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        journal: Journal,
        frames: FrameLedger,
        archive: RawArchive,
        flows: FlowDirectory,
        planner: Planner,
        loader: Loader,
        writer: Writer,
        tables: EngineTables,
        ledger: TableLedger,
        purges: PurgeConditions,
        clock: Clock,
    ) -> None:
        """`folder` holds a small file for each swap under way."""
        self._folder = folder
        self._engine = engine
        self._journal = journal
        self._frames = frames
        self._archive = archive
        self._flows = flows
        self._planner = planner
        self._loader = loader
        self._writer = writer
        self._tables = tables
        self._ledger = ledger
        self._purges = purges
        self._clock = clock
        self._log = structlog.get_logger("kelp.ingest")

    async def run(self) -> None:
        """Finish the swaps that a former process began, before anything is loaded into their tables, and tidy up."""
        swaps = await asyncio.to_thread(self._read_swaps)
        async with asyncio.TaskGroup() as tasks:
            for swap in swaps:
                tasks.create_task(self._finish_in_time(swap))
            await self._drop_incomplete({(ddl.database_name(one.store), one.table) for one in swaps})

    async def _drop_incomplete(self, complete: Collection[tuple[str, str]]) -> None:
        try:
            for twin in await find_twins(self._engine):
                if (twin.original.database, twin.original.name) not in complete:
                    await twin.drop()
        except ServiceError as error:
            self._log.warning("twins not dropped", code=error.code)

    async def reprocess_table(
        self, workspace_id: WorkspaceId, table: str, on_progress: Progress = lambda *_: None
    ) -> int:
        """Make the table anew and return its number of rows; `on_progress` is told the bodies done, and all of them.

        Nothing is loaded into the table meanwhile: what comes waits in the journal. Raises `ServiceError`, and then the
        table is as before: not_found if it is none or nothing is kept, conflict if it has open plans, or if bodies came
        by rules that are gone, because nobody can tell any more what of them belongs to the table.
        """
        if not self._flows.table_columns(workspace_id, table):
            raise ServiceError(Category.NOT_FOUND, "TableNotFound", f"There is no table '{table}'.")
        await self._writer.wait_recovered()
        async with self._writer.hold_table(workspace_id, table):
            store_id = self._tables.find_present_store(workspace_id)
            definition = await self._tables.ensure_table(workspace_id, table, ())
            twin = TwinTable(self._engine, store_id, table)
            self._require_no_open_plans(workspace_id, table)
            await self._writer.release()
            kept = await asyncio.to_thread(self._list_settled, workspace_id)
            survey = await self._survey(workspace_id, table, kept)
            first_day = _require_enough(survey, table)
            await twin.drop()
            await twin.make(definition)
            try:
                for held in self._tables.list_held(workspace_id, table):
                    assert held.stored.definition is not None
                    columns = held.stored.definition.columns
                    await twin.copy_older_rows(held.table, columns, to_ticks(first_day))
                await self._fill(twin, workspace_id, table, kept, survey.bodies, on_progress)
                await self._apply_purges(twin, workspace_id, table)
                swap = _Swap(workspace_id, table, await twin.find_twin_id(), store_id)
            except BaseException:
                await twin.drop()
                raise
            await asyncio.to_thread(self._write_swap, swap)
            return await self._finish(swap)

    def _require_no_open_plans(self, workspace_id: UUID, table: str) -> None:
        if self._frames.list_open_plans(workspace_id, table):
            raise ServiceError(
                Category.CONFLICT,
                "LoadPlansOpen",
                f"Table '{table}' has open load plans that can't be carried out at present.",
            )

    async def _fill(
        self,
        twin: TwinTable,
        workspace_id: WorkspaceId,
        table: str,
        kept: frozenset[FrameRef],
        bodies: int,
        on_progress: Progress,
    ) -> None:
        gathered: dict[Origin, Gathering] = {}
        done = 0
        async for envelope in self._each_envelope(workspace_id, kept):
            origin = Origin.of(envelope)
            if table not in self._planner.find_tables(origin):
                continue
            gathering = gathered.get(origin)
            if gathering is not None and (
                gathering.size_bytes >= _BATCH_BYTES or not gathering.has_room(envelope.received_at)
            ):
                await self._load(twin, origin, table, gathered.pop(origin).make_batches())
                gathering = None
            gathering = gathering or gathered.setdefault(origin, Gathering(_SPAN_SECONDS))
            try:
                gathering.add(envelope)
            except BodyRefused:
                self._log.error("kept body can't be read", frame=str(envelope.frame_id))
            done += 1
            on_progress(done, bodies)
        for origin, gathering in gathered.items():
            await self._load(twin, origin, table, gathering.make_batches())

    async def _apply_purges(self, twin: TwinTable, workspace_id: WorkspaceId, table: str) -> None:
        """Leave out what was purged: another rule than that of today may have made rows of it."""
        definition = await self._tables.ensure_table(workspace_id, table, ())
        for order in await asyncio.to_thread(self._purges.list_orders, workspace_id, table):
            condition = await asyncio.to_thread(self._purges.print_condition, order, definition.columns)
            await self._engine.execute(ddl.delete_rows(twin.twin, condition))

    async def _survey(self, workspace_id: WorkspaceId, table: str, kept: frozenset[FrameRef]) -> _Survey:
        bodies = 0
        first: datetime | None = None
        gone: set[str] = set()
        async for envelope in self._each_envelope(workspace_id, kept):
            first = min(first or envelope.received_at, envelope.received_at)
            origin = Origin.of(envelope)
            if table in self._planner.find_tables(origin):
                bodies += 1
            elif origin.kind is EnvelopeKind.LOGS_INGESTION and not self._flows.has_rule(origin.route):
                gone.add(origin.route)
        day = first.replace(hour=0, minute=0, second=0, microsecond=0) if first is not None else None
        return _Survey(bodies, day, frozenset(gone))

    async def _each_envelope(self, workspace_id: UUID, kept: frozenset[FrameRef]) -> AsyncIterator[Envelope]:
        envelopes = self._iter_envelopes(workspace_id, kept)
        while some := await asyncio.to_thread(lambda: list(islice(envelopes, _READ_AT_ONCE))):
            for envelope in some:
                yield envelope

    async def _load(self, twin: TwinTable, origin: Origin, table: str, batches: tuple[Batch, ...]) -> None:
        for batch in batches:
            for plan in await self._planner.make_plans(origin, batch, table=table):
                await twin.make(await self._tables.ensure_table(origin.workspace_id, table, ()))
                try:
                    await self._loader.insert(plan, batch.records, is_first=True, table=twin.twin.name)
                except RowsRejected:
                    self._log.error("kept bodies can't be loaded", table=table, plan=str(plan.plan_id))

    async def _finish_in_time(self, swap: _Swap) -> None:
        async with self._writer.hold_table(swap.workspace_id, swap.table):
            while True:
                try:
                    await self._finish(swap)
                except ServiceError as error:
                    self._log.warning("swap postponed", table=swap.table, code=error.code)
                    await asyncio.sleep(_RETRY_SECONDS)
                else:
                    return

    async def _finish(self, swap: _Swap) -> int:
        """Swap, begin a generation, forget the old rows. Safe to call again at any point of it."""
        twin = TwinTable(self._engine, swap.store, swap.table)
        await twin.swap(swap.twin_id)
        accepted_bytes = self._ledger.sizes(swap.store).get(swap.table, TableSize()).bytes
        for held in self._tables.list_held(WorkspaceId(swap.workspace_id), swap.table):
            if held.store_id != swap.store:
                # Its rows are in the twin: those that were copied, and those made anew from the bodies.
                accepted_bytes += held.size.bytes
                await self._tables.drop_table(held.store_id, swap.table)
        await asyncio.to_thread(self._frames.start_generation, swap.workspace_id, swap.table)
        rows, first, last = await measure_table(self._engine, twin.original)
        before = self._ledger.sizes(swap.store).get(swap.table, TableSize())
        size = TableSize(rows, accepted_bytes, first, last)
        await asyncio.to_thread(self._ledger.replace_size, swap.store, swap.table, size, instead_of=before)
        await twin.drop()
        await asyncio.to_thread(delete_durably, self._path(swap))
        return rows

    # What follows blocks.

    def _list_settled(self, workspace_id: UUID) -> frozenset[FrameRef]:
        """Return the frames that are loaded and still in the journal: it archives by halves of segments."""
        return frozenset(
            FrameRef(segment, frame.sequence)
            for segment in self._journal.list_segments()
            for frame in self._journal.list_frames(segment)
            if frame.settled and frame.workspace_id == workspace_id
        )

    def _iter_envelopes(self, workspace_id: UUID, kept: frozenset[FrameRef]) -> Iterator[Envelope]:
        """Yield all that is kept: what the archive has, then what only the journal has; each body once."""
        first_day = self._archive.find_first_day(workspace_id) or self._clock.now().date()
        since = datetime.combine(first_day, time.min, UTC)
        until = self._clock.now() + timedelta(days=2)
        seen: set[UUID] = set()
        in_journal = {ref: self._journal.read(ref).frame_id for ref in sorted(kept)}
        for envelope in self._archive.iter_archived(workspace_id, since, until):
            if envelope.frame_id not in seen:
                seen.add(envelope.frame_id)
                yield envelope
        for ref, frame_id in in_journal.items():
            if frame_id not in seen:
                yield self._journal.read(ref)

    def _path(self, swap: _Swap) -> Path:
        return self._folder / f"{swap.workspace_id}-{swap.table}.json"

    def _write_swap(self, swap: _Swap) -> None:
        make_directory_durably(self._folder)
        write_durably(self._path(swap), msgspec.json.encode(swap))

    def _read_swaps(self) -> list[_Swap]:
        if not self._folder.exists():
            return []
        files = sorted(self._folder.glob("*.json"))
        return [msgspec.json.decode(path.read_bytes(), type=_Swap) for path in files]


def _require_enough(survey: _Survey, table: str) -> datetime:
    if survey.first_day is None or not survey.bodies:
        raise ServiceError(
            Category.NOT_FOUND, "NothingKept", f"No bodies are kept from which table '{table}' could be made."
        )
    if survey.rules_gone:
        named = ", ".join(sorted(survey.rules_gone))
        raise ServiceError(
            Category.CONFLICT,
            "RulesGone",
            f"Bodies came by data collection rules that are gone ({named}); what they brought to table '{table}' would "
            "be lost. Nothing was changed.",
        )
    return survey.first_day
