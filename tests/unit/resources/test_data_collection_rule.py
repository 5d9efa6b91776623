from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from kelp.kql.types import ScalarType
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint, put_endpoint
from kelp.resources.data_collection_rule import (
    DataCollectionRule,
    DataFlow,
    LogAnalyticsDestination,
    StreamDeclaration,
    output_table,
)
from kelp.resources.errors import InvalidDocument, ResourceConflict
from kelp.resources.resource import Resource
from kelp.resources.rule_binding import put_rule
from kelp.resources.store import ResourceStore
from kelp.resources.table import Table, TableColumn, put_table
from kelp.resources.workspace import Workspace

from .conftest import AUTHOR, GROUP, WORKSPACE
from .doubles import SomeTables

RULE = GROUP.child("Microsoft.Insights/dataCollectionRules", "rule")
TIME = TableColumn("TimeGenerated", ScalarType.DATETIME)
STREAM = StreamDeclaration("Custom-App", (TIME, TableColumn("Message", ScalarType.STRING)))
FLOW = DataFlow(("Custom-App",), ("here",), "source", "Custom-App_CL")
DRAFT = DataCollectionRule("local", (STREAM,), (LogAnalyticsDestination("here", str(WORKSPACE)),), (FLOW,))


@pytest.fixture
def store_with_table(store: ResourceStore) -> ResourceStore:
    with store.write(AUTHOR) as transaction:
        put_table(transaction, WORKSPACE.child("tables", "App_CL"), Table((TIME,)), SomeTables())
    return store


def accept(_kql: str, _columns: Sequence[TableColumn]) -> Sequence[str]:
    return ()


def put(store: ResourceStore, draft: DataCollectionRule) -> Resource[DataCollectionRule]:
    with store.write(AUTHOR) as transaction:
        return put_rule(transaction, RULE, draft, SomeTables(), accept)


def problems_of(store: ResourceStore, draft: DataCollectionRule) -> list[tuple[str, str]]:
    with pytest.raises(InvalidDocument) as refusal:
        put(store, draft)
    return [(problem.target, problem.code) for problem in refusal.value.problems]


def test_a_rule_is_found_by_its_immutable_id_and_knows_its_workspaces(
    store_with_table: ResourceStore,
) -> None:
    rule = put(store_with_table, DRAFT)
    assert rule.properties.immutable_id.startswith("dcr-")
    assert len(rule.properties.immutable_id) == 36
    found = store_with_table.snapshot.rules[rule.properties.immutable_id]
    workspace = store_with_table.get(Workspace, WORKSPACE)
    assert found.properties.destinations[0].workspace_id == workspace.properties.workspace_id
    again = put(store_with_table, replace(DRAFT, description="changed"))
    assert again.properties.immutable_id == rule.properties.immutable_id


def test_every_problem_is_reported_at_once(store: ResourceStore) -> None:
    draft = DataCollectionRule(
        "",
        (StreamDeclaration("App", ()),),
        (
            LogAnalyticsDestination(
                "here", str(GROUP) + "/providers/Microsoft.OperationalInsights/workspaces/none"
            ),
        ),
        (DataFlow(("Custom-Other",), ("there",), None, "App"), DataFlow((), ())),
        data_collection_endpoint_id="nonsense",
    )
    assert problems_of(store, draft) == [
        ("location", "LocationRequired"),
        ("properties.streamDeclarations.App", "InvalidStream"),
        ("properties.streamDeclarations.App.columns", "InvalidStream"),
        ("properties.dataFlows[0].streams", "InvalidStream"),
        ("properties.dataFlows[0].destinations", "InvalidDestination"),
        ("properties.dataFlows[0].outputStream", "InvalidStream"),
        ("properties.dataFlows[1].streams", "InvalidParameter"),
        ("properties.dataFlows[1].destinations", "InvalidParameter"),
        ("properties.dataFlows[1].outputStream", "InvalidStream"),
        ("properties.destinations.logAnalytics[0].workspaceResourceId", "InvalidDestination"),
        ("properties.dataCollectionEndpointId", "InvalidParameter"),
    ]


def test_a_rule_needs_flows_and_destinations(store: ResourceStore) -> None:
    assert problems_of(store, DataCollectionRule("local")) == [
        ("properties.destinations", "InvalidDestination"),
        ("properties.dataFlows", "InvalidParameter"),
    ]


def test_a_flow_into_a_table_that_is_not_there_is_refused(store: ResourceStore) -> None:
    assert problems_of(store, DRAFT) == [("properties.dataFlows[0].outputStream", "InvalidOutputTable")]
    flow = replace(FLOW, output_stream="Microsoft-Nothing")
    assert problems_of(store, replace(DRAFT, data_flows=(flow,))) == [
        ("properties.dataFlows[0].outputStream", "InvalidOutputTable")
    ]


def test_a_built_in_table_is_a_destination(store: ResourceStore) -> None:
    rule = put(store, replace(DRAFT, data_flows=(replace(FLOW, output_stream="Microsoft-Syslog"),)))
    assert output_table(rule.properties.data_flows[0]) == "Syslog"


def test_without_an_output_stream_the_stream_names_the_table(store: ResourceStore) -> None:
    flow = DataFlow(("Microsoft-Syslog",), ("here",))
    rule = put(store, replace(DRAFT, stream_declarations=(), data_flows=(flow,)))
    assert output_table(rule.properties.data_flows[0]) == "Syslog"


def test_the_transformation_is_compiled_over_the_columns_of_its_stream(
    store_with_table: ResourceStore,
) -> None:
    asked: list[tuple[str, list[str]]] = []

    def refuse(kql: str, columns: Sequence[TableColumn]) -> Sequence[str]:
        asked.append((kql, [column.name for column in columns]))
        return ["'Level' is not a column."]

    with (
        pytest.raises(InvalidDocument, match="'Level' is not a column") as refusal,
        store_with_table.write(AUTHOR) as transaction,
    ):
        put_rule(transaction, RULE, DRAFT, SomeTables(), refuse)
    assert refusal.value.code == "InvalidTransformQuery"
    assert refusal.value.target == "properties.dataFlows[0].transformKql"
    assert asked == [("source", ["TimeGenerated", "Message"])]


def test_kind_and_location_do_not_change(store_with_table: ResourceStore) -> None:
    put(store_with_table, DRAFT)
    for draft in (replace(DRAFT, kind="Direct"), replace(DRAFT, location="elsewhere")):
        with pytest.raises(ResourceConflict):
            put(store_with_table, draft)


def test_an_endpoint_keeps_its_immutable_id(store: ResourceStore) -> None:
    endpoint_id = GROUP.child("Microsoft.Insights/dataCollectionEndpoints", "endpoint")
    with store.write(AUTHOR) as transaction:
        first = put_endpoint(transaction, endpoint_id, DataCollectionEndpoint("local"))
        second = put_endpoint(transaction, endpoint_id, DataCollectionEndpoint("local", description="x"))
    assert first.properties.immutable_id == second.properties.immutable_id
    assert store.snapshot.endpoints[first.properties.immutable_id].properties.description == "x"


def test_a_rule_is_gone_from_the_snapshot_when_deleted(store_with_table: ResourceStore) -> None:
    put(store_with_table, DRAFT)
    with store_with_table.write(AUTHOR) as transaction:
        assert transaction.delete(RULE)
    assert store_with_table.snapshot.rules == {}
    assert UUID(int=0) not in store_with_table.snapshot.workspaces
