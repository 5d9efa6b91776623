from __future__ import annotations

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import closing
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from kelp.cli.credentials import load_credentials
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.ingest_files import ingest_files, open_destination
from kelp.cli.ingestion import Destination
from kelp.cli.service_client import ServiceClient

from .conftest import KEY, RESOURCE, WORKSPACE, Run, Service, write_lines

RULE = "dcr-0123456789abcdef0123456789abcdef"
STREAM = f"/dataCollectionRules/{RULE}/streams/Custom-Syslog"


def test_a_custom_table_goes_through_the_data_collector(
    run: Run, service: Service, credentials: Path, tmp_path: Path
) -> None:
    service.answer("POST", "/api/logs", None)
    path = write_lines(tmp_path / "o.jsonl", ['{"a": 1}', '{"a": "ü"}'])
    outcome = run(
        "ingest", "--credentials", credentials, "--table", "Orders_CL", "--time-field", "When", path
    )
    assert outcome.code == 0
    assert outcome.out == "2 records sent to Orders_CL\n"
    (sent,) = service.of("POST", "/api/logs")
    assert sent.path == "/api/logs?api-version=2016-04-01"
    assert json.loads(sent.body) == [{"a": 1}, {"a": "ü"}]
    assert sent.headers["log-type"] == "Orders"
    assert sent.headers["time-generated-field"] == "When"
    moment = sent.headers["x-ms-date"]
    assert parsedate_to_datetime(moment).tzinfo is not None
    # The string to sign as the protocol's documentation has it.
    signed = "\n".join(["POST", str(len(sent.body)), "application/json", f"x-ms-date:{moment}", "/api/logs"])
    digest = hmac.new(base64.b64decode(KEY), signed.encode(), hashlib.sha256).digest()
    assert sent.headers["authorization"] == f"SharedKey {WORKSPACE}:{base64.b64encode(digest).decode()}"


def test_a_standard_table_goes_through_a_rule_made_for_it(
    run: Run, service: Service, credentials: Path, tmp_path: Path
) -> None:
    columns = [{"name": "TimeGenerated", "type": "dateTime"}, {"name": "SyslogMessage", "type": "string"}]
    standard = [
        {"name": "TenantId", "type": "guid"},
        {"name": "ProcessID", "type": "int"},
        {"name": "_ResourceId", "type": "string"},
    ]
    service.answer("GET", RESOURCE, {"location": "local"})
    service.answer(
        "GET",
        f"{RESOURCE}/tables/Syslog",
        {"properties": {"schema": {"columns": columns, "standardColumns": standard}}},
    )
    rule_path = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/dataCollectionRules/kelp-ingest-syslog"
    service.answer("PUT", rule_path, {"properties": {"immutableId": RULE}}, 201)
    service.answer("POST", STREAM, None, 204)
    path = write_lines(tmp_path / "s.jsonl", ['{"SyslogMessage": "hello"}'])
    outcome = run("ingest", "--credentials", credentials, "--table", "Syslog", path)
    assert outcome.code == 0
    (made,) = service.of("PUT", rule_path)
    document = json.loads(made.body)
    assert document["location"] == "local"
    assert document["kind"] == "Direct"
    declared = document["properties"]["streamDeclarations"]["Custom-Syslog"]["columns"]
    assert declared == [
        {"name": "ProcessID", "type": "int"},
        {"name": "TimeGenerated", "type": "datetime"},
        {"name": "SyslogMessage", "type": "string"},
    ]
    (flow,) = document["properties"]["dataFlows"]
    assert (flow["streams"], flow["outputStream"]) == (["Custom-Syslog"], "Microsoft-Syslog")
    (sent,) = service.of("POST", STREAM)
    assert sent.path.endswith("?api-version=2023-01-01")
    assert sent.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(sent.body)) == [{"SyslogMessage": "hello"}]


def test_a_rule_may_be_named(run: Run, service: Service, credentials: Path, tmp_path: Path) -> None:
    service.answer("POST", f"/dataCollectionRules/{RULE}/streams/Custom-Mine", None, 204)
    path = write_lines(tmp_path / "s.jsonl", ['{"a": 1}'])
    outcome = run(
        "ingest",
        "--credentials",
        credentials,
        "--table",
        "T_CL",
        "--rule",
        RULE,
        "--stream",
        "Custom-Mine",
        path,
    )
    assert outcome.code == 0
    assert not service.of("POST", "/api/logs")
    assert (
        run("ingest", "--credentials", credentials, "--table", "T_CL", "--stream", "Custom-Mine", path).code
        == 2
    )


@pytest.fixture
def destination(credentials: Path) -> Iterator[Destination]:
    known = load_credentials({}, {}, credentials)
    with closing(ServiceClient(known)) as client:
        yield open_destination(client, known, "Orders_CL")


def test_it_waits_as_long_as_it_is_told(service: Service, destination: Destination, tmp_path: Path) -> None:
    service.answer("POST", "/api/logs", None, 429, Retry_After="7")
    service.answer("POST", "/api/logs", None, 503)
    service.answer("POST", "/api/logs", None, 200)
    waits: list[float] = []
    path = write_lines(tmp_path / "o.jsonl", ['{"a": 1}'])
    assert ingest_files(destination, [path], waits.append) == 1
    assert waits == [7.0, 2.0]
    bodies = {request.body for request in service.of("POST", "/api/logs")}
    assert len(bodies) == 1


def test_it_does_not_wait_for_ever(service: Service, destination: Destination, tmp_path: Path) -> None:
    service.answer("POST", "/api/logs", None, 503)
    path = write_lines(tmp_path / "o.jsonl", ['{"a": 1}'])
    with pytest.raises(CommandFailed, match="took no records in 10 attempts") as caught:
        ingest_files(destination, [path], lambda _: None)
    assert caught.value.code is ExitCode.FAILED


def test_a_refusal_says_how_far_it_came(
    run: Run, service: Service, credentials: Path, tmp_path: Path
) -> None:
    service.answer("POST", "/api/logs", None, 200)
    service.answer("POST", "/api/logs", {"Error": "InvalidLogType", "Message": "no such log type"}, 400)
    first = write_lines(tmp_path / "1.jsonl", ['{"a": 1}', '{"a": 2}'])
    second = write_lines(tmp_path / "2.jsonl", ['{"a": 3}'])
    outcome = run("ingest", "--credentials", credentials, "--table", "Orders_CL", first, second)
    assert outcome.code == 3
    assert "no such log type" in outcome.err
    assert "2 records were sent before" in outcome.err


def test_a_key_that_is_none(run: Run, service: Service, credentials: Path, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "1.jsonl", ['{"a": 1}'])
    outcome = run(
        "ingest", "--credentials", credentials, "--table", "Orders_CL", "--key", "not base64!", path
    )
    assert outcome.code == 2


def test_a_missing_file_is_found_out_first(
    run: Run, service: Service, credentials: Path, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "1.jsonl", ['{"a": 1}'])
    outcome = run(
        "ingest", "--credentials", credentials, "--table", "Orders_CL", path, tmp_path / "none.jsonl"
    )
    assert outcome.code == 2
    assert not service.of("POST", "/api/logs")
