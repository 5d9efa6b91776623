from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from kelp.base.ids import ResourceId
from kelp.base.keys import DataKey
from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.ledger import TableLedger
from kelp.catalog.tables import StandardBuiltInTables, StandardTables, load_standard_tables
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.settings import EmbeddedSettings
from kelp.kql.types import Column
from kelp.resources.author import Author, AuthorKind
from kelp.resources.database import Database
from kelp.resources.resource import Resource
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.table import Table, TableColumn, put_table
from kelp.resources.workspace import Workspace, WorkspaceSettings, delete_workspace, put_workspace

TENANT = UUID(int=1)
AUTHOR = Author(TENANT, UUID(int=3), "ada@contoso.local", AuthorKind.USER)


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, 34, 56, tzinfo=UTC)


class Keys:
    """Keys that keep nothing secret."""

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        return DataKey(1, workspace_id.bytes * 2)

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        return DataKey(version, workspace_id.bytes * 2)

    def get_disk_key(self, store_id: UUID) -> bytes:
        return store_id.bytes * 2

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        return os.urandom(4) + secret

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        return wrapped[4:]


class Resources:
    """A resource store and short ways to put things into it."""

    def __init__(self, database: Database) -> None:
        self.store = ResourceStore(database, FixedClock(), Keys())
        self.built_in = StandardBuiltInTables(load_standard_tables())

    def put_workspace(
        self, name: str, *, group: str = "group", subscription: int = 2, retention: int = 30
    ) -> Resource[Workspace]:
        subscription_id = ResourceId.parse(f"/subscriptions/{UUID(int=subscription)}")
        group_id = subscription_id.child("resourceGroups", group)
        with self.store.write(AUTHOR) as transaction:
            transaction.put(subscription_id, Subscription("Contoso"))
            put_resource_group(transaction, group_id, ResourceGroup("local"))
            workspace_id = group_id.child("Microsoft.OperationalInsights/workspaces", name)
            return put_workspace(
                transaction, workspace_id, WorkspaceSettings("local", retention_in_days=retention)
            )

    def put_table(
        self, workspace: Resource[Workspace], name: str, *columns: Column, table: Table | None = None
    ) -> Resource[Table]:
        draft = table or Table(tuple(TableColumn(column.name, column.type) for column in columns))
        with self.store.write(AUTHOR) as transaction:
            return put_table(transaction, workspace.id.child("tables", name), draft, self.built_in)

    def delete_table(self, workspace: Resource[Workspace], name: str) -> None:
        with self.store.write(AUTHOR) as transaction:
            transaction.delete(workspace.id.child("tables", name))

    def delete_workspace(self, workspace: Resource[Workspace]) -> None:
        with self.store.write(AUTHOR) as transaction:
            delete_workspace(transaction, workspace.id)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open_file(tmp_path / "kelp.db")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def ledger(database: Database) -> TableLedger:
    return TableLedger(database)


@pytest.fixture
def resources(database: Database) -> Resources:
    return Resources(database)


@pytest.fixture(scope="session")
def standard_tables() -> StandardTables:
    return load_standard_tables()


@pytest.fixture
def directory(
    resources: Resources, ledger: TableLedger, standard_tables: StandardTables
) -> WorkspaceDirectory:
    return WorkspaceDirectory(resources.store, ledger, standard_tables)


@pytest_asyncio.fixture
async def engine(tmp_path: Path) -> AsyncIterator[EmbeddedEngine]:
    settings = EmbeddedSettings(data_directory=tmp_path / "engine", reader_threads=2, memory_bytes=1 << 30)
    engine = await EmbeddedEngine.open(settings, Keys())
    yield engine
    await engine.close()


@pytest.fixture
def engine_tables(
    engine: EmbeddedEngine, resources: Resources, ledger: TableLedger, standard_tables: StandardTables
) -> EngineTables:
    return EngineTables(engine, resources.store, ledger, standard_tables)
