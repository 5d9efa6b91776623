"""Preferences, drafts, history and links, through HTTP: what somebody keeps is theirs, and links give no right."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.portal.browsing import browser_of, fresh_user
from tests.servers import Server


@pytest.fixture
def owner(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server) as client:
        yield client


@pytest.fixture
def person(server: Server) -> Iterator[httpx.Client]:
    with browser_of(server, server.people.person) as client:
        yield client


@pytest.fixture
def fresh(server: Server) -> Iterator[httpx.Client]:
    with fresh_user(server) as user, browser_of(server, user) as client:
        yield client


def test_preferences_are_merged_and_the_persons_own(fresh: httpx.Client, owner: httpx.Client) -> None:
    person = fresh
    assert person.patch("/portal/api/me", json={"theme": "dark", "timeZone": "UTC"}).status_code == 200
    merged = person.patch("/portal/api/me", json={"timeZone": None, "density": "compact"})
    assert merged.json() == {"theme": "dark", "density": "compact"}
    assert person.get("/portal/api/me").json() == merged.json()
    assert "density" not in owner.get("/portal/api/me").json()
    refused = person.patch("/portal/api/me", json={"notes": "x" * 17_000})
    assert refused.status_code == 413
    assert person.patch("/portal/api/me", json={"theme": None, "density": None}).json() == {}
    assert person.patch("/portal/api/me", content=b"[1]").status_code == 400


def test_a_draft_is_saved_by_revision(person: httpx.Client, owner: httpx.Client) -> None:
    path = f"/portal/api/drafts/logs-{uuid4().hex}"
    assert person.get(path).json() == {"document": None, "revision": 0}
    saved = person.put(path, json={"document": {"tabs": [1]}}, headers={"If-Match": '"0"'})
    assert (saved.json(), saved.headers["etag"]) == ({"revision": 1}, '"1"')
    assert person.put(path, json={"document": [2]}, headers={"If-Match": '"1"'}).json() == {"revision": 2}
    late = person.put(path, json={"document": "lost"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert late.json()["error"]["code"] == "PreconditionFailed"
    assert (late.json()["document"], late.json()["revision"]) == ([2], 2)
    assert owner.get(path).json()["revision"] == 0
    assert person.delete(path).status_code == 204
    assert person.get(path).json()["revision"] == 0


@pytest.mark.parametrize(
    "key, body, headers, status",
    [
        ("logs", {"text": "no document"}, {}, 400),
        ("logs", {"document": 1}, {"If-Match": "newest"}, 400),
        ("-logs", {"document": 1}, {}, 400),
        ("x" * 65, {"document": 1}, {}, 400),
        ("logs", {"document": "x" * 1_048_577}, {}, 413),
    ],
)
def test_what_is_no_draft(
    person: httpx.Client, key: str, body: dict[str, object], headers: dict[str, str], status: int
) -> None:
    answer = person.put(f"/portal/api/drafts/{key}", json=body, headers=headers)
    assert answer.status_code == status, answer.text


def test_history_begins_empty_and_takes_no_strangers_id(server: Server) -> None:
    with fresh_user(server) as user, browser_of(server, user) as client:
        assert client.get("/portal/api/history").json() == {"value": [], "total": 0}
        assert client.delete(f"/portal/api/history/{uuid4()}").status_code == 404
        assert client.delete("/portal/api/history/no-id").status_code == 404
        assert client.delete("/portal/api/history").status_code == 204
        assert client.get("/portal/api/history?top=ten").status_code == 400


def test_a_link_leads_whoever_may_go_there(server: Server, owner: httpx.Client, person: httpx.Client) -> None:
    path = f"/t/kelp.local/w/{server.people.neighbour.workspace_id}/logs"
    made = owner.post("/portal/api/shares", json={"path": path, "state": {"query": "Heartbeat"}})
    assert made.status_code == 201
    address = f"/portal/api/shares/{made.json()['id']}"
    told = owner.get(address).json()
    assert (told["path"], told["state"]) == (path, {"query": "Heartbeat"})
    assert told["createdBy"]
    assert person.get(address).status_code == 200
    with browser_of(server, server.people.foreign_person) as stranger:
        assert stranger.get(address).status_code == 404
        assert stranger.get("/portal/api/shares/made-up").status_code == 404
        own = stranger.post("/portal/api/shares", json={"path": "/t/fabrikam.local/usage", "state": {}})
        assert owner.get(f"/portal/api/shares/{own.json()['id']}").status_code == 404
        into = {"path": f"/t/fabrikam.local/w/{server.home.workspace_id}/logs?tab=1", "state": {}}
        crossed = stranger.post("/portal/api/shares", json=into).json()["id"]
        assert owner.get(f"/portal/api/shares/{crossed}").status_code == 200
    for wrong in ("https://evil.example/", "//evil.example", "/\\evil.example", "", "/a b"):
        assert owner.post("/portal/api/shares", json={"path": wrong}).status_code == 400
