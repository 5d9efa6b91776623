"""Where a request comes from decides, too: allow-lists and switches of a workspace, on every surface.

The test's own machine is a trusted proxy here, so that a request can come from anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.security.aims import sign
from tests.servers import (
    INGESTION_SCOPE,
    KUSTO_SCOPE,
    MANAGEMENT_SCOPE,
    QUERY_SCOPE,
    Place,
    Server,
    populate,
    shared_rows,
    start_server,
)

V = {"api-version": "2025-07-01"}
INSIDE, LISTED, OUTSIDE = "10.1.2.3", "203.0.113.7", "198.51.100.9"
QUERY = {"query": "Heartbeat | distinct Computer"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    network = {"private_ranges": "10.0.0.0/8", "trusted_proxies": "127.0.0.0/8, ::1"}
    folder = tmp_path_factory.mktemp("network")
    with start_server(folder, settings={"network": network}, populate=populate, rows=shared_rows) as server:
        yield server


def call(
    server: Server, address: str, method: str, path: str, *, scope: str = MANAGEMENT_SCOPE, **more: Any
) -> httpx.Response:
    """A request of the owner from an address."""
    with server.client(server.token(scope=scope)) as client:
        headers = {"X-Forwarded-For": address} | more.pop("headers", {})
        return client.request(method, path, headers=headers, **more)


def query(server: Server, address: str, place: Place, text: str = QUERY["query"]) -> httpx.Response:
    path = f"/v1/workspaces/{place.workspace_id}/query"
    return call(server, address, "POST", path, scope=QUERY_SCOPE, json={"query": text})


def send(server: Server, address: str, place: Place) -> int:
    content = b'[{"Text": "x"}]'
    headers = sign(place.workspace_id, place.primary_key, content) | {"Log-Type": "Net"}
    with server.client() as client:
        answer = client.post(
            "/api/logs?api-version=2016-04-01",
            content=content,
            headers=headers | {"Content-Type": "application/json", "X-Forwarded-For": address},
        )
    return answer.status_code


def limit(server: Server, place: Place, **properties: Any) -> httpx.Response:
    body = {"location": "local", "properties": properties}
    return call(server, INSIDE, "PUT", str(place.resource_id), params=V, json=body)


@pytest.fixture
def place(server: Server) -> Iterator[Place]:
    place = server.people.neighbour
    yield place
    assert limit(server, place).status_code in (200, 201, 202)


def test_a_workspace_without_limits_is_open(server: Server, place: Place) -> None:
    assert query(server, OUTSIDE, place).status_code == 200
    assert send(server, OUTSIDE, place) == 200


@pytest.mark.parametrize("switch", ["Disabled", "SecuredByPerimeter"])
def test_what_is_closed_to_public_networks_lets_private_and_listed_ones_in(
    server: Server, place: Place, switch: str
) -> None:
    rules = {"query": ["203.0.113.0/24"], "ingestion": ["203.0.113.7"]}
    made = limit(
        server,
        place,
        publicNetworkAccessForIngestion=switch,
        publicNetworkAccessForQuery=switch,
        networkRules=rules,
    )
    assert made.json()["properties"]["networkRules"] == rules | {"management": []}
    for address, status in ((INSIDE, 200), (LISTED, 200), (OUTSIDE, 403)):
        assert query(server, address, place).status_code == status
        assert send(server, address, place) == status
    refused = query(server, OUTSIDE, place)
    assert refused.json()["error"]["code"] == "NetworkAccessDenied"
    assert OUTSIDE in refused.json()["error"]["message"]
    assert "secret" not in refused.text
    # Not through another workspace either, nor from what was answered before.
    text = f'workspace("{place.workspace_id}").Heartbeat | distinct Computer'
    assert query(server, INSIDE, server.home, text).status_code == 200
    assert query(server, OUTSIDE, server.home, text).status_code == 403
    assert query(server, OUTSIDE, server.home).status_code == 200


def test_every_surface_of_queries_is_limited(server: Server, place: Place) -> None:
    assert limit(server, place, publicNetworkAccessForQuery="Disabled").is_success
    body = {"db": place.workspace_id, "csl": QUERY["query"]}
    schema = {"db": place.workspace_id, "csl": ".show database schema"}
    for address, is_let_in in ((INSIDE, True), (OUTSIDE, False)):
        for path, document in (
            ("/v1/rest/query", body),
            ("/v2/rest/query", body),
            ("/v1/rest/mgmt", schema),
        ):
            answer = call(server, address, "POST", path, scope=KUSTO_SCOPE, json=document)
            assert answer.is_success is is_let_in, (path, answer.text)
            assert ("secret-neighbour" in answer.text) is (is_let_in and document is body)
        metadata = f"/v1/workspaces/{place.workspace_id}/metadata"
        assert call(server, address, "GET", metadata, scope=QUERY_SCOPE).is_success is is_let_in
        explained = f"/v1/workspaces/{place.workspace_id}/query?explain=true"
        assert call(server, address, "POST", explained, scope=QUERY_SCOPE, json=QUERY).is_success is is_let_in
        group = str(place.resource_id).partition("/providers/")[0]
        found = call(server, address, "POST", f"/v1{group}/query", scope=QUERY_SCOPE, json=QUERY)
        assert found.json()["tables"][0]["rows"] == []


def test_management_is_limited_by_its_list(server: Server, place: Place) -> None:
    assert limit(server, place, networkRules={"management": ["203.0.113.0/24"]}).is_success
    path = str(place.resource_id)
    for address, status in ((INSIDE, 200), (LISTED, 200), (OUTSIDE, 403)):
        assert call(server, address, "GET", path, params=V).status_code == status
        assert call(server, address, "POST", f"{path}/sharedKeys", params=V).status_code == status
    group = path.rpartition("/")[0]
    listed = call(server, OUTSIDE, "GET", group, params=V).json()["value"]
    assert listed == []
    assert query(server, OUTSIDE, place).status_code == 200


def test_records_through_a_rule_are_limited(server: Server, place: Place) -> None:
    group = str(place.resource_id).partition("/providers/")[0]
    stream = {
        "columns": [{"name": "TimeGenerated", "type": "datetime"}, {"name": "Computer", "type": "string"}]
    }
    rule = {
        "location": "local",
        "properties": {
            "streamDeclarations": {"Custom-Beat": stream},
            "destinations": {"logAnalytics": [{"name": "x", "workspaceResourceId": str(place.resource_id)}]},
            "dataFlows": [
                {"streams": ["Custom-Beat"], "destinations": ["x"], "outputStream": "Microsoft-Heartbeat"}
            ],
        },
    }
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/limited"
    made = call(server, INSIDE, "PUT", path, params={"api-version": "2023-03-11"}, json=rule).json()
    url = f"/dataCollectionRules/{made['properties']['immutableId']}/streams/Custom-Beat"
    assert limit(server, place, publicNetworkAccessForIngestion="Disabled").is_success
    for address, status in ((INSIDE, 204), (OUTSIDE, 403)):
        answer = call(
            server,
            address,
            "POST",
            url,
            scope=INGESTION_SCOPE,
            params={"api-version": "2023-01-01"},
            json=[{"TimeGenerated": "2026-01-01T00:00:00Z", "Computer": "old"}],
        )
        assert answer.status_code == status, answer.text


def test_only_a_trusted_proxy_is_believed(server: Server, place: Place) -> None:
    assert limit(server, place, publicNetworkAccessForQuery="Disabled").is_success
    # The last stranger before our own proxies is the caller, whatever it wrote in front.
    assert query(server, f"{INSIDE}, {OUTSIDE}", place).status_code == 403
    assert query(server, f"{OUTSIDE}, {INSIDE}", place).status_code == 200
    assert query(server, f"{OUTSIDE}, {INSIDE}, 127.0.0.9", place).status_code == 200
    assert query(server, "nonsense", place).status_code == 403


def test_a_list_is_checked_whole(server: Server, place: Place) -> None:
    refused = limit(server, place, networkRules={"query": ["here", "10.0.0.0/33"], "management": ["::1/200"]})
    assert refused.status_code == 400
    assert [detail["target"] for detail in refused.json()["error"]["details"]] == [
        "properties.networkRules.query[0]",
        "properties.networkRules.query[1]",
        "properties.networkRules.management[0]",
    ]
