"""The worker: what it does about bodies that can't be read, missing keys, a busy engine, restarts."""

from __future__ import annotations

from pathlib import Path

from kelp.base.settings import IngestSettings
from kelp.resources.data_collection_rule import DataFlow
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, TIME, Node, columns, open_node
from tests.unit.ingest.samples import MemoryKeys, TurnedClock

STREAM, TABLE = "Custom-App_CL", "App_CL"


def declare(node: Node, name: str = "logs") -> tuple[Resource[Workspace], str]:
    workspace = node.put_workspace(name)
    node.put_table(workspace, TABLE, *columns(V="string"))
    return workspace, node.put_rule(
        [workspace], [DataFlow((STREAM,), (name,))], {STREAM: (TIME, *columns(V="string"))}, f"rule-{name}"
    )


async def test_a_body_that_the_engine_cannot_read_takes_no_other_with_it(node: Node) -> None:
    workspace, rule = declare(node)
    bodies = [b'[{"V":"%d"}]' % number for number in range(7)]
    bodies[3] = b'[{"V":"bad"},{"V":tru}]'
    for body in bodies:
        await node.accept(workspace, body, route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["0"], ["1"], ["2"], ["4"], ["5"], ["6"]]
    (told,) = await node.operations(workspace)
    assert "could not be stored" in told
    workspace_id = workspace.properties.workspace_id
    (key,) = node.ingestion.rejects.iter_keys(workspace_id)
    assert "tru}" in "".join(node.ingestion.rejects.get(workspace_id, key).records)


async def test_what_was_accepted_before_a_restart_is_loaded_after_it(tmp_path: Path) -> None:
    keys, clock = MemoryKeys(), TurnedClock()
    async with open_node(tmp_path, keys=keys, clock=clock, runs=False) as node:
        workspace, rule = declare(node)
        for number in range(5):
            await node.accept(workspace, [{"V": str(number)}], route=rule, stream=STREAM)
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        await node.load()
        assert len(await node.read(workspace, TABLE, "V")) == 5
    async with open_node(tmp_path, keys=keys, clock=clock) as node:
        await node.load()
        assert len(await node.read(workspace, TABLE, "V")) == 5


async def test_a_workspace_without_its_key_holds_up_no_other(node: Node) -> None:
    locked, locked_rule = declare(node, "locked")
    other, other_rule = declare(node, "other")
    await node.accept(locked, [{"V": "a"}], route=locked_rule, stream=STREAM)
    await node.accept(other, [{"V": "b"}], route=other_rule, stream=STREAM)
    await node.load()
    node.keys.withheld.add(locked.properties.workspace_id)
    node.clock.turn(1)
    await node.accept(other, [{"V": "c"}], route=other_rule, stream=STREAM)
    await node.load()
    assert await node.read(other, TABLE, "V") == [["b"], ["c"]]


async def test_more_than_one_load_may_be_needed(tmp_path: Path) -> None:
    settings = IngestSettings(flush_interval_seconds=0.05, flush_bytes=65_536)
    async with open_node(tmp_path, settings=settings) as node:
        workspace, rule = declare(node)
        for number in range(40):
            await node.accept(workspace, [{"V": f"{number:02}" + "x" * 10_000}], route=rule, stream=STREAM)
        await node.load()
        rows = await node.read(workspace, TABLE, "V")
        assert [value[:2] for (value,) in rows] == [f"{number:02}" for number in range(40)]


async def test_records_of_a_workspace_that_was_closed_are_set_aside(node: Node) -> None:
    workspace, rule = declare(node)
    await node.accept(workspace, [{"V": "a"}], route=rule, stream=STREAM)
    with node.store.write(AUTHOR) as transaction:
        transaction.delete(workspace.id)
    await node.load()
    assert node.ledger.tables(workspace.properties.workspace_id) == {}


async def test_loaded_frames_reach_the_archive(node: Node) -> None:
    workspace, rule = declare(node)
    await node.accept(workspace, [{"V": "a"}], route=rule, stream=STREAM)
    await node.load()
    await node.ingestion.writer.release()
    envelopes = node.ingestion.archive.iter_archived(
        workspace.properties.workspace_id, node.clock.now().replace(hour=0), node.clock.now().replace(hour=23, minute=59, second=59)
    )  # fmt: skip
    assert [envelope.body for envelope in envelopes] == [b'[{"V": "a"}]']


async def test_a_changed_rule_decides_about_what_comes_after(node: Node) -> None:
    workspace, rule = declare(node)
    await node.accept(workspace, [{"V": "a"}], route=rule, stream=STREAM)
    await node.load()
    flow = DataFlow((STREAM,), ("logs",), "source | extend V = strcat(V, '!')")
    node.put_rule([workspace], [flow], {STREAM: (TIME, *columns(V="string"))}, "rule-logs")
    await node.accept(workspace, [{"V": "b"}], route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"], ["b!"]]
