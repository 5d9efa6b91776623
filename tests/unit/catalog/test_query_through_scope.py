"""The catalog's answers as the compiler and the engine take them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import Load, TableLedger
from kelp.catalog.scope import ScopeBuilder
from kelp.catalog.table_access import FullAccess
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import InputFormat, InsertStatement, QueryLimits, ResultFormat, SourceColumn
from kelp.engine.embedded import EmbeddedEngine
from kelp.kql.types import Column, ScalarType
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace

from .conftest import Resources

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
NOW_TICKS = int(NOW.timestamp()) * 10_000_000
SELECT = """SELECT parseDateTime64BestEffort(at, 7, 'UTC'), parseDateTime64BestEffort(at, 7, 'UTC'), message FROM source"""


class Installation:
    def __init__(
        self, engine: EmbeddedEngine, tables: EngineTables, ledger: TableLedger, directory: WorkspaceDirectory
    ) -> None:
        self.engine = engine
        self.tables = tables
        self.ledger = ledger
        self.scopes = ScopeBuilder(directory)

    async def load(self, workspace: Resource[Workspace], table: str, **rows: datetime) -> None:
        """Load a row for each message."""
        workspace_id = workspace.properties.workspace_id
        await self.tables.ensure_table(workspace_id, table, [Column("SyslogMessage", ScalarType.STRING)])
        body = [{"at": at.isoformat(), "message": message} for message, at in rows.items()]
        statement = InsertStatement(
            table=EngineTable(database_name(workspace_id), table),
            columns=("TimeGenerated", "_TimeReceived", "SyslogMessage"),
            structure=(SourceColumn("at", "String"), SourceColumn("message", "String")),
            select=SELECT,
            format=InputFormat.JSON_EACH_ROW,
            body=(json.dumps(body).encode(),),
        )
        outcome = await self.engine.insert(statement)
        _, first, last = await measure_table(self.engine, statement.table)
        self.ledger.record_loads([Load(uuid4(), workspace_id, table, outcome.rows, 1, first, last)])

    async def query(self, text: str, *workspaces: str) -> list[list[object]]:
        built = self.scopes.build(workspaces, FullAccess(), NOW_TICKS)
        compiled = compile_query(text, built.provider, built.scope, CompileOptions(now_ticks=NOW_TICKS))
        (result,) = compiled.results
        limits = QueryLimits(deadline_seconds=30)
        stream = await self.engine.query(
            result.sql, format=ResultFormat.JSON_ROWS, limits=limits, tag="test", tables=result.tables
        )
        async with stream:
            content = b"".join([chunk async for chunk in stream])
        return [json.loads(line) for line in content.splitlines()]


@pytest.fixture
def installation(
    engine: EmbeddedEngine, engine_tables: EngineTables, ledger: TableLedger, directory: WorkspaceDirectory
) -> Installation:
    return Installation(engine, engine_tables, ledger, directory)


async def test_constants_are_in_every_row_and_can_be_filtered(
    resources: Resources, installation: Installation
) -> None:
    workspace = resources.put_workspace("space")
    await installation.load(workspace, "Syslog", hello=NOW)
    rows = await installation.query(
        "Syslog | where Type == 'Syslog' | project TenantId, Type, _IsBillable, SyslogMessage", "space"
    )
    assert rows == [[str(workspace.properties.workspace_id), "Syslog", "true", "hello"]]
    assert await installation.query("Syslog | where Type != 'Syslog' | count", "space") == [[0]]


async def test_columns_that_no_record_brought_are_empty(
    resources: Resources, installation: Installation
) -> None:
    await installation.load(resources.put_workspace("space"), "Syslog", hello=NOW)
    assert await installation.query("Syslog | project Facility, ProcessID", "space") == [["", None]]
    assert await installation.query("Perf | count", "space") == [[0]]


async def test_rows_beyond_retention_are_not_seen(resources: Resources, installation: Installation) -> None:
    workspace = resources.put_workspace("space", retention=30)
    await installation.load(
        workspace, "Syslog", kept=NOW - timedelta(days=30), gone=NOW - timedelta(days=30, seconds=1), new=NOW
    )
    rows = await installation.query("Syslog | project SyslogMessage | sort by SyslogMessage asc", "space")
    assert rows == [["kept"], ["new"]]


async def test_a_late_row_beyond_retention_is_not_seen(
    resources: Resources, installation: Installation
) -> None:
    workspace = resources.put_workspace("space", retention=30)
    await installation.load(workspace, "Syslog", new=NOW)
    assert await installation.query("Syslog | count", "space") == [[1]]
    await installation.load(workspace, "Syslog", late=NOW - timedelta(days=31))
    assert await installation.query("Syslog | count", "space") == [[1]]


async def test_one_workspace_never_sees_another(resources: Resources, installation: Installation) -> None:
    here, there = resources.put_workspace("here"), resources.put_workspace("there")
    await installation.load(here, "Syslog", mine=NOW)
    await installation.load(there, "Syslog", theirs=NOW)
    assert await installation.query("Syslog | project SyslogMessage", "here") == [["mine"]]
    both = "Syslog | summarize count(), dcount(TenantId)"
    assert await installation.query(both, "here", "there") == [[2, 2]]
    union = 'union Syslog, workspace("there").Syslog | summarize make_set(SyslogMessage)'
    ((found,),) = await installation.query(union, "here")
    assert sorted(json.loads(str(found))) == ["mine", "theirs"]


async def test_wildcards_reach_the_tables_with_rows(resources: Resources, installation: Installation) -> None:
    workspace = resources.put_workspace("space")
    await installation.load(workspace, "Syslog", needle=NOW, hay=NOW)
    await installation.load(workspace, "Orders_CL", needle=NOW)
    assert await installation.query(
        "union withsource=T * | summarize count() by T | sort by T asc", "space"
    ) == [
        ["Orders_CL", 1],
        ["Syslog", 2],
    ]
    assert await installation.query("search 'needle' | count", "space") == [[2]]
