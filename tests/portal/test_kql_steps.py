"""Where a query lost its rows, who may read what it asks for, and the query with its constants as parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kelp.kql.editing.steps import count_steps
from tests.portal.browsing import browser_of
from tests.portal.test_kql_routes import post, run
from tests.servers import Server

QUICK = settings(deadline=None, max_examples=60, database=None)
PATIENT = settings(
    deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], database=None
)
CONDITIONS = ("Computer has 'web'", "Computer == 'web-1'", "(OSType == 'Linux' or 1 == 2)", "1 == 2", "2 > 1")
WHERES = st.lists(st.lists(st.sampled_from(CONDITIONS), min_size=1, max_size=3), max_size=3)


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


def counts_of(client: httpx.Client, server: Server, query: str) -> list[int]:
    rows = run(client, server, post(client, "steps", query=query)["counting"])
    return [int(row["Rows"]) for row in sorted(rows, key=lambda row: int(row["Step"]))]


def write_query(wheres: list[list[str]]) -> str:
    return "Heartbeat" + "".join(f"\n| where {' and '.join(where)}" for where in wheres)


def test_each_step_is_counted(client: httpx.Client, server: Server) -> None:
    query = (
        "let name = 'web-1';\nHeartbeat // 😀\n| where Computer == name and OSType == 'nowhere'\n"
        "| extend x = 1 | summarize count() by Computer | sort by Computer"
    )
    found = post(client, "steps", query=query)
    units = query.encode("utf-16-le")
    texts = [units[2 * one["start"] : 2 * one["end"]].decode("utf-16-le") for one in found["steps"]]
    expected = [
        "Heartbeat",
        "where Computer == name",
        "OSType == 'nowhere'",
        "summarize count() by Computer",
    ]
    assert texts == expected == [one["text"] for one in found["steps"]]
    assert counts_of(client, server, query)[1:] == [20, 0, 0]
    (latest,) = run(client, server, found["latest"])
    assert latest["Latest"] > "2020"
    removal = found["steps"][2]["removal"]
    left = (units[: 2 * removal["start"]] + units[2 * removal["end"] :]).decode("utf-16-le")
    assert counts_of(client, server, left)[1:] == [20, 1]


@PATIENT
@given(wheres=WHERES)
def test_no_step_of_conditions_gives_rows_back(
    client: httpx.Client, server: Server, wheres: list[list[str]]
) -> None:
    query = write_query(wheres)
    counts = counts_of(client, server, query)
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] == len(run(client, server, query))


@QUICK
@given(wheres=WHERES)
def test_without_a_condition_the_others_stay(wheres: list[list[str]]) -> None:
    query = write_query(wheres)
    given = [condition for where in wheres for condition in where]
    steps = count_steps(query).steps[1:]
    assert len(steps) == len(given)
    for number, step in enumerate(steps):
        assert step.removal is not None
        left = query[: step.removal.start] + query[step.removal.end :]
        rest = [left[one.span.start : one.span.end] for one in count_steps(left).steps[1:]]
        kept = given[:number] + given[number + 1 :]
        assert [one.removeprefix("where ") for one in rest] == kept


def test_what_makes_its_own_rows_has_no_last_record(client: httpx.Client, server: Server) -> None:
    found = post(client, "steps", query="print x = 1 | where x == 2")
    assert found["latest"] is None
    assert counts_of(client, server, "print x = 1 | where x == 2 | render table") == [1, 0]


@pytest.mark.parametrize("query", ["Heartbeat | where", "let x = 1", ""])
def test_what_gives_no_rows_has_no_steps(client: httpx.Client, query: str) -> None:
    assert client.post("/portal/api/kql/steps", json={"query": query}).status_code == 400


def ask(client: httpx.Client, server: Server, query: str, people: list[str]) -> list[dict[str, Any]]:
    body = {"workspaces": [str(server.home.resource_id)], "query": query, "people": people}
    answer = client.post("/portal/api/kql/readers", json=body)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["value"])


def test_who_may_read_what_a_query_asks_for(client: httpx.Client, server: Server) -> None:
    people = server.people
    asked = [str(people.person.object_id), people.newcomer.user_name, str(people.reader.object_id)]
    found = ask(client, server, "Heartbeat | join Syslog on Computer", asked)
    places = [reader["workspaces"][0] for reader in found]
    assert [place["mayQuery"] for place in places] == [True, False, True]
    assert [[table["reads"] for table in place["tables"]] for place in places] == [
        ["all", "all"],
        ["none", "none"],
        ["all", "all"],
    ]
    (own,) = ask(client, server, "Heartbeat", [])
    assert own["workspaces"][0]["tables"][0] == {
        "name": "Heartbeat",
        "reads": "all",
        "action": "Microsoft.OperationalInsights/workspaces/query/Heartbeat/read",
        "scope": f"{server.home.resource_id}/tables/Heartbeat",
    }


def test_of_others_only_who_sees_their_roles_learns(client: httpx.Client, server: Server) -> None:
    body = {"workspaces": [server.home.workspace_id], "query": "Heartbeat"}
    stranger = str(server.people.foreign_person.object_id)
    answer = client.post("/portal/api/kql/readers", json={**body, "people": [stranger]})
    assert answer.status_code == 404
    with browser_of(server, server.people.newcomer) as other:
        for people in ([], [str(server.user.object_id)]):
            answer = other.post("/portal/api/kql/readers", json={**body, "people": people})
            assert answer.status_code == 403


def parametrise(
    client: httpx.Client, server: Server, query: str, timespan: str | None = None
) -> dict[str, Any]:
    body = {"workspaces": [server.home.workspace_id], "query": query, "timespan": timespan}
    return post(client, "parameters", **body)


@pytest.mark.parametrize(
    ("query", "timespan", "declared"),
    [
        (
            "Heartbeat | where Computer == 'web-1' and TimeGenerated > ago(1d) | count",
            None,
            "wanted_Computer:string = 'web-1', length_TimeGenerated:timespan = 1d",
        ),
        ("Heartbeat | count", "PT1H", "range_length:timespan = timespan(0.01:00:00)"),
        (
            "let wanted_Computer = 1; Heartbeat | where Computer in ('web-1', 'web-2') | count",
            None,
            "wanted_Computer_2:string = 'web-1', wanted_Computer_3:string = 'web-2'",
        ),
        (
            "Heartbeat | join kind=inner Heartbeat on Computer | count",
            "2026-01-01T00:00:00Z/2036-01-02T00:00:00Z",
            "range_start:datetime = datetime(2026-01-01T00:00:00Z), range_end:datetime = datetime(2036-01-02T00:00:00Z)",
        ),
    ],
)
def test_constants_become_parameters(
    client: httpx.Client, server: Server, query: str, timespan: str | None, declared: str
) -> None:
    found = parametrise(client, server, query, timespan)
    assert found["query"].startswith(f"declare query_parameters ({declared});\n")
    assert found["hasRange"] is (timespan is not None)
    assert run(client, server, found["query"]) == run(client, server, query)


def test_what_has_no_time_gets_no_range(client: httpx.Client, server: Server) -> None:
    for query in ("union Heart* | count", "print x = 1", "search 'web-1' | count"):
        assert parametrise(client, server, query, "PT1H") == {"query": query, "hasRange": False}


@PATIENT
@given(wheres=WHERES)
def test_a_parametrised_query_gives_the_same_rows(
    client: httpx.Client, server: Server, wheres: list[list[str]]
) -> None:
    query = f"{write_query(wheres)}\n| count"
    found = parametrise(client, server, query, "P30D")
    assert found["hasRange"]
    assert run(client, server, found["query"]) == run(client, server, query)
