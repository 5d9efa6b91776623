"""The hybrid architecture: summary rules and pulls bring a part of customers' records into one workspace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from kelp.base.ids import ResourceId
from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.api.directory_calls import ask_directory
from tests.api.ingestion_setup import collect, rows_of, sign, wait_for_rows
from tests.api.test_customers import call, make_customer
from tests.servers import (
    MANAGEMENT_SCOPE,
    WORKSPACE_TYPE,
    Application,
    Place,
    Server,
    populate,
    start_server,
)
from tests.waiting import wait_for


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    settings = {"ingest": {"flush_interval_seconds": 0.05}}
    folder = tmp_path_factory.mktemp("hybrid")
    with start_server(folder, settings=settings, populate=populate, quick_jobs=True) as server:
        yield server


OWNER_NAME = "owner"


class _Credential:
    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *_scopes: str, **_options: Any) -> AccessToken:
        return AccessToken(self._token, 4_102_444_800)


def manage(server: Server, application: Application | None = None) -> LogAnalyticsManagementClient:
    return LogAnalyticsManagementClient(
        _Credential(server.token(application, MANAGEMENT_SCOPE)),
        server.home.resource_id.subscription_id or "",
        base_url=server.endpoint,
        connection_verify=server.ca_file,
        credential_scopes=[MANAGEMENT_SCOPE],
        polling_interval=0,
    )


def where(place: Place) -> tuple[str, str]:
    return place.resource_id.resource_group or "", place.name


def define(query: str, table: str, **definition: Any) -> dict[str, Any]:
    shown = {"query": query, "binSize": 20, "binDelay": 0, "destinationTable": table} | definition
    return {"properties": {"ruleType": "User", "displayName": "By computer", "ruleDefinition": shown}}


def minutes_ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_rule_summarizes_each_bin_once(server: Server) -> None:
    """Bins begin some minutes ago; those that are over are run one after the other, by the real client's rule."""
    body = json.dumps(
        [
            {"Computer": name, "At": minutes_ago(minutes)}
            for name in ("a", "b")
            for minutes in (50, 55, 30, 70)
        ]
    ).encode()
    assert collect(server, body, "Beats", time_generated_field="At").status_code == 200
    wait_for_rows(server, "Beats_CL", 8)
    origin = minutes_ago(65)
    query = "Beats_CL | summarize Beats = count(), Now = max(now()) by Computer_s"
    document = define(query, "BeatsOfBins_CL", binStartTime=origin)
    with manage(server) as client:
        client.summary_logs.begin_create_or_update(*where(server.home), "beats", document).result()
        rule = client.summary_logs.get(*where(server.home), "beats")
        assert rule.rule_definition is not None
        assert (rule.is_active, rule.rule_definition.bin_size) == (True, 20)
        assert [one.name for one in client.summary_logs.list_by_workspace(*where(server.home))] == ["beats"]
        # The rule was made now: of the bins before, only the one that holds this moment is its own.
        assert rows_of(server, "BeatsOfBins_CL") == []
        client.summary_logs.stop(*where(server.home), "beats")
        assert client.summary_logs.get(*where(server.home), "beats").is_active is False
        client.summary_logs.begin_start(*where(server.home), "beats").result()
        with pytest.raises(HttpResponseError) as refused:
            body_of = {"properties": {"retryBinStartTime": minutes_ago(-600)}}
            client.summary_logs.begin_retry_bin(*where(server.home), "beats", body_of).result()
        assert "was not run yet" in refused.value.message
        client.summary_logs.begin_retry_bin(
            *where(server.home), "beats", {"properties": {"retryBinStartTime": minutes_ago(52)}}
        ).result()
        bins = (
            "BeatsOfBins_CL | project Computer_s, Beats, _BinStartTime, _BinSize, _RuleName, TimeGenerated, "
            "Versioned = isnotnull(_RuleLastModifiedTime)"
        )
        rows = wait_for_rows(server, bins, 2)
        again = {"properties": {"retryBinStartTime": minutes_ago(52)}}
        client.summary_logs.begin_retry_bin(*where(server.home), "beats", again).result()
        third = {"properties": {"retryBinStartTime": minutes_ago(35)}}
        client.summary_logs.begin_retry_bin(*where(server.home), "beats", third).result()
    wait_for_rows(server, "BeatsOfBins_CL | where Beats == 1", 2)
    assert sorted(rows) == sorted(wait_for_rows(server, f"{bins} | where Beats == 2", 2))
    for computer, beats, start, size, name, generated, is_versioned in rows:
        assert computer in ("a", "b")
        assert (beats, size, name, is_versioned) == (2, 20, "beats", True)
        assert start == generated
        assert datetime.fromisoformat(start) == datetime.fromisoformat(origin)


def test_all_that_is_wrong_with_a_rule_is_told(server: Server) -> None:
    path = f"{server.home.resource_id}/summaryLogs/wrong"
    answer = call(server, "PUT", path, define("", "Summaries", binSize=7, binDelay=5000))
    assert answer.status_code == 400
    targets = [one["target"].rpartition(".")[2] for one in answer.json()["error"]["details"]]
    assert sorted(targets) == ["binDelay", "binSize", "destinationTable", "query"]
    unknown = call(server, "PUT", path, define("Nowhere_CL | count", "Sums_CL"))
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (400, "InvalidQuery")
    foreign = f'workspace("{server.people.foreign.workspace_id}").Heartbeat | count'
    assert call(server, "PUT", path, define(foreign, "Sums_CL")).status_code == 400
    near = f'workspace("{server.people.neighbour.workspace_id}").Heartbeat | count'
    assert call(server, "PUT", path, define(near, "Sums_CL")).status_code == 400
    assert call(server, "DELETE", path).status_code == 204


def make_source(server: Server, name: str) -> Place:
    """A workspace beside the home one: the clock of what comes in does not go back, so each test has its own."""
    path = f"{server.home.resource_id.parent}/providers/{WORKSPACE_TYPE}/{name}"
    made = call(server, "PUT", path, {"location": "local"})
    assert made.status_code in (200, 201), made.text
    keys = call(server, "POST", f"{path}/sharedKeys").json()
    workspace_id = made.json()["properties"]["customerId"]
    return Place(server.home.tenant_id, ResourceId.parse(path), workspace_id, keys["primarySharedKey"])


def send_to(
    server: Server, place: Place, log_type: str, records: list[dict[str, Any]], later_by: float = 0
) -> None:
    body = json.dumps(records).encode()
    at = datetime.now(UTC) + timedelta(minutes=later_by)
    headers = sign(place, len(body), at=at) | {"Log-Type": log_type}
    with server.client() as client:
        answer = client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def load_at(server: Server, place: Place, log_type: str, text: str, later_by: float = 0) -> None:
    """Send a record, the clock so many minutes later, and wait until it is loaded."""
    with server.later(timedelta(minutes=later_by)):
        send_to(server, place, log_type, [{"Text": text, "Level": 1}], later_by)
        wait_for_rows(server, f"{log_type}_CL | where Text_s == '{text}'", 1, place)


def run_pull(server: Server, name: str, later_by: float) -> dict[str, Any]:
    """What a pull tells of itself once it failed, or brought all until then, the clock so many minutes later or more.

    It ends where something waits to be loaded, be it a record about a query; then its next run is awaited.
    """
    path = f"{server.home.resource_id}/dataPulls/{name}"
    until = datetime.now(UTC) + timedelta(minutes=later_by, seconds=-10)
    while True:
        turned = datetime.now(UTC) + timedelta(minutes=later_by)

        def find_run(turned: datetime = turned) -> dict[str, Any] | None:
            shown = dict(call(server, "GET", path).json()["properties"])
            ran = shown.get("lastRunTime")
            return shown if ran is not None and datetime.fromisoformat(ran) >= turned else None

        with server.later(timedelta(minutes=later_by)):
            shown = wait_for(find_run)
        if "lastError" in shown or datetime.fromisoformat(shown["pulledUntil"]) >= until:
            return shown
        later_by += 1.1


def put_pull(server: Server, name: str, token: str | None = None, **properties: Any) -> Any:
    return call(
        server, "PUT", f"{server.home.resource_id}/dataPulls/{name}", {"properties": properties}, token
    )


def test_a_pull_brings_what_arrives_elsewhere_once(server: Server) -> None:
    source, customer = make_source(server, "pulled-source"), make_customer(server, "pulled")
    send_to(server, source, "Events", [{"Level": 1, "Text": "first"}, {"Level": 3, "Text": "too fine"}])
    properties: dict[str, Any] = {
        "sourceWorkspaceResourceId": str(source.resource_id),
        "sourceTable": "Events_CL",
        "operators": "where Level_d < 2 | project TimeGenerated, Text_s",
        "destinationTable": "Pulled_CL",
        "intervalInMinutes": 1,
        "customer": "pulled",
        "since": minutes_ago(30),
    }
    wait_for_rows(server, "Events_CL", 2, source)
    made = put_pull(server, "events", **properties)
    assert made.status_code == 201, made.text
    pulled = "Pulled_CL | project Text_s, _CustomerId, TenantId"
    run_pull(server, "events", 2)
    (row,) = wait_for_rows(server, pulled, 1)
    assert row == ["first", customer.customer_id, server.home.workspace_id]
    # Later than all that was pulled: the clock does not go back where records come in.
    load_at(server, source, "Events", "second", 13)
    shown = run_pull(server, "events", 20)
    with server.later(timedelta(minutes=30)):
        assert sorted(row[0] for row in wait_for_rows(server, pulled, 2)) == ["first", "second"]
    assert shown["pulledRows"] == 2
    assert "lastError" not in shown


def put_group_pull(server: Server, source: Place, name: str, application: Application) -> str:
    """Let an application query a source through a group alone, and put a pull; return the group's id."""
    group = ask_directory(
        server,
        "POST",
        "/groups",
        {"displayName": name, "mailNickname": name, "mailEnabled": False, "securityEnabled": True},
    )["id"]
    member = {"@odata.id": f"{server.endpoint}/v1.0/directoryObjects/{application.object_id}"}
    ask_directory(server, "POST", f"/groups/{group}/members/$ref", member)
    grant(server, source, group, "Group", LOG_ANALYTICS_READER)
    table = f"{name.title()}_CL"
    load_at(server, source, name.title(), "before")
    made = put_pull(
        server,
        name,
        server.token(application, MANAGEMENT_SCOPE),
        sourceWorkspaceResourceId=str(source.resource_id),
        sourceTable=table,
        destinationTable=table,
        intervalInMinutes=1,
        since=minutes_ago(30),
    )
    assert made.status_code == 201, made.text
    return str(group)


def grant(server: Server, place: Place, principal_id: str, kind: str, role: UUID) -> str:
    """Give a role on a workspace; return the assignment's path."""
    path = f"{place.resource_id}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    definition = f"/providers/Microsoft.Authorization/roleDefinitions/{role}"
    properties = {"roleDefinitionId": definition, "principalId": principal_id, "principalType": kind}
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        made = client.put(path, params={"api-version": "2022-04-01"}, json={"properties": properties})
    assert made.status_code == 201, made.text
    return path


def test_a_pull_ends_with_the_group_that_gave_the_rights(server: Server) -> None:
    """Rights are those of now: who left the group or is kept out brings nothing more, and `Operation` says so."""
    application, source = server.people.owner, make_source(server, "grouped-source")
    group = put_group_pull(server, source, "grouped", application)
    assert "lastError" not in run_pull(server, "grouped", 5)
    assert len(wait_for_rows(server, "Grouped_CL", 1)) == 1
    ask_directory(server, "DELETE", f"/groups/{group}/members/{application.object_id}/$ref")
    load_at(server, source, "Grouped", "after", 10)
    left = run_pull(server, "grouped", 15)
    assert "lastError" in left
    assert left["pulledRows"] == 1
    ask_directory(
        server,
        "POST",
        f"/groups/{group}/members/$ref",
        {"@odata.id": f"{server.endpoint}/v1.0/directoryObjects/{application.object_id}"},
    )
    assert run_pull(server, "grouped", 20)["pulledRows"] == 2
    path = f"/servicePrincipals/{application.object_id}"
    ask_directory(server, "PATCH", path, {"accountEnabled": False})
    kept_out = run_pull(server, "grouped", 25)
    assert f"'{OWNER_NAME}' ({application.object_id})" in kept_out["lastError"]
    assert "disabled or removed" in kept_out["lastError"]
    told = (
        "Operation | where OperationKey == 'grouped' and Detail has 'disabled or removed' "
        "| project OperationStatus, OperationCategory"
    )
    with server.later(timedelta(minutes=30)):
        assert wait_for_rows(server, told, 1) == [["Warning", "Data Pull"]]
    ask_directory(server, "PATCH", path, {"accountEnabled": True})
    assert "lastError" not in run_pull(server, "grouped", 35)


def test_a_pull_reads_with_the_rights_of_whoever_put_it(server: Server) -> None:
    properties: dict[str, Any] = {
        "sourceWorkspaceResourceId": str(server.people.foreign.resource_id),
        "sourceTable": "Heartbeat",
        "destinationTable": "Heartbeat",
    }
    foreign = put_pull(server, "foreign", **properties)
    assert (foreign.status_code, foreign.json()["error"]["code"]) == (400, "WorkspaceNotFound")
    mine = server.token(server.people.owner, MANAGEMENT_SCOPE)
    near = properties | {"sourceWorkspaceResourceId": str(server.people.neighbour.resource_id)}
    assert put_pull(server, "near", mine, **near).status_code == 400
    wrong = put_pull(server, "wrong", sourceTable="1", destinationTable="x y", intervalInMinutes=5000)
    assert wrong.status_code == 400
    assert len(wrong.json()["error"]["details"]) == 4
