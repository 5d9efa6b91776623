"""Certificates of applications, and the assertions that they sign to prove who they are.

Cf. RFC 7523 and "Microsoft identity platform application authentication certificate credentials": a JWT signed with
RS256 or PS256 whose header names the certificate by thumbprint (`x5t` or `x5t#S256`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from jwt.utils import base64url_decode
from sqlalchemy import delete, insert, select

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category, ServiceError
from kelp.identity.accounts import Account, Connections, account_conflict
from kelp.identity.addresses import Addresses, split_url
from kelp.identity.errors import SignInFailed
from kelp.identity.schema import CLIENT_CERTIFICATE
from kelp.identity.used_once import UsedOnce

_ALGORITHMS = ("RS256", "PS256")
_MINIMUM_KEY_BITS = 2048
_CLOCK_TOLERANCE = timedelta(minutes=5)
_LONGEST_LIFE = timedelta(hours=24)
_MAXIMUM_CHARACTERS = 16_384
_TOKEN_PATH = re.compile(r"/(?P<tenant>[^/]+)/oauth2(?:/v2\.0)?/token/?", re.IGNORECASE)
_CHECKED_BY_US: Any = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "require": ["aud", "exp", "iss", "sub", "jti"],
}


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate of an application; its private key is with the application and nowhere else."""

    id: UUID
    object_id: UUID
    name: str
    sha1: bytes
    sha256: bytes
    der: bytes = field(repr=False)
    begins_at: datetime
    expires_at: datetime

    def public_key(self) -> RSAPublicKey:
        """Return the key that assertions are checked against."""
        key = x509.load_der_x509_certificate(self.der).public_key()
        assert isinstance(key, RSAPublicKey)
        return key


def read_certificate(content: bytes) -> x509.Certificate:
    """Read a certificate (PEM, or DER). Raises `ServiceError` (invalid) for anything else, a private key above all."""
    try:
        if b"PRIVATE KEY" in content and b"BEGIN CERTIFICATE" not in content:
            raise ValueError("it holds a private key and no certificate")
        is_text = b"-----BEGIN" in content
        read = x509.load_pem_x509_certificate if is_text else x509.load_der_x509_certificate
        certificate = read(content)
        key = certificate.public_key()
    except ValueError as error:
        raise _refuse_certificate(f"The certificate can't be read: {error}.") from error
    if not isinstance(key, RSAPublicKey) or key.key_size < _MINIMUM_KEY_BITS:
        raise _refuse_certificate(f"The certificate's key must be RSA with {_MINIMUM_KEY_BITS} bits or more.")
    return certificate


class ClientCertificates:
    """Keeps certificates and checks assertions. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, addresses: Addresses, clock: Clock) -> None:
        self._connections = connections
        self._addresses = addresses
        self._clock = clock
        self._used = UsedOnce(connections, clock)

    def add(
        self,
        object_id: UUID,
        certificate: x509.Certificate,
        name: str = "",
        certificate_id: UUID | None = None,
    ) -> ClientCertificate:
        """Give an application a certificate, or return the one it has. It stops opening when it expires."""
        sha256 = certificate.fingerprint(SHA256())
        for known in self.read([object_id])[object_id]:
            if known.sha256 == sha256:
                return known
        added = ClientCertificate(
            certificate_id or uuid4(),
            object_id,
            name or certificate.subject.rfc4514_string()[:256],
            certificate.fingerprint(SHA1()),  # noqa: S303 - how clients name the certificate, no proof of anything
            sha256,
            certificate.public_bytes(Encoding.DER),
            certificate.not_valid_before_utc,
            certificate.not_valid_after_utc,
        )
        columns = {column.name: getattr(added, column.name) for column in CLIENT_CERTIFICATE.columns}
        with self._connections.write() as connection:
            taken = select(CLIENT_CERTIFICATE.c.id).where(CLIENT_CERTIFICATE.c.id == added.id)
            if connection.execute(taken).first() is not None:
                raise account_conflict(f"There is a credential with the keyId '{added.id}'.")
            connection.execute(insert(CLIENT_CERTIFICATE).values(columns))
        return added

    def remove(self, object_id: UUID, certificate_ids: Iterable[UUID]) -> int:
        """Take certificates from an application and return how many it had."""
        table = CLIENT_CERTIFICATE.c
        chosen = (table.object_id == object_id) & table.id.in_(list(certificate_ids))
        with self._connections.write() as connection:
            return connection.execute(delete(CLIENT_CERTIFICATE).where(chosen)).rowcount

    def read(self, object_ids: Collection[UUID]) -> Mapping[UUID, tuple[ClientCertificate, ...]]:
        """Return the certificates of each of the applications."""
        found: dict[UUID, tuple[ClientCertificate, ...]] = dict.fromkeys(object_ids, ())
        table = CLIENT_CERTIFICATE.c
        chosen = select(CLIENT_CERTIFICATE).where(table.object_id.in_(list(object_ids)))
        with self._connections.read() as connection:
            for row in connection.execute(chosen.order_by(table.begins_at)):
                found[row.object_id] += (
                    ClientCertificate(
                        row.id,
                        row.object_id,
                        row.name,
                        row.sha1,
                        row.sha256,
                        row.der,
                        as_utc(row.begins_at),
                        as_utc(row.expires_at),
                    ),
                )
        return found

    def verify_assertion(self, account: Account, assertion: str, tenant_names: Collection[str]) -> None:
        """Accept an assertion of an application to our token endpoint, once.

        `tenant_names` are the names that the endpoint's tenant goes by. Raises `SignInFailed`.
        """
        certificate = self._find_signer(account, assertion)
        try:
            claims = jwt.decode(assertion, certificate.public_key(), list(_ALGORITHMS), _CHECKED_BY_US)
        except jwt.InvalidSignatureError as error:
            raise _refuse(700027, "The certificate with the given identifier did not sign it.") from error
        except jwt.InvalidTokenError as error:
            raise _refuse(50027, f"It is no good JWT: {error}.") from error
        client_id = str(account.application_id)
        if claims["iss"] != client_id or claims["sub"] != client_id:
            raise _refuse(700021, f"Its issuer and subject must both be the application's id '{client_id}'.")
        self._check_audience(claims["aud"], tenant_names)
        expires_at = self._check_times(claims, certificate)
        if not self._used.claim(f"{client_id} {claims['jti']}", expires_at + _CLOCK_TOLERANCE):
            raise _refuse(700024, "It was used before; make a new one, with a new 'jti', for each request.")

    def _find_signer(self, account: Account, assertion: str) -> ClientCertificate:
        try:
            if len(assertion) > _MAXIMUM_CHARACTERS:
                raise jwt.InvalidTokenError("it is too long")
            header = jwt.get_unverified_header(assertion)
            sha1 = base64url_decode(str(header.get("x5t", "")))
            sha256 = base64url_decode(str(header.get("x5t#S256", "")))
        except (jwt.InvalidTokenError, ValueError) as error:
            raise _refuse(50027, f"It is no good JWT: {error}.") from error
        if header.get("alg") not in _ALGORITHMS:
            raise _refuse(50027, f"It must be signed with one of {', '.join(_ALGORITHMS)}.")
        for certificate in self.read([account.object_id])[account.object_id]:
            if certificate.sha256 == sha256 or (sha1 and certificate.sha1 == sha1):
                return certificate
        shown = (sha256 or sha1).hex().upper() or "none"
        raise _refuse(
            700027,
            f"The key was not found by the thumbprint it gives ({shown}): register the certificate for the application "
            f"'{account.application_id}'.",
        )

    def _check_audience(self, audience: object, tenant_names: Collection[str]) -> None:
        listed = audience if isinstance(audience, list) else [audience]
        for one in listed:
            match = _TOKEN_PATH.fullmatch(split_url(str(one)).path)
            if match and match["tenant"].lower() in tenant_names and self._addresses.is_ours(str(one)):
                return
        raise _refuse(700023, f"Its audience '{audience}' is not the address of this token endpoint.")

    def _check_times(self, claims: Mapping[str, Any], certificate: ClientCertificate) -> datetime:
        now = self._clock.now()
        try:
            expires_at = datetime.fromtimestamp(float(claims["exp"]), UTC)
            begins_at = datetime.fromtimestamp(float(claims.get("nbf", 0)), UTC)
        except (ValueError, TypeError, OverflowError, OSError) as error:
            raise _refuse(50027, "Its 'exp' or 'nbf' is no time.") from error
        if expires_at + _CLOCK_TOLERANCE <= now or begins_at - _CLOCK_TOLERANCE > now:
            raise _refuse(
                700024, f"It is not within its valid time: now {now:%FT%TZ}, it expires {expires_at:%FT%TZ}."
            )
        if expires_at - now > _LONGEST_LIFE:
            raise _refuse(700024, f"It expires {expires_at:%FT%TZ}, more than a day from now.")
        if not certificate.begins_at <= now < certificate.expires_at:
            raise _refuse(
                700027,
                f"The certificate is good from {certificate.begins_at:%FT%TZ} to {certificate.expires_at:%FT%TZ} only.",
            )
        return expires_at


def _refuse(number: int, why: str) -> SignInFailed:
    return SignInFailed(
        Category.UNAUTHENTICATED, "invalid_client", number, f"Client assertion is not accepted. {why}"
    )


def _refuse_certificate(message: str) -> ServiceError:
    return ServiceError(Category.INVALID, "Request_BadRequest", message, target="keyCredentials")
