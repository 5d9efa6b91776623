"""A browser's side of the portal's routes without a browser: the cookie, and the headers of our own page."""

from __future__ import annotations

import base64
import json
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx

from kelp.identity.second_factor import code_of
from tests.servers import Server, User

OWN_PAGE = {"X-Kelp-Csrf": "1", "Sec-Fetch-Site": "same-origin"}


def sign_in(client: httpx.Client, user: User, **more: Any) -> httpx.Response:
    document = {"userName": user.user_name, "password": user.password, **more}
    return client.post("/portal/api/session", json=document, headers=OWN_PAGE)


@contextmanager
def browser_of(server: Server, user: User | None = None, **more: Any) -> Iterator[httpx.Client]:
    """A client with the session of a user (else of the installation's first), whose requests are our page's."""
    with server.client() as client:
        answer = sign_in(client, user or server.user, **more)
        assert answer.status_code == 200, answer.text
        client.headers.update(OWN_PAGE)
        yield client


def query_hash(query: str, **more: object) -> str:
    """What an address of Logs ends in that opens a query there."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(json.dumps({"query": query, **more}).encode()) + packer.flush()
    return f"#q={base64.urlsafe_b64encode(packed).decode().rstrip('=')}"


def in_tenant(tenant: object) -> dict[str, str]:
    """The header of a page that acts in a tenant."""
    return {"X-Kelp-Tenant": str(tenant)}


@contextmanager
def guest_of(server: Server, person: User) -> Iterator[UUID]:
    """Somebody of another tenant as a guest of the installation's own while the block runs; yields the guest's id."""
    with server.client(server.token(scope="https://graph.microsoft.com/.default")) as owner:
        invitation = {"invitedUserEmailAddress": person.user_name}
        made = owner.post("/v1.0/invitations", json=invitation).json()["invitedUser"]["id"]
        try:
            yield UUID(made)
        finally:
            owner.delete(f"/v1.0/users/{made}")


@contextmanager
def fresh_user(server: Server) -> Iterator[User]:
    """A user of the installation's own tenant, without any role, whom no other test knows."""
    name, password = f"user-{uuid4().hex[:12]}@kelp.local", "a rather long password"
    document = {
        "accountEnabled": True,
        "displayName": "Somebody New",
        "userPrincipalName": name,
        "passwordProfile": {"password": password, "forceChangePasswordNextSignIn": False},
    }
    with server.client(server.token(scope="https://graph.microsoft.com/.default")) as owner:
        made = owner.post("/v1.0/users", json=document)
        assert made.status_code == 201, made.text
        yield User(UUID(made.json()["id"]), name, password)
        owner.delete(f"/v1.0/users/{made.json()['id']}")


@contextmanager
def second_factor_of(server: Server, user: User) -> Iterator[tuple[bytes, list[str]]]:
    """The secret and the recovery codes of a second factor that a user has while the block runs."""
    with browser_of(server, user) as client:
        made = client.post("/portal/api/me/totp", json={"currentPassword": user.password})
        assert made.status_code == 200, made.text
        secret = base64.b32decode(made.json()["secret"])
        step = int(time.time() // 30)
        confirmed = client.post("/portal/api/me/totp/confirm", json={"code": code_of(secret, step)})
        assert confirmed.status_code == 200, confirmed.text
        codes = confirmed.json()["recoveryCodes"]
        try:
            yield secret, codes[1:]
        finally:
            removed = client.post("/portal/api/me/totp/remove", json={"code": codes[0]})
            assert removed.status_code == 204, removed.text
