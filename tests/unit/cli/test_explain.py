from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import WORKSPACE, Run, Service, write_lines

ORDERS = [
    '{"TimeGenerated":"2026-11-01T10:00:00Z","n":1,"s":"x"}',
    '{"TimeGenerated":"2026-11-01T11:00:00Z","n":2}',
]


@pytest.fixture
def orders(tmp_path: Path) -> str:
    return f"O={write_lines(tmp_path / 'orders.jsonl', ORDERS)}"


def explain(run: Run, *arguments: str) -> dict[str, Any]:
    outcome = run("explain", "--json", *arguments)
    assert outcome.code == 0, outcome.err
    document: dict[str, Any] = json.loads(outcome.out)
    return document


def test_every_stage_is_told(run: Run, orders: str) -> None:
    explained = explain(run, "--table", orders, "O|where n>1|project n")
    assert explained["query"] == "O\n| where n > 1\n| project n"
    (result,) = explained["results"]
    assert result["columns"] == [{"name": "n", "type": "long"}]
    assert result["bound"].splitlines() == [
        "Project outputs=[n = n]",
        "  Where predicate=(n > 1)",
        "    TableScan symbol=O",
    ]
    assert "ScopedScan table=O columns=[n: long]" in result["plan"]
    (statement,) = result["statements"]
    assert statement["sql"].startswith("SELECT ")
    assert any("ReadFromMergeTree" in line for line in statement["enginePlan"])
    (read,) = result["reads"]
    assert (read["table"], read["columns"], read["rows"]) == ("O", ["n"], 2)
    assert read["bytes"] > 0


def test_a_query_is_not_run_for_its_scalar(run: Run, orders: str) -> None:
    explained = explain(run, "--table", orders, "O | where n > toscalar(O | summarize min(n))")
    (result,) = explained["results"]
    assert [part["enginePlan"] for part in result["statements"]] == [[]]
    assert [read["rows"] for read in result["reads"]] == [None]


def test_a_text_for_people(run: Run, orders: str, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "query.kql", ["O", "| summarize count() by s"])
    outcome = run("explain", "--table", orders, "--file", file)
    assert outcome.code == 0
    for heading in ("Query", "PrimaryResult: bound", "PrimaryResult: SQL", "PrimaryResult: engine plan"):
        assert f"{heading}\n  " in outcome.out
    assert "O: 2 rows, " in outcome.out


def test_what_is_wrong_is_shown_with_its_place(run: Run, orders: str) -> None:
    outcome = run("explain", "--table", orders, "O | where nn > 1")
    assert outcome.code == 3
    assert "SEM0100 at line 1, position 11" in outcome.err


def test_columns_that_depend_on_data_are_refused(run: Run, orders: str) -> None:
    outcome = run("explain", "--table", orders, "O | evaluate pivot(s)")
    assert outcome.code == 3
    assert "depends on data" in outcome.err


def test_a_text_or_a_file_is_needed(run: Run) -> None:
    assert run("explain").code == 2


def test_a_service_explains(run: Run, service: Service, credentials: Path) -> None:
    explained = {
        "query": "T",
        "results": [],
        "warnings": [{"code": "KLP0102", "message": "slow", "line": 1, "pos": 0, "token": "T"}],
    }
    path = f"/v1/workspaces/{WORKSPACE}/query"
    service.answer("POST", path, {"tables": [], "explain": explained})
    outcome = run("explain", "--credentials", credentials, "--json", "T")
    assert (outcome.code, json.loads(outcome.out)) == (0, explained), outcome.err
    assert service.requests[-1].path == f"{path}?explain=true"
