"""Properties that queries often read come to stand in columns of their own; what queries answer stays the same."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.ingestion_setup import Rule, make_rule, post, wait_for_rows
from tests.servers import Server, start_server
from tests.waiting import wait_for

VALUES: tuple[Any, ...] = (
    {"s": "plain", "n": 1, "o": {"k": "deep"}},
    {"s": "2.0", "n": 2.0, "o": {"k": 2.0}},
    {"s": None, "n": None, "o": None},
    {"s": True, "n": True, "o": {"k": [1, 2.0]}},
    {"s": {"a": 1}, "n": "17", "o": "text"},
    {"s": "ü\\u0000\n'\"", "n": 1e300, "o": {"k": None}},
    {"n": 9007199254740993, "o": {"other": 1}},
    {"s": "", "n": -0.5, "o": {"k": ""}},
    [1, 2],
    "a string",
    7,
    None,
)
READINGS = "Number, s = tostring(P.s), n = tolong(P.n), r = todouble(P.n), b = tobool(P.s), k = tostring(P.o.k), has1 = P.s has 'plain'"
QUERY = f"Promoted_CL | project {READINGS} | sort by Number asc"


def send(server: Server, rule: Rule, first: int) -> None:
    records = [
        {"TimeGenerated": f"{time.strftime('%Y-%m-%d')}T00:00:00Z", "Number": first + index, "P": value}
        for index, value in enumerate(VALUES)
    ]
    assert post(server, rule.path, records).is_success


def printed(server: Server, query: str) -> str:
    """The statement that a query becomes."""
    path = f"/v1/workspaces/{server.home.workspace_id}/query?explain=true"
    with server.client(server.token()) as client:
        answer = client.post(path, json={"query": query})
    return str(answer.json()["explain"]["results"][0]["statements"][0]["sql"])


def wait_until_promoted(server: Server) -> None:
    def is_promoted() -> bool:
        wait_for_rows(server, QUERY)  # what was asked before the table was ready is counted anew
        return "JSONExtract" not in printed(server, QUERY)

    wait_for(is_promoted)


@dataclass(frozen=True, slots=True)
class Promoted:
    """A server with a table whose properties were promoted, and what it answered before."""

    server: Server
    rule: Rule
    before: list[list[Any]]


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Promoted]:
    settings = {"engine": {"promotion_rows": 1}}
    with start_server(tmp_path_factory.mktemp("promotion") / "server", settings=settings) as server:
        rule = make_rule(server, "Promoted", {"Number": "long", "P": "dynamic"})
        send(server, rule, 0)
        before = wait_for_rows(server, QUERY, len(VALUES))
        wait_until_promoted(server)
        yield Promoted(server, rule, before)


def test_answers_stay_for_rows_of_before_and_after(promoted: Promoted) -> None:
    server, before = promoted.server, promoted.before
    assert [row[1] for row in before[:4]] == ["plain", "2.0", "", "true"]
    assert wait_for_rows(server, f"{QUERY} | where Number < 100", len(VALUES)) == before
    send(server, promoted.rule, 100)
    after = wait_for_rows(server, f"{QUERY} | where Number >= 100", len(VALUES))
    assert [row[1:] for row in after] == [row[1:] for row in before]


def test_filters_and_groups_use_the_columns(promoted: Promoted) -> None:
    server = promoted.server
    query = "Promoted_CL | where Number < 100 and tolong(P.n) == 1 | summarize count() by tostring(P.s)"
    assert "JSONExtract" not in printed(server, query)
    rows = wait_for_rows(server, query)
    assert sorted(rows) == [["plain", 1], ["true", 1]]
    # A property that is not read as a scalar is taken out of the text.
    assert "JSONExtract" in printed(server, "Promoted_CL | project P.o")


def test_the_columns_show_nowhere(promoted: Promoted) -> None:
    server = promoted.server
    columns = {row[0] for row in wait_for_rows(server, "Promoted_CL | getschema | project ColumnName")}
    assert not [name for name in columns if name.startswith("$")]
    assert {"Number", "P"} <= columns
