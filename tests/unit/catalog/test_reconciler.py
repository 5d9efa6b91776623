from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest

from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.inventory import list_columns, list_databases
from kelp.catalog.ledger import Load, StoredTable, TableLedger, TableSize
from kelp.catalog.reconciler import Reconciler
from kelp.catalog.stocktaking import Stocktaking
from kelp.catalog.storage_rules import define_table
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.clickhouse import ddl
from kelp.clickhouse.types import TICKS_PER_SECOND, EngineTable
from kelp.engine.contract import DatabaseSpec, InputFormat, InsertStatement, SourceColumn
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.errors import WorkspaceKeyUnavailable
from kelp.kql.types import Column, ScalarType
from kelp.resources.resource import Resource
from kelp.resources.snapshot import Snapshot
from kelp.resources.workspace import Workspace, put_workspace

from .conftest import AUTHOR, Resources

MESSAGE = Column("SyslogMessage", ScalarType.STRING)
TIME = Column("TimeGenerated", ScalarType.DATETIME)
NAME = Column("Name", ScalarType.STRING)

MakeReconciler = Callable[[], Reconciler]


@pytest.fixture
def make_reconciler(
    engine: EmbeddedEngine,
    resources: Resources,
    ledger: TableLedger,
    engine_tables: EngineTables,
    directory: WorkspaceDirectory,
) -> MakeReconciler:
    def make() -> Reconciler:
        return Reconciler(
            engine, resources.store, ledger, engine_tables, Stocktaking(engine, ledger, directory)
        )

    return make


@pytest.fixture
def reconciler(make_reconciler: MakeReconciler) -> Reconciler:
    return make_reconciler()


def _database(workspace: Resource[Workspace]) -> str:
    return ddl.database_name(workspace.properties.workspace_id)


async def test_a_workspace_gets_its_database(
    engine: EmbeddedEngine, resources: Resources, reconciler: Reconciler
) -> None:
    workspace = resources.put_workspace("space")
    assert await reconciler.reconcile() == ()
    assert _database(workspace) in await list_databases(engine)
    assert await reconciler.reconcile() == ()


async def test_a_closed_workspace_is_unreadable_and_readable_again_when_recovered(
    resources: Resources, reconciler: Reconciler, engine_tables: EngineTables, engine: EmbeddedEngine
) -> None:
    workspace = resources.put_workspace("space")
    await engine_tables.ensure_table(workspace.properties.workspace_id, "Syslog", [MESSAGE])
    resources.delete_workspace(workspace)
    await reconciler.reconcile()
    optimize = ddl.optimize_partition(EngineTable(_database(workspace), "Syslog"), "20260101")
    with pytest.raises(WorkspaceKeyUnavailable):
        await engine.execute(optimize)
    with resources.store.write(AUTHOR) as transaction:
        put_workspace(transaction, workspace.id, workspace.properties.settings)
    assert await reconciler.reconcile() == ()
    await engine.execute(optimize)


async def test_a_deleted_table_is_removed_with_its_rows(
    resources: Resources,
    reconciler: Reconciler,
    engine_tables: EngineTables,
    engine: EmbeddedEngine,
    ledger: TableLedger,
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    resources.put_table(workspace, "Orders_CL", TIME, NAME)
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [NAME])
    await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    resources.delete_table(workspace, "Orders_CL")
    await reconciler.reconcile()
    assert set(await list_columns(engine, _database(workspace))) == {"Syslog"}
    assert set(ledger.tables(workspace_id)) == {"Syslog"}


async def test_a_pending_change_is_completed(
    resources: Resources, reconciler: Reconciler, engine: EmbeddedEngine, ledger: TableLedger
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    pending = define_table("Syslog", [MESSAGE])
    ledger.put(workspace_id, StoredTable("Syslog", None, pending))
    await reconciler.reconcile()
    assert ledger.tables(workspace_id)["Syslog"] == StoredTable("Syslog", pending)
    assert "SyslogMessage" in (await list_columns(engine, _database(workspace)))["Syslog"]


async def test_what_the_engine_lost_is_made_again(
    resources: Resources,
    make_reconciler: MakeReconciler,
    engine: EmbeddedEngine,
    engine_tables: EngineTables,
    ledger: TableLedger,
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    definition = await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    await engine.execute(ddl.drop_table(EngineTable(_database(workspace), "Syslog")))
    await make_reconciler().reconcile()
    assert ledger.tables(workspace_id)["Syslog"] == StoredTable("Syslog", definition)
    held = await list_columns(engine, _database(workspace))
    assert list(held["Syslog"]) == [column.name for column in definition.columns]


async def test_a_table_that_is_just_being_woken_is_not_taken_for_lost(
    engine_tables: EngineTables,
    resources: Resources,
    ledger: TableLedger,
    reconciler: Reconciler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Taken for lost it would be empty to queries until it was made again."""
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    before = ledger.tables(workspace_id)["Syslog"]

    async def list_those_awake(*_asked: Any) -> dict[str, dict[str, str]]:
        return {}

    monkeypatch.setattr("kelp.catalog.stocktaking.list_columns", list_those_awake)
    assert await reconciler.reconcile() == ()
    assert ledger.tables(workspace_id)["Syslog"] is before


async def test_what_the_ledger_lost_is_taken_in(
    resources: Resources,
    make_reconciler: MakeReconciler,
    engine_tables: EngineTables,
    ledger: TableLedger,
    directory: WorkspaceDirectory,
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    details, extra = Column("ComputerPrivateIPs", ScalarType.DYNAMIC), Column("Extra", ScalarType.LONG)
    definition = await engine_tables.ensure_table(workspace_id, "Heartbeat", [details, extra])
    ledger.remove_table(workspace_id, "Heartbeat")
    await make_reconciler().reconcile()
    taken_in = ledger.tables(workspace_id)["Heartbeat"]
    assert taken_in.definition is not None
    assert taken_in.definition.columns == definition.columns
    assert not taken_in.holds_rows
    table = directory.get_schema(workspace).find_table("Heartbeat")
    assert table is not None
    assert table.parts[0].table.exists


async def test_a_first_time_that_nobody_knows_is_measured(
    engine: EmbeddedEngine,
    resources: Resources,
    ledger: TableLedger,
    engine_tables: EngineTables,
    reconciler: Reconciler,
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    await engine_tables.ensure_table(workspace_id, "Heartbeat", ())
    statement = InsertStatement(
        table=EngineTable(_database(workspace), "Heartbeat"),
        columns=("TimeGenerated", "_TimeReceived"),
        structure=(SourceColumn("at", "Int64"),),
        select="SELECT fromUnixTimestamp64Second(at, 'UTC'), fromUnixTimestamp64Second(at, 'UTC') FROM source",
        format=InputFormat.JSON_EACH_ROW,
        body=(b'{"at": 1790000000}{"at": 1780000000}',),
    )
    await engine.insert(statement)
    ledger.record_loads([Load(uuid4(), workspace_id, "Heartbeat", 2, 40, None, None)])
    await reconciler.reconcile()
    expected = TableSize(2, 40, 1_780_000_000 * TICKS_PER_SECOND, 1_790_000_000 * TICKS_PER_SECOND)
    assert ledger.sizes(workspace_id)["Heartbeat"] == expected


async def test_a_workspace_that_fails_does_not_concern_the_others(
    resources: Resources,
    ledger: TableLedger,
    engine: EmbeddedEngine,
    engine_tables: EngineTables,
    directory: WorkspaceDirectory,
) -> None:
    ill, well = resources.put_workspace("ill1"), resources.put_workspace("well")

    def specify(_: Snapshot, workspace: Resource[Workspace], store_id: UUID) -> DatabaseSpec:
        # Without an installation key there is no double encryption: opening fails.
        return DatabaseSpec(store_id, double_encryption=workspace.id == ill.id)

    stocktaking = Stocktaking(engine, ledger, directory)
    reconciler = Reconciler(
        engine, resources.store, ledger, engine_tables, stocktaking, specify_database=specify
    )
    failures = await reconciler.reconcile()
    assert len(failures) == 1
    databases = await list_databases(engine)
    assert _database(well) in databases
    assert _database(ill) not in databases


async def test_a_database_without_a_workspace_is_left_alone(
    engine: EmbeddedEngine, reconciler: Reconciler
) -> None:
    spec = DatabaseSpec(UUID(int=7))
    await engine.open_database(spec)
    assert await reconciler.reconcile() == ()
    assert spec.name in await list_databases(engine)


async def test_destroying_removes_database_and_entries(
    resources: Resources,
    reconciler: Reconciler,
    engine: EmbeddedEngine,
    engine_tables: EngineTables,
    ledger: TableLedger,
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    resources.delete_workspace(workspace)
    await reconciler.reconcile()
    await reconciler.destroy_workspace(workspace_id)
    await reconciler.destroy_workspace(workspace_id)
    assert _database(workspace) not in await list_databases(engine)
    assert ledger.tables(workspace_id) == {}


async def test_the_worker_follows_changes_and_survives_defects(
    resources: Resources, engine: EmbeddedEngine, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: asyncio.Queue[str] = asyncio.Queue()
    failures = [RuntimeError("a defect")]
    reconcile = reconciler.reconcile

    async def watch() -> tuple[Exception, ...]:
        if failures:
            raise failures.pop()
        result = await reconcile()
        for database in await list_databases(engine):
            await opened.put(database)
        return result

    monkeypatch.setattr(reconciler, "reconcile", watch)
    task = asyncio.create_task(reconciler.run())
    await asyncio.sleep(0)

    async def wait_for(database: str) -> None:
        while await opened.get() != database:
            pass

    first = await asyncio.to_thread(resources.put_workspace, "first")
    await asyncio.wait_for(wait_for(_database(first)), 30)
    second = await asyncio.to_thread(resources.put_workspace, "second")
    await asyncio.wait_for(wait_for(_database(second)), 30)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
