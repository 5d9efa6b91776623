"""An operator asks a customer for access, gets it for a time, and everything is told to the customer."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx

from tests.api.ingestion_setup import wait_for_rows
from tests.servers import DATA_FOLDER, MANAGEMENT_SCOPE, Application, Server

VERSION = {"api-version": "2018-02-28-preview"}
REQUESTS = "/providers/Microsoft.CustomerLockbox/requests"


def call(
    server: Server, application: Application, method: str, path: str, body: Any = None
) -> httpx.Response:
    with server.client(server.token(application, MANAGEMENT_SCOPE)) as client:
        return client.request(method, path, params=VERSION, json=body)


def ask(server: Server, duration: str = "PT30M") -> str:
    """Ask for access to the customer's workspace and return the request's name."""
    body = {
        "properties": {
            "resourceId": str(server.people.foreign.resource_id),
            "justification": "A ticket asks why queries fail.",
            "duration": duration,
        }
    }
    answer = call(server, server.application, "POST", REQUESTS, body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["properties"]["status"] == "Pending"
    return str(answer.json()["name"])


def answer(server: Server, request: str, decision: str) -> httpx.Response:
    path = f"{customer_path(server)}/{request}/updateApproval"
    return call(server, server.people.foreign_owner, "POST", path, {"decision": decision, "reason": "ok"})


def customer_path(server: Server) -> str:
    return f"/subscriptions/{server.people.foreign.resource_id.subscription_id}{REQUESTS}"


def read(server: Server, text: str = "Secret_CL | project Text") -> int:
    """Query the customer's workspace as the operator, by its own path and from the operator's workspace."""
    foreign = server.people.foreign.workspace_id
    statuses = set()
    with server.client(server.token()) as client:
        for path, query in (
            (foreign, text),
            (server.home.workspace_id, f'workspace("{foreign}").{text}'),
        ):
            statuses.add(client.post(f"/v1/workspaces/{path}/query", json={"query": query}).status_code)
    return 200 if statuses == {200} else 403 if not statuses & {200} else 0


def audit_actions(server: Server) -> list[tuple[str, str]]:
    """Who did what, in the customer's audit."""
    with closing(sqlite3.connect(server.folder / DATA_FOLDER / "kelp.sqlite")) as database:
        rows = database.execute(
            "SELECT caller_name, action FROM audit WHERE tenant_id = ? ORDER BY sequence",
            (server.people.foreign.tenant_id.hex,),
        ).fetchall()
    return [(str(name), str(action)) for name, action in rows]


def test_access_is_given_for_a_time_and_told_to_the_customer(server: Server) -> None:
    earlier = len(audit_actions(server))
    assert read(server) == 403
    request = ask(server)
    assert read(server) == 403
    (listed,) = [
        one
        for one in call(server, server.people.foreign_owner, "GET", customer_path(server)).json()["value"]
        if one["name"] == request
    ]
    assert listed["properties"]["justification"] == "A ticket asks why queries fail."
    assert answer(server, request, "Approve").json()["properties"]["status"] == "Approved"
    assert read(server) == 200
    foreign = server.people.foreign.resource_id
    # Reading the workspace's records is all: neither its keys nor its settings may be touched.
    for method, path, version in (
        ("POST", f"{foreign}/sharedKeys", "2022-10-01"),
        ("DELETE", str(foreign), "2022-10-01"),
    ):
        with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
            assert client.request(method, path, params={"api-version": version}).status_code in (403, 404)
    with server.later(timedelta(minutes=31)):
        assert read(server) == 403
        found = call(server, server.people.foreign_owner, "GET", f"{customer_path(server)}/{request}").json()
        assert found["properties"]["status"] == "Completed"
    told = audit_actions(server)[earlier:]
    assert [action for _, action in told if "CustomerLockbox" in action] == [
        "Microsoft.CustomerLockbox/requests/write",
        "Microsoft.CustomerLockbox/requests/write",
    ]
    queries = [name for name, action in told if action.endswith("/lockbox/query/action")]
    assert len(queries) == 2
    operator = server.application.object_id
    query = f"LAQueryLogs | where AADObjectId == '{operator}' | project QueryText"
    as_customer = replace(server, application=server.people.foreign_owner)
    assert "Secret_CL" in str(wait_for_rows(as_customer, query, 1, server.people.foreign)[0][0])
    assert answer(server, request, "Deny").json()["properties"]["status"] == "Revoked"


def test_the_customer_ends_access_at_any_time(server: Server) -> None:
    request = ask(server)
    assert answer(server, request, "Approve").status_code == 200
    assert read(server) == 200
    assert answer(server, request, "Deny").json()["properties"]["status"] == "Revoked"
    assert read(server) == 403
    assert answer(server, request, "Approve").status_code == 409


def test_the_customer_gives_less_time_than_was_asked_for(server: Server) -> None:
    request = ask(server)
    path = f"{customer_path(server)}/{request}/updateApproval"
    for duration, status in (("PT31M", 400), ("soon", 400), ("PT10M", 200)):
        body = {"decision": "Approve", "duration": duration}
        found = call(server, server.people.foreign_owner, "POST", path, body)
        assert found.status_code == status, found.text
    assert found.json()["properties"]["duration"] == "PT0H10M"
    assert read(server) == 200
    with server.later(timedelta(minutes=11)):
        assert read(server) == 403
    assert answer(server, request, "Deny").status_code == 200


def test_what_is_denied_or_not_answered_gives_nothing(server: Server) -> None:
    request = ask(server)
    assert answer(server, request, "Deny").json()["properties"]["status"] == "Denied"
    assert read(server) == 403
    late = ask(server)
    mine = call(server, server.application, "GET", REQUESTS).json()["value"]
    assert {one["name"] for one in mine} >= {request, late}


def test_only_operators_ask_and_only_the_customer_answers(server: Server) -> None:
    body = {
        "properties": {
            "resourceId": str(server.people.foreign.resource_id),
            "justification": "Curiosity.",
            "duration": "PT1H",
        }
    }
    for application in (server.people.reader, server.people.owner, server.people.foreign_owner):
        assert call(server, application, "POST", REQUESTS, body).status_code == 403
    request = ask(server)
    path = f"{customer_path(server)}/{request}"
    for application in (server.application, server.people.reader):
        approve = {"decision": "Approve"}
        assert call(server, application, "POST", f"{path}/updateApproval", approve).status_code in (403, 404)
        assert call(server, application, "GET", path).status_code in (403, 404)
    assert answer(server, request, "Perhaps").status_code == 400


def test_all_that_is_wrong_with_a_request_is_told(server: Server) -> None:
    body = {"properties": {"resourceId": str(server.people.foreign.resource_id), "duration": "PT48H"}}
    refused = call(server, server.application, "POST", REQUESTS, body)
    targets = [detail["target"] for detail in refused.json()["error"]["details"]]
    assert (refused.status_code, targets) == (400, ["properties.justification", "properties.duration"])
    own = {"properties": {"resourceId": str(server.home.resource_id), "justification": "Mine."}}
    assert call(server, server.application, "POST", REQUESTS, own).status_code == 409
