"""The worker that brings durable frames into tables: gathers them, plans, has the plan loaded, and tidies up after."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID, uuid4

import structlog

from kelp.base.errors import ServiceError
from kelp.ingest.load_plan import LoadPlan
from kelp.ingest.loading import join_records
from kelp.ingest.recipe import write_recipe
from kelp.kql.diagnostics import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.base.settings import IngestSettings
    from kelp.catalog.engine_tables import EngineTables
    from kelp.ingest.flow import Flow, FlowDirectory
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.journal import Journal
    from kelp.ingest.journal.envelope import Envelope, EnvelopeKind, PendingFrame
    from kelp.ingest.loading import Loader

_RELEASE_INTERVAL_SECONDS = 5.0
_FRAMES_OF_A_BATCH = 20_000


class _Origin(NamedTuple):
    """Frames of one origin are read alike, so they may be loaded together."""

    workspace_id: UUID
    kind: EnvelopeKind
    route: str
    stream: str


@dataclass(slots=True)
class _Gathering:
    """Frames of one origin that wait to be loaded."""

    frames: list[PendingFrame] = field(default_factory=list)
    body_bytes: int = 0
    since: float = 0.0


class Writer:
    """Loads what the journal accepts. One for a journal; `run` until it is cancelled."""

    def __init__(
        self,
        journal: Journal,
        frames: FrameLedger,
        flows: FlowDirectory,
        tables: EngineTables,
        loader: Loader,
        settings: IngestSettings,
        concurrent_loads: int = 2,
    ) -> None:
        self._journal = journal
        self._frames = frames
        self._flows = flows
        self._tables = tables
        self._loader = loader
        self._settings = settings
        self._gathered: defaultdict[_Origin, _Gathering] = defaultdict(_Gathering)
        self._loading: dict[_Origin, asyncio.Task[None]] = {}
        self._slots = asyncio.Semaphore(concurrent_loads)

    async def run(self) -> None:
        """Recover, then load what comes until cancelled; what is being loaded then is replayed at the next start."""
        recovery = await asyncio.to_thread(self._frames.recover)
        async with asyncio.TaskGroup() as tasks:
            for plan in recovery.open_plans:
                tasks.create_task(self._replay(plan))
        for ref in recovery.unplanned:
            self._gather([await asyncio.to_thread(self._journal.describe, ref)])
        releasing = asyncio.create_task(self._release_now_and_then())
        try:
            await self._load_what_comes()
        finally:
            releasing.cancel()
            for task in self._loading.values():
                task.cancel()

    async def _replay(self, plan: LoadPlan) -> None:
        async with self._slots:
            await self._loader.run_plan(plan)

    async def _load_what_comes(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            pause = self._settings.flush_interval_seconds / 4
            self._gather(await asyncio.to_thread(self._journal.take_pending, pause))
            now = loop.time()
            for origin in [origin for origin in self._gathered if self._is_due(origin, now)]:
                gathering = self._gathered.pop(origin)
                self._loading[origin] = asyncio.create_task(self._load(origin, gathering.frames))

    def _gather(self, frames: Sequence[PendingFrame]) -> None:
        now = asyncio.get_running_loop().time()
        for frame in frames:
            origin = _Origin(frame.workspace_id, frame.kind, frame.route, frame.stream)
            gathering = self._gathered[origin]
            if not gathering.frames:
                gathering.since = now
            gathering.frames.append(frame)
            gathering.body_bytes += frame.body_bytes

    def _is_due(self, origin: _Origin, now: float) -> bool:
        if origin in self._loading:
            return False
        gathering = self._gathered[origin]
        return (
            gathering.body_bytes >= self._settings.flush_bytes
            or len(gathering.frames) >= _FRAMES_OF_A_BATCH
            or now - gathering.since >= self._settings.flush_interval_seconds
        )

    async def _load(self, origin: _Origin, frames: list[PendingFrame]) -> None:
        async with self._slots:
            try:
                await self._plan_and_load(frames)
            except QueryRefusedError as refused:
                await self._reject(frames, "TransformationRefused", refused.diagnostics[0].message)
            except ServiceError as error:
                # Nothing was recorded yet: the frames wait with those that came meanwhile.
                structlog.get_logger("kelp.ingest").warning(
                    "load postponed", stream=origin.stream, code=error.code
                )
                await asyncio.sleep(1)
                self._gather(frames)
            finally:
                self._loading.pop(origin, None)

    async def _plan_and_load(self, frames: list[PendingFrame]) -> None:
        flows = self._flows.find_flows(frames[0])
        if not flows:
            await self._reject(frames, "RuleOrWorkspaceGone", "")
            return
        plans = [await self._write_plan(flow, frames) for flow in flows]
        await asyncio.to_thread(self._frames.record_plans, plans)
        body = await asyncio.to_thread(self._read_records, frames)
        for plan in plans:
            await self._loader.run_plan(plan, body)

    def _read_records(self, frames: list[PendingFrame]) -> tuple[bytes, ...]:
        return join_records(self._read(frame) for frame in frames)

    def _read(self, frame: PendingFrame) -> Envelope:
        return self._journal.read(frame.ref)

    async def _write_plan(self, flow: Flow, frames: list[PendingFrame]) -> LoadPlan:
        await self._tables.ensure_table(flow.workspace_id, flow.table, flow.output)
        received_at = frames[0].received_at
        recipe = write_recipe(flow, received_at)
        return LoadPlan(
            plan_id=uuid4(),
            workspace_id=flow.workspace_id,
            table=flow.table,
            generation=self._frames.current_generation(flow.workspace_id, flow.table),
            frames=tuple(frame.ref for frame in frames),
            transformation=recipe.encode(),
            transformation_version=flow.transformation,
            schema_version="",
            columns=tuple((column.name, column.type.value) for column in flow.output),
            now_at=received_at,
            stamps={},
        )

    async def _reject(self, frames: list[PendingFrame], code: str, reason: str) -> None:
        structlog.get_logger("kelp.ingest").warning(
            "frames rejected", code=code, reason=reason, frames=len(frames)
        )
        await asyncio.to_thread(self._frames.reject, [frame.ref for frame in frames], code)

    async def _release_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(_RELEASE_INTERVAL_SECONDS)
            await asyncio.to_thread(self._frames.release)
