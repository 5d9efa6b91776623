"""From an accepted body to rows: the HTTP Data Collector API, whose records define their table."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from kelp.ingest.journal import EnvelopeKind
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import Node, columns
from tests.unit.ingest.samples import START

TABLE = "App_CL"
GUID = "74be27de-1e4e-49d9-b579-fe0b331d3642"


def text_of(moment: Any) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"


async def collect(node: Node, workspace: Resource[Workspace], *records: Any, **headers: str) -> None:
    """Accept records as one body and load them."""
    await node.accept(
        workspace,
        list(records),
        route="App",
        stream=TABLE,
        kind=EnvelopeKind.DATA_COLLECTOR,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )
    await node.load()


def own_columns(node: Node, workspace: Resource[Workspace]) -> set[str]:
    """The columns that records brought."""
    stored = node.ledger.tables(workspace.properties.workspace_id)[TABLE].definition
    assert stored is not None
    return {column.name for column in stored.columns if column.name[-2:-1] == "_"}


async def test_columns_are_named_after_the_kinds_of_values(node: Node) -> None:
    workspace = node.put_workspace()
    record = {
        "text": "a",
        "number": 5,
        "real": 1.5,
        "truth": True,
        "time": "2026-03-01T10:00:00Z",
        "guid": GUID.replace("-", ""),
        "bag": {"a": [1.0, None]},
        "nothing": None,
    }
    await collect(node, workspace, record, {"text": "b"})
    names = ("text_s", "number_d", "real_d", "truth_b", "time_t", "guid_g", "bag_s")
    assert own_columns(node, workspace) == set(names)
    rows = await node.read(workspace, TABLE, *names, "SourceSystem", "TimeGenerated")
    received = text_of(START)
    assert rows == [
        ["a", 5, 1.5, True, "2026-03-01T10:00:00.0000000Z", GUID, '{"a": [1.0, null]}', "RestAPI", received],
        ["b", None, None, None, None, None, "", "RestAPI", received],
    ]


async def test_the_table_is_declared_with_its_columns(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"a": 1})
    await collect(node, workspace, {"b": "x"})
    table = node.store.snapshot.find_table(workspace, TABLE)
    assert table is not None
    assert [column.name for column in table.properties.columns] == ["TimeGenerated", "a_d", "b_s"]


async def test_what_converts_goes_to_the_column_that_exists(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"n": 1, "number": 42.5, "boolean": True, "string": "x"})
    await collect(node, workspace, {"n": 2, "number": "7", "boolean": "false", "string": "y"})
    assert own_columns(node, workspace) == {"n_d", "number_d", "boolean_b", "string_s"}
    assert await node.read(workspace, TABLE, "n_d", "number_d", "boolean_b", "string_s") == [
        [1, 42.5, True, "x"],
        [2, 7, False, "y"],
    ]


async def test_what_does_not_convert_has_a_second_column(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"n": 1, "number": 42, "boolean": True, "string": "x"})
    await collect(node, workspace, {"n": 2, "number": "many", "boolean": 26, "string": 3})
    await collect(node, workspace, {"n": 3, "number": "43"}, {"n": 4, "number": "several", "string": "4"})
    names = ("n_d", "number_d", "number_s", "boolean_b", "boolean_d", "string_s", "string_d")
    assert own_columns(node, workspace) == set(names)
    assert await node.read(workspace, TABLE, *names) == [
        [1, 42, "", True, None, "x", None],
        [2, None, "many", None, 26, "", 3],
        [3, 43, "", None, None, "", None],
        [4, None, "several", None, None, "", 4],
    ]


async def test_values_of_one_batch_go_each_to_its_column(node: Node) -> None:
    workspace = node.put_workspace()
    values = ["x", 5, True, GUID, "2026-03-01T10:00:00Z", None, "", "12", "true"]
    await collect(node, workspace, *({"n": number, "v": value} for number, value in enumerate(values)))
    rows = await node.read(workspace, TABLE, "n_d", "v_s", "v_d", "v_b")
    assert [row[1:] for row in rows] == [
        ["x", None, None],
        ["", 5, None],
        ["", None, True],
        [GUID, None, None],
        ["2026-03-01T10:00:00Z", None, None],
        ["", None, None],
        ["", None, None],
        ["", 12, None],
        ["", None, True],
    ]


async def test_the_named_field_gives_the_time_if_it_can_be_believed(node: Node) -> None:
    workspace = node.put_workspace()
    times = {
        "good": START - timedelta(hours=47),
        "old": START - timedelta(hours=49),
        "future": START + timedelta(minutes=1),
    }
    records = [{"n": name, "at": moment.isoformat()} for name, moment in times.items()]
    records += [{"n": "none", "at": "yesterday"}, {"n": "absent"}]
    await collect(node, workspace, *records, time_generated_field="at")
    rows = dict(await node.read(workspace, TABLE, "n_s", "TimeGenerated"))
    assert rows == dict.fromkeys(rows, text_of(START)) | {"good": text_of(times["good"])}


async def test_bodies_with_other_headers_are_read_by_their_own(node: Node) -> None:
    workspace = node.put_workspace()
    at = START - timedelta(hours=1)
    resource = "/subscriptions/74be27de-1e4e-49d9-b579-fe0b331d3642/resourceGroups/G/providers/P.Q/r/N"
    for number, headers in enumerate(
        ({}, {"time-generated-field": "at"}, {"x-ms-azureresourceid": resource})
    ):
        await node.accept(
            workspace,
            [{"n": number, "at": at.isoformat()}],
            route="App",
            stream=TABLE,
            kind=EnvelopeKind.DATA_COLLECTOR,
            headers=headers,
        )
    await node.load()
    rows = await node.read(workspace, TABLE, "n_d", "TimeGenerated", "_ResourceId", "_SubscriptionId")
    assert sorted(rows) == [
        [0, text_of(START), "", ""],
        [1, text_of(at), "", ""],
        [2, text_of(START), resource.lower(), "74be27de-1e4e-49d9-b579-fe0b331d3642"],
    ]


async def test_a_long_value_is_cut(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"v": "x" * 40_000})
    assert await node.read(workspace, TABLE, "v_s") == [["x" * 32_768]]


async def test_what_no_column_takes_is_told(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"n": 1, "y" * 46: "x"})
    assert own_columns(node, workspace) == {"n_d"}
    (told,) = await node.operations(workspace)
    assert "longer than 45 characters" in told


async def test_a_column_that_an_owner_gave_another_type_takes_what_converts(node: Node) -> None:
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(v_d="long"))
    await collect(node, workspace, {"v": 1}, {"v": 2.5})
    assert sorted(row[0] or 0 for row in await node.read(workspace, TABLE, "v_d")) == [0, 1]
    (told,) = await node.operations(workspace)
    assert "are no long" in told


async def test_a_log_type_in_another_case_is_the_same_table(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {"v": 1})
    await node.accept(workspace, [{"v": 2}], route="app", stream="app_CL", kind=EnvelopeKind.DATA_COLLECTOR)
    await node.load()
    assert await node.read(workspace, TABLE, "v_d") == [[1], [2]]


async def test_records_without_values_are_rows(node: Node) -> None:
    workspace = node.put_workspace()
    await collect(node, workspace, {}, {"a": None})
    assert await node.read(workspace, TABLE, "SourceSystem") == [["RestAPI"], ["RestAPI"]]
