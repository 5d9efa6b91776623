from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.inventory import list_columns
from kelp.catalog.ledger import StoredTable, TableLedger
from kelp.catalog.migration import ColumnTypeConflict
from kelp.catalog.storage_rules import BASE_COLUMNS, define_table
from kelp.catalog.tables import StandardTables
from kelp.clickhouse.ddl import SchemaStatement, database_name
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.errors import EngineUnavailable
from kelp.kql.types import Column, ScalarType
from kelp.resources.errors import InvalidDocument
from kelp.resources.table import TableSubType

from .conftest import Resources

MESSAGE = Column("SyslogMessage", ScalarType.STRING)
PROCESS = Column("ProcessID", ScalarType.INT)
NAME, COUNT = Column("Name_s", ScalarType.STRING), Column("Count_d", ScalarType.REAL)
TIME = Column("TimeGenerated", ScalarType.DATETIME)


@pytest.fixture
def workspace_id(resources: Resources) -> WorkspaceId:
    return resources.put_workspace("space").properties.workspace_id


class FailingEngine:
    """The engine, but some of its statements fail."""

    def __init__(self, engine: EmbeddedEngine, failures: int) -> None:
        self._engine = engine
        self.failures = failures

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)

    async def execute(self, statement: SchemaStatement, *, tag: str = "") -> None:
        if self.failures:
            self.failures -= 1
            raise EngineUnavailable
        await self._engine.execute(statement, tag=tag)


async def _columns(engine: EmbeddedEngine, workspace_id: UUID, table: str) -> dict[str, str]:
    return dict((await list_columns(engine, database_name(workspace_id), table)).get(table, {}))


async def test_a_table_appears_with_the_columns_that_records_have(
    engine: EmbeddedEngine, engine_tables: EngineTables, ledger: TableLedger, workspace_id: WorkspaceId
) -> None:
    definition = await engine_tables.ensure_table(
        workspace_id, "Syslog", [MESSAGE, Column("Type", ScalarType.STRING)]
    )
    assert definition.columns == (*BASE_COLUMNS, MESSAGE)
    held = await _columns(engine, workspace_id, "Syslog")
    assert list(held) == [column.name for column in definition.columns]
    assert held["TimeGenerated"] == "DateTime64(7, 'UTC')"
    assert held["SourceSystem"] == "LowCardinality(String)"
    assert ledger.tables(workspace_id)["Syslog"] == StoredTable("Syslog", definition)


async def test_columns_are_added_as_they_come(
    engine: EmbeddedEngine, engine_tables: EngineTables, workspace_id: WorkspaceId
) -> None:
    await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    definition = await engine_tables.ensure_table(workspace_id, "Syslog", [PROCESS])
    assert {MESSAGE, PROCESS} <= set(definition.columns)
    assert await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE, PROCESS]) == definition
    assert {"SyslogMessage", "ProcessID"} <= set(await _columns(engine, workspace_id, "Syslog"))


async def test_many_at_once_make_one_table_with_all_columns(
    engine: EmbeddedEngine, engine_tables: EngineTables, workspace_id: WorkspaceId
) -> None:
    columns = [Column(f"c{number}_s", ScalarType.STRING) for number in range(12)]
    await asyncio.gather(
        *(
            engine_tables.ensure_table(workspace_id, "Orders_CL", columns[start : start + 3])
            for start in range(10)
        )
    )
    assert {column.name for column in columns} <= set(await _columns(engine, workspace_id, "Orders_CL"))


async def test_writers_in_two_processes_agree(
    engine: EmbeddedEngine,
    resources: Resources,
    ledger: TableLedger,
    standard_tables: StandardTables,
    workspace_id: WorkspaceId,
) -> None:
    one = EngineTables(engine, resources.store, ledger, standard_tables)
    other = EngineTables(engine, resources.store, ledger, standard_tables)
    extra, clash = Column("Extra", ScalarType.LONG), Column("Extra", ScalarType.STRING)
    results = await asyncio.gather(
        one.ensure_table(workspace_id, "Syslog", [MESSAGE, extra]),
        other.ensure_table(workspace_id, "Syslog", [PROCESS, clash]),
        return_exceptions=True,
    )
    assert sum(isinstance(result, ColumnTypeConflict) for result in results) == 1


async def test_a_type_never_changes(engine_tables: EngineTables, workspace_id: WorkspaceId) -> None:
    with pytest.raises(
        ColumnTypeConflict, match="Column 'ProcessID' of 'Syslog' is int and can't take string"
    ):
        await engine_tables.ensure_table(workspace_id, "Syslog", [Column("ProcessID", ScalarType.STRING)])
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [NAME])
    with pytest.raises(ColumnTypeConflict, match="Name_s"):
        await engine_tables.ensure_table(workspace_id, "Orders_CL", [Column("Name_s", ScalarType.LONG)])


async def test_records_declare_a_custom_table(
    engine_tables: EngineTables, resources: Resources, ledger: TableLedger, workspace_id: WorkspaceId
) -> None:
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [NAME, *BASE_COLUMNS])
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [COUNT])
    workspace = resources.store.snapshot.workspaces[workspace_id]
    declared = resources.store.snapshot.find_table(workspace, "Orders_CL")
    assert declared is not None
    assert declared.properties.sub_type is TableSubType.CLASSIC
    assert [column.name for column in declared.properties.columns] == ["TimeGenerated", "Name_s", "Count_d"]
    assert ledger.tables(workspace_id)["Orders_CL"].resource_uid == declared.uid


async def test_a_table_declared_for_rules_is_not_redeclared_by_records(
    engine_tables: EngineTables, resources: Resources, workspace_id: WorkspaceId
) -> None:
    workspace = resources.store.snapshot.workspaces[workspace_id]
    before = resources.put_table(workspace, "Orders_CL", TIME, NAME)
    definition = await engine_tables.ensure_table(workspace_id, "Orders_CL", [NAME, COUNT])
    assert COUNT in definition.columns
    after = resources.store.snapshot.find_table(workspace, "Orders_CL")
    assert after is not None
    assert after.etag == before.etag


async def test_a_name_that_no_table_may_have_is_refused(
    engine_tables: EngineTables, workspace_id: WorkspaceId
) -> None:
    with pytest.raises(InvalidDocument, match="ending in '_CL'"):
        await engine_tables.ensure_table(workspace_id, "Orders", [NAME])


async def test_a_workspace_that_is_not_there_gets_no_table(engine_tables: EngineTables) -> None:
    with pytest.raises(ServiceError) as caught:
        await engine_tables.ensure_table(WorkspaceId(UUID(int=9)), "Syslog", [MESSAGE])
    assert caught.value.category is Category.NOT_FOUND


@pytest.mark.parametrize("failures", [1, 2])
async def test_a_change_that_was_cut_short_is_completed(
    engine: EmbeddedEngine,
    resources: Resources,
    ledger: TableLedger,
    standard_tables: StandardTables,
    workspace_id: WorkspaceId,
    failures: int,
) -> None:
    failing = FailingEngine(engine, failures)
    tables = EngineTables(failing, resources.store, ledger, standard_tables)
    for _ in range(failures):
        with pytest.raises(EngineUnavailable):
            await tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    stored = ledger.tables(workspace_id)["Syslog"]
    assert stored.definition is None
    assert stored.pending is not None
    await tables.complete_table(workspace_id, "Syslog")
    assert ledger.tables(workspace_id)["Syslog"] == StoredTable("Syslog", stored.pending)
    assert "SyslogMessage" in await _columns(engine, workspace_id, "Syslog")


async def test_a_change_that_was_done_but_not_entered_is_found_done(
    engine: EmbeddedEngine, engine_tables: EngineTables, ledger: TableLedger, workspace_id: WorkspaceId
) -> None:
    definition = await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    ledger.put(workspace_id, StoredTable("Syslog", None, definition))
    assert await engine_tables.ensure_table(workspace_id, "Syslog", [PROCESS])
    held = await _columns(engine, workspace_id, "Syslog")
    assert {"SyslogMessage", "ProcessID"} <= set(held)


async def test_a_table_declared_anew_begins_empty(
    engine: EmbeddedEngine, engine_tables: EngineTables, resources: Resources, workspace_id: WorkspaceId
) -> None:
    workspace = resources.store.snapshot.workspaces[workspace_id]
    resources.put_table(workspace, "Orders_CL", TIME, NAME)
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [NAME])
    resources.delete_table(workspace, "Orders_CL")
    resources.put_table(workspace, "Orders_CL", TIME, Column("Name_s", ScalarType.LONG))
    await engine_tables.ensure_table(workspace_id, "Orders_CL", [Column("Name_s", ScalarType.LONG)])
    assert (await _columns(engine, workspace_id, "Orders_CL"))["Name_s"] == "Nullable(Int64)"


async def test_dropping_leaves_nothing_and_may_be_repeated(
    engine: EmbeddedEngine, engine_tables: EngineTables, ledger: TableLedger, workspace_id: WorkspaceId
) -> None:
    await engine_tables.drop_table(workspace_id, "Syslog")
    await engine_tables.ensure_table(workspace_id, "Syslog", [MESSAGE])
    await engine_tables.drop_table(workspace_id, "Syslog")
    await engine_tables.drop_table(workspace_id, "Syslog")
    assert await _columns(engine, workspace_id, "Syslog") == {}
    assert ledger.tables(workspace_id) == {}


def test_a_definition_survives_the_ledger(ledger: TableLedger, workspace_id: WorkspaceId) -> None:
    definition = define_table("T_CL", [Column(f"c_{kind}", kind) for kind in ScalarType])
    ledger.put(workspace_id, StoredTable("T_CL", definition))
    ledger.refresh()
    assert ledger.tables(workspace_id)["T_CL"].definition == definition
