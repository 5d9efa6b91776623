"""A node that ingests: the real engine, journal, stores and writer over a temporary folder."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from kelp.base.ids import ResourceId
from kelp.base.settings import IngestSettings
from kelp.blobs.filesystem import FilesystemBlobs
from kelp.blobs.sealed import SealedBlobs
from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.ledger import TableLedger
from kelp.catalog.tables import StandardBuiltInTables, StandardTables, load_standard_tables
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import QueryLimits, ResultFormat
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.settings import EmbeddedSettings
from kelp.ingest.ingestion import Ingestion, Surroundings, open_ingestion
from kelp.ingest.intake import ReceivedBody
from kelp.ingest.journal import EnvelopeKind
from kelp.kql.types import Column, ScalarType
from kelp.resources.author import Author, AuthorKind
from kelp.resources.data_collection_rule import (
    DataCollectionRule,
    DataFlow,
    LogAnalyticsDestination,
    StreamDeclaration,
)
from kelp.resources.database import Database
from kelp.resources.resource import Resource
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.rule_binding import put_rule
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.table import Table, TableColumn, put_table
from kelp.resources.workspace import Workspace, WorkspaceSettings, put_workspace
from tests.unit.ingest.samples import MemoryKeys, TurnedClock

AUTHOR = Author(UUID(int=1), UUID(int=3), "ada@contoso.local", AuthorKind.USER)
SUBSCRIPTION = ResourceId.parse(f"/subscriptions/{UUID(int=2)}")
GROUP = SUBSCRIPTION.child("resourceGroups", "group")
TIME = Column("TimeGenerated", ScalarType.DATETIME)


def columns(**types: str) -> tuple[Column, ...]:
    return tuple(Column(name, ScalarType(kind)) for name, kind in types.items())


@dataclass
class Node:
    """What a test may use of a running node."""

    engine: EmbeddedEngine
    store: ResourceStore
    ledger: TableLedger
    tables: EngineTables
    clock: TurnedClock
    keys: MemoryKeys
    standard: StandardTables
    ingestion: Ingestion
    database: Database
    blobs: SealedBlobs
    directory: WorkspaceDirectory

    def put_workspace(self, name: str = "logs") -> Resource[Workspace]:
        with self.store.write(AUTHOR) as transaction:
            transaction.put(SUBSCRIPTION, Subscription("Contoso"))
            put_resource_group(transaction, GROUP, ResourceGroup("local"))
            workspace_id = GROUP.child("Microsoft.OperationalInsights/workspaces", name)
            return put_workspace(transaction, workspace_id, WorkspaceSettings("local"))

    def put_table(self, workspace: Resource[Workspace], name: str, *own: Column) -> Resource[Table]:
        draft = Table(tuple(TableColumn(column.name, column.type) for column in (TIME, *own)))
        with self.store.write(AUTHOR) as transaction:
            built_in = StandardBuiltInTables(self.standard)
            return put_table(transaction, workspace.id.child("tables", name), draft, built_in)

    def put_rule(
        self,
        workspaces: Sequence[Resource[Workspace]],
        flows: Sequence[DataFlow],
        streams: dict[str, tuple[Column, ...]] | None = None,
        name: str = "rule",
    ) -> str:
        """Store a rule whose destinations are named after their workspaces; return its immutable id."""
        draft = DataCollectionRule(
            location="local",
            stream_declarations=tuple(
                StreamDeclaration(stream, tuple(TableColumn(one.name, one.type) for one in declared))
                for stream, declared in (streams or {}).items()
            ),
            destinations=tuple(
                LogAnalyticsDestination(workspace.id.name, str(workspace.id)) for workspace in workspaces
            ),
            data_flows=tuple(flows),
        )
        with self.store.write(AUTHOR) as transaction:
            rule = put_rule(
                transaction,
                GROUP.child("Microsoft.Insights/dataCollectionRules", name),
                draft,
                StandardBuiltInTables(self.standard),
                lambda *_: [],
            )
        return rule.properties.immutable_id

    async def accept(
        self,
        workspace: Resource[Workspace],
        records: Any,
        *,
        route: str = "",
        stream: str,
        kind: EnvelopeKind = EnvelopeKind.LOGS_INGESTION,
        **more: Any,
    ) -> None:
        """Make a body durable, as an endpoint does."""
        body = records if isinstance(records, bytes) else json.dumps(records).encode()
        received = ReceivedBody(kind=kind, route=route, stream=stream, body=body, **more)
        await self.ingestion.intake.accept((workspace.properties.workspace_id,), received)

    async def load(self) -> None:
        """Return once what was accepted is in the tables, and what Kelp had to say about it too."""
        for _ in range(2):
            await self.ingestion.writer.drain()
            await self.ingestion.rows.flush()
        await self.ingestion.writer.drain()

    async def read(self, workspace: Resource[Workspace], table: str, *names: str) -> list[Any]:
        """The rows of a table, in order of time and then of all the columns named."""
        stored = EngineTable(database_name(workspace.properties.workspace_id), table)
        cells = ", ".join(f"`{name}`" for name in names)
        sql = f"SELECT {cells} FROM {stored.sql} ORDER BY TimeGenerated, {cells}"
        return await self.query(sql, stored)

    async def query(self, sql: str, *tables: EngineTable) -> list[Any]:
        stream = await self.engine.query(
            sql,
            format=ResultFormat.JSON_ROWS,
            limits=QueryLimits(deadline_seconds=60),
            tag="test",
            tables=frozenset(tables),
        )
        async with stream:
            content = b"".join([chunk async for chunk in stream])
        return [json.loads(line) for line in content.splitlines()]

    async def operations(self, workspace: Resource[Workspace]) -> list[str]:
        """What the owner was told."""
        return [detail for (detail,) in await self.read(workspace, "Operation", "Detail")]


@asynccontextmanager
async def open_node(
    folder: Path,
    *,
    clock: TurnedClock | None = None,
    keys: MemoryKeys | None = None,
    settings: IngestSettings | None = None,
    runs: bool = True,
) -> AsyncIterator[Node]:
    """Open a node over a folder, new or not; without `runs` nothing is loaded."""
    clock, keys = clock or TurnedClock(), keys or MemoryKeys()
    async with AsyncExitStack() as stack:
        database = Database.open_file(folder / "kelp.db")
        stack.callback(database.close)
        database.migrate()
        store = ResourceStore(database, clock, keys)
        engine = await EmbeddedEngine.open(
            EmbeddedSettings(data_directory=folder / "engine", reader_threads=2, memory_bytes=1 << 30), keys
        )
        stack.push_async_callback(engine.close)
        ledger, standard = TableLedger(database), load_standard_tables()
        tables = EngineTables(engine, store, ledger, standard)
        around = Surroundings(
            journal_folder=folder / "journal",
            plans_file=folder / "plans.sqlite",
            keys=keys,
            clock=clock,
            store=store,
            directory=(directory := WorkspaceDirectory(store, ledger, standard)),
            tables=tables,
            ledger=ledger,
            engine=engine,
            blobs=(blobs := SealedBlobs(FilesystemBlobs(folder / "blobs"), keys)),
        )
        settings = settings or IngestSettings(flush_interval_seconds=0.05)
        ingestion = await stack.enter_async_context(open_ingestion(around, settings))
        if runs:
            running = asyncio.create_task(ingestion.run())
            stack.push_async_callback(_end, running)
        yield Node(
            engine,
            store,
            ledger,
            tables,
            clock,
            keys,
            standard,
            ingestion,
            database,
            blobs,
            directory,
        )


async def _end(running: asyncio.Task[None]) -> None:
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
