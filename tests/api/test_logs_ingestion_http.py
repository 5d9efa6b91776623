"""The Logs Ingestion API, request by request: what is accepted, and how each mistake is answered."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import zlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import zstandard

from tests.api.ingestion_setup import API_VERSION, Rule, make_rule, post, wait_for_rows
from tests.servers import (
    INGESTION_SCOPE,
    MANAGEMENT_SCOPE,
    QUERY_SCOPE,
    Server,
    populate,
    start_server,
)

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("ingestion"), populate=populate) as server:
        yield server


@pytest.fixture(scope="module")
def rule(server: Server) -> Rule:
    return make_rule(server, "Http", {"N": "int", "Text": "string"})


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code, in the shape that clients read."""
    error = answer.json()["error"]
    assert set(error) >= {"code", "message"}
    assert answer.headers["x-ms-error-code"] == error["code"]
    return answer.status_code, error["code"]


def test_success_has_no_body(server: Server, rule: Rule) -> None:
    answer = post(server, rule.path, [{"N": 1}], headers={"x-ms-client-request-id": "mine"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["x-ms-client-request-id"] == "mine"
    assert wait_for_rows(server, f"{rule.table} | where N == 1 | project N") == [[1]]


@pytest.mark.parametrize(
    ("number", "encoding", "pack"),
    [
        (10, "gzip", gzip.compress),
        (11, "deflate", zlib.compress),
        (12, "zstd", zstandard.compress),
        (13, "identity", bytes),
    ],
)
def test_bodies_may_be_compressed(server: Server, rule: Rule, number: int, encoding: str, pack: Any) -> None:
    body = pack(json.dumps([{"N": number, "Text": "ü"}]).encode())
    answer = post(server, rule.path, body, headers={"Content-Encoding": encoding})
    assert answer.status_code == 204, answer.text
    assert wait_for_rows(server, f"{rule.table} | where N == {number} | project Text") == [["ü"]]


def test_a_body_may_come_in_chunks(server: Server, rule: Rule) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'[{"N"'
        yield b": 20"
        yield b"}]"

    with server.client(server.token(scope=INGESTION_SCOPE)) as client:
        answer = client.post(rule.path, params=API_VERSION, content=chunks())
    assert answer.status_code == 204, answer.text
    assert wait_for_rows(server, f"{rule.table} | where N == 20 | project N") == [[20]]


def test_paths_are_compared_without_case(server: Server, rule: Rule) -> None:
    path = f"/datacollectionrules/{rule.immutable_id.upper()}/streams/{rule.stream.lower()}"
    assert post(server, path, [{"N": 21}]).status_code == 204
    assert wait_for_rows(server, f"{rule.table} | where N == 21 | project N") == [[21]]


def test_an_empty_array_is_accepted(server: Server, rule: Rule) -> None:
    assert post(server, rule.path, []).status_code == 204


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b'{"N": 1}',
        b"[1]",
        b'[{"N": 1}, 2]',
        b'[{"N": 1}',
        b'[{"N": 1},]',
        b'[{"N": NaN}]',
        b'[{"N": 01}]',
        b"[{'N': 1}]",
        b'[{"N": 1}] x',
        b'[{"Text": "\xff"}]',
        b'[{"Text": "\\ud800"}]',
        b'[{"N": ' + b"[" * 5_000 + b"]" * 5_000 + b"}]",
        b"\x1f\x8b broken",
    ],
)
def test_a_body_that_is_no_array_of_objects_is_refused_whole(server: Server, rule: Rule, body: bytes) -> None:
    assert code_of(post(server, rule.path, body)) == (400, "InvalidPayload")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"no gzip"),
        ("gzip", gzip.compress(b"[]")[:-4]),
        ("br", b"[]"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"[]"))),
    ],
)
def test_a_body_that_does_not_unpack_is_refused(
    server: Server, rule: Rule, encoding: str, body: bytes
) -> None:
    answer = post(server, rule.path, body, headers={"Content-Encoding": encoding})
    assert code_of(answer) == (400, "InvalidPayload")


def test_a_body_may_have_a_mebibyte_of_records(server: Server, rule: Rule) -> None:
    def body_of(size: int) -> bytes:
        return b'[{"N":30,"Text":"%s"}]' % (b"x" * (size - len(b'{"N":30,"Text":""}')))

    assert post(server, rule.path, body_of(MEBIBYTE)).status_code == 204
    too_large = (413, "ContentLengthLimitExceeded")
    assert code_of(post(server, rule.path, body_of(MEBIBYTE + 1))) == too_large
    assert code_of(post(server, rule.path, body_of(10 * MEBIBYTE))) == too_large


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.compress)])
def test_a_body_that_unpacks_to_very_much_is_refused(
    server: Server, rule: Rule, encoding: str, pack: Any
) -> None:
    bomb = pack(b'[{"Text":"' + b"x" * (200 * MEBIBYTE) + b'"}]')
    assert len(bomb) < MEBIBYTE
    answer = post(server, rule.path, bomb, headers={"Content-Encoding": encoding})
    assert code_of(answer) == (413, "ContentLengthLimitExceeded")


def test_a_body_announced_too_large_is_refused_unread(server: Server, rule: Rule) -> None:
    host = urlsplit(server.endpoint)
    request = (
        f"POST {rule.path}?api-version=2023-01-01 HTTP/1.1\r\nHost: {host.netloc}\r\n"
        f"Authorization: Bearer {server.token(scope=INGESTION_SCOPE)}\r\nContent-Length: 104857600\r\n\r\n"
    )
    context = ssl.create_default_context(cafile=server.ca_file)
    with (
        socket.create_connection((host.hostname, host.port)) as plain,
        context.wrap_socket(plain, server_hostname=host.hostname) as connection,
    ):
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_the_api_version_is_asked_for(server: Server, rule: Rule) -> None:
    assert code_of(post(server, rule.path, [], params={})) == (400, "MissingApiVersion")
    for version in ("2021-11-01-preview", "2023-01-01"):
        assert post(server, rule.path, [], params={"api-version": version}).status_code == 204


def test_unknown_rules_and_streams(server: Server, rule: Rule) -> None:
    unknown = f"/dataCollectionRules/dcr-{'0' * 32}/streams/{rule.stream}"
    assert code_of(post(server, unknown, [{}])) == (404, "NotFound")
    other = f"/dataCollectionRules/{rule.immutable_id}/streams/Custom-Other_CL"
    assert code_of(post(server, other, [{}])) == (400, "InvalidStream")


def test_a_token_is_asked_for(server: Server, rule: Rule) -> None:
    with server.client() as client:
        answer = client.post(rule.path, params=API_VERSION, content=b"[]")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert post(server, rule.path, [], token="nonsense").status_code == 401


@pytest.mark.parametrize("scope", [QUERY_SCOPE, MANAGEMENT_SCOPE])
def test_a_token_for_another_service_is_refused(server: Server, rule: Rule, scope: str) -> None:
    assert post(server, rule.path, [], token=server.token(scope=scope)).status_code == 401


def test_an_expired_token_is_refused(server: Server, rule: Rule) -> None:
    token = server.token(scope=INGESTION_SCOPE)
    with server.later(timedelta(hours=2)):
        assert post(server, rule.path, [], token=token).status_code == 401
    assert post(server, rule.path, [], token=token).status_code == 204


def test_only_publishers_may_send(server: Server, rule: Rule) -> None:
    people = server.people
    for application in (people.nobody, people.reader, people.foreign_owner):
        token = server.token(application, INGESTION_SCOPE)
        answer = post(server, rule.path, [], token=token)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"]


def test_a_stream_fills_every_workspace_it_leads_to(server: Server) -> None:
    places = (server.home, server.people.neighbour)
    rule = make_rule(server, "Both", {"N": "int"}, transformation="source | extend N = N * 2", places=places)
    assert post(server, rule.path, [{"N": 4}]).status_code == 204
    for place in places:
        assert wait_for_rows(server, f"{rule.table} | project N", place=place) == [[8]]


def test_values_that_do_not_convert_are_told_to_the_owner(server: Server, rule: Rule) -> None:
    records = [{"N": 40, "Text": "good"}, {"N": "forty-one", "Text": "bad"}]
    assert post(server, rule.path, records).status_code == 204
    assert wait_for_rows(server, f"{rule.table} | where Text == 'bad' | project N") == [[None]]
    query = "Operation | where OperationCategory == 'Data Collection Status' and Detail has 'forty'"
    ((status, key),) = wait_for_rows(server, f"{query} | project OperationStatus, OperationKey")
    assert (status, key) == ("Warning", f"{rule.table}.N")
