"""A workspace whose new records go to another store: what was there stays, what comes is not lost, and all is one table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.clickhouse.ddl import database_name
from kelp.clickhouse.types import EngineTable
from kelp.resources.cluster import Cluster, ProvisioningState
from kelp.resources.cluster_link import ClusterLink, LinkState, store_id_of
from kelp.resources.data_collection_rule import DataFlow
from kelp.resources.linking import finish_link
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, GROUP, TIME, Node, columns

STREAM, TABLE = "Custom-App_CL", "App_CL"
CLUSTER = GROUP.child("Microsoft.OperationalInsights/clusters", "cluster-1")


def declare(node: Node) -> tuple[Resource[Workspace], str]:
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(V="string", W="string"))
    return workspace, put_rule(node, workspace)


def put_rule(node: Node, workspace: Resource[Workspace], transformation: str | None = None) -> str:
    flow = DataFlow((STREAM,), ("logs",), transformation)
    return node.put_rule([workspace], [flow], {STREAM: (TIME, *columns(V="string"))})


def make_cluster(node: Node) -> UUID:
    state = ProvisioningState.SUCCEEDED
    cluster = Cluster(uuid4(), "local", 1000, node.clock.now(), state, double_encryption=False)
    with node.store.write(AUTHOR) as transaction:
        transaction.put(CLUSTER, cluster)
    return cluster.cluster_id


async def move(node: Node, workspace: Resource[Workspace], cluster_id: UUID, state: LinkState) -> None:
    """Begin a link or its end, and carry it out."""
    link = ClusterLink(str(CLUSTER), cluster_id, state, uuid4(), node.clock.now())
    with node.store.write(AUTHOR) as transaction:
        present = transaction.get(Workspace, workspace.id)
        transaction.put(workspace.id, replace(present.properties, link=link))

    def flip() -> None:
        with node.store.write(AUTHOR) as transaction:
            finish_link(transaction, transaction.get(Workspace, workspace.id))

    await node.tables.open_store(
        workspace.properties.workspace_id, store_id_of(workspace.properties.workspace_id, cluster_id)
    )
    await node.ingestion.moves.move(workspace.properties.workspace_id, flip)


async def send(node: Node, workspace: Resource[Workspace], rule: str, *values: str) -> None:
    for value in values:
        await node.accept(workspace, [{"V": value}], route=rule, stream=STREAM)
    await node.load()


async def read(node: Node, store_id: UUID, *names: str) -> list[list[str]]:
    table = EngineTable(database_name(store_id), TABLE)
    cells = ", ".join(f"`{name}`" for name in names)
    return await node.query(f"SELECT {cells} FROM {table.sql} ORDER BY {cells}", table)


def stores_of(node: Node, workspace: Resource[Workspace]) -> list[UUID]:
    held = node.tables.list_held(workspace.properties.workspace_id, TABLE)
    return [one.store_id for one in held]


async def test_what_waits_goes_to_the_new_store_and_what_was_there_stays(node: Node) -> None:
    workspace, rule = declare(node)
    home, cluster_id = workspace.properties.workspace_id, make_cluster(node)
    other = store_id_of(home, cluster_id)
    await send(node, workspace, rule, "a")
    before = node.ingestion.frames.current_generation(home, TABLE)
    async with node.ingestion.writer.hold_workspace(home):
        await node.accept(workspace, [{"V": "b"}], route=rule, stream=STREAM)
        await move(node, workspace, cluster_id, LinkState.LINKING)
    await node.load()
    assert await read(node, home, "V") == [["a"]]
    assert await read(node, other, "V") == [["b"]]
    assert node.ingestion.frames.current_generation(home, TABLE) == before + 1
    await move(node, workspace, cluster_id, LinkState.UNLINKING)
    await send(node, workspace, rule, "c")
    assert await read(node, home, "V") == [["a"], ["c"]]
    assert await read(node, other, "V") == [["b"]]


async def test_a_table_in_a_further_store_is_made_like_the_one_at_home(node: Node) -> None:
    workspace, rule = declare(node)
    home, cluster_id = workspace.properties.workspace_id, make_cluster(node)
    await send(node, workspace, rule, "a")
    await move(node, workspace, cluster_id, LinkState.LINKING)
    put_rule(node, workspace, "source | extend W = 'w'")
    await send(node, workspace, rule, "b")
    at_home, in_cluster = node.tables.list_held(home, TABLE)
    assert at_home.stored.definition is not None
    assert in_cluster.stored.definition is not None
    assert set(at_home.stored.definition.columns) <= set(in_cluster.stored.definition.columns)
    present = node.store.get(Workspace, workspace.id)
    table = node.directory.get_schema(present).find_table(TABLE)
    assert table is not None
    assert [part.table.database for part in table.parts] == [
        database_name(home),
        database_name(store_id_of(home, cluster_id)),
    ]
    assert node.directory.get_schema(present).names_with_rows().count(TABLE) == 1


async def test_a_move_that_fails_changes_nothing(node: Node) -> None:
    workspace, rule = declare(node)
    home, cluster_id = workspace.properties.workspace_id, make_cluster(node)
    await send(node, workspace, rule, "a")

    def refuse() -> None:
        raise ServiceError(Category.UNAVAILABLE, "NotNow", "The disk is full.")

    with pytest.raises(ServiceError):
        await node.ingestion.moves.move(home, refuse)
    await send(node, workspace, rule, "b")
    assert await read(node, home, "V") == [["a"], ["b"]]
    assert cluster_id in node.store.snapshot.clusters


async def test_a_table_made_anew_lies_in_the_present_store_alone(node: Node) -> None:
    workspace, rule = declare(node)
    home, cluster_id = workspace.properties.workspace_id, make_cluster(node)
    other = store_id_of(home, cluster_id)
    await send(node, workspace, rule, "a", "b")
    await move(node, workspace, cluster_id, LinkState.LINKING)
    await send(node, workspace, rule, "c")
    put_rule(node, workspace, "source | extend V = strcat(V, '!')")
    assert await node.ingestion.reprocessing.reprocess_table(home, TABLE) == 3
    assert await read(node, other, "V") == [["a!"], ["b!"], ["c!"]]
    assert stores_of(node, workspace) == [other]
    assert node.ledger.sizes(other)[TABLE].rows == 3
    await send(node, workspace, rule, "d")
    assert await read(node, other, "V") == [["a!"], ["b!"], ["c!"], ["d!"]]


async def test_rows_without_bodies_are_taken_over_from_every_store(node: Node) -> None:
    workspace, rule = declare(node)
    home, cluster_id = workspace.properties.workspace_id, make_cluster(node)
    await send(node, workspace, rule, "old at home")
    await move(node, workspace, cluster_id, LinkState.LINKING)
    await send(node, workspace, rule, "old in the cluster")
    await node.ingestion.writer.release()
    node.clock.turn(timedelta(days=2).total_seconds())
    await move(node, workspace, cluster_id, LinkState.UNLINKING)
    await send(node, workspace, rule, "new")
    await node.ingestion.writer.release()
    node.ingestion.archive.delete_before(home, node.clock.now().date())
    put_rule(node, workspace, "source | extend V = strcat(V, '!')")
    await node.ingestion.reprocessing.reprocess_table(home, TABLE)
    assert await read(node, home, "V") == [["new!"], ["old at home"], ["old in the cluster"]]
    assert stores_of(node, workspace) == [home]
