"""The query API as any HTTP client sees it: forms of requests, what is refused and how, the bytes of answers."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.servers import KUSTO_SCOPE, MANAGEMENT_SCOPE, QUERY_SCOPE, Server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token()) as client:
        yield client


@pytest.fixture
def path(server: Server) -> str:
    return f"/v1/workspaces/{server.home.workspace_id}/query"


def rows_of(answer: httpx.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()["tables"][0]["rows"]


def error_of(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    document = answer.json()
    assert set(document) == {"error"}
    assert document["error"]["correlationId"] == answer.headers["x-ms-correlation-request-id"]
    return dict(document["error"])


@pytest.mark.parametrize(
    "parameters",
    [
        {"query": "Heartbeat | count"},
        {"query": "Heartbeat | count", "timespan": "P1D"},
        {"query": "Heartbeat | where Computer !startswith 'secret' | count", "workspaces": "neighbour"},
    ],
)
def test_get(client: httpx.Client, path: str, parameters: dict[str, str]) -> None:
    assert rows_of(client.get(path, params=parameters)) == [[60]]


def test_get_by_resource_id(client: httpx.Client, server: Server) -> None:
    answer = client.get(f"/v1{server.home.resource_id}/query", params={"query": "Heartbeat | count"})
    assert rows_of(answer) == [[60]]


def test_a_body_without_its_optional_members(client: httpx.Client, path: str) -> None:
    assert rows_of(client.post(path, json={"query": "print 1"})) == [[1]]
    nulls = {"query": "print 1", "timespan": None, "workspaces": None}
    assert rows_of(client.post(path, json=nulls, headers={"Prefer": ""})) == [[1]]


@pytest.mark.parametrize(
    "timespan",
    ["PT1H", "P1D", "P1DT12H", "PT86400.0S", "P1W", "2000-01-01/P9999D", "P1D/2100-01-01T00:00:00Z"],
)
def test_timespans_of_other_clients(client: httpx.Client, path: str, timespan: str) -> None:
    answer = client.post(path, json={"query": "print 1", "timespan": timespan})
    assert rows_of(answer) == [[1]]


@pytest.mark.parametrize("timespan", ["yesterday", "P", "PT", "2020-13-01/P1D", "P1D/", "/", "P99999999D"])
def test_a_bad_timespan_is_named(client: httpx.Client, path: str, timespan: str) -> None:
    error = error_of(client.post(path, json={"query": "print 1", "timespan": timespan}), 400)
    assert error["code"] == "BadArgumentError"
    assert timespan in error["message"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"query": "print 1"', "deserialized"),
        (b"\xff\xfe", "deserialized"),
        (b"[]", "not a JSON object"),
        (b"", "deserialized"),
        (b"{}", "'query'"),
        (b'{"query": 1}', "'query'"),
        (b'{"query": "  "}', "'query'"),
        (b'{"query": "print 1", "timespan": 5}', "'timespan'"),
        (b'{"query": "print 1", "workspaces": "a"}', "'workspaces'"),
        (b'{"query": "print 1", "workspaces": [1]}', "'workspaces'"),
    ],
)
def test_a_body_that_can_not_be_read(client: httpx.Client, path: str, body: bytes, words: str) -> None:
    error = error_of(client.post(path, content=body), 400)
    assert error["code"] == "BadArgumentError"
    assert words in error["message"]


def test_everything_wrong_is_told_at_once(client: httpx.Client, path: str) -> None:
    error = error_of(client.post(path, json={"query": "", "timespan": 5}), 400)
    assert len(error["details"]) == 2


def test_a_body_that_is_too_large(client: httpx.Client, path: str) -> None:
    query = "print '" + "x" * 5_000_000 + "'"
    assert error_of(client.post(path, json={"query": query}), 413)["code"] == "RequestEntityTooLarge"


def test_a_wait_that_is_no_number(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "print 1"}, headers={"Prefer": "wait=long"})
    assert "wait=long" in error_of(answer, 400)["message"]


def test_preferences_are_read_with_others_between(client: httpx.Client, path: str) -> None:
    prefer = (
        "response-v1=true, wait=600;include-statistics=true, ai.response-thinning=false,include-render=true"
    )
    query = "Heartbeat | summarize count() by Computer | render piechart"
    answer = client.post(path, json={"query": query}, headers={"Prefer": prefer})
    assert answer.json().keys() == {"tables", "statistics", "render"}
    plain = client.post(path, json={"query": query})
    assert plain.json().keys() == {"tables"}


def test_the_ids_of_a_request_come_back(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "print 1"}, headers={"x-ms-client-request-id": "mine"})
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert answer.headers["content-type"] == "application/json; charset=utf-8"


def test_a_position_in_a_later_line(client: httpx.Client, path: str) -> None:
    error = error_of(client.post(path, json={"query": "Heartbeat\n| where  Compute == 1"}), 400)
    inner = error["innererror"]["innererror"]
    assert (inner["line"], inner["pos"], inner["token"]) == (2, 9, "Compute")


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Basic YTpi", "Bearer x.y.z", "SharedKey a:b"])
def test_without_a_good_token(server: Server, path: str, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    with server.client() as client:
        answer = client.post(path, json={"query": "print 1"}, headers=headers)
    assert error_of(answer, 401)["code"] in ("AuthorizationRequiredError", "InvalidTokenError")
    assert 'Bearer authorization_uri="https://localhost' in answer.headers["www-authenticate"]


def test_an_altered_token(server: Server, path: str) -> None:
    head, payload, signature = server.token().split(".")
    other = server.token(server.people.nobody).split(".")[1]
    swapped = signature[:10] + ("A" if signature[10] != "A" else "B") + signature[11:]
    for forged in (f"{head}.{other}.{signature}", f"{head}.{payload}.{swapped}", f"{head}.{payload}."):
        with server.client(forged) as client:
            assert error_of(client.post(path, json={"query": "print 1"}), 401)["code"] == "InvalidTokenError"


def test_an_expired_token(server: Server, path: str) -> None:
    with server.client(server.token()) as client:
        assert client.post(path, json={"query": "print 1"}).status_code == 200
        with server.later(timedelta(hours=2)):
            answer = client.post(path, json={"query": "print 1"})
    assert error_of(answer, 401)["code"] == "ExpiredTokenError"


@pytest.mark.parametrize(
    ("scope", "status"),
    [
        (QUERY_SCOPE, 200),
        (MANAGEMENT_SCOPE, 200),
        (KUSTO_SCOPE, 401),
        ("https://monitor.azure.com/.default", 401),
        ("https://graph.microsoft.com/.default", 401),
    ],
)
def test_tokens_for_other_services(server: Server, path: str, scope: str, status: int) -> None:
    with server.client(server.token(scope=scope)) as client:
        assert client.post(path, json={"query": "print 1"}).status_code == status


def test_a_workspace_of_the_same_tenant_without_a_role(server: Server) -> None:
    with server.client(server.token(server.people.reader)) as client:
        other = f"/v1/workspaces/{server.people.neighbour.workspace_id}/query"
        assert (
            error_of(client.post(other, json={"query": "print 1"}), 403)["code"] == "InsufficientAccessError"
        )
        added = {"query": "Heartbeat | count", "workspaces": ["neighbour"]}
        home = f"/v1/workspaces/{server.home.workspace_id}/query"
        assert error_of(client.post(home, json=added), 404)["code"] == "WorkspaceNotFoundError"


def test_a_resource_that_one_has_no_role_on(client: httpx.Client) -> None:
    other = "/subscriptions/a/resourceGroups/b/providers/Microsoft.Compute/virtualMachines/c"
    error = error_of(client.post(f"/v1{other}/query", json={"query": "print 1"}), 403)
    assert "virtualMachines/c" in error["message"]


@pytest.mark.parametrize("body", [{}, {"requests": 1}, {"requests": [1]}, {"requests": [{}] * 201}])
def test_a_batch_that_is_none(client: httpx.Client, body: dict[str, Any]) -> None:
    assert error_of(client.post("/v1/$batch", json=body), 400)["code"] == "BadArgumentError"


def test_a_batch_without_items_has_no_answers(client: httpx.Client) -> None:
    assert client.post("/v1/$batch", json={"requests": []}).json() == {"responses": []}


def test_items_of_a_batch_fail_by_themselves(client: httpx.Client, server: Server) -> None:
    good = {"query": "print 1"}
    items = [
        {"id": "1", "workspace": server.home.workspace_id, "body": good},
        {"id": "2", "workspace": server.home.workspace_id},
        {"id": "3", "body": good},
        {"id": "4", "workspace": server.home.workspace_id, "body": good, "headers": {"Prefer": "wait=x"}},
        {"id": "5", "workspace": server.home.workspace_id, "body": "text"},
        {"id": "6", "workspace": server.home.workspace_id, "body": good, "headers": {"PREFER": "include-statistics=true"}},
    ]  # fmt: skip
    answers = client.post("/v1/$batch", json={"requests": items}).json()["responses"]
    assert [(answer["id"], answer["status"]) for answer in answers] == [
        ("1", 200),
        ("2", 400),
        ("3", 404),
        ("4", 400),
        ("5", 400),
        ("6", 200),
    ]
    assert answers[5]["body"].keys() == {"tables", "statistics"}
    assert all("error" in answer["body"] for answer in answers[1:5])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_metadata(client: httpx.Client, server: Server, method: str) -> None:
    answer = client.request(method, f"/v1/workspaces/{server.home.workspace_id}/metadata")
    document = answer.json()
    tables = {table["name"]: table for table in document["tables"]}
    beat = tables["Heartbeat"]
    assert {"name": "Computer", "type": "string"} in beat["columns"]
    assert (beat["id"], beat["timespanColumn"], beat["hasData"]) == ("t/Heartbeat", "TimeGenerated", True)
    assert tables["Types_CL"]["hasData"] is True
    assert tables["SecurityEvent"]["hasData"] is False
    assert "Secret_CL" not in tables
    (workspace,) = document["workspaces"]
    assert (workspace["id"], workspace["name"], workspace["region"]) == (
        server.home.workspace_id,
        "default",
        "local",
    )
    assert workspace["resourceId"] == str(server.home.resource_id)
    assert set(workspace["related"]["tables"]) == {table["id"] for table in document["tables"]}
    assert {"functions", "categories", "solutions", "resourceTypes", "permissions"} <= document.keys()


def test_metadata_shows_a_table_reader_only_what_it_may_query(server: Server) -> None:
    with server.client(server.token(server.people.nobody)) as client:
        answer = client.get(f"/v1/workspaces/{server.home.workspace_id}/metadata")
    assert error_of(answer, 403)["code"] == "InsufficientAccessError"


LARGE = "range x from 1 to 20000 step 1 | extend text = strcat('row ', x)"


def read_raw(server: Server, path: str, query: str, encoding: str | None) -> tuple[httpx.Headers, bytes]:
    headers = {"Authorization": f"Bearer {server.token()}"}
    with server.client() as client:
        request = client.build_request("POST", path, json={"query": query}, headers=headers)
        if encoding is None:
            del request.headers["accept-encoding"]
        else:
            request.headers["accept-encoding"] = encoding
        answer = client.send(request, stream=True)
        return answer.headers, b"".join(answer.iter_raw())


@pytest.mark.parametrize("encoding", ["gzip, deflate", "br, gzip;q=0.5", "*"])
def test_a_large_answer_is_compressed_where_the_client_takes_it(
    server: Server, path: str, encoding: str
) -> None:
    headers, body = read_raw(server, path, LARGE, encoding)
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    plain = gzip.decompress(body)
    assert len(body) * 3 < len(plain)
    assert len(json.loads(plain)["tables"][0]["rows"]) == 20_000


@pytest.mark.parametrize(
    ("query", "encoding"), [(LARGE, None), (LARGE, "gzip;q=0"), (LARGE, "br"), ("print 1", "gzip")]
)
def test_other_answers_are_plain(server: Server, path: str, query: str, encoding: str | None) -> None:
    headers, body = read_raw(server, path, query, encoding)
    assert "content-encoding" not in headers
    assert json.loads(body)["tables"]


def test_a_small_answer_tells_its_length(client: httpx.Client, path: str) -> None:
    answer = client.post(path, json={"query": "print 1"})
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_each_part_of_a_compressed_answer_can_be_read_when_it_comes(server: Server, path: str) -> None:
    """An answer larger than all buffers on its way: what has come is whole rows long before the end."""
    query = "range x from 1 to 400000 step 1 | extend text = strcat('row ', x, ' of many')"
    with (
        server.client(server.token()) as client,
        client.stream("POST", path, json={"query": query}) as answer,
    ):
        assert answer.headers["content-encoding"] == "gzip"
        begun = next(answer.iter_bytes(1_000))
    assert begun.startswith(b'{"tables":[{"name":"PrimaryResult","columns":[{"name":"x","type":"long"},')
    assert b"[1," in begun
