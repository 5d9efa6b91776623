"""The hybrid architecture: summary rules and pulls bring a part of customers' records into one workspace."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.mgmt.loganalytics import LogAnalyticsManagementClient

from tests.api.ingestion_setup import collect, rows_of, sign, wait_for_rows
from tests.api.test_customers import call, make_customer
from tests.servers import MANAGEMENT_SCOPE, Application, Place, Server, populate, start_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("hybrid"), populate=populate) as server:
        yield server


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


def send_to(server: Server, place: Place, log_type: str, records: list[dict[str, Any]]) -> None:
    body = json.dumps(records).encode()
    headers = sign(place, len(body)) | {"Log-Type": log_type}
    with server.client() as client:
        answer = client.post("/api/logs", params={"api-version": "2016-04-01"}, content=body, headers=headers)
    assert answer.status_code == 200, answer.text


def turn_until(server: Server, query: str, count: int, minutes: Iterable[int]) -> list[list[Any]]:
    """The rows of a query once there are as many, the clock a little later at each look."""
    rows: list[list[Any]] = []
    for later_by in minutes:
        with server.later(timedelta(minutes=later_by)):
            time.sleep(1.5)
            rows = rows_of(server, query)
        if len(rows) >= count:
            break
    return rows


def put_pull(server: Server, name: str, token: str | None = None, **properties: Any) -> Any:
    return call(
        server, "PUT", f"{server.home.resource_id}/dataPulls/{name}", {"properties": properties}, token
    )


def test_a_pull_brings_what_arrives_elsewhere_once(server: Server) -> None:
    source = server.people.neighbour
    customer = make_customer(server, "pulled")
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
    made = put_pull(server, "events", **properties)
    assert made.status_code == 201, made.text
    pulled = "Pulled_CL | project Text_s, _CustomerId, TenantId"
    (row,) = turn_until(server, pulled, 1, range(2, 12, 2))
    assert row == ["first", customer.customer_id, server.home.workspace_id]
    path = f"{server.home.resource_id}/dataPulls/events"
    # Later than all that was pulled: the clock does not go back where records come in.
    with server.later(timedelta(minutes=13)):
        send_to(server, source, "Events", [{"Level": 0, "Text": "second"}])
    assert sorted(row[0] for row in turn_until(server, pulled, 2, range(20, 40, 2))) == ["first", "second"]
    shown = call(server, "GET", path).json()["properties"]
    assert shown["pulledRows"] == 2
    assert "lastError" not in shown


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
