"""The token endpoint: reads a form, has the credentials checked, and answers with tokens.

Cf. RFC 6749 sections 4.1.3, 4.3, 4.4 and 6, RFC 7523, RFC 8628. The v1 endpoint takes a `resource`, the v2 endpoint a
`scope`; both take either, because clients that treat us as ADFS send a scope to v1.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec

from kelp.api.identity.form import missing_parameter
from kelp.api.identity.sign_in_log import SignInLog
from kelp.base.errors import Category
from kelp.identity.audiences import Audience, RequestedScope, find_audience, has_scope, parse_scope
from kelp.identity.client_secrets import read_client_secrets
from kelp.identity.errors import SignInFailed
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices

DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What came to the endpoint; `form` holds each parameter once."""

    attempt: Attempt
    version: int
    base_url: str
    form: Mapping[str, str] = field(repr=False)
    correlation_id: str = ""
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class _Entered:
    """Who was let in. `home` is who signed in, `account` who they are in the tenant; both are one but for guests.

    `family` is that of refresh tokens to begin, `refresh_token` the next one of those there are.
    """

    account: Account
    home: Account
    scope: str
    nonce: str = ""
    family: UUID | None = None
    refresh_token: str | None = field(default=None, repr=False)


class TokenEndpoint:
    """Answers token requests. Safe for concurrent use; takes tens of milliseconds of a thread."""

    def __init__(self, identity: IdentityServices) -> None:
        self._identity = identity
        self._sign_in = identity.sign_in
        self._log = SignInLog(identity)

    def answer(self, request: TokenRequest) -> dict[str, Any]:
        """Return the document of a success. Raises `SignInFailed`."""
        try:
            self._sign_in.find_tenant(request.attempt.tenant_name)
            grant_type, _ = _require(request, "grant_type"), _require(request, "client_id")
            match grant_type:
                case "client_credentials":
                    entered = self._enter_as_application(request)
                case "password":
                    entered = self._enter_with_password(request)
                case "refresh_token":
                    entered = self._enter_again(request)
                case "authorization_code":
                    entered = self._enter_with_code(request)
                case _ if grant_type == DEVICE_CODE_GRANT:
                    entered = self._enter_with_device(request)
                case _:
                    raise SignInFailed(
                        Category.INVALID,
                        "unsupported_grant_type",
                        70003,
                        f"The app requested an unsupported grant type '{grant_type}'.",
                    )
            document = self._describe(request, entered)
        except SignInFailed as failure:
            self._log.refused(request, failure)
            raise
        self._log.entered(request, entered.account, entered.home)
        return document

    def _enter_as_application(self, request: TokenRequest) -> _Entered:
        scope, _ = self._find_audience(request, request.form.get("scope", ""))
        if scope is None or not scope.is_default:
            raise _bad_scope(request.form.get("scope", ""))
        account = self._authenticate_client(request)
        return _Entered(account, account, request.form.get("scope", ""))

    def _enter_with_password(self, request: TokenRequest) -> _Entered:
        scope = request.form.get("scope", "")
        self._find_audience(request, scope)
        user_name, password = _require(request, "username"), _require(request, "password")
        client_id = request.form["client_id"]
        account = self._sign_in.sign_in_user(request.attempt, client_id, user_name, password)
        return _Entered(account, self._home_of(account), scope, family=uuid4())

    def _enter_again(self, request: TokenRequest) -> _Entered:
        scope, token = request.form.get("scope", ""), _require(request, "refresh_token")
        self._find_audience(request, scope)
        attempt = self._require_client(request)
        refresh_tokens, client_id = self._identity.refresh_tokens, request.form["client_id"]
        owner = refresh_tokens.find_owner(token, client_id)
        if owner is not None:
            # A refusal must not use the token up: its holder, who has no other, may try another tenant.
            self._sign_in.enter(attempt, self._get_live(owner))
        renewal = refresh_tokens.renew(token, client_id)
        home = self._get_live(renewal.object_id)
        account = self._sign_in.enter(attempt, home)
        return _Entered(account, home, scope, refresh_token=renewal.token)

    def _enter_with_code(self, request: TokenRequest) -> _Entered:
        code, redirect_uri = _require(request, "code"), _require(request, "redirect_uri")
        attempt = self._require_client(request)
        redeemed = self._identity.authorization_codes.redeem(
            code, request.form["client_id"], redirect_uri, request.form.get("code_verifier", "")
        )
        home = self._get_live(redeemed.object_id)
        account = self._sign_in.enter(attempt, home)
        scope = request.form.get("scope") or redeemed.scope
        if not has_scope(redeemed.scope, "offline_access"):
            return _Entered(account, home, _without_offline(scope), redeemed.nonce)
        return _Entered(account, home, scope, redeemed.nonce, redeemed.family)

    def _enter_with_device(self, request: TokenRequest) -> _Entered:
        code = request.form.get("device_code") or _require(request, "code")
        self._require_client(request)
        approved = self._identity.device_codes.redeem(code, request.form["client_id"])
        home = self._get_live(approved.object_id)
        # The code was entered for the tenant that the device named, whatever it names now.
        attempt = Attempt(approved.tenant_name, request.attempt.client_address)
        attempt = self._sign_in.narrow(attempt, request.form["client_id"])
        return _Entered(self._sign_in.enter(attempt, home), home, approved.scope, family=uuid4())

    def _authenticate_client(self, request: TokenRequest) -> Account:
        """Return the application that proves to be the client."""
        form, client_id = request.form, request.form["client_id"]
        secret, assertion = form.get("client_secret", ""), form.get("client_assertion", "")
        if secret:
            return self._sign_in.sign_in_application(request.attempt, client_id, secret)
        if not assertion:
            raise SignInFailed(
                Category.UNAUTHENTICATED,
                "invalid_client",
                7000216,
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.",
            )
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise SignInFailed(
                Category.UNAUTHENTICATED,
                "invalid_client",
                700027,
                f"A client assertion needs the 'client_assertion_type' '{ASSERTION_TYPE}'.",
            )
        return self._sign_in.sign_in_with_assertion(request.attempt, client_id, assertion)

    def _require_client(self, request: TokenRequest) -> Attempt:
        """Refuse a client that has credentials and does not give them; public clients have none.

        Return the attempt in the tenant that the client is for.
        """
        client_id = request.form["client_id"]
        client = self._sign_in.find_client(request.attempt, client_id)
        if client is None:
            return request.attempt
        if request.form.get("client_secret") or request.form.get("client_assertion"):
            self._authenticate_client(request)
            return self._sign_in.narrow(request.attempt, client_id)
        ids = [client.object_id]
        secrets = read_client_secrets(self._identity.connections, ids)[client.object_id]
        if secrets or self._identity.certificates.read(ids)[client.object_id]:
            raise SignInFailed(
                Category.UNAUTHENTICATED,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        return self._sign_in.narrow(request.attempt, client_id)

    def _get_live(self, object_id: UUID) -> Account:
        account = self._identity.directory.find_live_account(object_id)
        if account is None:
            raise SignInFailed(
                Category.INVALID, "invalid_grant", 50057, "The user account is disabled or was removed."
            )
        return account

    def _home_of(self, account: Account) -> Account:
        return self._get_live(account.home_object_id) if account.home_object_id else account

    def _find_audience(
        self, request: TokenRequest, text: str
    ) -> tuple[RequestedScope | None, Audience | None]:
        """Return what is asked for; nothing where only the user's identity is."""
        scope, resource = parse_scope(text), request.form.get("resource", "")
        if resource:
            # Clients of the v1 endpoint may send `openid` beside the resource.
            scope = RequestedScope(resource, is_default=True, wants_id_token="openid" in text.split())
        if scope is None:
            if has_scope(text, "openid") and request.form["grant_type"] in (
                "authorization_code",
                "refresh_token",
            ):
                return None, None
            if text:
                raise _bad_scope(text)
            raise missing_parameter("resource" if request.version == 1 else "scope")
        audience = find_audience(scope.resource, self._identity.addresses)
        if audience is None:
            raise SignInFailed(
                Category.INVALID,
                "invalid_resource",
                500011,
                f"The resource principal named {scope.resource} was not found in the tenant named "
                f"{request.attempt.tenant_name}.",
            )
        return scope, audience

    def _describe(self, request: TokenRequest, entered: _Entered) -> dict[str, Any]:
        scope, audience = self._find_audience(request, entered.scope)
        tokens, account = self._identity.tokens, entered.account
        named: dict[str, Any] = {
            "base_url": request.base_url,
            "version": request.version,
            "client_id": request.form["client_id"],
        }
        if audience is None:
            issued = tokens.issue_user_info_token(account, **named)
        else:
            issued = tokens.issue(account, audience, **named)
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
                "resource": scope.resource if scope else "",
            }
        if request.form["grant_type"] == "client_credentials":
            return document
        document["scope"] = entered.scope or "user_impersonation"
        if scope is None or scope.wants_id_token:
            document["id_token"] = tokens.issue_id_token(account, **named, nonce=entered.nonce)
        refresh_token = entered.refresh_token
        if refresh_token is None and entered.family and has_scope(entered.scope, "offline_access"):
            client_id = request.form["client_id"]
            refresh_token = self._identity.refresh_tokens.begin(
                entered.home.object_id, client_id, entered.family
            )
        if refresh_token is not None:
            document["refresh_token"] = refresh_token
        document["client_info"] = _client_info(entered.home)
        return document


def _require(request: TokenRequest, name: str) -> str:
    value = request.form.get(name, "")
    if not value:
        raise missing_parameter(name)
    return value


def _without_offline(scope: str) -> str:
    return " ".join(one for one in scope.split() if one != "offline_access")


def _bad_scope(scope: str) -> SignInFailed:
    return SignInFailed(
        Category.INVALID,
        "invalid_scope",
        70011,
        f"The provided value for the input parameter 'scope' is not valid. The scope '{scope}' is not valid.",
    )


def _client_info(home: Account) -> str:
    document = msgspec.json.encode({"uid": str(home.object_id), "utid": str(home.tenant_id)})
    return base64.urlsafe_b64encode(document).decode().rstrip("=")
