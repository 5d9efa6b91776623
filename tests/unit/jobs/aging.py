"""A node with a table that is fed, and the jobs over it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from kelp.catalog.part_manifest import PartManifest
from kelp.catalog.retention_marks import RetentionMarks
from kelp.catalog.tables import StandardBuiltInTables
from kelp.jobs.integrity import Integrity
from kelp.jobs.retention import Retention
from kelp.jobs.row_removal import RowRemoval
from kelp.resources.data_collection_rule import DataFlow
from kelp.resources.resource import Resource
from kelp.resources.table import Table, TableColumn, put_table
from kelp.resources.workspace import Workspace, WorkspaceSettings, put_workspace
from tests.unit.ingest.node import AUTHOR, TIME, Node, columns

STREAM, TABLE = "Custom-App_CL", "App_CL"
GRACE = timedelta(days=30)
_TABLE = Table(tuple(TableColumn(one.name, one.type) for one in (TIME, *columns(V="string"))))


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 12, tzinfo=UTC)


def make_integrity(node: Node) -> Integrity:
    return Integrity(node.engine, node.ledger, PartManifest(node.database), bytes(32))


def make_removal(node: Node) -> RowRemoval:
    return RowRemoval(node.engine, node.ledger, node.ingestion.writer, make_integrity(node))


def make_retention(node: Node) -> Retention:
    return Retention(
        node.store,
        node.ledger,
        make_removal(node),
        node.ingestion,
        RetentionMarks(node.database),
        node.clock,
        GRACE,
    )


def change_workspace(node: Node, workspace: Resource[Workspace], **settings: Any) -> None:
    with node.store.write(AUTHOR) as transaction:
        put_workspace(transaction, workspace.id, WorkspaceSettings("local", **settings))


def change_table(node: Node, workspace: Resource[Workspace], name: str = TABLE, **changes: Any) -> None:
    draft = Table(_TABLE.columns, **changes)
    with node.store.write(AUTHOR) as transaction:
        built_in = StandardBuiltInTables(node.standard)
        put_table(transaction, workspace.id.child("tables", name), draft, built_in)


def declare(
    node: Node,
    workspace: Resource[Workspace],
    name: str = TABLE,
    *,
    transformation: str | None = None,
    **changes: Any,
) -> str:
    """Make a table and a rule that feeds it; return the rule."""
    change_table(node, workspace, name, **changes)
    stream = f"Custom-{name}"
    flow = DataFlow((stream,), (workspace.id.name,), transformation)
    return node.put_rule(
        [workspace], [flow], {stream: (TIME, *columns(V="string"))}, name=f"{workspace.id.name}-{name}"
    )


async def send(
    node: Node,
    workspace: Resource[Workspace],
    rule: str,
    *values: str,
    table: str = TABLE,
    at: datetime | None = None,
) -> None:
    """Send one body for each value, with the time of its receipt or another one, and load them."""
    time = (at or node.clock.now()).isoformat()
    for value in values:
        body = [{"TimeGenerated": time, "V": value}]
        await node.accept(workspace, body, route=rule, stream=f"Custom-{table}")
    await node.load()


async def values(node: Node, workspace: Resource[Workspace], table: str = TABLE) -> list[str]:
    """What the table holds, readable or not."""
    return [value for (value,) in await node.read(workspace, table, "V")]


def kept_bodies(node: Node, workspace: Resource[Workspace]) -> list[bytes]:
    """The bodies in the archive, in order of receipt."""
    archive = node.ingestion.archive
    workspace_id = workspace.properties.workspace_id
    since, until = noon(2025, 1, 1), noon(2028, 1, 1)
    return [envelope.body for envelope in archive.iter_archived(workspace_id, since, until)]
