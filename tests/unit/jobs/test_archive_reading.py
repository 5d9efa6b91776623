"""Search jobs and restores over a node: what is archived is read once, also after a crash, until it is cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.catalog.archive_search import ORIGINAL_TIME, ORIGINAL_TYPE, ArchiveSearch
from kelp.jobs.archive_reading import ArchiveReadings
from kelp.kql.types import ScalarType
from kelp.resources.archive_reading import ArchiveReading, ReadingKind, ReadingStatus
from kelp.resources.operation import OperationStatus
from kelp.resources.reading_table import cancel_search, put_reading_table
from kelp.resources.resource import Resource
from kelp.resources.table import Table, TableColumn
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, Node
from tests.unit.jobs.aging import TABLE, declare, make_retention, send, values

COLUMNS = (TableColumn("TimeGenerated", ScalarType.DATETIME), TableColumn("V", ScalarType.STRING))
RESTORED = "App_RST"


def make_job(node: Node) -> ArchiveReadings:
    search = ArchiveSearch(node.directory)
    return ArchiveReadings(node.engine, node.store, node.ledger, node.tables, search, node.clock)


def order(node: Node, workspace: Resource[Workspace], name: str, **changes: Any) -> Resource[Table]:
    start, end = node.clock.now() - timedelta(days=300), node.clock.now()
    kind = ReadingKind.RESTORE if name == RESTORED else ReadingKind.SEARCH
    reading = ArchiveReading(kind, TABLE, start, end, **changes)
    with node.store.write(AUTHOR) as transaction:
        table_id = workspace.id.child("tables", name)
        draft = Table((), reading=reading)
        columns = (*COLUMNS, ORIGINAL_TIME, ORIGINAL_TYPE) if kind is ReadingKind.SEARCH else COLUMNS
        table, _ = put_reading_table(transaction, table_id, draft, columns, ())
    return table


def reading_of(node: Node, workspace: Resource[Workspace], table: Resource[Table]) -> ArchiveReading:
    present = node.store.snapshot.find_table(workspace, table.id.name)
    assert present is not None
    assert present.properties.reading is not None
    return present.properties.reading


async def fill(node: Node, total_days: int = 365) -> Resource[Workspace]:
    """A table with rows of three times, of which queries read the last."""
    workspace = node.put_workspace()
    rule = declare(node, workspace, retention_in_days=4, total_retention_in_days=total_days)
    now: datetime = node.clock.now()
    for days in (1, 50, 100):
        await send(node, workspace, rule, f"{days} days", at=now - timedelta(days=days))
    return workspace


async def test_a_crash_in_between_brings_no_row_twice(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = await fill(node)
    table = order(node, workspace, RESTORED)
    job, execute, calls = make_job(node), node.engine.execute, 0

    async def fail_later(statement: Any, *, tag: str = "") -> None:
        nonlocal calls
        calls += tag.startswith("archive-reading")
        if calls == 60:
            raise ServiceError(Category.UNAVAILABLE, "Crash", "a crash")
        await execute(statement, tag=tag)

    with monkeypatch.context() as patch:
        patch.setattr(node.engine, "execute", fail_later)
        with pytest.raises(ServiceError, match="a crash"):
            await job.run()
    assert len(await values(node, workspace, RESTORED)) == 2
    await job.run()
    assert await values(node, workspace, RESTORED) == ["100 days", "50 days", "1 days"]
    reading = reading_of(node, workspace, table)
    assert (reading.status, reading.rows) == (ReadingStatus.SUCCEEDED, 3)
    assert reading.operation_id is not None
    subscription = workspace.id.subscription_id
    operation = node.store.find_operation(str(subscription), reading.operation_id)
    assert operation is not None
    assert operation.status is OperationStatus.SUCCEEDED
    await make_retention(node).run()  # restored logs stay, however old
    assert len(await values(node, workspace, RESTORED)) == 3


async def test_what_has_passed_its_total_retention_is_not_read(node: Node) -> None:
    workspace = await fill(node, total_days=60)
    order(node, workspace, RESTORED)
    await make_job(node).run()
    assert await values(node, workspace, RESTORED) == ["50 days", "1 days"]


async def test_a_search_that_is_cancelled_ends(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = await fill(node)
    table = order(node, workspace, "App_SRCH", query=f"{TABLE} | where V != ''")
    job, execute = make_job(node), node.engine.execute

    async def cancel_after_first(statement: Any, *, tag: str = "") -> None:
        await execute(statement, tag=tag)
        if tag.startswith("archive-reading"):
            with node.store.write(AUTHOR) as transaction:
                cancel_search(transaction, table.id)

    with monkeypatch.context() as patch:
        patch.setattr(node.engine, "execute", cancel_after_first)
        await job.run()
    reading = reading_of(node, workspace, table)
    assert (reading.status, reading.rows) == (ReadingStatus.CANCELED, 1)
    assert await values(node, workspace, "App_SRCH") == ["1 days"]
    await job.run()
    assert reading_of(node, workspace, table) == reading


async def test_a_query_that_means_nothing_any_more_fails(node: Node) -> None:
    workspace = await fill(node)
    table = order(node, workspace, "App_SRCH", query=f"{TABLE} | where Gone == 1")
    await make_job(node).run()
    reading = reading_of(node, workspace, table)
    assert reading.status is ReadingStatus.FAILED
    assert "Gone" in reading.error
