"""The ways to sign in, driven by the real azure-identity over TLS; a browser is played by an HTTP client."""

from __future__ import annotations

import base64
import re
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import (
    CertificateCredential,
    ClientSecretCredential,
    DeviceCodeCredential,
    InteractiveBrowserCredential,
    UsernamePasswordCredential,
)
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA1 as _SHA1
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from kelp.identity.events import SignInEvent
from kelp.identity.second_factor import code_of
from tests.api.management_service import ManagementService, serve_tls

CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
SCOPE = "https://management.azure.com/.default"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ManagementService]:
    with serve_tls(tmp_path_factory.mktemp("identity")) as service:
        yield service


@pytest.fixture(autouse=True)
def turned_back(service: ManagementService) -> Iterator[None]:
    """Turns the clock back that a test turned: the service is everybody's, and the client has a clock of its own."""
    before = service.clock.moment
    yield
    service.clock.moment = before


@pytest.fixture
def options(service: ManagementService) -> dict[str, Any]:
    return {
        "authority": service.base_url,
        "disable_instance_discovery": True,
        "connection_verify": service.ca_file,
    }


class FromPort443(RequestsTransport):  # type: ignore[misc]
    """The library asks for the realm of a user at the host without its port: take it to where the server listens."""

    def __init__(self, service: ManagementService) -> None:
        super().__init__(connection_verify=service.ca_file)
        self._base_url = service.base_url

    def send(self, request: Any, **options: Any) -> Any:
        request.url = re.sub(r"^https://localhost/", f"{self._base_url}/", request.url)
        return super().send(request, **options)


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    """Closes at the end what a test opens: a connection that stays open keeps the server."""
    with ExitStack() as stack:
        yield stack


def browser(service: ManagementService) -> httpx.Client:
    context = ssl.create_default_context(cafile=service.ca_file)
    return httpx.Client(verify=context, base_url=service.base_url)


def fill_in(page: httpx.Response, client: httpx.Client, **entered: str) -> httpx.Response:
    """Post the form of a page with what a person enters."""
    target = re.search(r'<form method="(post|get)"(?: action="([^"]*)")?', page.text)
    assert target is not None, page.text
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', page.text)
    fields = {unescape(name): unescape(value) for name, value in hidden} | entered
    address = urljoin(str(page.url), unescape(target[2] or ""))
    if target[1] == "get":
        return client.get(address, params=fields)
    return client.post(address, data=fields)


def claims_of(token: str) -> Mapping[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def admin_of(service: ManagementService) -> dict[str, str]:
    return {"username": service.installation.user_name, "password": service.secrets.password}


@cache
def make_certificate(_which: int = 1) -> tuple[bytes, x509.Certificate, rsa.RSAPrivateKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "importer")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM), certificate, key


def test_a_secret(service: ManagementService, opened: ExitStack, options: dict[str, Any]) -> None:
    tenant, client = str(service.installation.tenant_id), str(service.installation.client_id)
    credential = opened.enter_context(
        ClientSecretCredential(tenant, client, service.secrets.client_secret, **options)
    )
    assert claims_of(credential.get_token(SCOPE).token)["idtyp"] == "app"


@pytest.mark.parametrize("sends_chain", [False, True])
def test_a_certificate(
    service: ManagementService, opened: ExitStack, options: dict[str, Any], sends_chain: bool
) -> None:
    identity = service.identity
    assert identity is not None
    account = service.directory.create_application(service.installation.tenant_id, "importer")
    content, certificate, _ = make_certificate()
    credential = opened.enter_context(
        CertificateCredential(
            str(account.tenant_id),
            str(account.application_id),
            certificate_data=content,
            send_certificate_chain=sends_chain,
            **options,
        )
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027"):
        credential.get_token(SCOPE)
    identity.certificates.add(account.object_id, certificate)
    token = credential.get_token(SCOPE).token
    assert claims_of(token)["oid"] == str(account.object_id)
    told = [event for event in service.events if isinstance(event, SignInEvent)][-1]
    assert (told.number, told.credential, told.name) == (0, "clientAssertion", "importer")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_name_and_password(service: ManagementService, opened: ExitStack, options: dict[str, Any]) -> None:
    tenant = str(service.installation.tenant_id)
    credential = opened.enter_context(
        UsernamePasswordCredential(
            CLI, **admin_of(service), tenant_id=tenant, transport=FromPort443(service), **options
        )
    )
    record = credential.authenticate(scopes=[SCOPE])
    assert record.username == service.installation.user_name
    first = claims_of(credential.get_token(SCOPE).token)
    # Another audience comes by the refresh token, without the password.
    second = claims_of(credential.get_token("https://api.loganalytics.io/.default").token)
    assert (first["oid"], second["aud"]) == (second["oid"], "https://api.loganalytics.io")
    told = [event.protocol for event in service.events if isinstance(event, SignInEvent)]
    assert told[-1] == "refreshToken"


def test_a_device_code(service: ManagementService, opened: ExitStack, options: dict[str, Any]) -> None:
    def sign_in_elsewhere(address: str, user_code: str, _expires_on: datetime) -> None:
        with browser(service) as client:
            asked = client.get(address)
            assert "Code that the device shows" in asked.text
            assert fill_in(asked, client, code="WRONGCODE").status_code == 404
            shown = fill_in(asked, client, code=user_code.lower())
            assert user_code in shown.text
            assert fill_in(shown, client, username="nobody@kelp.local", password="x").status_code == 401
            assert "The device is signed in" in fill_in(shown, client, **admin_of(service)).text

    credential = opened.enter_context(
        DeviceCodeCredential(
            CLI, tenant_id=str(service.installation.tenant_id), prompt_callback=sign_in_elsewhere, **options
        )
    )
    claims = claims_of(credential.get_token(SCOPE).token)
    assert claims["name"] == "Administrator"
    assert claims_of(credential.get_token("https://monitor.azure.com/.default").token)["oid"] == claims["oid"]


def test_a_device_that_is_sent_away(
    service: ManagementService, opened: ExitStack, options: dict[str, Any]
) -> None:
    def decline(address: str, user_code: str, _expires_on: datetime) -> None:
        with browser(service) as client:
            shown = client.get(f"{address}?code={user_code}")
            assert "was not signed in" in fill_in(shown, client, decline="yes").text

    credential = opened.enter_context(
        DeviceCodeCredential(CLI, tenant_id="common", prompt_callback=decline, **options)
    )
    with pytest.raises(ClientAuthenticationError, match="declined"):
        credential.get_token(SCOPE)


def play_browser(monkeypatch: pytest.MonkeyPatch, visit: Callable[[str], None]) -> list[threading.Thread]:
    """Have the credential's browser be a function that is given the address."""
    threads: list[threading.Thread] = []

    def open_browser(address: str) -> bool:
        threads.append(threading.Thread(target=visit, args=(address,)))
        threads[-1].start()
        return True

    monkeypatch.setattr("azure.identity._credentials.browser._open_browser", open_browser)
    return threads


def test_a_browser(
    service: ManagementService, opened: ExitStack, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def visit(address: str) -> None:
        with browser(service) as client:
            page = client.get(address)
            assert "form-action 'self' http://localhost" in page.headers["content-security-policy"]
            wrong = fill_in(page, client, username="admin@kelp.local", password="wrong")
            assert (wrong.status_code, "AADSTS50126" in wrong.text) == (401, True)
            answer = fill_in(wrong, client, **admin_of(service))
            if answer.status_code == 303:
                client.get(answer.headers["location"])
            else:
                fill_in(answer, client)

    threads = play_browser(monkeypatch, visit)
    credential = opened.enter_context(
        InteractiveBrowserCredential(tenant_id=str(service.installation.tenant_id), client_id=CLI, **options)
    )
    claims = claims_of(credential.get_token(SCOPE).token)
    for thread in threads:
        thread.join()
    assert claims["name"] == "Administrator"
    assert claims_of(credential.get_token("https://monitor.azure.com/.default").token)["oid"] == claims["oid"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_second_factor(service: ManagementService, opened: ExitStack, options: dict[str, Any]) -> None:
    identity = service.identity
    assert identity is not None
    user = service.directory.create_user(
        service.installation.tenant_id, "twice@kelp.local", "Twice", "a long password"
    )
    secret = base64.b32decode(identity.second_factors.enrol(user).secret)

    def code() -> str:
        return code_of(secret, int(service.clock.now().timestamp() // 30))

    recovery = identity.second_factors.confirm(user.object_id, code())
    assert recovery is not None
    named = {"username": "twice@kelp.local", "password": "a long password"}
    by_password = opened.enter_context(
        UsernamePasswordCredential(
            CLI, **named, tenant_id="common", transport=FromPort443(service), **options
        )
    )
    with pytest.raises(ClientAuthenticationError, match="AADSTS50076"):
        by_password.get_token(SCOPE)

    def sign_in_elsewhere(address: str, user_code: str, _expires_on: datetime) -> None:
        with browser(service) as client:
            shown = client.get(f"{address}?code={user_code}")
            assert "AADSTS50074" in fill_in(shown, client, **named).text
            # The step that confirmed the enrolment does not open a second time.
            assert "AADSTS500121" in fill_in(shown, client, **named, second_factor=code()).text
            service.clock.turn(seconds=30)
            assert "The device is signed in" in fill_in(shown, client, **named, second_factor=code()).text

    credential = opened.enter_context(
        DeviceCodeCredential(CLI, tenant_id="common", prompt_callback=sign_in_elsewhere, **options)
    )
    assert claims_of(credential.get_token(SCOPE).token)["oid"] == str(user.object_id)


def test_an_invitation_is_accepted_on_a_page(service: ManagementService) -> None:
    fabrikam = service.directory.create_tenant("Fabrikam", "fabrikam.local")
    service.directory.create_user(fabrikam.id, "bob@fabrikam.local", "Bob", "a long password")
    kelp = service.directory.find_tenant("kelp.local")
    assert kelp is not None
    invitation = service.directory.guests.invite(kelp, "bob@private.example", "Bob", "https://kelp.example/")
    with browser(service) as client:
        page = client.get("/redeem", params={"token": invitation.token})
        assert "Kelp invites bob@private.example" in page.text
        assert fill_in(page, client, username="bob@fabrikam.local", password="x").status_code == 401
        done = fill_in(page, client, username="bob@fabrikam.local", password="a long password")
        assert (
            "You are a guest of Kelp now" if "You are a guest of Kelp now" in done.text else done.text,
            'href="https://kelp.example/"' if 'href="https://kelp.example/"' in done.text else "",
        ) == ("You are a guest of Kelp now", 'href="https://kelp.example/"')
        assert client.get("/redeem", params={"token": invitation.token}).status_code == 404
        foreign = client.post("/redeem", data={"token": "x"}, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403


def test_a_code_goes_only_where_the_application_is_at_home(service: ManagementService) -> None:
    identity = service.identity
    assert identity is not None
    account = service.directory.create_application(service.installation.tenant_id, "site")
    identity.redirect_uris.replace(account.object_id, "web", ["https://site.example/back"])
    asked = {
        "client_id": str(account.application_id),
        "response_type": "code",
        "redirect_uri": "https://site.example/back",
        "scope": "openid",
        "state": "s<1>",
    }
    path = f"/{service.installation.tenant_id}/oauth2/v2.0/authorize"
    with browser(service) as client:
        elsewhere = client.get(path, params=asked | {"redirect_uri": "https://evil.example/back"})
        assert (elsewhere.status_code, "AADSTS50011" in elsewhere.text) == (400, True)
        assert "location" not in elsewhere.headers
        for change, error in (
            ({"response_type": "token"}, "unsupported_response_type"),
            ({"prompt": "none"}, "login_required"),
            ({"code_challenge": "x", "code_challenge_method": "plain"}, "invalid_request"),
        ):
            answer = client.get(path, params=asked | change)
            given = parse_qs(urlsplit(answer.headers["location"]).query)
            assert (given["error"], given["state"]) == ([error], ["s<1>"])
        public = {"client_id": CLI, "redirect_uri": "http://localhost:1234"}
        told = client.get(path, params=asked | public).headers["location"]
        assert "PKCE" in told
        page = client.get(path, params=asked)
        answer = fill_in(page, client, **admin_of(service))
        code = parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]
        form = {
            "grant_type": "authorization_code",
            "client_id": asked["client_id"],
            "code": code,
            "redirect_uri": asked["redirect_uri"],
            "client_secret": service.directory.add_secret(account.object_id),
        }
        token_path = service.token_path
        without = {key: value for key, value in form.items() if key != "client_secret"}
        assert client.post(token_path, data=without).json()["error_codes"] == [7000218]
        first = client.post(token_path, data=form).json()
        assert claims_of(first["id_token"])["email"] == "admin@kelp.local"
        assert claims_of(first["access_token"])["aud"] == asked["client_id"]
        assert "refresh_token" not in first
        again = client.post(token_path, data=form).json()
        assert (again["error"], again["error_codes"]) == ("invalid_grant", [54005])


def test_a_stolen_refresh_token_ends_the_sign_in(service: ManagementService) -> None:
    form = {
        "grant_type": "password",
        "client_id": CLI,
        **admin_of(service),
        "scope": f"{SCOPE} openid offline_access",
    }
    with browser(service) as client:

        def renew(token: str, **change: str) -> dict[str, Any]:
            sent = {
                "grant_type": "refresh_token",
                "client_id": CLI,
                "refresh_token": token,
                "scope": form["scope"],
            }
            return dict(client.post("/common/oauth2/v2.0/token", data=sent | change).json())

        first = client.post("/common/oauth2/v2.0/token", data=form).json()["refresh_token"]
        assert renew(first, client_id="1950a258-227b-4e31-a9cf-717495945fc2")["error_codes"] == [700082]
        # A tenant that does not know the user refuses, and the token is still good.
        if service.directory.find_tenant("third.local") is None:
            service.directory.create_tenant("Third", "third.local")
        sent = {"grant_type": "refresh_token", "client_id": CLI, "refresh_token": first, "scope": SCOPE}
        assert client.post("/third.local/oauth2/v2.0/token", data=sent).json()["error_codes"] == [50020]
        second = renew(first)["refresh_token"]
        third = renew(second)["refresh_token"]
        assert renew(first)["error_codes"] == [50173]
        assert renew(third)["error"] == "invalid_grant"


def test_a_device_asks_patiently(service: ManagementService) -> None:
    with browser(service) as client:
        begun = client.post("/common/oauth2/v2.0/devicecode", data={"client_id": CLI, "scope": SCOPE}).json()
        assert (begun["expires_in"], begun["interval"]) == (900, 5)
        form = {
            "grant_type": "urn:ietf:params:oauth:grant-type:device_code",
            "client_id": CLI,
            "device_code": begun["device_code"],
        }

        def poll() -> str:
            return str(client.post("/common/oauth2/v2.0/token", data=form).json()["error"])

        assert poll() == "authorization_pending"
        assert poll() == "slow_down"
        service.clock.turn(seconds=5)
        assert poll() == "authorization_pending"
        service.clock.turn(minutes=15)
        assert poll() == "expired_token"
        refused = client.post(
            "/common/oauth2/v2.0/devicecode", data={"client_id": str(service.installation.tenant_id)}
        )
        assert refused.json()["error_codes"] == [700016]


@pytest.mark.parametrize(
    "change, number",
    [
        ({}, 0),
        ({"aud": "https://elsewhere.example/t/oauth2/v2.0/token"}, 700023),
        ({"iss": "someone"}, 700021),
        ({"exp": -60 * 60}, 700024),
        ({"exp": 60 * 60 * 48}, 700024),
        ({"jti": None}, 50027),
        ({"alg": "none"}, 50027),
        ({"alg": "PS256", "x5t#S256": True}, 0),
        ({"forged": True}, 700027),
    ],
)
def test_assertions_are_checked(service: ManagementService, change: dict[str, Any], number: int) -> None:
    identity = service.identity
    assert identity is not None
    account = service.directory.create_application(service.installation.tenant_id, "asserting")
    _, certificate, key = make_certificate()
    identity.certificates.add(account.object_id, certificate)
    client_id, now = str(account.application_id), service.clock.now().timestamp()
    claims = {
        "aud": f"{service.base_url}{service.token_path}",
        "iss": client_id,
        "sub": client_id,
        "jti": client_id,
        "exp": now + change.get("exp", 600),
    }
    claims |= {name: value for name, value in change.items() if name in ("aud", "iss")}
    if "jti" in change:
        del claims["jti"]
    names_sha256 = change.get("x5t#S256")
    thumbprint = certificate.fingerprint(SHA256()) if names_sha256 else certificate.fingerprint(_SHA1())
    header = {"x5t#S256" if names_sha256 else "x5t": jwt.utils.base64url_encode(thumbprint).decode()}
    algorithm = change.get("alg", "RS256")
    signer = make_certificate(2)[2] if change.get("forged") else key
    assertion = jwt.encode(claims, "" if algorithm == "none" else signer, algorithm, header)
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_assertion": assertion,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "scope": SCOPE,
    }
    with browser(service) as client:
        answer = client.post(service.token_path, data=form)
        if number:
            assert (answer.status_code, answer.json()["error_codes"]) == (401, [number])
            return
        assert answer.status_code == 200
        replayed = client.post(service.token_path, data=form).json()
        assert (replayed["error_codes"], "used before" in replayed["error_description"]) == ([700024], True)
