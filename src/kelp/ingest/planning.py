"""Makes load plans: decides where the records of a batch go, sees that there are tables, and writes it all down."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.clickhouse.collected import Collection, compile_collection
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.record_texts import can_be_unfit
from kelp.ingest.collected_columns import assign_columns
from kelp.ingest.intake import CUSTOMER_HEADER, ONCE_HEADER
from kelp.ingest.internal_rows import COLUMNS_HEADER
from kelp.ingest.journal import EnvelopeKind
from kelp.ingest.load_plan import ONCE_STAMP, LoadPlan
from kelp.ingest.recipe import Recipe
from kelp.kql.bound import Literal
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from datetime import datetime

    from kelp.base.clock import Clock
    from kelp.catalog.engine_tables import EngineTables
    from kelp.ingest.batch import Batch
    from kelp.ingest.collected_columns import Assignment
    from kelp.ingest.discovery import Discovery
    from kelp.ingest.flow import Flow, FlowDirectory, Origin
    from kelp.ingest.frame_ledger import FrameLedger
    from kelp.ingest.operation_log import OperationLog

TIME_FIELD_HEADER = "time-generated-field"
RESOURCE_HEADER = "x-ms-azureresourceid"
"""Headers of frames of the HTTP Data Collector API."""

COLLECTED_TEXT_BYTES = 32 * 1024
_TICKS_OF_TWO_DAYS = 2 * 86_400 * 10_000_000
_LOOK_SECONDS = 60.0
_LOOK_AT_FEW_SECONDS = 5.0
_FEW_BYTES = 64 * 1024
"""How often the records of a declared stream are looked at for properties that were not declared; few cost little."""


class Planner:
    """Belongs to one event loop. Nothing is recorded by it: see `Writer`."""

    def __init__(
        self,
        flows: FlowDirectory,
        tables: EngineTables,
        frames: FrameLedger,
        discovery: Discovery,
        log: OperationLog,
        clock: Clock,
    ) -> None:
        self._flows = flows
        self._tables = tables
        self._frames = frames
        self._discovery = discovery
        self._log = log
        self._clock = clock
        self._looked: dict[Origin, datetime] = {}

    def find_tables(self, origin: Origin) -> frozenset[str]:
        """Return the names of the tables that records of the origin go to. Raises `QueryRefusedError`."""
        if origin.kind is EnvelopeKind.DATA_COLLECTOR:
            return frozenset((self._flows.find_table_name(origin.workspace_id, origin.stream),))
        return frozenset(flow.table for flow in self._flows.find_flows(origin))

    async def make_plans(self, origin: Origin, batch: Batch, *, table: str | None = None) -> list[LoadPlan]:
        """Return plans for the batch, one for each table or only for the one named; tables have all columns then.

        None if there is nowhere to go any more. Raises `QueryRefusedError`, and as `EngineTables.ensure_table` does.
        """
        if origin.kind is EnvelopeKind.DATA_COLLECTOR:
            return await self._plan_collection(origin, batch)
        flows = [flow for flow in self._flows.find_flows(origin) if table is None or flow.table == table]
        if not flows:
            return []
        names = await self._find_names(origin, batch, needed=any(flow.is_open for flow in flows))
        plans = []
        for flow in flows:
            if names is not None:
                self._report_unknown(flow, names)
            narrow = self._flows.narrow(flow, names or ()) if flow.is_open else flow
            await self._tables.ensure_table(narrow.workspace_id, narrow.table, narrow.output)
            recipe = self._flows.get_template(narrow).write(
                batch.received_at, batch.headers.get(CUSTOMER_HEADER, "")
            )
            plans.append(self._make_plan(origin, batch, narrow.table, narrow.output, recipe))
        return plans

    async def _find_names(self, origin: Origin, batch: Batch, *, needed: bool) -> frozenset[str] | None:
        """Return the names of the records' properties where they are needed, or not known for some time."""
        told = batch.headers.get(COLUMNS_HEADER)
        if told is not None:
            return frozenset(told.split(","))
        now, looked = self._clock.now(), self._looked.get(origin)
        pause_seconds = _LOOK_SECONDS if batch.size_bytes > _FEW_BYTES else _LOOK_AT_FEW_SECONDS
        if not needed and looked is not None and (now - looked).total_seconds() < pause_seconds:
            return None
        self._looked[origin] = now
        return await self._discovery.find_property_names(batch.records)

    def _report_unknown(self, flow: Flow, names: frozenset[str]) -> None:
        for name in sorted(names - {column.name for column in flow.input}):
            self._log.report_untaken(
                flow.workspace_id, flow.table, name, "its stream does not declare such a column"
            )

    async def _plan_collection(self, origin: Origin, batch: Batch) -> list[LoadPlan]:
        workspace_id = origin.workspace_id
        table = self._flows.find_table_name(workspace_id, origin.stream)
        if not self._flows.has_workspace(workspace_id):
            return []
        kinds = await self._discovery.find_property_kinds(batch.records)
        present = {column.name: column.type for column in self._flows.table_columns(workspace_id, table)}
        assignment = assign_columns(kinds, present)
        for untaken in assignment.untaken:
            self._log.report_untaken(workspace_id, table, untaken.name, untaken.reason)
        collection = _make_collection(batch, assignment, frozenset(kinds))
        await self._tables.ensure_table(workspace_id, table, collection.output)
        recipe = Recipe(
            tuple(column.name for column in collection.output),
            collection.input,
            compile_collection(collection, is_checked=True),
            compile_collection(collection, is_checked=False),
            tuple(
                (one.name, column.type.value)
                for one in collection.properties
                for column in one.columns
                if len(one.columns) == 1 and can_be_unfit(column)
            ),
        )
        return [self._make_plan(origin, batch, table, collection.output, recipe)]

    def _make_plan(
        self, origin: Origin, batch: Batch, table: str, output: tuple[Column, ...], recipe: Recipe
    ) -> LoadPlan:
        return LoadPlan(
            plan_id=uuid4(),
            workspace_id=origin.workspace_id,
            store_id=self._tables.find_present_store(origin.workspace_id),
            table=table,
            generation=self._frames.current_generation(origin.workspace_id, table),
            frames=batch.frames,
            transformation=recipe.encode(),
            transformation_version=origin.route,
            schema_version="",
            columns=tuple((column.name, column.type.value) for column in output),
            now_at=batch.received_at,
            stamps={ONCE_STAMP: batch.headers[ONCE_HEADER]} if ONCE_HEADER in batch.headers else {},
        )


def _make_collection(batch: Batch, assignment: Assignment, names: frozenset[str]) -> Collection:
    received = Literal(ScalarType.DATETIME, to_ticks(batch.received_at))
    constants = [(Column(TIME_COLUMN, ScalarType.DATETIME), received)]
    constants.append((Column(RECEIPT_COLUMN, ScalarType.DATETIME), received))
    customer_id = batch.headers.get(CUSTOMER_HEADER, "")
    constants.append((Column(CUSTOMER_COLUMN, ScalarType.STRING), Literal(ScalarType.STRING, customer_id)))
    constants.append((Column("SourceSystem", ScalarType.STRING), Literal(ScalarType.STRING, "RestAPI")))
    resource = _find_resource(batch.headers.get(RESOURCE_HEADER, ""))
    if resource is not None:
        texts = {"_ResourceId": resource.key, "_SubscriptionId": resource.subscription_id or ""}
        constants += [
            (Column(name, ScalarType.STRING), Literal(ScalarType.STRING, text))
            for name, text in texts.items()
        ]
    time_property = batch.headers.get(TIME_FIELD_HEADER, "")
    received_ticks = to_ticks(batch.received_at)
    return Collection(
        properties=assignment.properties,
        constants=tuple(constants),
        text_limit_bytes=COLLECTED_TEXT_BYTES,
        time_property=time_property if time_property in names else "",
        time_limits=(received_ticks - _TICKS_OF_TWO_DAYS, received_ticks),
    )


def _find_resource(text: str) -> ResourceId | None:
    """Return the resource that a client names; None for a text that names none."""
    try:
        return ResourceId.parse(text) if text else None
    except ServiceError:
        return None
