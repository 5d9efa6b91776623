"""The activity log: through `azure-mgmt-monitor`, and as rows of `AzureActivity` that outlive a killed process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from azure.core.exceptions import HttpResponseError
from azure.identity import ClientSecretCredential
from azure.mgmt.monitor import MonitorManagementClient

from kelp.base.ids import ResourceId
from kelp.resources.role_definition import READER
from tests.api.management_service import ManagementService, serve_tls
from tests.durability.crashing import running_process
from tests.servers import MANAGEMENT_SCOPE, Place, Server, start_server
from tests.waiting import wait_for

V = "api-version=2015-04-01"
OI = "api-version=2025-02-01"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    folder: Path = tmp_path_factory.mktemp("installation")
    with serve_tls(folder) as service:
        yield service


@pytest.fixture
def monitor(service: ManagementService) -> Iterator[Any]:
    with ExitStack() as stack:
        credential = stack.enter_context(ClientSecretCredential(**service.credential_arguments()))
        yield stack.enter_context(
            MonitorManagementClient(
                credential,
                str(service.installation.subscription_id),
                base_url=service.base_url,
                connection_verify=service.ca_file,
            )
        )


def since(service: ManagementService, **ago: float) -> str:
    return f"eventTimestamp ge '{(service.clock.now() - timedelta(**ago)).isoformat()}'"


async def test_what_was_done_and_what_was_refused(service: ManagementService, monitor: Any) -> None:
    group = f"g{uuid4().hex[:6]}"
    path = f"{service.subscription}/resourceGroups/{group}?api-version=2022-12-01"
    mark = uuid4().hex
    named = {"x_ms_correlation_request_id": mark}
    assert (await service.call("PUT", path, {"location": "local"}, **named)).status_code == 201
    space = f"{service.subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/workspaces/some"
    wrong = {"location": "local", "properties": {"retentionInDays": 1}}
    assert (await service.call("PUT", f"{space}?{OI}", wrong, **named)).status_code == 400
    reader = await service.get_token_of_new_application((READER, service.subscription))
    assert (await service.call("DELETE", path, token=reader, **named)).status_code == 403
    events = list(
        monitor.activity_logs.list(filter=f"{since(service, hours=1)} and correlationId eq '{mark}'")
    )
    told = [(one.operation_name.value, one.status.value, one.sub_status.value) for one in events]
    assert told == [
        ("Microsoft.Resources/subscriptions/resourceGroups/delete", "Failed", "AuthorizationFailed"),
        ("Microsoft.OperationalInsights/workspaces/write", "Failed", "InvalidParameter"),
        ("Microsoft.Resources/resourceGroups/write", "Succeeded", ""),
    ]
    assert {one.resource_group_name for one in events} == {group}
    owner = service.directory.find_application(service.installation.client_id)
    assert owner is not None
    assert events[2].caller == str(owner.object_id)
    of_group = monitor.activity_logs.list(
        filter=f"{since(service, hours=1)} and resourceGroupName eq '{group}'"
    )
    assert len(list(of_group)) == 3
    of_resource = monitor.activity_logs.list(filter=f"{since(service, hours=1)} and resourceUri eq '{space}'")
    assert [one.resource_id for one in of_resource] == [space]


async def test_only_what_was_selected_and_only_of_90_days(service: ManagementService, monitor: Any) -> None:
    (one, *_) = monitor.activity_logs.list(filter=since(service, hours=1), select="caller,status")
    assert one.caller
    assert one.operation_name is None
    assert len(list(monitor.activity_logs.list(filter=since(service, days=365)))) > 0
    service.clock.turn(days=91)
    try:
        answer = await service.call(
            "GET", f"{service.subscription}/providers/Microsoft.Insights/eventtypes/management/values?{V}"
        )
        assert answer.json() == {"value": []}
    finally:
        service.clock.turn(days=-91)


async def test_pages_lead_through_all(service: ManagementService) -> None:
    path = f"{service.subscription}/providers/Microsoft.Insights/eventtypes/management/values?{V}&$select=eventDataId"
    for number in range(101):
        with service.store.write(
            service.store.audit_records(service.installation.tenant_id)[0].author
        ) as transaction:
            transaction.record_action(service.subscription, f"number{number}/action")
    seen: list[str] = []
    while path:
        document = (await service.call("GET", path)).json()
        seen += [one["eventDataId"] for one in document["value"]]
        path = document.get("nextLink", "").removeprefix(service.base_url)
    assert len(seen) == len(set(seen)) > 101


async def test_the_tenant_s_own_events_and_the_categories(service: ManagementService, monitor: Any) -> None:
    path = f"/providers/Microsoft.Authorization/roleAssignments/{uuid4()}?api-version=2022-04-01"
    assert (await service.call("PUT", path, {"properties": {}})).status_code == 400
    events = list(monitor.tenant_activity_logs.list(filter=since(service, hours=1)))
    assert "Microsoft.Authorization/roleAssignments/write" in {one.operation_name.value for one in events}
    assert [one.value for one in monitor.event_categories.list()] == ["Administrative"]


@pytest.mark.parametrize(
    "text",
    [
        "eventTimestamp",
        "eventTimestamp ge 'yesterday'",
        "color eq 'red'",
        "caller eq 'a' or caller eq 'b'",
        "caller eq 'a' and ",
    ],
)
def test_a_filter_that_can_not_be_read(monitor: Any, text: str) -> None:
    with pytest.raises(HttpResponseError, match="InvalidFilter"):
        list(monitor.activity_logs.list(filter=text))


async def test_others_see_nothing(service: ManagementService) -> None:
    token = await service.get_token_of_new_application()
    path = f"{service.subscription}/providers/Microsoft.Insights/eventtypes/management/values?{V}"
    assert (await service.call("GET", path, token=token)).status_code == 403
    assert (
        await service.call(
            "GET", f"/providers/Microsoft.Insights/eventtypes/management/values?{V}", token=token
        )
    ).status_code == 403
    _, foreign = service.add_foreign_subscription()
    path = f"{foreign}/providers/Microsoft.Insights/eventtypes/management/values?{V}"
    assert (await service.call("GET", path)).status_code == 404


def tag_group(server: Server, value: str) -> None:
    """A change of a resource that leaves one record."""
    group = server.home.resource_id.parent
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.put(
            f"{group}?api-version=2022-12-01",
            json={"location": "local", "tags": {"n": value}},
            headers={"x-ms-correlation-request-id": f"mark-{value}"},
        )
    assert answer.status_code == 200, answer.text


def choose_another_workspace(server: Server) -> Place:
    """A diagnostic setting of the subscription that sends its log to a new workspace as well as to its own."""
    group = server.home.resource_id.parent
    subscription = f"/subscriptions/{server.home.resource_id.subscription_id}"
    space = f"{group}/providers/Microsoft.OperationalInsights/workspaces/auditors"
    logs = [{"category": "Administrative", "enabled": True}]
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        made = client.put(f"{space}?{OI}", json={"location": "local"})
        for name, path in (("theirs", space), ("ours", str(server.home.resource_id))):
            url = f"{subscription}/providers/Microsoft.Insights/diagnosticSettings/{name}?api-version=2021-05-01-preview"
            answer = client.put(url, json={"properties": {"workspaceId": path, "logs": logs}})
            assert answer.status_code == 200, answer.text
    workspace_id = made.json()["properties"]["customerId"]
    return Place(server.home.tenant_id, ResourceId.parse(space), workspace_id, "")


def wait_for_marks(server: Server, expected: int, place: Place | None = None) -> list[str]:
    """The marks of all rows that changes of the group left, once there are as many as expected."""
    query = (
        "AzureActivity | where OperationNameValue == 'MICROSOFT.RESOURCES/RESOURCEGROUPS/WRITE' "
        "and ActivityStatusValue == 'Success' and CorrelationId startswith 'mark-' | project CorrelationId"
    )

    def find() -> list[str]:
        (table,) = server.query(query, place)["tables"]
        marks = sorted(row[0] for row in table["rows"])
        return marks if len(marks) >= expected else []

    return wait_for(find)


def test_rows_outlive_killed_processes(tmp_path: Path) -> None:
    with start_server(tmp_path / "killed") as server:
        other = choose_another_workspace(server)
        tag_group(server, "00")
    for turn in (1, 2):
        with running_process(server) as process:
            server._tokens.clear()
            for number in range(4):
                tag_group(server, f"{turn}{number}")
            process.kill()
    with running_process(server):
        server._tokens.clear()
        wait_for_marks(server, 9, other)
        marks = wait_for_marks(server, 9)
        assert marks == ["mark-00", *(f"mark-{turn}{number}" for turn in (1, 2) for number in range(4))]
