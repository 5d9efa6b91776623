"""The HTTP Data Collector API, request by request: what is accepted, and how each mistake is answered."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.api.ingestion_setup import collect, sign, wait_for_rows
from tests.servers import MANAGEMENT_SCOPE, Server, populate, start_server

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("ingestion"), populate=populate) as server:
        yield server


def send(server: Server, body: bytes = b"[{}]", **changes: Any) -> httpx.Response:
    """A signed post of the home workspace with some of it changed; None leaves a header out."""
    params = changes.pop("params", {"api-version": "2016-04-01"})
    headers = sign(server.home, len(body)) | {"Log-Type": "Sent"}
    for name, value in changes.items():
        headers[name.replace("_", "-")] = value
    with server.client() as client:
        kept = {name: value for name, value in headers.items() if value is not None}
        return client.post("/api/logs", params=params, content=body, headers=kept)


def refusal_of(answer: httpx.Response) -> tuple[int, str]:
    document = answer.json()
    assert set(document) == {"Error", "Message"}
    return answer.status_code, document["Error"]


def test_success_has_an_empty_body(server: Server) -> None:
    answer = collect(server, b'{"N": 1}', "Http")
    assert (answer.status_code, answer.content) == (200, b"")
    assert wait_for_rows(server, "Http_CL | project N_d") == [[1.0]]


def test_both_keys_of_the_workspace_are_good(server: Server) -> None:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        path = f"{server.home.resource_id}/sharedKeys"
        keys = client.post(path, params={"api-version": "2020-08-01"}).json()
    for key in (keys["primarySharedKey"], keys["secondarySharedKey"]):
        headers = sign(server.home, 4, key=key) | {"Log-Type": "Keys"}
        with server.client() as client:
            answer = client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
            )
        assert answer.status_code == 200


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"params": {}}, (400, "MissingApiVersion")),
        ({"params": {"api-version": "2020-01-01"}}, (400, "InvalidApiVersion")),
        ({"Log_Type": None}, (400, "MissingLogType")),
        ({"Log_Type": "not-good"}, (400, "InvalidLogType")),
        ({"Log_Type": "x" * 101}, (400, "InvalidLogType")),
        ({"Authorization": None}, (403, "InvalidAuthorization")),
        ({"Authorization": "Bearer abc"}, (403, "InvalidAuthorization")),
        ({"Authorization": "SharedKey x:y"}, (400, "InvalidCustomerId")),
        ({"Authorization": "SharedKey 74be27de-1e4e-49d9-b579-fe0b331d3642:eA=="}, (400, "InvalidCustomerId")),
        ({"x_ms_date": None}, (403, "InvalidAuthorization")),
    ],
)  # fmt: skip
def test_mistakes_have_names(server: Server, changes: dict[str, Any], refusal: tuple[int, str]) -> None:
    assert refusal_of(send(server, **changes)) == refusal


def test_the_content_type_is_json(server: Server) -> None:
    for content_type, code in (("text/plain", "UnsupportedContentType"), ("", "MissingContentType")):
        headers = sign(server.home, 4, content_type=content_type) | {"Log-Type": "Sent"}
        with server.client() as client:
            answer = client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
            )
        assert refusal_of(answer) == (400, code)


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_far_off_is_refused(server: Server, minutes: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    headers = sign(server.home, 4, at=at) | {"Log-Type": "Sent"}
    with server.client() as client:
        answer = client.post(
            "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
        )
    assert refusal_of(answer) == (403, "InvalidAuthorization")


def test_the_signature_covers_the_length(server: Server) -> None:
    headers = sign(server.home, 5) | {"Log-Type": "Sent"}
    with server.client() as client:
        answer = client.post(
            "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
        )
    assert refusal_of(answer) == (403, "InvalidAuthorization")


def test_the_key_of_another_workspace_opens_nothing(server: Server) -> None:
    theirs = sign(server.people.neighbour, 4)["Authorization"].partition(":")[2]
    answer = send(server, Authorization=f"SharedKey {server.home.workspace_id}:{theirs}")
    assert refusal_of(answer) == (403, "InvalidAuthorization")


def test_a_workspace_tells_who_signed_with_which_key(server: Server) -> None:
    place = server.people.neighbour
    path = f"{place.resource_id}/keyStatus"
    version = {"api-version": "2025-07-01"}
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params=version) as client:
        keys = client.post(f"{place.resource_id}/sharedKeys").json()
        before = client.get(path).json()
        assert [one["key"] for one in before["accessKeys"]] == ["primary", "secondary"]
        assert before["dataKey"]["version"] == "1"
        assert before["uses"] == []
        for key in (keys["primarySharedKey"], keys["secondarySharedKey"], keys["secondarySharedKey"]):
            headers = sign(place, 4, key=key) | {"Log-Type": "Keys"}
            sent = client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
            )
            assert sent.status_code == 200
        refused = sign(place, 4, key=server.home.primary_key) | {"Log-Type": "Keys"}
        client.post("/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=refused)
        client.post(f"{place.resource_id}/regenerateSharedKey", json={"keyType": "SecondarySharedKey"})
        after = client.get(path).json()
    told = [(use["key"], use["requests"]) for use in after["uses"]]
    assert told == [("secondary", 2), ("primary", 1)]
    assert {use["address"] for use in after["uses"]} <= {"127.0.0.1", "::1"}
    times = [{one["key"]: one["createdAt"] for one in status["accessKeys"]} for status in (before, after)]
    assert times[0]["primary"] == times[1]["primary"]
    assert times[0]["secondary"] < times[1]["secondary"]
    with server.client(server.token(server.people.reader, MANAGEMENT_SCOPE), params=version) as client:
        assert client.get(f"{server.home.resource_id}/keyStatus").status_code == 403


def test_a_workspace_whose_keys_are_off_takes_no_key(server: Server) -> None:
    place = server.people.neighbour
    with server.client(server.token(scope=MANAGEMENT_SCOPE), params={"api-version": "2025-07-01"}) as client:
        for is_off, status in ((True, 403), (False, 200)):
            features = {"properties": {"features": {"disableLocalAuth": is_off}}}
            assert client.patch(str(place.resource_id), json=features).status_code == 200
            headers = sign(place, 4) | {"Log-Type": "Keys"}
            answer = client.post(
                "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
            )
            assert answer.status_code == status
            if is_off:
                assert refusal_of(answer) == (403, "LocalAuthDisabled")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b'{"a": 1',
        b'{"a": 1}{"a": 2}',
        b'[{"a": NaN}]',
        b'[{"a": "\xff"}]',
        b'[{"TimeGenerated": "2026-01-01T00:00:00Z"}]',
        b'{"tenant": 1}',
        b'[{"a": 1}, {"RawData": 1}]',
    ],
)
def test_a_body_that_is_no_data_is_refused_whole(server: Server, body: bytes) -> None:
    assert refusal_of(collect(server, body, "Bad")) == (400, "InvalidDataFormat")


def test_a_post_may_have_30_megabytes(server: Server) -> None:
    def body_of(size: int) -> bytes:
        record = b'{"a":"%s"}' % (b"x" * 1000)
        count = (size - 2) // (len(record) + 1)
        records = b"[" + b",".join([record] * count) + b"]"
        return records + b" " * (size - len(records))

    assert collect(server, body_of(30 * MEBIBYTE), "Large").status_code == 200
    assert refusal_of(collect(server, body_of(30 * MEBIBYTE + 1), "Large")) == (404, "NotFound")
    query = "Large_CL | count | where Count > 31000"
    assert len(wait_for_rows(server, query)) == 1


def test_a_compressed_post_is_unpacked(server: Server) -> None:
    body = gzip.compress(b'[{"N": 1}]')
    assert collect(server, body, "Packed", Content_Encoding="gzip").status_code == 200
    assert wait_for_rows(server, "Packed_CL | project N_d") == [[1.0]]


def test_the_resource_of_the_header_is_the_records(server: Server) -> None:
    resource = str(server.home.resource_id)
    assert collect(server, b'{"N": 1}', "Owned", x_ms_AzureResourceId=resource).status_code == 200
    rows = wait_for_rows(server, "Owned_CL | project _ResourceId, _SubscriptionId")
    assert rows == [[resource.lower(), server.home.resource_id.subscription_id]]


def test_a_workspace_that_was_closed_takes_nothing(server: Server) -> None:
    place = server.people.neighbour
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.delete(str(place.resource_id), params={"api-version": "2020-08-01"})
        assert answer.status_code in (200, 202, 204), answer.text
    headers = sign(place, 4) | {"Log-Type": "Sent"}
    with server.client() as client:
        answer = client.post(
            "/api/logs", params={"api-version": "2016-04-01"}, content=b"[{}]", headers=headers
        )
    assert refusal_of(answer) == (400, "InactiveCustomer")
