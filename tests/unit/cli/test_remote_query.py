from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs

from .conftest import TENANT, WORKSPACE, Run, Service

PATH = f"/v1/workspaces/{WORKSPACE}/query"
ANSWER = {
    "tables": [
        {"name": "PrimaryResult", "columns": [{"name": "n", "type": "long"}], "rows": [[9007199254740993]]}
    ]
}


def test_the_answer_of_the_service_is_printed(run: Run, service: Service, credentials: Path) -> None:
    service.answer("POST", PATH, ANSWER)
    outcome = run("query", "--credentials", credentials, "--format", "csv", "T | count")
    assert outcome.code == 0
    assert outcome.out == "n\n9007199254740993\n"
    (asked,) = service.of("POST", PATH)
    assert json.loads(asked.body) == {"query": "T | count"}
    assert asked.headers["authorization"] == "Bearer the-token"
    (signed_in,) = service.of("POST", f"/{TENANT}/oauth2/v2.0/token")
    assert parse_qs(signed_in.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client"],
        "client_secret": ["secret"],
        "scope": [f"{service.url}/.default"],
    }


def test_another_workspace_and_address(run: Run, service: Service, credentials: Path) -> None:
    other = "22222222-2222-4222-8222-222222222222"
    service.answer("POST", f"/v1/workspaces/{other}/query", ANSWER)
    outcome = run(
        "query", "--credentials", credentials, "--endpoint", service.url + "/", "--workspace", other, "T"
    )
    assert outcome.code == 0


def test_a_refused_query_shows_the_place(run: Run, service: Service, credentials: Path) -> None:
    place = {"code": "SYN0002", "message": "no operator `projekt`", "line": 2, "pos": 2, "token": "projekt"}
    inner = {"code": "SyntaxError", "message": "A syntax error", "innererror": place}
    service.answer(
        "POST", PATH, {"error": {"code": "BadArgumentError", "message": "wrong", "innererror": inner}}, 400
    )
    outcome = run("query", "--credentials", credentials, "T\n| projekt x")
    assert outcome.code == 3
    assert outcome.err.splitlines() == [
        "SYN0002 at line 2, position 3: no operator `projekt`",
        "  | projekt x",
        "    ^^^^^^^",
    ]


def test_every_error_is_shown(run: Run, service: Service, credentials: Path) -> None:
    places = [
        {"code": "SEM0100", "message": "no column", "line": 1, "pos": position, "token": "a"}
        for position in (10, 15)
    ]
    inner = {"code": "SemanticError", "message": "A semantic error", "innererror": places[0]}
    error = {"code": "BadArgumentError", "message": "wrong", "innererror": inner, "details": places}
    service.answer("POST", PATH, {"error": error}, 400)
    outcome = run("query", "--credentials", credentials, "T | where a == a")
    assert outcome.code == 3
    assert outcome.err.count("SEM0100 at line 1, position ") == 2


def test_warnings_go_to_standard_error(run: Run, service: Service, credentials: Path) -> None:
    slow = {"code": "KLP0101", "message": "slow", "line": 1, "pos": 10, "token": "a contains 'b'"}
    service.answer("POST", PATH, ANSWER | {"warnings": [slow]})
    outcome = run("query", "--credentials", credentials, "--format", "csv", "T | where a contains 'b'")
    assert (outcome.code, outcome.out) == (0, "n\n9007199254740993\n")
    assert outcome.err.splitlines() == [
        "warning KLP0101 at line 1, position 11: slow",
        "  T | where a contains 'b'",
        "            ^^^^^^^^^^^^^^",
    ]


def test_a_partial_answer_is_printed_and_said_to_be_one(
    run: Run, service: Service, credentials: Path
) -> None:
    error = {
        "code": "PartialError",
        "message": "part",
        "details": [{"message": "x", "innererror": {"message": "too many rows"}}],
    }
    service.answer("POST", PATH, {**ANSWER, "error": error})
    outcome = run("query", "--credentials", credentials, "--format", "csv", "T")
    assert outcome.code == 5
    assert outcome.out.startswith("n\n")
    assert "too many rows" in outcome.err


def test_not_let_in(run: Run, service: Service, credentials: Path) -> None:
    service.answer("POST", PATH, {"error": {"code": "InsufficientAccessError", "message": "no role"}}, 403)
    outcome = run("query", "--credentials", credentials, "T")
    assert outcome.code == 4
    assert "no role" in outcome.err


def test_a_wrong_secret(run: Run, service: Service, credentials: Path) -> None:
    path = f"/{TENANT}/oauth2/v2.0/token"
    service.answers[("POST", path)] = []
    service.answer(
        "POST", path, {"error": "invalid_client", "error_description": "AADSTS7000215: wrong"}, 401
    )
    outcome = run("query", "--credentials", credentials, "T")
    assert outcome.code == 4
    assert "AADSTS7000215" in outcome.err


def test_nobody_there(run: Run, credentials: Path) -> None:
    outcome = run("query", "--credentials", credentials, "--endpoint", "http://127.0.0.1:9", "T")
    assert outcome.code == 4
    assert "can't be reached" in outcome.err


def test_an_address_that_is_none(run: Run, credentials: Path) -> None:
    assert run("query", "--credentials", credentials, "--endpoint", "localhost", "T").code == 2


def test_somebody_else_answers(run: Run, service: Service, credentials: Path) -> None:
    service.answer("POST", PATH, {"greeting": "hello"})
    outcome = run("query", "--credentials", credentials, "T")
    assert outcome.code == 1
    assert "does not answer as a query API does" in outcome.err


def test_without_any_address(run: Run) -> None:
    outcome = run("query", "T")
    assert outcome.code == 2
    assert "--endpoint URL" in outcome.err
