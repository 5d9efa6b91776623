"""From an accepted body to rows: streams of rules, over the real journal and engine."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import Any

import pytest

from kelp.ingest.journal import EnvelopeKind
from kelp.resources.data_collection_rule import DataFlow
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace
from tests.unit.ingest.node import AUTHOR, GROUP, TIME, Node, columns
from tests.unit.ingest.samples import START

STREAM, TABLE = "Custom-App_CL", "App_CL"
NOON = "2026-03-01T12:00:00Z"
RECEIVED = f"{START:%Y-%m-%dT%H:%M:%S.%f}0Z"


def declare(node: Node, transformation: str | None = None, **types: str) -> tuple[Resource[Workspace], str]:
    """A workspace with a table of these columns, and a rule whose stream has them too."""
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(**types))
    flow = DataFlow((STREAM,), ("logs",), transformation)
    rule = node.put_rule([workspace], [flow], {STREAM: (TIME, *columns(**types))})
    return workspace, rule


async def load_values(node: Node, kind: str, *values: Any) -> list[Any]:
    """What a column of that type holds after these values came, in one body."""
    workspace, rule = declare(node, N="int", V=kind)
    records = [{"TimeGenerated": NOON, "N": number, "V": value} for number, value in enumerate(values)]
    await node.accept(workspace, records, route=rule, stream=STREAM)
    await node.load()
    return [value for _, value in await node.read(workspace, TABLE, "N", "V")]


GUID = "74be27de-1e4e-49d9-b579-fe0b331d3642"
CONVERTED: dict[str, list[tuple[Any, Any]]] = {
    "string": [("a", "a"), (5, "5"), (1.5, "1.5"), (True, "true"), ({"a": [1.0]}, '{"a": [1.0]}'), (None, ""), ("", "")],
    "int": [(5, 5), ("6", 6), (-1, -1), (7.0, 7), (None, None), ("", None)],
    "long": [(2**53 + 1, 2**53 + 1), ("-5", -5), (1e3, 1000), ("0x10", 16)],
    "real": [(1, 1), (2.5, 2.5), ("3.5", 3.5), (1e300, 1e300)],
    "bool": [(True, True), (False, False), ("true", True), ("False", False), (None, None)],
    "guid": [(GUID, GUID), (GUID.replace("-", ""), GUID), ("{" + GUID + "}", GUID)],
    "datetime": [("2026-01-02T03:04:05.1234567Z", "2026-01-02T03:04:05.1234567Z"), ("2026-01-02T03:04:05+02:00", "2026-01-02T01:04:05.0000000Z")],
    "dynamic": [({"b": 1.0, "a": None}, '{"b": 1.0, "a": null}'), ([1, "x"], '[1, "x"]'), (None, "")],
}  # fmt: skip
SCALARS_OF_DYNAMIC = [
    ("5", '"5"'),
    (5, "5"),
    (1.0, "1.0"),
    (True, "true"),
    ('a"b', '"a\\"b"'),
    ({"a": 1}, '{"a": 1}'),
]
UNFIT: dict[str, list[Any]] = {
    "int": [3_000_000_000, 1.5, True, "x", [1]],
    "long": [99_999_999_999_999_999_999, "x"],
    "real": ["x", False],
    "bool": ["yes", "no"],
    "guid": ["x", 5],
    "datetime": ["12", 1_700_000_000, "2026-13-01T00:00:00Z", "x"],
}


def properties(cases: dict[str, list[Any]]) -> dict[str, tuple[str, Any]]:
    """Each case as a property of a name of its own, with its type."""
    return {
        f"{kind}{number}": (kind, case)
        for kind, of_kind in cases.items()
        for number, case in enumerate(of_kind)
    }


async def load_properties(
    node: Node, values: dict[str, tuple[str, Any]]
) -> tuple[Resource[Workspace], list[Any]]:
    """The stored values of one record."""
    workspace, rule = declare(node, **{name: kind for name, (kind, _) in values.items()})
    record = {name: value for name, (_, value) in values.items()}
    await node.accept(workspace, [record], route=rule, stream=STREAM)
    await node.load()
    (row,) = await node.read(workspace, TABLE, *values)
    return workspace, row


@pytest.mark.parametrize("is_plain", [True, False], ids=["plain", "with scalars in dynamic columns"])
async def test_values_convert_as_in_kql(node: Node, is_plain: bool) -> None:
    cases = properties(CONVERTED if is_plain else CONVERTED | {"dynamic": SCALARS_OF_DYNAMIC})
    _, row = await load_properties(node, {name: (kind, case[0]) for name, (kind, case) in cases.items()})
    assert dict(zip(cases, row, strict=True)) == {name: case[1] for name, (_, case) in cases.items()}


async def test_a_value_that_does_not_convert_is_null_reported_and_kept(node: Node) -> None:
    cases = properties(UNFIT)
    workspace, row = await load_properties(node, cases)
    assert dict(zip(cases, row, strict=True)) == dict.fromkeys(cases)
    told = await node.operations(workspace)
    workspace_id = workspace.properties.workspace_id
    (key,) = node.ingestion.rejects.iter_keys(workspace_id)
    for name, (kind, _) in cases.items():
        (line,) = (line for line in told if f"'{name}'" in line)
        assert f"1 values of '{name}' in table '{TABLE}' are no {kind}" in line
        assert key in line
    reject = node.ingestion.rejects.get(workspace_id, key)
    assert [json.loads(record) for record in reject.records] == [
        {name: value for name, (_, value) in cases.items()}
    ]
    assert {one.name: one.values for one in reject.properties} == dict.fromkeys(cases, 1)


async def test_records_that_fit_are_not_kept_with_the_rejects(node: Node) -> None:
    assert await load_values(node, "int", 1, "x", 2, "y") == [1, None, 2, None]
    workspace_id = next(iter(node.store.snapshot.workspaces))
    (key,) = node.ingestion.rejects.iter_keys(workspace_id)
    reject = node.ingestion.rejects.get(workspace_id, key)
    assert [json.loads(record)["V"] for record in reject.records] == ["x", "y"]
    assert (reject.properties[0].values, reject.properties[0].sample) == (2, "x")


async def test_a_record_without_a_time_has_that_of_its_receipt(node: Node) -> None:
    workspace, rule = declare(node, V="string")
    records = [{"V": "none"}, {"V": "unset", "TimeGenerated": "0001-01-01T00:00:00Z"}, {"V": "old", "TimeGenerated": "2019-01-01T00:00:00Z"}]  # fmt: skip
    await node.accept(workspace, records, route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V", "TimeGenerated", "_TimeReceived") == [
        ["old", "2019-01-01T00:00:00.0000000Z", RECEIVED],
        ["none", RECEIVED, RECEIVED],
        ["unset", RECEIVED, RECEIVED],
    ]


async def test_a_transformation_sees_declared_columns_and_the_time_of_receipt(node: Node) -> None:
    text = "source | where N > 1 | extend V = strcat(V, '!'), TimeGenerated = now() - 1h | project-away N"
    workspace, rule = declare(node, text, N="int", V="string")
    await node.accept(workspace, [{"N": 1, "V": "a"}, {"N": 2, "V": "b"}], route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V", "TimeGenerated") == [
        ["b!", f"{START - timedelta(hours=1):%Y-%m-%dT%H:%M:%S.%f}0Z"]
    ]


async def test_a_stream_can_feed_several_tables_of_several_workspaces(node: Node) -> None:
    first, second = node.put_workspace("first"), node.put_workspace("second")
    for workspace in (first, second):
        node.put_table(workspace, TABLE, *columns(V="string"))
    node.put_table(first, "Odd_CL", *columns(V="string"))
    flows = [
        DataFlow((STREAM,), ("first", "second")),
        DataFlow((STREAM,), ("first",), "source | where V startswith 'o'", "Custom-Odd_CL"),
    ]
    rule = node.put_rule([first, second], flows, {STREAM: (TIME, *columns(V="string"))})
    for workspace in (first, second):
        await node.accept(workspace, [{"V": "one"}, {"V": "two"}], route=rule, stream=STREAM)
    await node.load()
    for workspace in (first, second):
        assert await node.read(workspace, TABLE, "V") == [["one"], ["two"]]
    assert await node.read(first, "Odd_CL", "V") == [["one"]]


async def test_a_compressed_body_is_read(node: Node) -> None:
    workspace, rule = declare(node, V="string")
    body = gzip.compress(b'[ {"V": "a"} , {"V": "\xc3\xbc"}\n]')
    await node.accept(workspace, body, route=rule, stream=STREAM, content_encoding="gzip")
    await node.accept(workspace, b"[]", route=rule, stream=STREAM)
    await node.accept(workspace, b'[{"V":"c"}]', route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"], ["c"], ["ü"]]


async def test_an_undeclared_property_is_reported_and_stays_in_the_archive(node: Node) -> None:
    workspace, rule = declare(node, V="string")
    await node.accept(workspace, [{"V": "a", "W": 1}], route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"]]
    (told,) = await node.operations(workspace)
    assert "The property 'W'" in told


async def test_a_long_text_is_cut(node: Node) -> None:
    (stored, short, uncut) = await load_values(node, "string", "ü" * 40_000, "x", "y" * 65_536)
    assert len(stored.encode()) <= 65_536 + 2
    assert stored.startswith("ü" * 32_000)
    assert (short, uncut) == ("x", "y" * 65_536)


async def test_a_standard_table_gets_the_columns_that_records_bring(node: Node) -> None:
    workspace = node.put_workspace()
    rule = node.put_rule([workspace], [DataFlow(("Microsoft-Syslog",), ("logs",))])
    first = [{"TimeGenerated": NOON, "Computer": "a", "SyslogMessage": "m", "Type": "x", "Unknown": 1}]
    await node.accept(workspace, first, route=rule, stream="Microsoft-Syslog")
    await node.load()
    stored = node.ledger.tables(workspace.properties.workspace_id)["Syslog"].definition
    assert stored is not None
    names = {column.name for column in stored.columns}
    assert {"Computer", "SyslogMessage"} <= names
    assert not {"HostIP", "Type", "Unknown"} & names
    second = [{"TimeGenerated": NOON, "Computer": "b", "ProcessID": "7"}]
    await node.accept(workspace, second, route=rule, stream="Microsoft-Syslog")
    await node.load()
    assert await node.read(workspace, "Syslog", "Computer", "SyslogMessage", "ProcessID") == [
        ["a", "m", None],
        ["b", "", 7],
    ]


async def test_a_transformation_of_a_standard_stream_may_name_columns_that_no_record_has(node: Node) -> None:
    workspace = node.put_workspace()
    text = "source | extend HostName = coalesce(HostName, Computer) | where ProcessName != 'noise'"
    rule = node.put_rule([workspace], [DataFlow(("Microsoft-Syslog",), ("logs",), text)])
    await node.accept(workspace, [{"Computer": "a"}], route=rule, stream="Microsoft-Syslog")
    await node.load()
    assert await node.read(workspace, "Syslog", "Computer", "HostName") == [["a", "a"]]


async def test_what_a_deleted_rule_accepted_is_still_delivered(node: Node) -> None:
    workspace, rule = declare(node, V="string")
    await node.accept(workspace, [{"V": "a"}], route=rule, stream=STREAM)
    await node.load()
    await node.accept(workspace, [{"V": "b"}], route=rule, stream=STREAM)
    with node.store.write(AUTHOR) as transaction:
        transaction.delete(GROUP.child("Microsoft.Insights/dataCollectionRules", "rule"))
    await node.load()
    assert await node.read(workspace, TABLE, "V") == [["a"], ["b"]]


async def test_own_rows_go_to_their_tables(node: Node) -> None:
    workspace = node.put_workspace()
    workspace_id = workspace.properties.workspace_id
    node.ingestion.rows.add(workspace_id, "Heartbeat", {"TimeGenerated": START, "Computer": "a"})
    node.ingestion.rows.add(workspace_id, "Heartbeat", {"TimeGenerated": START, "Version": "1"})
    await node.ingestion.rows.flush()
    await node.ingestion.rows.send(workspace_id, "Heartbeat", b'[{"Computer":"b","OSType":"Linux"}]')
    await node.load()
    rows = await node.read(workspace, "Heartbeat", "Computer", "Version", "OSType")
    assert sorted(rows) == [["", "1", ""], ["a", "", ""], ["b", "", "Linux"]]


async def test_an_output_that_does_not_convert_is_null(node: Node) -> None:
    workspace = node.put_workspace()
    node.put_table(workspace, TABLE, *columns(N="long", V="string"))
    flow = DataFlow((STREAM,), ("logs",), "source | project TimeGenerated, V, N = V", f"Custom-{TABLE}")
    rule = node.put_rule([workspace], [flow], {STREAM: (TIME, *columns(V="string"))})
    await node.accept(workspace, [{"V": "5"}, {"V": "x"}], route=rule, stream=STREAM)
    await node.load()
    assert await node.read(workspace, TABLE, "V", "N") == [["5", 5], ["x", None]]


async def test_records_of_kelp_for_a_table_that_it_does_not_know_are_set_aside(node: Node) -> None:
    workspace = node.put_workspace()
    await node.accept(workspace, [{"A": 1}], stream="NoSuchTable", kind=EnvelopeKind.INTERNAL)
    await node.load()
    assert "NoSuchTable" not in node.ledger.tables(workspace.properties.workspace_id)


async def test_a_row_tells_what_it_counts_for(node: Node) -> None:
    workspace, rule = declare(node, S="string", D="dynamic", N="int", T="datetime")
    records = [{"S": "grün", "D": {"a": 1}, "N": 5, "_BilledSize": 1e9}, {"TimeGenerated": NOON}]
    await node.accept(workspace, records, route=rule, stream=STREAM)
    await node.load()
    rows = await node.read(workspace, TABLE, "N", "_BilledSize")
    assert rows == [[None, 8], [5, 8 + len("grün".encode()) + len('{"a": 1}') + 8]]


async def test_times_in_unusual_spellings_are_read_all_the_same(node: Node) -> None:
    values = ["Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05Z"]
    assert await load_values(node, "datetime", *values) == ["2026-01-02T03:04:05.0000000Z"] * 2
    assert "Operation" not in node.ledger.tables(next(iter(node.store.snapshot.workspaces)))
