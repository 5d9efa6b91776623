"""The portal's routes without a browser: who may call them, from where, and with what."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator

import httpx
import pytest

from kelp.identity.second_factor import code_of
from kelp.identity.sessions import IDLE_PERIOD
from tests.servers import Server, User

FOREIGN = {"Origin": "https://evil.example"}


def sign_in(client: httpx.Client, user: User) -> httpx.Response:
    return client.post("/portal/session", json={"userName": user.user_name, "password": user.password})


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """Signed in, with the cookie."""
    with server.client() as client:
        assert sign_in(client, server.people.person).status_code == 200
        yield client


def test_a_session_is_told_with_its_idle_period(server: Server) -> None:
    with server.client() as client:
        nobody = client.get("/portal/session").json()
        assert nobody == {"name": None, "idleSeconds": IDLE_PERIOD.total_seconds()}
        begun = sign_in(client, server.people.person)
        assert begun.json() == client.get("/portal/session").json()
        assert begun.json()["name"] == server.people.person.user_name
        cookie = begun.headers["set-cookie"]
        assert all(word in cookie for word in ("__Host-", "HttpOnly", "Secure", "SameSite", "Path=/"))
        assert "no-store" in begun.headers["cache-control"]


def test_each_sign_in_has_a_session_of_its_own(server: Server) -> None:
    with server.client() as one, server.client() as other:
        sign_in(one, server.people.person)
        sign_in(other, server.people.person)
        assert one.delete("/portal/session").status_code == 204
        assert other.get("/portal/session").json()["name"] is not None


@pytest.mark.parametrize(
    "method, path", [("POST", "/portal/session"), ("DELETE", "/portal/session"), ("POST", "/portal/query")]
)
def test_another_sites_page_can_not_act_for_the_user(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, path, json={}, headers=FOREIGN)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "ForeignOrigin")
    null = client.request(method, path, json={}, headers={"Origin": "null"})
    assert null.status_code == 403
    assert client.get("/portal/session").json()["name"] is not None


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_form_can_not_act_for_the_user(client: httpx.Client, server: Server, kind: str) -> None:
    content = f'{{"workspace": "{server.home.workspace_id}", "query": "print 1"}}'
    answer = client.post("/portal/query", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 415


def test_our_own_page_may(client: httpx.Client, server: Server) -> None:
    body = {"workspace": server.home.workspace_id, "query": "print 1", "timespan": "PT1H"}
    answer = client.post("/portal/query", json=body, headers={"Origin": server.endpoint})
    assert answer.json()["tables"][0]["rows"] == [[1]]
    assert {"statistics", "tables"} == answer.json().keys()
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/portal/workspaces", "/portal/tables", "/portal/query"])
@pytest.mark.parametrize("cookie", ["", "__Host-kelp-session=", "__Host-kelp-session=guess", "a=b; c"])
def test_without_a_session(server: Server, path: str, cookie: str) -> None:
    with server.client() as client:
        headers = {"Cookie": cookie} if cookie else {}
        answer = client.request(
            "POST" if path.endswith("query") else "GET",
            path,
            headers=headers | {"Content-Type": "application/json"},
        )
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "SessionEnded")


def test_a_token_is_no_session(server: Server) -> None:
    with server.client(server.token()) as client:
        assert client.get("/portal/workspaces").status_code == 401


def test_a_session_is_no_token(client: httpx.Client, server: Server) -> None:
    path = f"/v1/workspaces/{server.home.workspace_id}/query"
    assert client.post(path, json={"query": "print 1"}).status_code == 401


def test_the_tables_of_a_workspace(client: httpx.Client, server: Server) -> None:
    tables = client.get("/portal/tables", params={"workspace": server.home.workspace_id}).json()["tables"]
    names = [table["name"] for table in tables]
    assert {"Heartbeat", "Types_CL"} <= set(names)
    assert "SecurityEvent" not in names
    assert {"name": "Decimal", "type": "decimal"} in tables[names.index("Types_CL")]["columns"]
    for other in (server.people.neighbour, server.people.foreign):
        answer = client.get("/portal/tables", params={"workspace": other.workspace_id})
        assert answer.status_code == 403
    assert client.get("/portal/tables").status_code == 404


def test_the_page_shows_no_more_than_it_can(client: httpx.Client, server: Server) -> None:
    body = {"workspace": server.home.workspace_id, "query": "range x from 1 to 10001 step 1"}
    answer = client.post("/portal/query", json=body).json()
    assert len(answer["tables"][0]["rows"]) == 10_000
    assert answer["error"]["code"] == "PartialError"


@pytest.mark.parametrize("path", ["/", "/portal/portal.js", "/portal/portal.css", "/portal/icon.svg"])
def test_files_have_their_headers(server: Server, path: str) -> None:
    with server.client() as client:
        answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "path", ["/portal/", "/portal/routes.py", "/portal/../routes.py", "/portal/%2e%2e/routes.py"]
)
def test_nothing_else_is_served(server: Server, path: str) -> None:
    with server.client() as client:
        assert client.get(path).status_code == 404


def test_a_second_factor_is_asked_for(server: Server) -> None:
    user = server.people.newcomer
    form = {
        "grant_type": "password",
        "client_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
        "username": user.user_name,
        "password": user.password,
        "scope": "https://graph.microsoft.com/.default",
    }
    path = "/v1.0/me/authentication/secondFactor"
    with server.client() as client:
        token = client.post("/common/oauth2/v2.0/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        wrong = client.post(path, json={"currentPassword": "wrong"}, headers=headers)
        assert (wrong.status_code, "AADSTS50126" in wrong.text) == (400, True)
        secret = client.post(path, json={"currentPassword": user.password}, headers=headers).json()["secret"]
        code = code_of(base64.b32decode(secret), int(time.time() // 30))
        codes = client.post(f"{path}/confirm", json={"code": code}, headers=headers).json()["recoveryCodes"]
        try:
            asked = sign_in(client, user)
            assert (asked.status_code, asked.json()["error"]["code"]) == (401, "second_factor_needed")
            assert "set-cookie" not in asked.headers
            document = {"userName": user.user_name, "password": user.password, "code": codes[0]}
            assert client.post("/portal/session", json=document).json()["name"] == user.user_name
            assert client.post("/portal/session", json=document).status_code == 401
        finally:
            removed = client.post(f"{path}/remove", json={"code": codes[1]}, headers=headers)
        assert removed.status_code == 204
        assert sign_in(client, user).status_code == 200


def test_a_guest_names_the_tenant(server: Server) -> None:
    person, home = server.people.foreign_person, str(server.home.tenant_id)
    document = {"userName": person.user_name, "password": person.password, "tenant": home}
    token = server.token(scope="https://graph.microsoft.com/.default")
    with server.client() as client, server.client(token) as owner:
        assert "AADSTS50020" in client.post("/portal/session", json=document).json()["error"]["message"]
        made = owner.post("/v1.0/invitations", json={"invitedUserEmailAddress": person.user_name})
        assert made.status_code == 201, made.text
        assert client.post("/portal/session", json=document).json()["name"] == person.user_name
        assert client.get("/portal/workspaces").json()["value"] == []
        owner.delete(f"/v1.0/users/{made.json()['invitedUser']['id']}")
        assert client.get("/portal/session").json()["name"] is None
