"""A purge leaves nothing of what it was asked to remove: no row, no record in the raw data, also after a crash."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from kelp.catalog.archive_search import ORIGINAL_TIME, ORIGINAL_TYPE, ArchiveSearch
from kelp.catalog.purge_conditions import PurgeConditions
from kelp.ingest.journal import EnvelopeKind
from kelp.jobs.archive_reading import ArchiveReadings
from kelp.jobs.purge import Purge
from kelp.kql.types import ScalarType
from kelp.resources.archive_reading import ArchiveReading, ReadingKind
from kelp.resources.purge import PurgeFilter, PurgeOperator, PurgeOrder
from kelp.resources.reading_table import put_reading_table
from kelp.resources.resource import Resource
from kelp.resources.table import Table, TableColumn
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, Node, open_node
from tests.unit.ingest.samples import MemoryKeys, TurnedClock
from tests.unit.jobs.aging import (
    STREAM,
    TABLE,
    declare,
    kept_bodies,
    make_integrity,
    make_removal,
    send,
    values,
)

EQUAL, CONTAINS, IN = PurgeOperator.EQUAL, PurgeOperator.CONTAINS, PurgeOperator.IN


def make_job(node: Node) -> Purge:
    conditions = PurgeConditions(node.store, node.directory)
    return Purge(node.store, node.ledger, conditions, make_removal(node), node.ingestion)


def order(
    node: Node, workspace: Resource[Workspace], *filters: PurgeFilter, table: str = TABLE
) -> PurgeOrder:
    with node.store.write(AUTHOR) as transaction:
        return transaction.request_purge(workspace, table, filters)


def is_done(node: Node, wanted: PurgeOrder) -> bool:
    (found,) = [one for one in node.store.list_purges(wanted.workspace_id) if one.id == wanted.id]
    return found.completed_at is not None


def texts(bodies: Sequence[bytes]) -> bytes:
    return b"\n".join(bodies)


async def test_rows_and_records_go_and_others_of_the_same_body_stay(node: Node) -> None:
    workspace = node.put_workspace()
    rule = declare(node, workspace)
    await node.accept(
        workspace, [{"V": "alice"}, {"V": "bob"}, {"V": "carol"}, {"V": "alice"}], route=rule, stream=STREAM
    )
    await send(node, workspace, rule, "dave", "alice")
    await node.ingestion.writer.release()
    wanted = order(node, workspace, PurgeFilter("V", EQUAL, "alice"))
    await make_job(node).run()
    assert is_done(node, wanted)
    assert sorted(await values(node, workspace)) == ["bob", "carol", "dave"]
    assert node.ledger.sizes(wanted.workspace_id)[TABLE].rows == 3
    kept = texts(kept_bodies(node, workspace))
    assert b"alice" not in kept
    assert all(name in kept for name in (b"bob", b"carol", b"dave"))
    assert await make_integrity(node).verify() == []
    await node.ingestion.reprocessing.reprocess_table(wanted.workspace_id, TABLE)
    assert sorted(await values(node, workspace)) == ["bob", "carol", "dave"]


async def test_what_is_only_in_the_journal_is_purged_too(node: Node) -> None:
    workspace, other = node.put_workspace(), node.put_workspace("other")
    for one in (workspace, other):
        await send(node, one, declare(node, one), "alice", "bob")
    wanted = order(node, workspace, PurgeFilter("V", IN, ("alice", "zoe")))
    await make_job(node).run()
    assert is_done(node, wanted)
    assert await values(node, workspace) == ["bob"]
    assert await values(node, other) == ["alice", "bob"]
    assert b"alice" not in texts(kept_bodies(node, workspace))
    assert not node.ingestion.frames.holds_received_by(
        wanted.workspace_id, wanted.requested_at, unsettled_only=False
    )


async def test_rows_made_by_an_older_rule_do_not_come_back(node: Node) -> None:
    workspace = node.put_workspace()
    rule = declare(node, workspace)
    await send(node, workspace, rule, "alice")
    flow_of_today(node, workspace, "source | extend V = strcat('not ', V)")
    wanted = order(node, workspace, PurgeFilter("V", EQUAL, "alice"))
    await make_job(node).run()
    assert is_done(node, wanted)
    assert await values(node, workspace) == []
    flow_of_today(node, workspace, None)
    await send(node, workspace, rule, "bob")
    node.clock.turn(120)
    await send(node, workspace, rule, "alice")  # came after the order
    await node.ingestion.reprocessing.reprocess_table(wanted.workspace_id, TABLE)
    assert await values(node, workspace) == ["bob", "alice"]


async def test_the_data_collector_s_records_and_dynamic_properties(node: Node) -> None:
    workspace = node.put_workspace()
    records = [{"User": "alice", "N": 1}, {"User": "bob", "N": 2}]
    await node.accept(workspace, records, stream="Seen_CL", route="Seen_CL", kind=EnvelopeKind.DATA_COLLECTOR)
    await node.load()
    wanted = order(
        node,
        workspace,
        PurgeFilter("User_s", CONTAINS, "LIC"),
        PurgeFilter("N_d", PurgeOperator.BETWEEN, (0, 1.5)),
        table="Seen_CL",
    )
    await make_job(node).run()
    assert is_done(node, wanted)
    assert await node.read(workspace, "Seen_CL", "User_s") == [["bob"]]
    assert b"alice" not in texts(kept_bodies(node, workspace))


async def test_an_order_without_filters_takes_the_bodies_of_a_deleted_table(node: Node) -> None:
    workspace = node.put_workspace()
    await send(node, workspace, declare(node, workspace), "alice")
    await send(node, workspace, declare(node, workspace, "Other_CL"), "bob", table="Other_CL")
    wanted = order(node, workspace)
    await make_job(node).run()
    assert is_done(node, wanted)
    (body,) = kept_bodies(node, workspace)
    assert b"bob" in body


async def test_copies_of_search_jobs_and_restores_are_purged_too(node: Node) -> None:
    workspace = node.put_workspace()
    rule = declare(node, workspace)
    await send(node, workspace, rule, "alice", "bob")
    copy(node, workspace, "All_RST")
    copy(node, workspace, "Found_SRCH", f"{TABLE} | where V != '' | extend Length = strlen(V)")
    copy(node, workspace, "Renamed_SRCH", f"{TABLE} | project TimeGenerated, Name = V", "Name")
    copy(node, workspace, "Changed_SRCH", f"{TABLE} | extend V = toupper(V)")
    readings = make_readings(node)
    await readings.run()
    assert sorted(await values(node, workspace, "Changed_SRCH")) == ["ALICE", "BOB"]
    # One that has not begun: its order is not done before that has read what is left.
    copy(node, workspace, "Late_RST")
    wanted = order(node, workspace, PurgeFilter("V", EQUAL, "alice"))
    job = asyncio.create_task(make_job(node).run())
    await readings.run()
    await job
    assert is_done(node, wanted)
    for name in (TABLE, "All_RST", "Found_SRCH", "Late_RST"):
        assert await values(node, workspace, name) == ["bob"], name
    # Nobody can tell any more which of these rows are meant.
    assert await node.read(workspace, "Renamed_SRCH", "Name") == []
    assert await values(node, workspace, "Changed_SRCH") == []


def make_readings(node: Node) -> ArchiveReadings:
    search = ArchiveSearch(node.directory)
    return ArchiveReadings(node.engine, node.store, node.ledger, node.tables, search, node.clock)


def copy(node: Node, workspace: Resource[Workspace], name: str, query: str = "", column: str = "V") -> None:
    """Order a restore of all rows, or a search job with this query."""
    now = node.clock.now()
    kind = ReadingKind.SEARCH if query else ReadingKind.RESTORE
    reading = ArchiveReading(kind, TABLE, now - timedelta(days=30), now + timedelta(days=1), query)
    columns = (
        TableColumn("TimeGenerated", ScalarType.DATETIME),
        TableColumn(column, ScalarType.STRING),
        *((ORIGINAL_TIME, ORIGINAL_TYPE) if query else ()),
    )
    with node.store.write(AUTHOR) as transaction:
        table_id = workspace.id.child("tables", name)
        put_reading_table(transaction, table_id, Table((), reading=reading), columns, ())


async def test_a_crash_in_between_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys, clock = MemoryKeys(), TurnedClock()
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        workspace = node.put_workspace()
        await send(node, workspace, declare(node, workspace), "alice", "bob")
        wanted = order(node, workspace, PurgeFilter("V", EQUAL, "alice"))
        with monkeypatch.context() as patch:

            def fail(*_: object) -> None:
                raise OSError("a crash")

            patch.setattr(node.ingestion.archive, "rewrite_day", fail)
            with pytest.raises(OSError, match="a crash"):
                await make_job(node).run()
        assert not is_done(node, wanted)
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        await node.load()
        await make_job(node).run()
        assert is_done(node, wanted)
        assert await values(node, workspace) == ["bob"]
        assert b"alice" not in texts(kept_bodies(node, workspace))


async def test_filters_are_not_kept_in_the_clear(tmp_path: Path) -> None:
    async with open_node(tmp_path) as node:
        workspace = node.put_workspace()
        wanted = order(node, workspace, PurgeFilter("V", EQUAL, "very-private-name"))
        assert node.store.open_purge(wanted)[0].value == "very-private-name"
    assert not [path for path in files_below(tmp_path) if b"very-private-name" in path.read_bytes()]


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def flow_of_today(node: Node, workspace: Resource[Workspace], transformation: str | None) -> None:
    declare(node, workspace, transformation=transformation)
