"""The older search API and queries through Resource Manager, as clients of then send them, over a whole server."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.servers import BEATS_OF_A_COMPUTER, MANAGEMENT_SCOPE, Application, Server

V = "api-version=2015-03-20"
BEATS = 3 * BEATS_OF_A_COMPUTER


def ask(
    server: Server, path: str, document: Any, application: Application | None = None, method: str = "POST"
) -> httpx.Response:
    with server.client(server.token(application, MANAGEMENT_SCOPE)) as client:
        address = f"{server.home.resource_id}/{path}"
        joined = "&" if "?" in address else "?"
        return client.request(method, f"{address}{joined}{V}", json=document)


def test_a_search_answers_with_an_object_a_record(server: Server) -> None:
    answer = ask(server, "search", {"query": "Heartbeat | where Computer == 'web-1'", "top": 3, "skip": 18})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    about = found["__metadata"]
    assert (about["total"], about["top"], about["resultType"], about["status"]) == (
        BEATS_OF_A_COMPUTER,
        3,
        "raw",
        "Successful",
    )
    assert len(found["value"]) == BEATS_OF_A_COMPUTER - 18
    record = found["value"][0]
    assert (record["Computer"], record["OSType"]) == ("web-1", "Linux")
    assert record["__metadata"]["TimeGenerated"] == record["TimeGenerated"]
    again = ask(server, f"search/{about['id']}", None, method="GET")
    assert again.json() == found
    assert ask(server, f"search/{about['id']}", None, server.people.reader, "GET").status_code == 404


def test_a_search_counts_and_bounds_in_time(server: Server) -> None:
    found = ask(server, "search", {"query": "Heartbeat | summarize n = count()"}).json()
    assert (found["value"], found["__metadata"]["resultType"]) == ([{"n": BEATS}], "aggregates")
    span = {"start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"}
    assert ask(server, "search", {"query": "Heartbeat", **span}).json()["value"] == []
    everything = ask(server, "search", {"query": "*", "top": 5000}).json()
    assert everything["__metadata"]["total"] >= BEATS


def test_a_search_gives_5000_records_at_most(server: Server) -> None:
    found = ask(server, "search", {"query": "range x from 1 to 6000 step 1", "top": 5000}).json()
    assert (len(found["value"]), found["__metadata"]["total"]) == (5000, 5000)


def test_what_is_wrong_with_a_search_is_told_at_once(server: Server) -> None:
    body = {"top": 5001, "skip": -1, "includeArchive": True, "start": "2020-01-01", "query": 7}
    error = ask(server, "search", body).json()["error"]
    assert {detail["target"] for detail in error["details"]} == {
        "top",
        "skip",
        "includeArchive",
        "end",
        "query",
    }
    refused = ask(server, "search", {"query": "NoSuchTable | count"})
    assert refused.status_code == 400
    assert ask(server, "search", {"query": "print 1"}, server.people.nobody).status_code == 404
    assert ask(server, "search", {"query": "print 1"}, server.people.publisher).status_code == 403


def test_a_saved_search_is_run(server: Server) -> None:
    search = {"category": "c", "displayName": "d", "query": "Heartbeat | summarize n = count()"}
    made = ask(server, "savedSearches/counted", {"properties": search}, method="PUT")
    assert made.status_code == 200, made.text
    assert ask(server, "savedSearches/counted/search", {}).json()["value"] == [{"n": BEATS}]
    assert ask(server, "savedSearches/counted/results", None, method="GET").json()["value"] == [{"n": BEATS}]
    assert ask(server, "savedSearches/counted", None, method="DELETE").status_code == 200
    assert ask(server, "savedSearches/counted/search", {}).status_code == 404


@pytest.mark.parametrize("path", ["query", "api/query"])
def test_a_query_through_resource_manager(server: Server, path: str) -> None:
    query = "Heartbeat | summarize n = count() by Computer | order by Computer asc"
    found = ask(server, path, {"query": query, "timespan": "P1D"}).json()
    rows = [[name, BEATS_OF_A_COMPUTER] for name in ("db-1", "web-1", "web-2")]
    if path == "query":
        (table,) = found["tables"]
        assert (table["columns"][1], table["rows"]) == ({"name": "n", "type": "long"}, rows)
    else:
        (table,) = found["Tables"]
        column = {"ColumnName": "n", "ColumnType": "long", "DataType": "Int64"}
        assert (table["TableName"], table["Columns"][1], table["Rows"]) == ("Table_0", column, rows)
