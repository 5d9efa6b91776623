from __future__ import annotations

from uuid import uuid4

from kelp.catalog.ledger import StoredTable, TableLedger
from kelp.catalog.storage_rules import define_table
from kelp.catalog.tables import CANONICAL_COLUMNS, StandardTables
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.catalog.workspace_schema import WorkspaceTable
from kelp.kql.types import Column, ScalarType
from kelp.resources.resource import Resource
from kelp.resources.table import Table, TableColumn, TablePlan
from kelp.resources.workspace import Workspace

from .conftest import Resources

TIME = Column("TimeGenerated", ScalarType.DATETIME)
PRICE = Column("Price", ScalarType.REAL)


def _find(directory: WorkspaceDirectory, workspace: Resource[Workspace], name: str) -> WorkspaceTable:
    table = directory.get_schema(workspace).find_table(name)
    assert table is not None
    return table


def test_a_standard_table_is_known_before_it_is_stored(
    resources: Resources, directory: WorkspaceDirectory, standard_tables: StandardTables
) -> None:
    workspace = resources.put_workspace("space")
    table = _find(directory, workspace, "Syslog")
    standard = standard_tables.find("Syslog")
    assert standard is not None
    assert table.schema is standard.schema
    assert not table.parts[0].table.exists
    assert table.parts[0].table.stored_columns == {}
    assert directory.get_schema(workspace).find_table("syslog") is None
    assert directory.get_schema(workspace).find_table("Orders_CL") is None


def test_what_the_engine_has_is_told_apart_from_what_is_documented(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory, standard_tables: StandardTables
) -> None:
    workspace = resources.put_workspace("space")
    workspace_id = workspace.properties.workspace_id
    ledger.put(
        workspace_id,
        StoredTable("Syslog", define_table("Syslog", [Column("SyslogMessage", ScalarType.STRING)])),
    )
    table = _find(directory, workspace, "Syslog")
    assert table.parts[0].table.exists
    assert table.parts[0].table.database == f"ws_{workspace_id.hex}"
    assert table.parts[0].table.table == "Syslog"
    assert table.parts[0].table.stored_columns == {
        "TimeGenerated": ScalarType.DATETIME,
        "_TimeReceived": ScalarType.DATETIME,
        "SourceSystem": ScalarType.STRING,
        "_ResourceId": ScalarType.STRING,
        "_SubscriptionId": ScalarType.STRING,
        "_CustomerId": ScalarType.STRING,
        "_BilledSize": ScalarType.REAL,
        "SyslogMessage": ScalarType.STRING,
    }
    assert table.parts[0].table.term_indexed == {"SyslogMessage"}
    assert "TimeGenerated" in table.parts[0].table.non_null
    assert table.parts[0].table.constants == {
        "TenantId": str(workspace_id),
        "Type": "Syslog",
        "_IsBillable": "true",
    }
    standard = standard_tables.find("Syslog")
    assert standard is not None
    assert table.schema is standard.schema


def test_columns_that_only_the_engine_has_are_shown_last(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    extra = Column("Properties", ScalarType.DYNAMIC)
    ledger.put(workspace.properties.workspace_id, StoredTable("Syslog", define_table("Syslog", [extra])))
    columns = _find(directory, workspace, "Syslog").schema.columns
    assert columns[-1] == extra
    assert "_TimeReceived" not in {column.name for column in columns}


def test_stored_values_decide_about_a_type(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    stored = define_table("Syslog", [Column("ProcessID", ScalarType.LONG)])
    ledger.put(workspace.properties.workspace_id, StoredTable("Syslog", stored))
    schema = _find(directory, workspace, "Syslog").schema
    assert schema.find_column("ProcessID") == Column("ProcessID", ScalarType.LONG)


def test_a_custom_table_has_its_columns_and_those_of_every_table(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    resources.put_table(workspace, "Orders_CL", TIME, PRICE)
    columns = _find(directory, workspace, "Orders_CL").schema.columns
    assert columns[:2] == (TIME, PRICE)
    assert set(CANONICAL_COLUMNS) <= set(columns)
    assert directory.get_schema(workspace).find_table("orders_cl") is None


def test_columns_added_to_a_standard_table_follow_its_own(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    resources.put_table(workspace, "Syslog", Column("Team_CF", ScalarType.STRING))
    columns = _find(directory, workspace, "Syslog").schema.columns
    assert columns[-1] == Column("Team_CF", ScalarType.STRING)
    assert Column("SyslogMessage", ScalarType.STRING) in columns


def test_a_table_declared_anew_has_nothing_of_its_predecessor(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    former = resources.put_table(workspace, "Orders_CL", TIME, PRICE)
    stored = StoredTable("Orders_CL", define_table("Orders_CL", [PRICE]), None, former.uid, holds_rows=True)
    ledger.put(workspace.properties.workspace_id, stored)
    assert _find(directory, workspace, "Orders_CL").parts[0].table.exists
    resources.delete_table(workspace, "Orders_CL")
    assert directory.get_schema(workspace).find_table("Orders_CL") is None
    resources.put_table(workspace, "Orders_CL", TIME, Column("Price", ScalarType.STRING))
    table = _find(directory, workspace, "Orders_CL")
    assert not table.parts[0].table.exists
    assert table.schema.find_column("Price") == Column("Price", ScalarType.STRING)


def test_retention_is_the_tables_own_or_the_workspaces(
    resources: Resources, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space", retention=60)
    resources.put_table(
        workspace, "Orders_CL", table=Table((TableColumn("TimeGenerated", ScalarType.DATETIME),), 7)
    )
    basic = Table((TableColumn("TimeGenerated", ScalarType.DATETIME),), plan=TablePlan.BASIC)
    resources.put_table(workspace, "Noise_CL", table=basic)
    days = {
        name: _find(directory, workspace, name).retention_days
        for name in ("Orders_CL", "Noise_CL", "Syslog", "Usage")
    }
    assert days == {"Orders_CL": 7, "Noise_CL": 30, "Syslog": 60, "Usage": 90}


def test_a_schema_stays_the_same_object_until_its_workspace_changes(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory
) -> None:
    here, there = resources.put_workspace("here"), resources.put_workspace("there")
    before = directory.get_schema(here)
    resources.put_table(there, "Orders_CL", TIME)
    ledger.put(there.properties.workspace_id, StoredTable("Orders_CL", None, None, uuid4()))
    assert directory.get_schema(here) is before
    resources.put_table(here, "Orders_CL", TIME)
    assert directory.get_schema(here) is not before


def test_names_tell_known_tables_and_those_with_rows(
    resources: Resources, ledger: TableLedger, directory: WorkspaceDirectory
) -> None:
    workspace = resources.put_workspace("space")
    resources.put_table(workspace, "Orders_CL", TIME)
    resources.put_table(workspace, "Syslog", Column("Team_CF", ScalarType.STRING))
    workspace_id = workspace.properties.workspace_id
    ledger.put(workspace_id, StoredTable("Perf", define_table("Perf", [])))
    schema = directory.get_schema(workspace)
    names = list(schema.names())
    assert names.count("Syslog") == 1
    assert "Orders_CL" in names
    assert schema.names_with_rows() == ()
