"""Sign-in, sessions and what they open, through HTTP: who gets in, from which page, where, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from tests.portal.browsing import (
    OWN_PAGE,
    browser_of,
    fresh_user,
    guest_of,
    in_tenant,
    second_factor_of,
    sign_in,
)
from tests.servers import MANAGEMENT_SCOPE, Server, User

VERSION = {"api-version": "2023-09-01"}


@pytest.fixture
def person(server: Server) -> Iterator[httpx.Client]:
    """The browser of somebody who may read the installation's own workspace and nothing else."""
    with browser_of(server, server.people.person) as client:
        yield client


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def contract_paths(server: Server) -> dict[str, tuple[str, str]]:
    """A request to each surface that lets browsers in, which the person may send."""
    workspace = server.home.workspace_id
    return {
        "management": ("GET", f"{server.home.resource_id}?api-version=2023-09-01"),
        "query": ("GET", f"/v1/workspaces/{workspace}/query?query=print%201"),
        "metadata": ("GET", f"/v1/workspaces/{workspace}/metadata"),
        "graph": ("GET", "/v1.0/me"),
        "search": ("GET", "/subscriptions?api-version=2022-12-01"),
    }


def test_nobody_is_signed_in(server: Server) -> None:
    with server.client() as client:
        answer = client.get("/portal/api/session")
    assert (answer.status_code, answer.json()) == (200, {"signedIn": False})
    assert answer.headers["cache-control"] == "no-store"


def test_the_session_tells_who_where_and_what(server: Server, person: httpx.Client) -> None:
    with server.client() as client:
        begun = sign_in(client, server.people.person)
        cookie = begun.headers["set-cookie"]
        assert cookie.startswith("__Host-kelp-session=")
        for word in ("HttpOnly", "Secure", "SameSite=Strict", "Path=/"):
            assert word in cookie
        told = client.get("/portal/api/session").json()
    assert begun.json() == told
    assert told["user"] == {
        "objectId": str(server.people.person.object_id),
        "name": "Ann Reader",
        "userName": "ann@kelp.local",
    }
    assert told["tenant"]["id"] == str(server.home.tenant_id)
    assert told["tenants"][0]["kind"] == "home"
    assert told["defaultWorkspace"] == server.home.workspace_id
    assert told["idleSeconds"] == 1800
    assert told["permissions"]["write"] is False
    assert told["permissions"]["settings"] is True


def test_the_owner_may_more_and_the_newcomer_nothing(server: Server) -> None:
    with (
        fresh_user(server) as user,
        browser_of(server) as owner,
        browser_of(server, user) as newcomer,
    ):
        assert set(owner.get("/portal/api/session").json()["permissions"].values()) == {True}
        told = newcomer.get("/portal/api/session").json()
    assert set(told["permissions"].values()) == {False}
    assert told["defaultWorkspace"] is None


def test_a_wrong_password_and_an_unknown_name_are_told_alike(server: Server) -> None:
    known, unknown = server.people.newcomer.user_name, "nobody-at-all@kelp.local"
    with server.client() as client:
        answers = [
            sign_in(client, User(server.user.object_id, name, "not the password"))
            for name in (known, unknown)
        ]
    assert [refusal(answer) for answer in answers] == [(401, "InvalidCredentials")] * 2
    assert len({answer.json()["error"]["message"] for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)


def test_an_account_is_locked_in_the_same_words_whether_it_exists_or_not(server: Server) -> None:
    directory = server.token(scope="https://graph.microsoft.com/.default")
    profile = {"password": "a rather long password", "forceChangePasswordNextSignIn": False}
    document = {
        "accountEnabled": True,
        "displayName": "Locked",
        "userPrincipalName": "to-be-locked@kelp.local",
        "passwordProfile": profile,
    }
    with server.client(directory) as owner:
        made = owner.post("/v1.0/users", json=document).json()
    told = []
    with server.client() as client:
        for name in ("to-be-locked@kelp.local", "never-was@kelp.local"):
            user = User(server.user.object_id, name, "not the password")
            answers = [sign_in(client, user) for _ in range(12)]
            locked = answers[-1]
            assert refusal(locked) == (429, "AccountLocked")
            assert 0 < int(locked.headers["retry-after"]) <= 240
            told.append([answer.json()["error"]["message"] for answer in answers])
        right = User(server.user.object_id, "to-be-locked@kelp.local", "a rather long password")
        assert refusal(sign_in(client, right)) == (429, "AccountLocked")
    assert told[0] == told[1]
    with server.client(directory) as owner:
        owner.delete(f"/v1.0/users/{made['id']}")


@pytest.mark.parametrize("document", [{}, {"userName": 1, "password": []}, {"userName": "", "password": ""}])
def test_what_is_no_sign_in(server: Server, document: dict[str, object]) -> None:
    with server.client() as client:
        answer = client.post("/portal/api/session", json=document, headers=OWN_PAGE)
    assert answer.status_code in (400, 401)


def test_the_second_factor_is_a_second_step(server: Server) -> None:
    with (
        fresh_user(server) as user,
        second_factor_of(server, user) as (_, codes),
        server.client() as client,
    ):
        asked = sign_in(client, user)
        assert asked.json()["secondFactor"] == "totp"
        assert "set-cookie" not in asked.headers
        assert client.get("/portal/api/session").json() == {"signedIn": False}
        ticket = asked.json()["ticket"]

        def give(code: str, ticket: str = ticket) -> httpx.Response:
            document = {"ticket": ticket, "code": code}
            return client.post("/portal/api/session/totp", json=document, headers=OWN_PAGE)

        assert refusal(give(codes[0], "guessed")) == (401, "SignInExpired")
        assert refusal(give("000000")) == (401, "InvalidSecondFactor")
        assert give(codes[0]).json()["user"]["userName"] == user.user_name
        assert client.get("/portal/api/session").json()["signedIn"] is True
        assert refusal(give(codes[1])) == (401, "SignInExpired")


def test_a_ticket_ends_by_time_and_by_wrong_codes(server: Server) -> None:
    with (
        fresh_user(server) as user,
        second_factor_of(server, user) as (_, codes),
        server.client() as client,
    ):
        old, guessed = (sign_in(client, user).json()["ticket"] for _ in range(2))

        def give(ticket: str, code: str) -> httpx.Response:
            document = {"ticket": ticket, "code": code}
            return client.post("/portal/api/session/totp", json=document, headers=OWN_PAGE)

        for _ in range(5):
            assert refusal(give(guessed, "000000")) == (401, "InvalidSecondFactor")
        assert refusal(give(guessed, codes[0])) == (401, "SignInExpired")
        with server.later(timedelta(minutes=6)):
            assert refusal(give(old, codes[0])) == (401, "SignInExpired")


@pytest.mark.parametrize("surface", ["management", "query", "metadata", "graph", "search"])
def test_a_session_opens_the_contracts_routes_for_our_page_only(
    server: Server, person: httpx.Client, surface: str
) -> None:
    method, path = contract_paths(server)[surface]
    assert person.request(method, path).status_code == 200

    def ask(headers: dict[str, str]) -> httpx.Response:
        with server.client() as other:
            other.cookies.update(person.cookies)
            return other.request(method, path, headers=headers)

    assert ask({"X-Kelp-Csrf": "1"}).status_code == 200
    assert ask({}).status_code == 401
    assert ask({"Sec-Fetch-Site": "same-origin"}).status_code == 401
    for site in ("cross-site", "same-site", "none"):
        assert ask({"X-Kelp-Csrf": "1", "Sec-Fetch-Site": site}).status_code == 403
    assert ask({"X-Kelp-Csrf": "1", "Origin": "https://evil.example"}).status_code == 403
    assert ask({"X-Kelp-Csrf": "1", "Authorization": "Bearer e30.e30.e30"}).status_code == 401


def test_ingestion_kusto_and_tokens_take_no_session(server: Server, person: httpx.Client) -> None:
    kusto = {"db": server.home.workspace_id, "csl": "print 1"}
    assert person.post("/v1/rest/query", json=kusto).status_code == 401
    stream = (
        "/dataCollectionRules/dcr-00000000000000000000000000000000/streams/Custom-X?api-version=2023-01-01"
    )
    assert person.post(stream, json=[{}]).status_code == 401
    assert person.post("/api/logs?api-version=2016-04-01", json=[{}]).status_code in (401, 403)
    form = {"grant_type": "client_credentials", "scope": MANAGEMENT_SCOPE}
    assert person.post("/organizations/oauth2/v2.0/token", data=form).status_code in (400, 401)


def test_a_session_reads_no_more_than_its_user(server: Server, person: httpx.Client) -> None:
    for place in (server.people.neighbour, server.people.foreign):
        assert person.get(str(place.resource_id), params=VERSION).status_code in (403, 404)
        answer = person.post(f"/v1/workspaces/{place.workspace_id}/query", json={"query": "Heartbeat"})
        assert answer.status_code in (403, 404)
        assert "secret" not in answer.text


def test_another_sites_page_can_not_act_for_the_user(person: httpx.Client) -> None:
    for site in ("cross-site", "same-site"):
        for method, path in (
            ("DELETE", "/portal/api/session"),
            ("POST", "/portal/api/session/tenant"),
            ("POST", "/portal/api/session"),
            ("GET", "/portal/api/me/sessions"),
        ):
            answer = person.request(method, path, headers={"Sec-Fetch-Site": site}, json={"tenant": "x"})
            assert refusal(answer) == (403, "ForeignOrigin")
    del person.headers["X-Kelp-Csrf"]
    assert refusal(person.delete("/portal/api/session")) == (403, "CsrfHeaderMissing")
    assert person.get("/portal/api/session").json()["signedIn"] is True


def test_an_idle_session_ends_and_one_in_use_lasts(server: Server) -> None:
    with browser_of(server, server.people.person) as client:
        for minutes in (25, 50, 75):
            with server.later(timedelta(minutes=minutes)):
                assert client.get("/portal/api/session").json()["signedIn"] is True
        with server.later(timedelta(minutes=106)):
            assert client.get("/portal/api/session").json() == {"signedIn": False}
            assert refusal(client.get("/v1.0/me")) == (401, "SessionEnded")


def test_what_a_page_asks_by_itself_keeps_no_session_alive(server: Server) -> None:
    with browser_of(server, server.people.person) as client:
        with server.later(timedelta(minutes=25)):
            background = {"X-Kelp-Background": "1"}
            assert client.get("/portal/api/session", headers=background).json()["signedIn"] is True
        with server.later(timedelta(minutes=31)):
            assert client.get("/portal/api/session").json() == {"signedIn": False}


def test_signing_out_ends_the_session_and_clears_the_browser(server: Server) -> None:
    with browser_of(server, server.people.person) as client, server.client() as thief:
        thief.cookies.update(client.cookies)
        answer = client.delete("/portal/api/session")
        assert answer.status_code == 204
        assert '"storage"' in answer.headers["clear-site-data"]
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert client.get("/portal/api/session").json() == {"signedIn": False}
        assert thief.get("/portal/api/session").json() == {"signedIn": False}


def test_own_sessions_are_listed_and_ended(server: Server) -> None:
    user = server.people.person
    with browser_of(server, user) as one, browser_of(server, user) as other:
        listed = one.get("/portal/api/me/sessions").json()["value"]
        current = [found for found in listed if found["current"]]
        assert len(current) == 1
        assert current[0]["address"] == "127.0.0.1"
        theirs = other.get("/portal/api/me/sessions").json()["value"]
        name = next(found["id"] for found in theirs if found["current"])
        assert one.delete(f"/portal/api/me/sessions/{name}").status_code == 204
        assert other.get("/portal/api/session").json() == {"signedIn": False}
        assert one.delete(f"/portal/api/me/sessions/{name}").status_code == 404
        with browser_of(server) as stranger:
            answer = stranger.delete(f"/portal/api/me/sessions/{current[0]['id']}")
            assert answer.status_code == 404
        assert one.get("/portal/api/session").json()["signedIn"] is True


def enter(client: httpx.Client, tenant: object, **more: str) -> httpx.Response:
    return client.post("/portal/api/session/tenant", json={"tenant": str(tenant)}, headers=more)


def test_a_guest_acts_in_two_tenants_side_by_side(server: Server) -> None:
    person, home, own = server.people.foreign_person, server.home, server.people.foreign
    with browser_of(server, person) as client, browser_of(server) as owner:
        link = owner.post("/portal/api/shares", json={"path": "/t/kelp.local/usage", "state": {}}).json()[
            "id"
        ]
        assert client.get(f"/portal/api/shares/{link}").status_code == 404
        assert refusal(enter(client, home.tenant_id)) == (404, "TenantNotFound")
        with guest_of(server, person) as guest_id:
            assert client.get(f"/portal/api/shares/{link}").status_code == 404
            entered = enter(client, "kelp.local").json()
            assert (entered["tenant"]["id"], entered["user"]["objectId"]) == (
                str(home.tenant_id),
                str(guest_id),
            )
            assert [(one["kind"], one["domain"]) for one in entered["tenants"]] == [
                ("home", "fabrikam.local"),
                ("guest", "kelp.local"),
            ]
            assert client.get(f"/portal/api/shares/{link}").status_code == 200
            with browser_of(server, person, tenant=str(home.tenant_id)) as direct:
                assert direct.get("/portal/api/session").json()["tenant"]["id"] == str(home.tenant_id)
            acting = {"": person.object_id, "fabrikam.local": person.object_id, "KELP.local": guest_id}
            acting |= {str(home.tenant_id): guest_id, str(own.tenant_id): person.object_id}
            for _ in range(2):
                for tenant, object_id in acting.items():
                    headers = in_tenant(tenant)
                    told = client.get("/portal/api/session", headers=headers).json()
                    assert told["user"]["objectId"] == str(object_id)
                    assert client.get("/v1.0/me", headers=headers).json()["id"] == str(object_id)
                    linked = client.get("/portal/api/session", params={"inTenant": tenant}).json()
                    assert linked["user"]["objectId"] == str(object_id)
                    reached = 404 if object_id == guest_id else 200
                    shown = client.get(str(own.resource_id), params=VERSION, headers=headers)
                    assert shown.status_code == reached
        # The guest is gone: the rest of the session goes on.
        assert refusal(client.get("/v1.0/me", headers=in_tenant(home.tenant_id))) == (
            401,
            "TenantNotEntered",
        )
        assert client.get("/v1.0/me").json()["id"] == str(person.object_id)


def test_a_request_names_tenants_that_the_session_has_entered(server: Server) -> None:
    """What a guest could enter is refused until they did, for the tenant's log to tell of it."""
    person, home = server.people.foreign_person, server.home
    paths = (
        "/portal/api/session",
        "/portal/api/me",
        "/v1.0/me",
        f"{home.resource_id}?api-version=2023-09-01",
    )
    with guest_of(server, person), browser_of(server, person) as client, browser_of(server, person) as other:
        enter(other, home.tenant_id)
        for tenant in (home.tenant_id, "kelp.local", "no.such.tenant", person.object_id, "' OR 1=1 --", "é"):
            named = {b"X-Kelp-Tenant": str(tenant).encode()}
            for path in paths:
                answer = client.get(path, headers=named)
                assert refusal(answer) == (401, "TenantNotEntered"), (path, tenant)
            answer = client.get("/portal/api/me", params={"inTenant": str(tenant)})
            assert refusal(answer) == (401, "TenantNotEntered")
        assert refusal(enter(client, home.tenant_id, **in_tenant("kelp.local"))) == (401, "TenantNotEntered")
        assert (
            client.post("/portal/api/kql/check", json={}, params={"inTenant": "kelp.local"}).status_code
            == 400
        )
        assert client.get("/portal/api/me").status_code == 200


def test_a_token_is_no_session(server: Server) -> None:
    with server.client(server.token()) as client:
        assert refusal(client.get("/portal/api/me/sessions")) == (401, "SessionEnded")
