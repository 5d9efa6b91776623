"""A table made anew from what was kept: it replaces, it waits for nobody's old rule, and a crash leaves what was."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.ingest.twin_table import TwinTable, find_twins
from kelp.resources.data_collection_rule import DataFlow
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, GROUP, TIME, Node, columns, open_node
from tests.unit.ingest.samples import MemoryKeys, TurnedClock

STREAM, TABLE = "Custom-App_CL", "App_CL"


def put_rule(node: Node, workspace: Resource[Workspace], transformation: str | None = None) -> str:
    flow = DataFlow((STREAM,), ("logs",), transformation)
    return node.put_rule([workspace], [flow], {STREAM: (TIME, *columns(V="string"))})


def declare(node: Node) -> tuple[Resource[Workspace], str]:
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(V="string", W="string"))
    return workspace, put_rule(node, workspace)


async def send(node: Node, workspace: Resource[Workspace], rule: str, *values: str) -> None:
    for value in values:
        await node.accept(workspace, [{"V": value}], route=rule, stream=STREAM)
    await node.load()


async def test_the_present_rule_decides_about_old_records(node: Node) -> None:
    workspace, rule = declare(node)
    await send(node, workspace, rule, "a", "b")
    await node.ingestion.writer.release()
    await send(node, workspace, rule, "c")  # is only in the journal
    put_rule(node, workspace, "source | where V != 'b' | extend W = strcat(V, V)")
    told: list[tuple[int, int]] = []
    reprocessing = node.ingestion.reprocessing
    workspace_id = workspace.properties.workspace_id
    rows = await reprocessing.reprocess_table(workspace_id, TABLE, lambda *done: told.append(done))
    assert rows == 2
    assert await node.read(workspace, TABLE, "V", "W") == [["a", "aa"], ["c", "cc"]]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert node.ledger.sizes(workspace_id)[TABLE].rows == 2
    assert await find_twins(node.engine) == []
    await send(node, workspace, rule, "d")
    assert await node.read(workspace, TABLE, "V") == [["a"], ["c"], ["d"]]


async def test_doing_it_twice_changes_nothing(node: Node) -> None:
    workspace, rule = declare(node)
    await send(node, workspace, rule, "a", "b")
    for _ in range(2):
        await node.ingestion.reprocessing.reprocess_table(workspace.properties.workspace_id, TABLE)
    assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]


async def test_rows_from_before_the_first_kept_day_are_taken_over(node: Node) -> None:
    workspace, rule = declare(node)
    await send(node, workspace, rule, "old")
    await node.ingestion.writer.release()
    node.clock.turn(timedelta(days=2).total_seconds())
    await send(node, workspace, rule, "new")
    await node.ingestion.writer.release()
    workspace_id = workspace.properties.workspace_id
    node.ingestion.archive.delete_before(workspace_id, node.clock.now().date())
    put_rule(node, workspace, "source | extend V = strcat(V, '!')")
    await node.ingestion.reprocessing.reprocess_table(workspace_id, TABLE)
    assert await node.read(workspace, TABLE, "V") == [["old"], ["new!"]]


async def test_what_comes_meanwhile_is_loaded_after_it(tmp_path: Path) -> None:
    async with open_node(tmp_path) as node:
        workspace, rule = declare(node)
        await send(node, workspace, rule, "a")
        workspace_id = workspace.properties.workspace_id
        async with node.ingestion.writer.hold_table(workspace_id, TABLE):
            await node.accept(workspace, [{"V": "b"}], route=rule, stream=STREAM)
            loading = asyncio.create_task(node.load())
            await node.ingestion.reprocessing.reprocess_table(workspace_id, TABLE)
            assert await node.read(workspace, TABLE, "V") == [["a"]]
        await loading
        assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]


async def test_bodies_of_a_rule_that_is_gone_are_not_forgotten(tmp_path: Path) -> None:
    keys, clock = MemoryKeys(), TurnedClock()
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        workspace, rule = declare(node)
        await send(node, workspace, rule, "a")
        other = node.put_rule(
            [workspace], [DataFlow((STREAM,), ("logs",))], {STREAM: (TIME, *columns(V="string"))}, "other"
        )
        await send(node, workspace, other, "b")
        with node.store.write(AUTHOR) as transaction:
            transaction.delete(GROUP.child("Microsoft.Insights/dataCollectionRules", "rule"))
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        with pytest.raises(ServiceError) as refused:
            await node.ingestion.reprocessing.reprocess_table(workspace.properties.workspace_id, TABLE)
        assert refused.value.category is Category.CONFLICT
        assert rule in refused.value.message
        assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]


async def test_a_table_without_kept_bodies_is_refused(node: Node) -> None:
    workspace, _ = declare(node)
    workspace_id = workspace.properties.workspace_id
    for table, code in ((TABLE, "NothingKept"), ("Other_CL", "TableNotFound")):
        with pytest.raises(ServiceError) as refused:
            await node.ingestion.reprocessing.reprocess_table(workspace_id, table)
        assert refused.value.code == code


async def test_an_attempt_that_was_cut_short_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    keys, clock = MemoryKeys(), TurnedClock()
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        workspace, rule = declare(node)
        await send(node, workspace, rule, "a", "b")
        workspace_id = workspace.properties.workspace_id
        put_rule(node, workspace, "source | extend V = strcat(V, '!')")
        twin = TwinTable(node.engine, workspace_id, TABLE)
        await twin.make(await node.tables.ensure_table(workspace_id, TABLE, ()))
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        await node.load()
        assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]
        await node.ingestion.reprocessing.reprocess_table(workspace_id, TABLE)
        assert await node.read(workspace, TABLE, "V") == [["a!"], ["b!"]]


@pytest.mark.parametrize("is_swapped", [False, True])
async def test_a_swap_that_was_begun_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_swapped: bool
) -> None:
    """A crash just before or just after the names are swapped."""
    keys, clock = MemoryKeys(), TurnedClock()
    swap = TwinTable.swap

    async def fail(self: TwinTable, twin_id: str) -> None:
        if is_swapped:
            await swap(self, twin_id)
        raise asyncio.CancelledError

    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        workspace, rule = declare(node)
        await send(node, workspace, rule, "a", "b")
        put_rule(node, workspace, "source | extend V = strcat(V, '!')")
        monkeypatch.setattr(TwinTable, "swap", fail)
        with suppress(asyncio.CancelledError):
            await node.ingestion.reprocessing.reprocess_table(workspace.properties.workspace_id, TABLE)
        await node.accept(workspace, [{"V": "c"}], route=rule, stream=STREAM)
    monkeypatch.undo()
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        await node.load()
        table = EngineTable(database_name(workspace.properties.workspace_id), TABLE)
        assert await node.query(f"SELECT V FROM {table.sql} ORDER BY V", table) == [["a!"], ["b!"], ["c!"]]
