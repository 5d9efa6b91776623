"""The Kusto endpoint as any HTTP client sees it: the order of members, version 1 answers, and what is refused."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers import KUSTO_SCOPE, MANAGEMENT_SCOPE, Server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    with server.client(server.token(scope=KUSTO_SCOPE)) as client:
        yield client


def ask(client: httpx.Client, path: str, csl: Any, db: Any = "default", **more: Any) -> Any:
    answer = client.post(path, json={"db": db, "csl": csl, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def error_of(answer: httpx.Response, status: int = 400) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert {"code", "message", "@type", "@message", "@context", "@permanent"} <= error.keys()
    assert error["@context"]["activityId"] == answer.headers["x-ms-correlation-request-id"]
    return error


def test_frames_have_their_members_in_the_order_that_readers_need(client: httpx.Client) -> None:
    frames = ask(client, "/v2/rest/query", "print a = 1; range x from 1 to 2 step 1")
    assert [next(iter(frame)) for frame in frames] == ["FrameType"] * 6
    assert [frame["FrameType"] for frame in frames] == [
        "DataSetHeader",
        *["DataTable"] * 4,
        "DataSetCompletion",
    ]
    assert list(frames[0]) == ["FrameType", "IsProgressive", "Version"]
    for number, table in enumerate(frames[1:5]):
        assert list(table) == ["FrameType", "TableId", "TableKind", "TableName", "Columns", "Rows"]
        assert table["TableId"] == number
    assert [table["TableKind"] for table in frames[1:5]] == [
        "QueryProperties",
        "PrimaryResult",
        "PrimaryResult",
        "QueryCompletionInformation",
    ]
    assert frames[1]["Rows"] == [[1, "Visualization", '{"Visualization":null}']]
    assert frames[5] == {"FrameType": "DataSetCompletion", "HasErrors": False, "Cancelled": False}


def test_the_ids_of_a_request_come_back_in_the_answer(client: httpx.Client) -> None:
    headers = {"x-ms-client-request-id": "KPC.execute;mine", "x-ms-correlation-request-id": "ours"}
    answer = client.post("/v2/rest/query", json={"db": "default", "csl": "print 1"}, headers=headers)
    completion = answer.json()[3]
    names = [column["ColumnName"] for column in completion["Columns"]]
    row = dict(zip(names, completion["Rows"][0], strict=True))
    assert (row["ClientRequestId"], row["ActivityId"], row["Level"]) == ("KPC.execute;mine", "ours", 4)
    assert answer.headers["x-ms-client-request-id"] == "KPC.execute;mine"


def test_a_version_1_answer_ends_with_its_contents(client: httpx.Client) -> None:
    query = (
        "print a = 1, d = dynamic({'b': 2}); Heartbeat | summarize n = count() by Computer | render barchart"
    )
    tables = ask(client, "/v1/rest/query", query)["Tables"]
    first, second, properties, status, contents = tables
    assert [table["TableName"] for table in tables] == [f"Table_{number}" for number in range(5)]
    assert first["Columns"] == [
        {"ColumnName": "a", "DataType": "Int64", "ColumnType": "long"},
        {"ColumnName": "d", "DataType": "Object", "ColumnType": "dynamic"},
    ]
    assert first["Rows"] == [[1, {"b": 2}]]
    assert len(second["Rows"]) == 3
    assert json.loads(properties["Rows"][0][0])["Visualization"] == "barchart"
    assert status["Rows"][0][1:5] == [4, "Info", 0, "Query completed successfully"]
    assert [row[:3] for row in contents["Rows"]] == [
        [0, "QueryResult", "PrimaryResult"],
        [1, "QueryResult", "PrimaryResult_1"],
        [2, "QueryProperties", "@ExtendedProperties"],
        [3, "QueryStatus", "QueryStatus"],
    ]


def test_a_version_1_answer_that_is_not_whole_says_so(client: httpx.Client) -> None:
    options = {"Options": {"truncationmaxrecords": "2"}}
    answer = ask(client, "/v1/rest/query", "range x from 1 to 5 step 1", properties=options)
    assert answer["Tables"][0]["Rows"] == [[1], [2]]
    assert "E_QUERY_RESULT_SET_TOO_LARGE" in answer["Exceptions"][0]
    assert answer["Tables"][2]["Rows"][0][1:3] == [2, "Error"]


def test_an_empty_version_1_answer(client: httpx.Client) -> None:
    tables = ask(client, "/v1/rest/query", "Heartbeat | take 0 | project Computer")["Tables"]
    assert (tables[0]["Rows"], len(tables)) == ([], 4)


def test_commands_may_be_sent_to_the_query_route(client: httpx.Client) -> None:
    for path in ("/v1/rest/query", "/v1/rest/mgmt"):
        (table,) = ask(client, path, ".show databases schema")["Tables"]
        assert next(row[:2] for row in table["Rows"] if row[1] == "Heartbeat") == ["default", "Heartbeat"]


def test_the_schema_as_json(client: httpx.Client) -> None:
    (table,) = ask(client, "/v1/rest/mgmt", ".show database schema as json")["Tables"]
    schema = json.loads(table["Rows"][0][0])["Databases"]["default"]
    columns = schema["Tables"]["Types_CL"]["OrderedColumns"]
    assert {"Name": "Guid", "Type": "System.Guid", "CslType": "guid"} in columns
    assert "Secret_CL" not in schema["Tables"]


@pytest.mark.parametrize("properties", [None, "", "{}", {}, '{"Options":{"a":1}}', {"Options": None}])
def test_properties_are_an_object_or_its_text(client: httpx.Client, properties: Any) -> None:
    assert ask(client, "/v2/rest/query", "print 1", properties=properties)[2]["Rows"] == [[1]]


def test_parameters_may_be_json_values(client: httpx.Client) -> None:
    properties = {"Parameters": {"b": True, "n": 5, "r": 1.5}}
    query = "declare query_parameters(b:bool, n:long, r:real); print b, n, r"
    assert ask(client, "/v2/rest/query", query, properties=properties)[2]["Rows"] == [[True, 5, 1.5]]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"{}",
        b'{"csl": 1, "db": "default"}',
        b'{"csl": "print 1"}',
        b'{"csl": "print 1", "db": ""}',
        b'{"csl": "print 1", "db": "default", "properties": "{"}',
        b'{"csl": "print 1", "db": "default", "properties": {"Options": 5}}',
        b'{"csl": "print 1", "db": "default", "properties": {"Parameters": [1]}}',
    ],
)
@pytest.mark.parametrize("path", ["/v1/rest/query", "/v2/rest/query"])
def test_a_request_that_can_not_be_read(client: httpx.Client, path: str, body: bytes) -> None:
    error = error_of(client.post(path, content=body))
    assert error["code"] == "General_BadRequest"
    assert error["@permanent"] is True


@pytest.mark.parametrize("database", ["nowhere", "fabrikam", "00000000-0000-0000-0000-000000000001"])
def test_an_unknown_database_is_a_bad_request(client: httpx.Client, database: str) -> None:
    for path, csl in (("/v2/rest/query", "print 1"), ("/v1/rest/mgmt", ".show tables")):
        error = error_of(client.post(path, json={"db": database, "csl": csl}))
        assert error["code"] == "BadRequest_EntityNotFound"
        assert error["@type"].endswith("EntityNotFoundException")


def test_a_refusal_has_a_position(client: httpx.Client) -> None:
    error = error_of(client.post("/v2/rest/query", json={"db": "default", "csl": "print 1 |"}))
    assert error["@message"].startswith("Syntax error: SYN0002: ")
    assert error["innererror"]["code"] == "SYN0002"
    assert (error["innererror"]["line"], error["innererror"]["pos"]) == (1, 9)


def test_all_errors_of_a_text_are_told(client: httpx.Client) -> None:
    text = "Heartbeat | projekt a\n| where (b"
    error = error_of(client.post("/v2/rest/query", json={"db": "default", "csl": text}))
    lines = error["@message"].splitlines()
    assert [line.rpartition("=")[2].split(":")[0] for line in lines] == ["1", "2"]
    assert all(line.startswith("Syntax error: SYN") for line in lines)


WARNED = "Heartbeat | where Computer contains 'word' | count"


def test_warnings_are_among_the_events_of_a_version_2_answer(client: httpx.Client) -> None:
    *_, events, _ = ask(client, "/v2/rest/query", WARNED)
    columns = [column["ColumnName"] for column in events["Columns"]]
    _, warning = (dict(zip(columns, row, strict=True)) for row in events["Rows"])
    assert (warning["LevelName"], warning["StatusCodeName"]) == ("Warning", "KLP0101")
    assert "contains" in json.loads(warning["Payload"])["Text"]


def test_warnings_are_in_the_status_of_a_version_1_answer(client: httpx.Client) -> None:
    *_, status, _ = ask(client, "/v1/rest/query", WARNED)["Tables"]
    assert [row[2] for row in status["Rows"]] == ["Info", "Warning"]
    assert status["Rows"][1][4].startswith("KLP0101: ")


def test_who_may_not_query_is_told_in_json(server: Server) -> None:
    body = {"db": server.home.workspace_id, "csl": "print 1"}
    with server.client(server.token(server.people.publisher, KUSTO_SCOPE)) as client:
        error_of(client.post("/v2/rest/query", json=body), 403)
    for token in (None, "x.y.z", server.token(scope=MANAGEMENT_SCOPE)):
        with server.client(token) as client:
            answer = client.post("/v2/rest/query", json=body)
            error_of(answer, 401)
            assert "authorization_uri" in answer.headers["www-authenticate"]


def test_where_to_sign_in_is_told_without_a_token(server: Server) -> None:
    with server.client() as client:
        directory = client.get("/v1/rest/auth/metadata").json()["AzureAD"]
    assert directory["LoginEndpoint"] == directory["KustoServiceResourceId"] == server.endpoint
    assert directory.keys() == {
        "LoginEndpoint",
        "LoginMfaRequired",
        "KustoClientAppId",
        "KustoClientRedirectUri",
        "KustoServiceResourceId",
        "FirstPartyAuthorityUrl",
    }


def test_a_large_answer_is_compressed(client: httpx.Client) -> None:
    body = {"db": "default", "csl": "range x from 1 to 20000 step 1 | extend d = pack('x', x)"}
    headers = {"Accept-Encoding": "gzip,deflate"}
    with client.stream("POST", "/v2/rest/query", json=body, headers=headers) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        frames = json.loads(gzip.decompress(b"".join(answer.iter_raw())))
    assert frames[2]["Rows"][-1] == [20_000, {"x": 20_000}]


def test_the_path_of_a_workspace_decides_over_the_database(client: httpx.Client, server: Server) -> None:
    path = f"{server.people.neighbour.resource_id}/v2/rest/query"
    frames = ask(client, path, "Heartbeat | distinct Computer", db="whatever")
    assert frames[2]["Rows"] == [["secret-neighbour"]]
    foreign = f"{server.people.foreign.resource_id}/v2/rest/query"
    error_of(client.post(foreign, json={"db": "fabrikam", "csl": "print 1"}), 403)
