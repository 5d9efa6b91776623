"""The real clients of the Logs Ingestion API over real TLS."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError
from azure.identity import ClientSecretCredential
from azure.identity.aio import ClientSecretCredential as AsyncClientSecretCredential
from azure.monitor.ingestion import LogsIngestionClient, LogsUploadError
from azure.monitor.ingestion.aio import LogsIngestionClient as AsyncLogsIngestionClient

from tests.api.ingestion_setup import Rule, hours_ago, make_rule, wait_for_rows
from tests.servers import Application, Server, populate, start_server

Records: TypeAlias = list[MutableMapping[str, Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with start_server(tmp_path_factory.mktemp("ingestion"), populate=populate) as server:
        yield server


@pytest.fixture(scope="module")
def rule(server: Server) -> Rule:
    return make_rule(server, "Sdk", {"N": "int", "Text": "string", "Bag": "dynamic"})


def open_client(
    server: Server, application: Application | None = None, **options: Any
) -> LogsIngestionClient:
    credential = ClientSecretCredential(**server.credential_arguments(application))
    return LogsIngestionClient(server.endpoint, credential, connection_verify=server.ca_file, **options)


def test_uploaded_records_are_found(server: Server, rule: Rule) -> None:
    records: Records = [
        {"TimeGenerated": hours_ago(1), "N": 1, "Text": "grün", "Bag": {"a": [1.0, None]}},
        {"N": 2, "Text": "now"},
    ]
    with open_client(server) as client:
        client.upload(rule.immutable_id, rule.stream, records)
    rows = wait_for_rows(server, f"{rule.table} | where N < 10 | order by N asc | project N, Text, Bag", 2)
    assert [[n, text, json.loads(bag) if bag else None] for n, text, bag in rows] == [
        [1, "grün", {"a": [1.0, None]}],
        [2, "now", None],
    ]


def test_a_long_list_comes_in_parts_and_all_of_it(server: Server, rule: Rule) -> None:
    records: Records = [{"N": 1000 + number, "Text": "x" * 2000} for number in range(3000)]
    with open_client(server) as client:
        client.upload(rule.immutable_id, rule.stream, records)
    query = f"{rule.table} | where N between (1000 .. 4000) | summarize n = count() by N | summarize sum(n), count() | where sum_n >= 3000"
    assert wait_for_rows(server, query) == [[3000, 3000]]


def test_an_open_file_is_uploaded_as_it_is(server: Server, rule: Rule, tmp_path: Path) -> None:
    (tmp_path / "records.json").write_text(json.dumps([{"N": 500, "Text": "from a file"}]))
    with open_client(server) as client, (tmp_path / "records.json").open("rb") as file:
        client.upload(rule.immutable_id, rule.stream, file)
        client.upload(rule.immutable_id, rule.stream, io.BytesIO(b'[{"N": 501}]'))
    assert len(wait_for_rows(server, f"{rule.table} | where N in (500, 501)", 2)) == 2


def test_many_tiny_records_fit_into_one_body(server: Server, rule: Rule) -> None:
    """The client counts the sizes of records only, not the brackets and commas around them."""
    records: Records = [{"N": 7_777}] * 110_000
    with open_client(server) as client:
        client.upload(rule.immutable_id, rule.stream, records)
    query = f"{rule.table} | where N == 7777 | count | where Count >= 110000"
    assert wait_for_rows(server, query) == [[110_000]]


async def test_the_asynchronous_client_uploads(server: Server, rule: Rule) -> None:
    credential = AsyncClientSecretCredential(**server.credential_arguments())
    async with (
        credential,
        AsyncLogsIngestionClient(server.endpoint, credential, connection_verify=server.ca_file) as client,
    ):
        await client.upload(rule.immutable_id, rule.stream, [{"N": 600}])
    assert wait_for_rows(server, f"{rule.table} | where N == 600 | project N") == [[600]]


def test_the_publisher_role_is_enough_and_no_role_is_not(server: Server, rule: Rule) -> None:
    with open_client(server, server.people.nobody) as client, pytest.raises(HttpResponseError) as refused:
        client.upload(rule.immutable_id, rule.stream, [{"N": 1}])
    assert refused.value.status_code == 403
    with open_client(server, server.people.reader) as client, pytest.raises(HttpResponseError) as refused:
        client.upload(rule.immutable_id, rule.stream, [{"N": 1}])
    assert refused.value.status_code == 403


def test_a_wrong_secret_is_refused(server: Server, rule: Rule) -> None:
    application = Application(
        server.application.tenant_id, server.application.object_id, server.application.client_id, "wrong"
    )
    with open_client(server, application) as client, pytest.raises(ClientAuthenticationError):
        client.upload(rule.immutable_id, rule.stream, [{"N": 1}])


def test_an_unknown_rule_and_stream_are_told_apart(server: Server, rule: Rule) -> None:
    with open_client(server) as client:
        with pytest.raises(ResourceNotFoundError):
            client.upload("dcr-" + "0" * 32, rule.stream, [{"N": 1}])
        with pytest.raises(HttpResponseError) as refused:
            client.upload(rule.immutable_id, "Custom-Other_CL", [{"N": 1}])
    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "InvalidStream"


def test_a_record_that_is_too_large_is_reported_to_the_callback_and_the_others_go_on(
    server: Server, rule: Rule
) -> None:
    failed: list[LogsUploadError] = []
    records: Records = [{"N": 700, "Text": "x" * 2_500_000}, {"N": 701}]
    with open_client(server) as client:
        client.upload(rule.immutable_id, rule.stream, records, on_error=failed.append)
    (error,) = failed
    assert isinstance(error.error, HttpResponseError)
    assert error.error.status_code == 413
    assert wait_for_rows(server, f"{rule.table} | where N in (700, 701) | project N") == [[701]]
