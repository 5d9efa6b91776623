"""The real Azure clients, over real TLS, against the built-in authority's certificate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.monitor import MonitorManagementClient, models

from tests.api.management_service import ManagementService, serve_tls


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


@pytest.fixture
def clients(service: ManagementService) -> Iterator[tuple[Any, Any]]:
    with ExitStack() as stack:
        credential = stack.enter_context(make_credential(service))
        arguments: dict[str, Any] = {
            "base_url": service.base_url,
            "polling_interval": 0,
            "connection_verify": service.ca_file,
        }
        subscription_id = str(service.installation.subscription_id)
        yield (
            stack.enter_context(LogAnalyticsManagementClient(credential, subscription_id, **arguments)),
            stack.enter_context(MonitorManagementClient(credential, subscription_id, **arguments)),
        )


def make_credential(service: ManagementService, **changes: Any) -> ClientSecretCredential:
    arguments: dict[str, Any] = {
        "tenant_id": str(service.installation.tenant_id),
        "client_id": str(service.installation.client_id),
        "client_secret": service.secrets.client_secret,
        "authority": service.base_url,
        "disable_instance_discovery": True,
        "connection_verify": service.ca_file,
    }
    return ClientSecretCredential(**(arguments | changes))


def test_a_credential_gets_a_token_for_each_service(service: ManagementService) -> None:
    with make_credential(service) as credential:
        for scope in (
            "https://management.azure.com/.default",
            "https://monitor.azure.com//.default",
            "https://api.loganalytics.io/.default",
            f"{service.base_url}/.default",
        ):
            assert credential.get_token(scope).token.count(".") == 2


def test_the_adfs_form_needs_no_discovery_switch(service: ManagementService) -> None:
    with make_credential(service, tenant_id="adfs", disable_instance_discovery=False) as credential:
        assert credential.get_token("https://management.azure.com/.default").token


def test_a_wrong_secret_is_told_at_once(service: ManagementService) -> None:
    with (
        make_credential(service, client_secret="wrong") as credential,
        pytest.raises(ClientAuthenticationError, match="AADSTS7000215"),
    ):
        credential.get_token("https://management.azure.com/.default")


def test_workspaces(clients: tuple[Any, Any]) -> None:
    logs, _ = clients
    made = logs.workspaces.begin_create_or_update(
        "default",
        "sdk-space",
        {
            "location": "local",
            "tags": {"made": "here"},
            "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 45},
        },
    ).result()
    assert (made.name, made.properties.retention_in_days) == ("sdk-space", 45)
    assert made.properties.provisioning_state == "Succeeded"
    assert logs.workspaces.get("default", "SDK-Space").id == made.id
    changed = logs.workspaces.update("default", "sdk-space", {"tags": {"a": "b"}})
    assert changed.properties.customer_id == made.properties.customer_id
    for listed in (logs.workspaces.list(), logs.workspaces.list_by_resource_group("default")):
        assert {workspace.name for workspace in listed} >= {"default", "sdk-space"}
    logs.workspaces.begin_delete("default", "sdk-space").result()
    for deleted in (
        logs.deleted_workspaces.list(),
        logs.deleted_workspaces.list_by_resource_group("default"),
    ):
        assert [workspace.name for workspace in deleted] == ["sdk-space"]
    logs.workspaces.begin_delete("default", "sdk-space", force=True).result()
    assert list(logs.deleted_workspaces.list()) == []
    with pytest.raises(ResourceNotFoundError) as missing:
        logs.workspaces.get("default", "sdk-space")
    assert missing.value.error is not None
    assert missing.value.error.code == "ResourceNotFound"


def test_shared_keys(clients: tuple[Any, Any], service: ManagementService) -> None:
    logs, _ = clients
    before = logs.shared_keys.get_shared_keys("default", "default")
    after = logs.shared_keys.regenerate("default", "default")
    assert after.primary_shared_key != before.primary_shared_key
    assert after.secondary_shared_key == before.secondary_shared_key
    stored = service.store.shared_keys(service.installation.workspace_id)
    assert stored.primary == after.primary_shared_key


def test_tables(clients: tuple[Any, Any]) -> None:
    logs, _ = clients
    columns = [{"name": "TimeGenerated", "type": "dateTime"}, {"name": "Message", "type": "string"}]
    made = logs.tables.begin_create_or_update(
        "default", "default", "Sdk_CL", {"properties": {"schema": {"name": "Sdk_CL", "columns": columns}}}
    ).result()
    assert made.properties.provisioning_state == "Succeeded"
    made.properties.retention_in_days = 14
    put_back = logs.tables.begin_create_or_update("default", "default", "Sdk_CL", made).result()
    assert put_back.properties.retention_in_days == 14
    changed = logs.tables.begin_update(
        "default", "default", "Sdk_CL", {"properties": {"totalRetentionInDays": 100}}
    ).result()
    assert changed.properties.archive_retention_in_days == 86
    names = [table.name for table in logs.tables.list_by_workspace("default", "default")]
    assert names == ["Heartbeat", "Sdk_CL", "Syslog"]
    with pytest.raises(HttpResponseError, match="needs a column 'TimeGenerated'"):
        logs.tables.begin_create_or_update(
            "default",
            "default",
            "Bad_CL",
            {"properties": {"schema": {"name": "Bad_CL", "columns": columns[1:]}}},
        )
    logs.tables.begin_delete("default", "default", "Sdk_CL").result()
    with pytest.raises(ResourceNotFoundError):
        logs.tables.get("default", "default", "Sdk_CL")


def test_saved_searches(clients: tuple[Any, Any], service: ManagementService) -> None:
    logs, _ = clients
    search = {
        "properties": {
            "category": "Ops",
            "displayName": "Beats",
            "query": "Heartbeat | where Computer == name",
            "functionAlias": "BeatsOf",
            "functionParameters": "name: string",
            "tags": [{"name": "team", "value": "one"}],
        }
    }
    made = logs.saved_searches.create_or_update("default", "default", "beats", search)
    assert (made.function_alias, made.tags[0].value) == ("BeatsOf", "one")
    assert logs.saved_searches.get("default", "default", "beats").etag == made.etag
    listed = logs.saved_searches.list_by_workspace("default", "default")
    assert [one.display_name for one in listed.value] == ["Beats"]
    key = service.installation.workspace_resource_id.key
    assert service.store.snapshot.functions[key]["BeatsOf"].properties.query == made.query
    logs.saved_searches.delete("default", "default", "beats")
    with pytest.raises(ResourceNotFoundError):
        logs.saved_searches.get("default", "default", "beats")


def test_data_collection(clients: tuple[Any, Any], service: ManagementService) -> None:
    _, monitor = clients
    endpoint = monitor.data_collection_endpoints.create(
        "default", "sdk-endpoint", models.DataCollectionEndpointResource(location="local")
    )
    assert endpoint.logs_ingestion.endpoint == service.base_url
    workspace = models.LogAnalyticsDestination(
        name="here", workspace_resource_id=str(service.installation.workspace_resource_id)
    )
    column = models.ColumnDefinition(name="TimeGenerated", type="datetime")
    flow = models.DataFlow(streams=["Custom-Sdk"], destinations=["here"], output_stream="Microsoft-Heartbeat")
    rule = monitor.data_collection_rules.create(
        "default",
        "sdk-rule",
        models.DataCollectionRuleResource(
            location="local",
            data_collection_endpoint_id=endpoint.id,
            stream_declarations={"Custom-Sdk": models.StreamDeclaration(columns=[column])},
            destinations=models.DataCollectionRuleDestinations(log_analytics=[workspace]),
            data_flows=[flow],
        ),
    )
    assert rule.immutable_id in service.store.snapshot.rules
    assert rule.destinations.log_analytics[0].workspace_id == str(service.installation.workspace_id)
    assert monitor.data_collection_rules.get("default", "sdk-rule").id == rule.id
    tags = models.ResourceForUpdate(tags={"a": "b"})
    updated = monitor.data_collection_rules.update("default", "sdk-rule", tags)
    assert (updated.tags, updated.immutable_id) == ({"a": "b"}, rule.immutable_id)
    for listed in (
        monitor.data_collection_rules.list_by_resource_group("default"),
        monitor.data_collection_rules.list_by_subscription(),
    ):
        assert [found.name for found in listed] == ["sdk-rule"]
    monitor.data_collection_rules.delete("default", "sdk-rule")
    monitor.data_collection_endpoints.delete("default", "sdk-endpoint")
    assert list(monitor.data_collection_endpoints.list_by_subscription()) == []


def test_a_caller_without_a_role_is_told_so(service: ManagementService) -> None:
    account = service.directory.create_application(service.installation.tenant_id, "nobody")
    secret = service.directory.add_secret(account.object_id)
    with (
        make_credential(service, client_id=str(account.application_id), client_secret=secret) as credential,
        LogAnalyticsManagementClient(
            credential,
            str(service.installation.subscription_id),
            base_url=service.base_url,
            connection_verify=service.ca_file,
        ) as logs,
        pytest.raises(HttpResponseError, match="AuthorizationFailed"),
    ):
        logs.workspaces.get("default", "default")
