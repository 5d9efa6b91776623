"""A body that is handed in again, by whoever can't tell whether it was: its rows are stored once."""

from __future__ import annotations

import msgspec

from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import Node, columns

TABLE = "Summary_CL"


def make_table(node: Node) -> Resource[Workspace]:
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(V="string"))
    return workspace


async def send(node: Node, workspace: Resource[Workspace], value: str, once: str) -> None:
    body = msgspec.json.encode([{"V": value}])
    await node.ingestion.rows.send(workspace.properties.workspace_id, TABLE, body, once=once)


async def test_a_body_that_comes_twice_at_once_is_stored_once(node: Node) -> None:
    workspace = make_table(node)
    for value, once in (("a", "bin 1"), ("a", "bin 1"), ("b", "bin 2")):
        await send(node, workspace, value, once)
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]
    assert node.ledger.sizes(workspace.properties.workspace_id)[TABLE].rows == 2


async def test_a_body_that_comes_again_later_is_stored_once(node: Node) -> None:
    workspace = make_table(node)
    await send(node, workspace, "a", "bin 1")
    await node.load()
    await send(node, workspace, "a", "bin 1")
    await send(node, workspace, "", "bin 3")
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [[""], ["a"]]


async def test_reprocessing_reads_such_a_body_once(node: Node) -> None:
    workspace = make_table(node)
    await send(node, workspace, "a", "bin 1")
    await node.load()
    await send(node, workspace, "a", "bin 1")
    await node.load()
    workspace_id = workspace.properties.workspace_id
    rows = await node.ingestion.reprocessing.reprocess_table(workspace_id, TABLE, lambda *_: None)
    assert rows == 1
    await send(node, workspace, "a", "bin 1")
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"]]
