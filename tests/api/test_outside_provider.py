"""Signing in with another Kelp as the provider: two servers, a browser between them. And what is logged of it."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from kelp.identity.authorization_codes import challenge_of
from tests.api.test_identity_sdk import CLI, claims_of, fill_in
from tests.servers import Server, start_server
from tests.waiting import wait_for

GRAPH = "https://graph.microsoft.com/.default"


@dataclass
class Pair:
    """The server that people sign in to, and the one that knows them."""

    here: Server
    there: Server
    provider: dict[str, Any]

    def browser(self) -> httpx.Client:
        context = ssl.create_default_context(cafile=self.here.ca_file)
        context.load_verify_locations(self.there.ca_file)
        return httpx.Client(verify=context, base_url=self.here.endpoint, timeout=60)


def ask(server: Server, method: str, path: str, document: Any = None) -> httpx.Response:
    with server.client(server.token(scope=GRAPH)) as client:
        return client.request(method, f"/v1.0{path}", json=document)


def make(server: Server, path: str, document: Any) -> dict[str, Any]:
    answer = ask(server, "POST", path, document)
    assert answer.is_success, answer.text
    return dict(answer.json())


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with start_server(tmp_path_factory.mktemp("there")) as there, pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, "SSL_CERT_FILE", there.ca_file)
        settings = {"server": {"sign_in_hosts": "localhost"}}
        with start_server(tmp_path_factory.mktemp("here"), settings=settings) as here:
            patch.delitem(os.environ, "SSL_CERT_FILE")
            tenant = f"/organization/{here.home.tenant_id}"
            chosen = ask(here, "PATCH", tenant, {"logWorkspace": str(here.home.resource_id)})
            assert chosen.status_code == 204, chosen.text
            redirect = {"web": {"redirectUris": [f"{here.endpoint}/outside/callback"]}}
            client = make(there, "/applications", {"displayName": "The other Kelp", **redirect})
            secret = make(there, f"/applications/{client['id']}/addPassword", {})["secretText"]
            provider = make(
                here,
                "/identity/identityProviders",
                {
                    "displayName": "There",
                    "issuer": f"{there.endpoint}/{there.home.tenant_id}/v2.0",
                    "clientId": client["appId"],
                    "clientSecret": secret,
                },
            )
            yield Pair(here, there, provider)


def enter_there(pair: Pair, browser: httpx.Client, address: str) -> httpx.Response:
    """Go to the provider, sign in there, and come back with what it gives."""
    away = browser.get(address)
    assert away.status_code == 303, away.text
    page = browser.get(away.headers["location"])
    assert "The other Kelp" in page.text
    done = fill_in(page, browser, username=pair.there.user.user_name, password=pair.there.user.password)
    assert done.status_code == 303, done.text
    return done


def test_a_user_of_the_provider_opens_the_portal(pair: Pair) -> None:
    with pair.browser() as browser:
        back = enter_there(pair, browser, pair.provider["signInUrl"]).headers["location"]
        assert back.startswith(pair.provider["redirectUri"])
        entered = browser.get(back)
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert browser.get("/portal/api/session").json()["user"]["userName"] == "admin@kelp.local"
        again = browser.get(back)
        assert (again.status_code, "Begin again" in again.text) == (400, True)


def test_an_application_gets_its_code_by_way_of_the_provider(pair: Pair) -> None:
    verifier = "v" * 50
    asked = {
        "client_id": CLI,
        "response_type": "code",
        "redirect_uri": "http://localhost:1234/",
        "scope": "https://management.azure.com/.default openid offline_access",
        "state": "mine",
        "code_challenge": challenge_of(verifier),
        "code_challenge_method": "S256",
    }
    tenant = pair.here.home.tenant_id
    with pair.browser() as browser:
        page = browser.get(f"/{tenant}/oauth2/v2.0/authorize", params=asked)
        assert "Sign in with There" in page.text
        link = page.text.partition('<a href="')[2].partition('"')[0].replace("&amp;", "&")
        back = enter_there(pair, browser, f"{pair.here.endpoint}{link}").headers["location"]
        given = parse_qs(urlsplit(browser.get(back).headers["location"]).query)
        assert given["state"] == ["mine"]
        form = {
            "grant_type": "authorization_code",
            "client_id": CLI,
            "code": given["code"][0],
            "redirect_uri": asked["redirect_uri"],
            "code_verifier": verifier,
        }
        wrong = browser.post(f"/{tenant}/oauth2/v2.0/token", data=form | {"code_verifier": "w" * 50}).json()
        assert wrong["error_codes"] == [501481]
        # A code that failed once is used up.
        assert browser.post(f"/{tenant}/oauth2/v2.0/token", data=form).json()["error_codes"] == [54005]
        back = enter_there(pair, browser, f"{pair.here.endpoint}{link}").headers["location"]
        given = parse_qs(urlsplit(browser.get(back).headers["location"]).query)
        token = browser.post(f"/{tenant}/oauth2/v2.0/token", data=form | {"code": given["code"][0]}).json()
        assert claims_of(token["access_token"])["oid"] == str(pair.here.user.object_id)
        assert token["refresh_token"]


def test_another_browser_can_not_bring_the_answer(pair: Pair) -> None:
    with pair.browser() as one, pair.browser() as other:
        back = enter_there(pair, one, pair.provider["signInUrl"]).headers["location"]
        stolen = other.get(back)
        assert (stolen.status_code, "another browser" in stolen.text) == (400, True)
        assert "set-cookie" not in stolen.headers
        assert one.get(back).status_code == 303


def test_who_is_not_known_here_is_told_so(pair: Pair) -> None:
    made = {
        "userPrincipalName": "new@kelp.local",
        "displayName": "New",
        "passwordProfile": {"password": "quite a long secret"},
    }
    make(pair.there, "/users", made)
    with pair.browser() as browser:
        away = browser.get(pair.provider["signInUrl"])
        page = browser.get(away.headers["location"])
        done = fill_in(page, browser, username="new@kelp.local", password="quite a long secret")
        refused = browser.get(done.headers["location"])
        assert (refused.status_code, "is no user of this tenant" in refused.text) == (400, True)
        page = browser.get(browser.get(pair.provider["signInUrl"]).headers["location"])
        cancelled = fill_in(page, browser, cancel="yes")
        refused = browser.get(cancelled.headers["location"])
        assert (refused.status_code, "did not sign anybody in" in refused.text) == (400, True)


@pytest.mark.parametrize(
    "issuer, reason",
    [
        ("https://elsewhere.example/v2.0", "server.sign_in_hosts"),
        ("http://localhost/v2.0", "https://"),
        ("https://localhost:1/v2.0", "can't be read"),
    ],
)
def test_a_provider_must_be_there(pair: Pair, issuer: str, reason: str) -> None:
    document = {"displayName": "X", "issuer": issuer, "clientId": "x", "clientSecret": "x"}
    answer = ask(pair.here, "POST", "/identity/identityProviders", document)
    assert (answer.status_code, reason in answer.json()["error"]["message"]) == (400, True)


def test_sign_ins_and_changes_become_rows(pair: Pair) -> None:
    server = pair.here
    with server.client() as client:
        form = {
            "grant_type": "password",
            "client_id": CLI,
            "username": server.user.user_name,
            "password": "wrong",
            "scope": GRAPH,
        }
        assert client.post("/kelp.local/oauth2/v2.0/token", data=form).status_code == 400
        assert client.post(
            "/kelp.local/oauth2/v2.0/token", data=form | {"password": server.user.password}
        ).is_success

    def rows(query: str) -> list[Any]:
        return list(server.query(query)["tables"][0]["rows"])

    refused = "SigninLogs | where ResultType == '50126' and UserPrincipalName == 'admin@kelp.local' | project AppDisplayName, IPAddress, tostring(Status.errorCode), AADTenantId, UserType | take 1"
    assert wait_for(lambda: rows(refused)) == [
        ["Microsoft Azure CLI", "127.0.0.1", "50126", str(server.home.tenant_id), "Member"]
    ]
    entered = "SigninLogs | where ResultType == '0' and AuthenticationProtocol == 'ropc' | project UserId, Category | take 1"
    assert wait_for(lambda: rows(entered)) == [[str(server.user.object_id), "NonInteractiveUserSignInLogs"]]
    added = "AuditLogs | where OperationName == 'Add identity provider' | project tostring(InitiatedBy.app.displayName), tostring(TargetResources[0].displayName), Result | take 1"
    assert wait_for(lambda: rows(added)) == [["kelp-owner", "There", "success"]]
