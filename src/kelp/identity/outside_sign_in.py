"""Signing in with an outside OpenID Connect provider: the client's side of the code flow, with PKCE, state and nonce.

Cf. OpenID Connect Core 1.0, 3.1; RFC 7636. Addresses are asked only over https and only on hosts that the
operator lists.
"""

from __future__ import annotations

import http.client
import secrets
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from urllib.parse import urlencode

import jwt
import msgspec

from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.identity.addresses import split_url
from kelp.identity.authorization_codes import challenge_of
from kelp.identity.errors import SignInFailed
from kelp.identity.outside_providers import OutsideProvider, OutsideProviders

_LIFETIME = timedelta(minutes=10)
_MAXIMUM_WAITING = 10_000
_MAXIMUM_BYTES = 1_048_576
_TIMEOUT_SECONDS = 10
_CLOCK_TOLERANCE_SECONDS = 120
_ALGORITHMS = ("RS256", "PS256", "ES256")
_CHECKED_BY_US: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "require": ["iss", "sub", "aud", "exp", "iat"],
}

Fetch: TypeAlias = Callable[[str, Mapping[str, str] | None], bytes]
"""Returns the body of a successful GET of an address, or POST of a form to it. Raises `OSError`."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sign-in that is away at a provider. `purpose` is the caller's: what to go on with."""

    provider: OutsideProvider
    purpose: Mapping[str, str]
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    redirect_uri: str
    expires_at: datetime


class _Discovery(msgspec.Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class OutsideSignIn:
    """Sends users to providers and understands what they come back with. Safe for concurrent use; blocks.

    What is under way lies in memory: after a restart those users begin again.
    """

    def __init__(
        self, providers: OutsideProviders, clock: Clock, hosts: Collection[str], fetch: Fetch | None = None
    ) -> None:
        self._providers = providers
        self._clock = clock
        self._hosts = frozenset(host.lower() for host in hosts)
        self._fetch = fetch or fetch_over_https
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, Waiting] = OrderedDict()

    def find_issuer_problem(self, issuer: str) -> str | None:
        """Return why a provider can't be used; None when its discovery document was read."""
        try:
            self._discover(issuer)
        except ServiceError as refusal:
            return refusal.message
        return None

    def begin(
        self, provider: OutsideProvider, purpose: Mapping[str, str], redirect_uri: str
    ) -> tuple[str, str]:
        """Return where to send the browser, and the state to tie to it. Raises `SignInFailed`."""
        found = self._discover(provider.issuer)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        state = self._keep(provider, purpose, nonce, verifier, redirect_uri)
        parameters = {
            "client_id": provider.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        mark = "&" if "?" in found.authorization_endpoint else "?"
        return f"{found.authorization_endpoint}{mark}{urlencode(parameters)}", state

    def keep(self, provider: OutsideProvider, purpose: Mapping[str, str]) -> str:
        """Return a state for a sign-in that came back and waits for something of ours."""
        return self._keep(provider, purpose, secrets.token_urlsafe(32), "", "")

    def complete(self, state: str, code: str) -> tuple[Waiting, Mapping[str, Any]]:
        """Return the sign-in that came back and what the provider says of the user. Raises `SignInFailed`."""
        waiting = self.take(state)
        found = self._discover(waiting.provider.issuer)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": waiting.redirect_uri,
            "client_id": waiting.provider.client_id,
            "client_secret": self._providers.read_secret(waiting.provider),
            "code_verifier": waiting.verifier,
        }
        answer = self._ask(found.token_endpoint, form, "token endpoint")
        keys = self._ask(found.jwks_uri, None, "keys")
        return waiting, self._read_token(waiting, found, str(answer.get("id_token", "")), keys)

    def take(self, state: str) -> Waiting:
        """Return a sign-in that is under way, once. Raises `SignInFailed`."""
        with self._lock:
            waiting = self._waiting.pop(state, None)
        if waiting is None or waiting.expires_at <= self._clock.now():
            raise _refuse("The sign-in took too long, or was not begun here. Begin again.")
        return waiting

    def _keep(
        self,
        provider: OutsideProvider,
        purpose: Mapping[str, str],
        nonce: str,
        verifier: str,
        redirect_uri: str,
    ) -> str:
        state, expires_at = secrets.token_urlsafe(32), self._clock.now() + _LIFETIME
        with self._lock:
            self._waiting[state] = Waiting(provider, purpose, nonce, verifier, redirect_uri, expires_at)
            if len(self._waiting) > _MAXIMUM_WAITING:
                self._waiting.popitem(last=False)
        return state

    def _read_token(
        self, waiting: Waiting, found: _Discovery, token: str, keys: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        provider, now = waiting.provider, self._clock.now().timestamp()
        try:
            header = jwt.get_unverified_header(token)
            known = jwt.PyJWKSet.from_dict(dict(keys)).keys
            matching = [key for key in known if key.key_id == header.get("kid")] or (
                known if len(known) == 1 and "kid" not in header else []
            )
            if not matching:
                raise jwt.InvalidTokenError("the provider publishes no key that signed it")
            claims: dict[str, Any] = jwt.decode(token, matching[0], list(_ALGORITHMS), _CHECKED_BY_US)
            expires_at = float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError, KeyError) as error:
            raise _refuse(f"The id token of '{provider.name}' is not good: {error}.") from error
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        for is_wrong, what in (
            (claims["iss"] != found.issuer, "it is from another issuer"),
            (provider.client_id not in audiences, "it is for another client"),
            (
                len(audiences) > 1 and claims.get("azp") != provider.client_id,
                "it was given to another client",
            ),
            (expires_at + _CLOCK_TOLERANCE_SECONDS <= now, "it expired"),
            (not secrets.compare_digest(str(claims.get("nonce", "")), waiting.nonce), "its nonce is wrong"),
        ):
            if is_wrong:
                raise _refuse(f"The id token of '{provider.name}' is not good: {what}.")
        return claims

    def _discover(self, issuer: str) -> _Discovery:
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        document = self._ask(address, None, "discovery document")
        try:
            found = msgspec.convert(document, _Discovery)
        except msgspec.ValidationError as error:
            raise _refuse(f"The discovery document at {address} is not complete: {error}.") from error
        if found.issuer.rstrip("/") != issuer.rstrip("/"):
            raise _refuse(f"The discovery document at {address} is of another issuer, '{found.issuer}'.")
        for one in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            self._check_address(one)
        return found

    def _ask(self, address: str, form: Mapping[str, str] | None, what: str) -> dict[str, Any]:
        self._check_address(address)
        try:
            document = msgspec.json.decode(self._fetch(address, form))
        except (OSError, http.client.HTTPException, msgspec.DecodeError) as error:
            raise _refuse(f"The {what} at {address} can't be read: {error}.") from error
        if not isinstance(document, dict):
            raise _refuse(f"The {what} at {address} is no JSON object.")
        return document

    def _check_address(self, address: str) -> None:
        parts = split_url(address)
        if parts.scheme != "https" or not parts.hostname:
            raise _refuse(f"'{address}' does not begin with https://.")
        if parts.hostname.lower() not in self._hosts:
            raise _refuse(
                f"The host '{parts.hostname}' is not one that this installation asks: its operator lists such hosts in "
                "the setting 'server.sign_in_hosts'."
            )


def fetch_over_https(address: str, form: Mapping[str, str] | None) -> bytes:
    """Fetch from an address, following no redirect. Raises `OSError` or `HTTPException`."""
    parts = split_url(address)
    connection = http.client.HTTPSConnection(
        parts.hostname or "", parts.port, timeout=_TIMEOUT_SECONDS, context=ssl.create_default_context()
    )
    try:
        target = parts.path or "/"
        target += f"?{parts.query}" if parts.query else ""
        headers = {"Accept": "application/json"}
        if form is None:
            connection.request("GET", target, headers=headers)
        else:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            connection.request("POST", target, urlencode(form).encode(), headers)
        answer = connection.getresponse()
        body = answer.read(_MAXIMUM_BYTES + 1)
    finally:
        connection.close()
    if len(body) > _MAXIMUM_BYTES:
        raise OSError(f"the answer is larger than {_MAXIMUM_BYTES} bytes")
    if answer.status != http.client.OK:
        raise OSError(f"the answer has status {answer.status}")
    return body


def _refuse(message: str) -> SignInFailed:
    return SignInFailed(Category.INVALID, "invalid_request", 50107, message)
