"""Queries of tables with the Basic and Auxiliary plans, over HTTP: which are answered, and why the others are not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.ingestion_setup import make_rule, post, wait_for_rows
from tests.servers import MANAGEMENT_SCOPE, Server

BASIC, AUXILIARY, FACTS = "PlainBasic_CL", "PlainAuxiliary_CL", "PlainFacts_CL"


@pytest.fixture(scope="module")
def tables(server: Server) -> Server:
    """A table of each plan, each with two rows."""
    for name, plan in ((BASIC, "Basic"), (AUXILIARY, "Auxiliary"), (FACTS, "Analytics")):
        columns = {"Name": "string", "Size": "long"}
        rule = make_rule(server, name.removesuffix("_CL"), columns, plan=plan)
        records = [{"Name": one, "Size": len(one)} for one in ("a", "bb")]
        assert post(server, rule.path, records).status_code == 204
        wait_for_rows(server, name, 2)
    return server


def ask(server: Server, text: str) -> tuple[int, Any]:
    with server.client(server.token()) as client:
        answer = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json={"query": text})
    return answer.status_code, answer.json()


@pytest.mark.parametrize(
    "text, rows",
    [
        (f"{BASIC} | where Size > 1 | project Name", [["bb"]]),
        (f"{AUXILIARY} | where Size > 1 | project Name", [["bb"]]),
        (f"{BASIC} | summarize Total = sum(Size), Least = min(strlen(Name))", [[3, 1]]),
        (f"{BASIC} | parse Name with First 'b' Rest | where Rest == 'b' or First == 'b' | count", [[1]]),
        (
            f"let Wanted = 1; {BASIC} | where Size == Wanted | extend Upper = toupper(Name) | project Upper",
            [["A"]],
        ),
        (
            f"{BASIC} | lookup ({FACTS} | project Name, Twice = Size * 2) on Name | summarize sum(Twice)",
            [[6]],
        ),
        (f"{BASIC} | union {FACTS} | count", [[4]]),
    ],
)
def test_what_such_a_table_answers(tables: Server, text: str, rows: list[list[Any]]) -> None:
    status, answer = ask(tables, text)
    assert status == 200, answer
    assert answer["tables"][0]["rows"] == rows


@pytest.mark.parametrize(
    "text, told",
    [
        (
            f"{BASIC} | join {FACTS} on Name",
            "'join' is not supported in a query of a table with the Basic plan",
        ),
        (
            f"{FACTS} | join kind=inner ({AUXILIARY}) on Name",
            "'join' is not supported in a query of a table with the Auxiliary plan",
        ),
        (
            f"search in ({BASIC}) 'a'",
            "'search' is not supported in a query of a table with the Basic plan",
        ),
        (
            f"find in ({BASIC}, {FACTS}) where Name == 'a'",
            "'find' is not supported in a query of a table with the Basic plan",
        ),
        (
            f"{BASIC} | union {AUXILIARY}",
            f"the table '{AUXILIARY}' has the Auxiliary plan, as '{BASIC}' does: a query reads one such table only",
        ),
        (
            f"{FACTS} | where Name in ({BASIC} | project Name) | lookup {AUXILIARY} on Name",
            "a query reads one such table only",
        ),
        (
            f"{BASIC} | union {FACTS}, Heartbeat, Usage, Operation, AzureActivity, LAQueryLogs",
            "reads up to 5 tables with the Analytics plan beside it, not 6",
        ),
        (
            f'workspace("default").{BASIC}',
            "it is queried in its own workspace, not with workspace()",
        ),
    ],
)
def test_what_such_a_table_refuses(tables: Server, text: str, told: str) -> None:
    status, answer = ask(tables, text)
    assert (status, told in str(answer)) == (400, True), answer


def test_all_that_is_wrong_is_told_at_once(tables: Server) -> None:
    text = f"{BASIC} | join (search in ({AUXILIARY}) 'a') on Name"
    status, answer = ask(tables, text)
    assert status == 400
    for told in ("'join' is not", "'search' is not", "one such table only"):
        assert told in str(answer), answer


def test_wildcards_leave_such_tables_out(tables: Server) -> None:
    for text in ("union withsource = T Plain*", "search in (Plain*) Size > 0 | extend T = $table"):
        status, answer = ask(tables, f"{text} | distinct T")
        assert status == 200, answer
        assert answer["tables"][0]["rows"] == [[FACTS]]


def test_a_rule_that_would_join_such_a_table_is_refused(tables: Server) -> None:
    path = f"{tables.home.resource_id}/summaryLogs/limited"
    definition = {
        "query": f"{BASIC} | join {FACTS} on Name | count",
        "binSize": 20,
        "destinationTable": "Sums_CL",
    }
    document = {"properties": {"ruleType": "User", "ruleDefinition": definition}}
    with tables.client(tables.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.put(path, params={"api-version": "2025-07-01"}, json=document)
    assert answer.status_code == 400
    assert "'join' is not supported" in answer.text
