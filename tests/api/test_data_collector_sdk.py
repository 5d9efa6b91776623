"""The real client of the HTTP Data Collector API over real TLS, by the name of the workspace's own host."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from datacollectorapi.client import DataCollectorAPIClient  # type: ignore[import-untyped]

from tests.api.ingestion_setup import hours_ago, wait_for_rows
from tests.servers import Server, start_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("ingestion")) as server:
        yield server


@pytest.fixture
def client(server: Server, monkeypatch: pytest.MonkeyPatch) -> DataCollectorAPIClient:
    """The client puts the workspace before the endpoint; such names do not resolve everywhere."""
    resolve = socket.getaddrinfo

    def resolve_own(host: Any, *others: Any, **named: Any) -> Any:
        return resolve("127.0.0.1" if str(host).endswith(".ods.localhost") else host, *others, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve_own)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", server.ca_file)
    endpoint = f"ods.localhost:{urlsplit(server.endpoint).port}"
    return DataCollectorAPIClient(server.home.workspace_id, server.home.primary_key, endpoint)


def test_posted_records_are_found(server: Server, client: DataCollectorAPIClient) -> None:
    records = [
        {"Text": "grün", "Number": 1, "Truth": True, "Time": "2026-01-02T03:04:05Z", "Bag": {"a": [1, None]}},
        {"Text": "b", "Number": 2.5, "Id": "74be27de1e4e49d9b579fe0b331d3642"},
    ]
    answer = client.post_data("Sdk", records)
    assert (answer.status_code, answer.text) == (200, "")
    query = "Sdk_CL | order by Number_d asc | project Type, SourceSystem, Text_s, Number_d, Truth_b, Time_t, Bag_s, Id_g"
    assert wait_for_rows(server, query, 2) == [
        ["Sdk_CL", "RestAPI", "grün", 1.0, True, "2026-01-02T03:04:05.0000000Z", '{"a": [1, null]}', None],
        ["Sdk_CL", "RestAPI", "b", 2.5, None, None, "", "74be27de-1e4e-49d9-b579-fe0b331d3642"],
    ]


def test_the_named_field_gives_the_time(server: Server, client: DataCollectorAPIClient) -> None:
    at = hours_ago(5)
    assert client.post_data("Timed", [{"At": at}], record_timestamp="At").status_code == 200
    query = "Timed_CL | project TimeGenerated == At_t"
    assert wait_for_rows(server, query) == [[True]]


def test_one_record_may_come_alone(server: Server, client: DataCollectorAPIClient) -> None:
    assert client.post_data("Alone", {"N": 1}).status_code == 200
    assert wait_for_rows(server, "Alone_CL | project N_d") == [[1.0]]


def test_types_grow_by_second_columns(server: Server, client: DataCollectorAPIClient) -> None:
    """The example of the documentation."""
    posts: list[dict[str, Any]] = [
        {"step": 1, "number": 42, "boolean": True, "string": "text"},
        {"step": 2, "number": "42", "boolean": "true", "string": "text"},
        {"step": 3, "number": 42, "boolean": 26, "string": 13},
    ]
    for record in posts:
        assert client.post_data("Grown", [record]).status_code == 200
        wait_for_rows(server, f"Grown_CL | where step_d == {record['step']}")
    query = "Grown_CL | order by step_d asc | project number_d, boolean_b, string_s, boolean_d, string_d"
    assert wait_for_rows(server, query, 3) == [
        [42.0, True, "text", None, None],
        [42.0, True, "text", None, None],
        [42.0, None, "", 26.0, 13.0],
    ]


def test_a_wrong_key_is_refused(server: Server, client: DataCollectorAPIClient) -> None:
    client.shared_key = "A" * 86 + "=="
    answer = client.post_data("Sdk", [{"N": 1}])
    assert (answer.status_code, answer.json()["Error"]) == (403, "InvalidAuthorization")
    assert answer.json()["Message"]
