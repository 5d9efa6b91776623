"""The token endpoint: reads a form, has the credentials checked, and answers with a token.

Cf. RFC 6749 sections 4.3 and 4.4. The v1 endpoint takes a `resource`, the v2 endpoint a `scope`; both take either,
because clients that treat us as ADFS send a scope to v1.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from kelp.base.errors import Category
from kelp.identity.addresses import Addresses
from kelp.identity.audiences import Audience, RequestedScope, find_audience, parse_scope
from kelp.identity.directory import Account
from kelp.identity.errors import SignInFailed
from kelp.identity.sign_in import Attempt, SignIn
from kelp.identity.tokens import TokenService

MAXIMUM_FORM_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What came to the endpoint; `form` holds each parameter once."""

    attempt: Attempt
    version: int
    base_url: str
    form: Mapping[str, str] = field(repr=False)


class TokenEndpoint:
    """Answers token requests. Safe for concurrent use; takes tens of milliseconds of a thread."""

    def __init__(self, sign_in: SignIn, tokens: TokenService, addresses: Addresses) -> None:
        self._sign_in = sign_in
        self._tokens = tokens
        self._addresses = addresses

    def answer(self, request: TokenRequest) -> dict[str, Any]:
        """Return the document of a success. Raises `SignInFailed`."""
        self._sign_in.find_tenant(request.attempt.tenant_name)
        grant_type, client_id = _require(request, "grant_type"), _require(request, "client_id")
        match grant_type:
            case "client_credentials":
                scope, audience = self._find_audience(request)
                if not scope.is_default:
                    raise _bad_scope(request.form.get("scope", ""))
                secret = _require_secret(request)
                account = self._sign_in.sign_in_application(request.attempt, client_id, secret)
            case "password":
                scope, audience = self._find_audience(request)
                user_name, password = _require(request, "username"), _require(request, "password")
                account = self._sign_in.sign_in_user(request.attempt, client_id, user_name, password)
            case _:
                raise SignInFailed(
                    Category.INVALID,
                    "unsupported_grant_type",
                    70003,
                    f"The app requested an unsupported grant type '{grant_type}'.",
                )
        return self._describe(request, account, audience, scope)

    def _find_audience(self, request: TokenRequest) -> tuple[RequestedScope, Audience]:
        text = request.form.get("scope", "")
        scope = parse_scope(text)
        resource = request.form.get("resource", "")
        if resource:
            # Clients of the v1 endpoint may send `openid` beside the resource.
            scope = RequestedScope(resource, is_default=True, wants_id_token="openid" in text.split())
        if scope is None:
            if text:
                raise _bad_scope(text)
            raise _missing("resource" if request.version == 1 else "scope")
        audience = find_audience(scope.resource, self._addresses)
        if audience is None:
            raise SignInFailed(
                Category.INVALID,
                "invalid_resource",
                500011,
                f"The resource principal named {scope.resource} was not found in the tenant named "
                f"{request.attempt.tenant_name}.",
            )
        return scope, audience

    def _describe(
        self, request: TokenRequest, account: Account, audience: Audience, scope: RequestedScope
    ) -> dict[str, Any]:
        client_id = request.form["client_id"]
        issued = self._tokens.issue(
            account, audience, base_url=request.base_url, version=request.version, client_id=client_id
        )
        seconds: int | str = issued.expires_in_seconds
        document: dict[str, Any] = {
            "token_type": "Bearer",
            "expires_in": seconds if request.version == 2 else str(seconds),
            "ext_expires_in": seconds if request.version == 2 else str(seconds),
            "access_token": issued.text,
        }
        if request.version == 1:
            document |= {
                "expires_on": str(issued.expires_at_epoch_seconds),
                "not_before": str(issued.begins_at_epoch_seconds),
                "resource": scope.resource,
            }
        if request.form["grant_type"] == "password":
            document["scope"] = request.form.get("scope", "user_impersonation")
            if scope.wants_id_token:
                document["id_token"] = self._tokens.issue_id_token(
                    account, base_url=request.base_url, version=request.version, client_id=client_id
                )
            document["client_info"] = _client_info(account)
        return document


def parse_form(body: bytes, authorization: str) -> dict[str, str]:
    """Return the parameters of a form; client credentials may come by the Basic scheme instead (RFC 6749, 2.3.1).

    Raises `SignInFailed` when a parameter is repeated or the body is no form.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=64)
    except (ValueError, UnicodeDecodeError) as error:
        raise SignInFailed(
            Category.INVALID, "invalid_request", 9000410, "Malformed form: the body can't be read."
        ) from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise SignInFailed(
            Category.INVALID,
            "invalid_request",
            9000411,
            "The request is not properly formatted: a parameter is repeated.",
        )
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise SignInFailed(
                Category.INVALID, "invalid_request", 9000410, "The Authorization header is malformed."
            ) from error
        form = {"client_id": unquote(name), "client_secret": unquote(secret)} | form
    return form


def _require(request: TokenRequest, name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise _missing(name)
    return value


def _require_secret(request: TokenRequest) -> str:
    secret = request.form.get("client_secret", "")
    if not secret and "client_assertion" in request.form:
        raise SignInFailed(
            Category.UNAUTHENTICATED,
            "invalid_client",
            700027,
            "Client assertions (certificates) are not registered for this application; use a client secret.",
        )
    if not secret:
        raise SignInFailed(
            Category.UNAUTHENTICATED,
            "invalid_client",
            7000216,
            "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
        )
    return secret


def _missing(name: str) -> SignInFailed:
    return SignInFailed(
        Category.INVALID,
        "invalid_request",
        900144,
        f"The request body must contain the following parameter: '{name}'.",
    )


def _bad_scope(scope: str) -> SignInFailed:
    return SignInFailed(
        Category.INVALID,
        "invalid_scope",
        70011,
        f"The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid.",
    )


def _client_info(account: Account) -> str:
    document = msgspec.json.encode({"uid": str(account.object_id), "utid": str(account.tenant_id)})
    return base64.urlsafe_b64encode(document).decode().rstrip("=")
