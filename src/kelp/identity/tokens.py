"""Access tokens: made at sign-in, checked on every request.

A token is an RS256 JWT with the claims that Azure's tokens have. A token that was checked once is remembered by its
digest until it expires, since an agent sends the same token with thousands of requests.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt

from kelp.base.clock import Clock
from kelp.identity.accounts import Account
from kelp.identity.addresses import Addresses, split_url
from kelp.identity.audiences import Audience, find_audience
from kelp.identity.directory import Directory
from kelp.identity.errors import InvalidToken
from kelp.identity.principal import AccountKind, Principal
from kelp.identity.signing_keys import SigningKeys

LIFETIME = timedelta(hours=1)
_ALGORITHM = "RS256"
_CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far a token's issuer, another node of ours, may be ahead."""
_MAXIMUM_TOKEN_CHARACTERS = 16_384
_MAXIMUM_REMEMBERED = 10_000
_REQUIRED_CLAIMS = ("aud", "iss", "iat", "nbf", "exp", "tid", "oid")
_CHECKED_BY_US: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False, "verify_aud": False}
"""The library asks the machine's clock; we ask ours. Audiences are compared after normalization."""


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and when it is good."""

    text: str
    begins_at_epoch_seconds: int
    expires_at_epoch_seconds: int

    @property
    def expires_in_seconds(self) -> int:
        """For how long a client should use it: a second less than it is good."""
        return self.expires_at_epoch_seconds - self.begins_at_epoch_seconds - 1


@dataclass(frozen=True, slots=True)
class _Proof:
    """What a checked token says."""

    object_id: UUID
    application_id: UUID | None
    audience: Audience
    begins_at: datetime
    ends_at: datetime


class TokenService:
    """Issues and validates tokens. Safe for concurrent use; `validate` answers from memory."""

    def __init__(
        self, signing_keys: SigningKeys, directory: Directory, addresses: Addresses, clock: Clock
    ) -> None:
        self._signing_keys = signing_keys
        self._directory = directory
        self._addresses = addresses
        self._clock = clock
        self._lock = threading.Lock()
        self._remembered: OrderedDict[bytes, _Proof] = OrderedDict()

    def issue(
        self, account: Account, audience: Audience, *, base_url: str, version: int, client_id: str
    ) -> IssuedToken:
        """Make a token for an account; `version` is the endpoint's, `client_id` the application signed in with."""
        claims = self._base_claims(account, base_url, version) | {
            "aud": self._addresses.base_url if audience is Audience.OURSELVES else audience.value,
            "appid" if version == 1 else "azp": client_id,
            "idtyp": "app" if account.kind is AccountKind.SERVICE_PRINCIPAL else "user",
        }
        if account.kind is AccountKind.USER:
            claims["scp"] = "user_impersonation"
        return IssuedToken(self._sign(claims), claims["nbf"], claims["exp"])

    def issue_id_token(
        self, account: Account, *, base_url: str, version: int, client_id: str, nonce: str = ""
    ) -> str:
        """Make an OpenID Connect id token, which tells a client who signed in and opens nothing.

        `email` is the sign-in name of a user, whose domain the tenant owns; a guest's address is not ours to vouch for.
        """
        claims = self._base_claims(account, base_url, version) | {
            "aud": client_id,
            "preferred_username": account.shown_name,
        }
        if nonce:
            claims["nonce"] = nonce
        if account.user_name and not account.is_guest:
            claims |= {"email": account.user_name, "email_verified": True}
        return self._sign(claims)

    def issue_user_info_token(
        self, account: Account, *, base_url: str, version: int, client_id: str
    ) -> IssuedToken:
        """Make the access token of a client that asked who signed in and for nothing else; no service accepts it."""
        claims = self._base_claims(account, base_url, version) | {"aud": client_id, "azp": client_id}
        return IssuedToken(self._sign(claims), claims["nbf"], claims["exp"])

    def validate(self, token: str, accepted: Collection[Audience]) -> Principal:
        """Return who the token stands for. Raises `InvalidToken` when it is not good here and now."""
        digest = hashlib.sha256(token.encode()).digest()
        proof = self._remembered.get(digest)
        if proof is None:
            proof = self._check(token)
            self._remember(digest, proof)
        now = self._clock.now()
        if proof.ends_at <= now:
            raise InvalidToken("ExpiredAuthenticationToken", "The access token expired.")
        if proof.begins_at > now + _CLOCK_TOLERANCE:
            raise InvalidToken("InvalidAuthenticationToken", "The access token is not valid yet.")
        if proof.audience not in accepted:
            raise InvalidToken(
                "InvalidAuthenticationTokenAudience", "The access token is meant for another audience."
            )
        account = self._directory.find_live_account(proof.object_id)
        if account is None:
            raise InvalidToken("InvalidAuthenticationToken", "The account was disabled or removed.")
        return self._directory.principal_of(account, proof.application_id)

    def _base_claims(self, account: Account, base_url: str, version: int) -> dict[str, Any]:
        now = int(self._clock.now().timestamp())
        suffix = "v2.0" if version == 2 else ""
        return {
            "iss": f"{base_url}/{account.tenant_id}/{suffix}",
            "iat": now,
            "nbf": now,
            "exp": now + int(LIFETIME.total_seconds()),
            "tid": str(account.tenant_id),
            "oid": str(account.object_id),
            "sub": str(account.object_id),
            "name": account.name,
            "ver": f"{version}.0",
            "uti": uuid4().hex,
        }

    def _sign(self, claims: dict[str, Any]) -> str:
        key = self._signing_keys.current()
        return jwt.encode(claims, key.private_key, _ALGORITHM, {"kid": key.kid})

    def _check(self, token: str) -> _Proof:
        if len(token) > _MAXIMUM_TOKEN_CHARACTERS:
            raise InvalidToken("InvalidAuthenticationToken", "The access token is too long.")
        try:
            header = jwt.get_unverified_header(token)
            public_key = self._signing_keys.find_public_key(str(header.get("kid", "")))
            if public_key is None:
                raise InvalidToken(
                    "InvalidAuthenticationToken", "The access token was signed by someone else."
                )
            options = _CHECKED_BY_US | {"require": list(_REQUIRED_CLAIMS)}
            claims = jwt.decode(token, public_key, [_ALGORITHM], options)
            return self._read(claims)
        except jwt.InvalidTokenError as error:
            raise InvalidToken("InvalidAuthenticationToken", "The access token is invalid.") from error

    def _read(self, claims: dict[str, Any]) -> _Proof:
        try:
            tenant_id, object_id = UUID(claims["tid"]), UUID(claims["oid"])
            begins_at = datetime.fromtimestamp(claims["nbf"], UTC)
            ends_at = datetime.fromtimestamp(claims["exp"], UTC)
            audience = find_audience(str(claims["aud"]), self._addresses)
        except (ValueError, TypeError, AttributeError, OverflowError) as error:
            raise InvalidToken(
                "InvalidAuthenticationToken", "The access token has malformed claims."
            ) from error
        self._check_issuer(str(claims["iss"]), tenant_id)
        account = self._directory.find_account(object_id)
        if audience is None or "idtyp" not in claims or account is None or account.tenant_id != tenant_id:
            raise InvalidToken("InvalidAuthenticationToken", "The access token is not one for this service.")
        application_id = _find_guid(claims.get("appid") or claims.get("azp"))
        return _Proof(object_id, application_id, audience, begins_at, ends_at)

    def _check_issuer(self, issuer: str, tenant_id: UUID) -> None:
        path = split_url(issuer).path.strip("/").removesuffix("/v2.0")
        if not self._addresses.is_ours(issuer) or path != str(tenant_id):
            raise InvalidToken(
                "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer."
            )

    def _remember(self, digest: bytes, proof: _Proof) -> None:
        with self._lock:
            self._remembered[digest] = proof
            if len(self._remembered) > _MAXIMUM_REMEMBERED:
                self._remembered.popitem(last=False)


def _find_guid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
