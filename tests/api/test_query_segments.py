"""Parts of queries that worker processes compute, through the whole server: rows, isolation, limits, the log."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.servers import KUSTO_SCOPE, Server, populate, shared_rows, start_server

PACKED = "extend Packed = zlib_compress_to_base64_string(Computer)"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    limits: dict[str, dict[str, object]] = {"segments": {"workers": 1, "input_bytes": 2_000_000}}
    folder = tmp_path_factory.mktemp("segments")
    with start_server(folder, settings=limits, populate=populate, rows=shared_rows) as server:
        yield server


def cells(answer: dict[str, Any]) -> list[list[Any]]:
    (table,) = answer["tables"]
    rows: list[list[Any]] = table["rows"]
    return rows


def test_each_tenant_gets_what_its_own_rows_give(limited: Server) -> None:
    query = f"Heartbeat | {PACKED} | summarize by Computer, Back = zlib_decompress_from_base64_string(Packed)"
    own = cells(limited.query(query))
    path = f"/v1/workspaces/{limited.people.foreign.workspace_id}/query"
    with limited.client(limited.token(limited.people.foreign_owner)) as client:
        others = cells(client.post(path, json={"query": query}).json())
    again = cells(limited.query(query))
    assert (len(own), others[0][0]) == (3, "secret-foreign")
    assert all(computer == back for computer, back in (*own, *others))
    assert not {computer for computer, _ in own} & {computer for computer, _ in others}
    assert sorted(again) == sorted(own)


def test_too_many_rows_are_refused_with_advice_and_the_next_query_works(limited: Server) -> None:
    query = "range x from 1 to 100000 step 1 | extend y = zlib_compress_to_base64_string(strcat('a long text ', x))"
    path = f"/v1/workspaces/{limited.home.workspace_id}/query"
    with limited.client(limited.token()) as client:
        answer = client.post(path, json={"query": query})
    assert answer.status_code == 400
    assert "segments.input_bytes" in answer.text
    assert "zlib_compress_to_base64_string" in answer.text
    assert cells(limited.query("print zlib_compress_to_base64_string('')")) == [["eAEBAAD//wAAAAE="]]


def test_rows_that_a_segment_read_count_in_the_log(limited: Server) -> None:
    mark = uuid4().hex
    limited.query(f"Heartbeat | where Computer != '{mark}' | {PACKED} | count")
    query = f"LAQueryLogs | where QueryText has '{mark}' and QueryText !has 'LAQueryLogs' | project ScannedGB"
    end = time.monotonic() + 30
    while not (rows := cells(limited.query(query))) and time.monotonic() < end:
        time.sleep(0.1)
    assert rows[0][0] > 0


def test_the_kusto_endpoint_runs_them_too(limited: Server) -> None:
    body = {"db": "default", "csl": "print x = gzip_decompress_from_base64_string('x0x0x0')"}
    with limited.client(limited.token(scope=KUSTO_SCOPE)) as client:
        answer = client.post("/v1/rest/query", json=body)
    assert answer.json()["Tables"][0]["Rows"] == [[""]]
