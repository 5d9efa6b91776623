"""The kinds that are kept for a workspace, through the real clients over TLS: each operation once, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.applicationinsights.v2020_02_02 import ApplicationInsightsManagementClient as ComponentsClient
from azure.mgmt.applicationinsights.v2023_06_01 import ApplicationInsightsManagementClient as WorkbooksClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.monitor import MonitorManagementClient

from kelp.api.management.workbooks import KEPT_REVISIONS
from tests.api.management_service import ManagementService, serve_tls
from tests.api.plain_examples import EXAMPLES
from tests.api.test_management_sdk import make_credential

DOCUMENTS = {example.kind: example for example in EXAMPLES}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


@pytest.fixture(scope="module")
def clients(service: ManagementService) -> Iterator[tuple[Any, ...]]:
    with ExitStack() as stack:
        credential = stack.enter_context(make_credential(service))
        arguments: dict[str, Any] = {
            "base_url": service.base_url,
            "polling_interval": 0,
            "connection_verify": service.ca_file,
        }
        kinds = LogAnalyticsManagementClient, MonitorManagementClient, ComponentsClient, WorkbooksClient
        yield tuple(
            stack.enter_context(kind(credential, str(service.installation.subscription_id), **arguments))
            for kind in kinds
        )


@pytest.fixture
def logs(clients: tuple[Any, ...]) -> Any:
    return clients[0]


@pytest.fixture
def monitor(clients: tuple[Any, ...]) -> Any:
    return clients[1]


@pytest.fixture
def document(service: ManagementService) -> Any:
    """Returns the example of a kind, filled in for the default workspace."""
    return lambda kind: DOCUMENTS[kind].filled(str(service.installation.workspace_resource_id))


PLACE = ("default", "default")


def test_data_sources(logs: Any) -> None:
    source = {"kind": "WindowsEvent", "properties": {"eventLogName": "System"}}
    made = logs.data_sources.create_or_update(*PLACE, "system", source)
    assert (made.kind, made.properties["eventLogName"]) == ("WindowsEvent", "System")
    assert logs.data_sources.get(*PLACE, "system").etag == made.etag
    logs.data_sources.create_or_update(*PLACE, "syslog", {"kind": "LinuxSyslog", "properties": {}})
    listed = logs.data_sources.list_by_workspace(*PLACE, filter="kind eq 'WindowsEvent'")
    assert [one.name for one in listed] == ["system"]
    with pytest.raises(HttpResponseError, match="needs a filter"):
        list(logs.data_sources.list_by_workspace(*PLACE, filter="name eq 'x'"))
    logs.data_sources.delete(*PLACE, "system")
    with pytest.raises(ResourceNotFoundError):
        logs.data_sources.get(*PLACE, "system")


def test_data_exports(logs: Any, service: ManagementService) -> None:
    storage = f"{service.subscription}/resourceGroups/default/providers/Microsoft.Storage/storageAccounts"
    hub = f"{service.subscription}/resourceGroups/default/providers/Microsoft.EventHub/namespaces/ns/eventhubs/beats"

    def export(destination: str, *, enable: bool = True) -> dict[str, Any]:
        members = {"tableNames": ["Heartbeat"], "destination": {"resourceId": destination}, "enable": enable}
        return {"properties": members}

    made = logs.data_exports.create_or_update(*PLACE, "to-storage", export(f"{storage}/one"))
    assert (made.properties.destination.type, made.table_names) == ("StorageAccount", ["Heartbeat"])
    assert made.data_export_id
    changed = logs.data_exports.create_or_update(*PLACE, "to-storage", export(f"{storage}/one", enable=False))
    assert (changed.data_export_id, changed.enable) == (made.data_export_id, False)
    to_hub = logs.data_exports.create_or_update(*PLACE, "to-hub", export(hub))
    assert (
        to_hub.properties.destination.meta_data.event_hub_name,
        to_hub.properties.destination.resource_id,
    ) == ("beats", hub.partition("/eventhubs")[0])
    assert [one.name for one in logs.data_exports.list_by_workspace(*PLACE)] == ["to-hub", "to-storage"]
    with pytest.raises(HttpResponseError, match="has this destination already"):
        logs.data_exports.create_or_update(*PLACE, "again", export(f"{storage}/one"))
    for number in range(9):
        logs.data_exports.create_or_update(*PLACE, f"more-{number}", export(f"{storage}/more{number}"))
    with pytest.raises(HttpResponseError, match="at most 10 enabled"):
        logs.data_exports.create_or_update(*PLACE, "eleventh", export(f"{storage}/eleventh"))
    logs.data_exports.create_or_update(*PLACE, "eleventh", export(f"{storage}/eleventh", enable=False))
    logs.data_exports.delete(*PLACE, "to-storage")
    logs.data_exports.delete(*PLACE, "to-storage")
    with pytest.raises(ResourceNotFoundError):
        logs.data_exports.get(*PLACE, "to-storage")


def test_linked_storage_accounts(logs: Any, document: Any) -> None:
    made = logs.linked_storage_accounts.create_or_update(
        *PLACE, "customlogs", document("linkedStorageAccounts")
    )
    assert (made.data_source_type, len(made.storage_account_ids)) == ("CustomLogs", 1)
    assert logs.linked_storage_accounts.get(*PLACE, "CustomLogs").id == made.id
    listed = logs.linked_storage_accounts.list_by_workspace(*PLACE)
    assert [one.data_source_type for one in listed] == ["CustomLogs"]
    with pytest.raises(HttpResponseError, match="is no kind of data"):
        logs.linked_storage_accounts.create_or_update(*PLACE, "Rumours", document("linkedStorageAccounts"))
    logs.linked_storage_accounts.delete(*PLACE, "CustomLogs")
    assert list(logs.linked_storage_accounts.list_by_workspace(*PLACE)) == []


def test_the_key_of_a_storage_insight_is_never_shown(
    logs: Any, document: Any, service: ManagementService, tmp_path: Path
) -> None:
    made = logs.storage_insight_configs.create_or_update(*PLACE, "insight", document("storageInsightConfigs"))
    assert (made.containers, made.storage_account.key) == (["wad-iis-logfiles"], "")
    assert made.status.state == "OK"
    assert logs.storage_insight_configs.get(*PLACE, "insight").storage_account.key == ""
    assert [one.name for one in logs.storage_insight_configs.list_by_workspace(*PLACE)] == ["insight"]
    stored = (Path(service.ca_file).parents[1] / "kelp.db").read_bytes()
    assert b"c2VjcmV0LWtleQ==" not in stored
    assert b"secret-key" not in stored
    logs.storage_insight_configs.delete(*PLACE, "insight")
    assert list(logs.storage_insight_configs.list_by_workspace(*PLACE)) == []


def test_query_packs(logs: Any, document: Any) -> None:
    made = logs.query_packs.create_or_update("default", "pack", document("queryPacks"))
    assert (made.query_pack_id is not None, made.provisioning_state) == (True, "Succeeded")
    assert logs.query_packs.update_tags("default", "pack", {"tags": {"new": "tag"}}).tags == {"new": "tag"}
    assert logs.query_packs.get("default", "pack").query_pack_id == made.query_pack_id
    nameless = logs.query_packs.create_or_update_without_name("default", document("queryPacks"))
    for listed in (logs.query_packs.list(), logs.query_packs.list_by_resource_group("default")):
        assert {one.name for one in listed} == {"pack", nameless.name}
    logs.query_packs.delete("default", nameless.name)
    first, second = str(uuid4()), str(uuid4())
    query = logs.queries.put("default", "pack", first, document("queries"))
    assert (query.body, query.tags, query.properties.id) == (
        "Heartbeat | count",
        {"team": ["one", "two"]},
        first,
    )
    assert query.author
    other = {"properties": {"displayName": "Other", "body": "Syslog", "tags": {"team": ["three"]}}}
    logs.queries.put("default", "pack", second, other)
    changed = logs.queries.update("default", "pack", first, {"properties": {"displayName": "Pulse"}})
    assert (changed.display_name, changed.body) == ("Pulse", "Heartbeat | count")
    assert logs.queries.get("default", "pack", first).display_name == "Pulse"
    assert {one.display_name for one in logs.queries.list("default", "pack", top=1)} == {"Pulse", "Other"}
    assert {one.body for one in logs.queries.list("default", "pack", include_body=False)} == {None}
    found = logs.queries.search("default", "pack", {"tags": {"team": ["Two"]}})
    assert [one.display_name for one in found] == ["Pulse"]
    found = logs.queries.search("default", "pack", {"related": {"categories": ["none"]}})
    assert list(found) == []
    logs.queries.delete("default", "pack", first)
    logs.query_packs.delete("default", "pack")
    with pytest.raises(ResourceNotFoundError):
        logs.queries.get("default", "pack", second)


def test_intelligence_packs(logs: Any) -> None:
    def enabled() -> set[str]:
        return {pack.name for pack in logs.intelligence_packs.list(*PLACE) if pack.enabled}

    assert enabled() == {"LogManagement"}
    logs.intelligence_packs.enable(*PLACE, "security")
    assert enabled() == {"LogManagement", "Security"}
    logs.intelligence_packs.disable(*PLACE, "Security")
    assert enabled() == {"LogManagement"}
    with pytest.raises(ResourceNotFoundError):
        logs.intelligence_packs.enable(*PLACE, "Gossip")
    with pytest.raises(ResourceExistsError, match="can't be switched off"):
        logs.intelligence_packs.disable(*PLACE, "LogManagement")


def test_what_a_workspace_tells_of_itself(logs: Any) -> None:
    schema = logs.schema.get(*PLACE)
    fields = {field.name: field for field in schema.value}
    assert (fields["Computer"].type, fields["Computer"].owner_type) == ("String", ["Heartbeat"])
    assert fields["TimeGenerated"].owner_type == ["Heartbeat", "Syslog"]
    tiers = logs.available_service_tiers.list_by_workspace(*PLACE)
    assert {tier.service_tier for tier in tiers} >= {"PerGB2018", "CapacityReservation"}
    assert [tier.service_tier for tier in tiers if tier.last_sku_update] == ["PerGB2018"]
    assert list(logs.management_groups.list(*PLACE)) == []
    with pytest.raises(ResourceNotFoundError, match="gateways"):
        logs.gateways.delete(*PLACE, "gate")
    assert list(logs.workspaces.list_nsp(*PLACE)) == []
    with pytest.raises(ResourceNotFoundError):
        logs.workspaces.get_nsp(*PLACE, "perimeter")
    with pytest.raises(ResourceNotFoundError):
        logs.workspaces.begin_reconcile_nsp(*PLACE, "perimeter")
    with pytest.raises(ResourceExistsError, match="does not replicate"):
        logs.workspaces.begin_failover("default", "local", "default")
    with pytest.raises(ResourceExistsError, match="does not replicate"):
        logs.workspaces.begin_failback(*PLACE)
    names = {operation.name for operation in logs.operations.list()}
    assert {
        "Microsoft.OperationalInsights/workspaces/write",
        "Microsoft.OperationalInsights/workspaces/savedSearches/read",
        "Microsoft.OperationalInsights/workspaces/sharedKeys/action",
    } <= names


def test_action_groups(monitor: Any, document: Any) -> None:
    made = monitor.action_groups.create_or_update("default", "on-call", document("actionGroups"))
    assert (made.group_short_name, made.email_receivers[0].email_address) == ("oncall", "ann@contoso.local")
    assert monitor.action_groups.get("default", "on-call").webhook_receivers[0].name == "hook"
    patched = monitor.action_groups.update(
        "default", "on-call", {"tags": {"a": "b"}, "properties": {"enabled": False}}
    )
    assert (patched.tags, patched.enabled) == ({"a": "b"}, False)
    for listed in (
        monitor.action_groups.list_by_subscription_id(),
        monitor.action_groups.list_by_resource_group("default"),
    ):
        assert [one.name for one in listed] == ["on-call"]
    monitor.action_groups.delete("default", "on-call")
    with pytest.raises(ResourceNotFoundError):
        monitor.action_groups.get("default", "on-call")


@pytest.mark.parametrize(
    ("operations", "kind", "list_all"),
    [
        ("scheduled_query_rules", "scheduledQueryRules", "list_by_subscription"),
        ("metric_alerts", "metricAlerts", "list_by_subscription"),
        ("activity_log_alerts", "activityLogAlerts", "list_by_subscription_id"),
    ],
)
def test_alert_rules(monitor: Any, document: Any, operations: str, kind: str, list_all: str) -> None:
    monitor.action_groups.create_or_update("default", "on-call", document("actionGroups"))
    group = getattr(monitor, operations)
    made = group.create_or_update("default", "rule", document(kind))
    assert (made.enabled, len(made.scopes)) == (True, 1)
    assert group.update("default", "rule", {"properties": {"enabled": False}}).enabled is False
    assert group.get("default", "rule").enabled is False
    for listed in (getattr(group, list_all)(), group.list_by_resource_group("default")):
        assert [one.name for one in listed] == ["rule"]
    nowhere = document(kind)
    nowhere["properties"]["scopes"] = [nowhere["properties"]["scopes"][0] + "-gone"]
    with pytest.raises(HttpResponseError, match="does not exist"):
        group.create_or_update("default", "other", nowhere)
    group.delete("default", "rule")
    assert list(group.list_by_resource_group("default")) == []


def test_associations(monitor: Any, document: Any, service: ManagementService) -> None:
    machine = (
        f"{service.subscription}/resourceGroups/default/providers/Microsoft.Compute/virtualMachines/web-1"
    )
    endpoint = monitor.data_collection_endpoints.create("default", "asked", {"location": "local"})
    name = "configurationAccessEndpoint"
    associations = monitor.data_collection_rule_associations
    body = {"properties": {"dataCollectionEndpointId": endpoint.id}}
    made = associations.create(machine.strip("/"), name, body)
    assert (made.data_collection_endpoint_id, made.provisioning_state) == (endpoint.id, "Succeeded")
    assert associations.get(machine.strip("/"), name).id == made.id
    assert [one.id for one in associations.list_by_resource(machine.strip("/"))] == [made.id]
    listed = associations.list_by_data_collection_endpoint("default", "asked")
    assert [one.id for one in listed] == [made.id]
    rule = monitor.data_collection_rules.create("default", "asked", rule_of(service))
    associations.create(machine.strip("/"), "by-rule", {"properties": {"dataCollectionRuleId": rule.id}})
    assert [one.name for one in associations.list_by_rule("default", "asked")] == ["by-rule"]
    with pytest.raises(ResourceExistsError, match="deleteAssociations=true"):
        monitor.data_collection_rules.delete("default", "asked")
    monitor.data_collection_rules.delete("default", "asked", delete_associations=True)
    associations.delete(machine.strip("/"), name)
    assert list(associations.list_by_resource(machine.strip("/"))) == []
    monitor.data_collection_endpoints.delete("default", "asked")


def rule_of(service: ManagementService) -> dict[str, Any]:
    workspace = {"name": "here", "workspaceResourceId": str(service.installation.workspace_resource_id)}
    return {
        "location": "local",
        "properties": {
            "destinations": {"logAnalytics": [workspace]},
            "dataFlows": [{"streams": ["Microsoft-Heartbeat"], "destinations": ["here"]}],
        },
    }


def test_components(clients: tuple[Any, ...], document: Any, service: ManagementService) -> None:
    components = clients[2].components
    made = components.create_or_update("default", "shop", document("components"))
    assert made.instrumentation_key in made.connection_string
    assert f"IngestionEndpoint={service.base_url}/" in made.connection_string
    assert (made.application_type, made.retention_in_days, made.tenant_id) == (
        "web",
        30,
        str(service.installation.tenant_id),
    )
    again = components.create_or_update("default", "shop", document("components"))
    assert (again.instrumentation_key, again.app_id) == (made.instrumentation_key, made.app_id)
    assert components.update_tags("default", "shop", {"tags": {"a": "b"}}).tags == {"a": "b"}
    for listed in (components.list(), components.list_by_resource_group("default")):
        assert [one.app_id for one in listed] == [made.app_id]
    components.delete("default", "shop")
    with pytest.raises(ResourceNotFoundError):
        components.get("default", "shop")


def test_workbooks(clients: tuple[Any, ...], document: Any) -> None:
    workbooks, name = clients[3].workbooks, str(uuid4())
    made = workbooks.create_or_update("default", name, document("workbooks"))
    assert made.display_name == "Overview"
    assert workbooks.get("default", name, can_fetch_content=True).serialized_data == made.serialized_data
    patched = workbooks.update(
        "default", name, workbook_update_parameters={"properties": {"displayName": "New"}}
    )
    assert (patched.display_name, patched.serialized_data) == ("New", made.serialized_data)
    found = list(workbooks.list_by_resource_group("default", category="workbook"))
    assert [(one.name, one.serialized_data) for one in found] == [(name, None)]
    assert list(workbooks.list_by_subscription(category="retention")) == []
    workbooks.delete("default", name)
    assert list(workbooks.list_by_subscription(category="workbook")) == []


def test_what_a_workbook_held_before(clients: tuple[Any, ...], document: Any) -> None:
    workbooks, name = clients[3].workbooks, str(uuid4())
    first = workbooks.create_or_update("default", name, document("workbooks"))
    renamed = {"properties": {"displayName": "Two"}}
    second = workbooks.update("default", name, workbook_update_parameters=renamed)
    again = workbooks.update("default", name, workbook_update_parameters=renamed)
    assert again.revision == second.revision != first.revision
    found = list(workbooks.revisions_list("default", name))
    assert [(one.revision, one.display_name, one.serialized_data) for one in found] == [
        (second.revision, "Two", None),
        (first.revision, "Overview", None),
    ]
    before = workbooks.revision_get("default", name, first.revision)
    assert (before.display_name, before.serialized_data) == ("Overview", first.serialized_data)
    assert (before.name, before.user_id, before.time_modified) == (name, first.user_id, first.time_modified)
    with pytest.raises(ResourceNotFoundError):
        workbooks.revision_get("default", name, "0" * 32)
    for number in range(KEPT_REVISIONS):
        changed = {"properties": {"displayName": f"Number {number}"}}
        last = workbooks.update("default", name, workbook_update_parameters=changed)
    kept = list(workbooks.revisions_list("default", name))
    assert (len(kept), kept[0].revision, kept[-1].display_name) == (KEPT_REVISIONS, last.revision, "Number 0")
    workbooks.delete("default", name)
    workbooks.create_or_update("default", name, document("workbooks"))
    assert len(list(workbooks.revisions_list("default", name))) == 1
