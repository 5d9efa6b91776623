"""The built-in certificate authority: it certifies this server for the names under which clients reach it.

Lives in a folder: `ca.pem`, which clients are given to trust, is readable by everyone; every other file by its owner
only, and private keys lie sealed: the authority's by the key provider, the server's by a passphrase that is.
"""

from __future__ import annotations

import ipaddress
import secrets
import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kelp.base.clock import Clock
from kelp.base.durable_file import make_directory_durably, write_durably
from kelp.base.errors import Category, ServiceError
from kelp.base.keys import KeyProvider

AUTHORITY_LIFETIME = timedelta(days=3650)
SERVER_LIFETIME = timedelta(days=90)
RENEWED_BEFORE_EXPIRY = timedelta(days=30)
_BACKDATED = timedelta(minutes=5)
"""For clients whose clocks are a little behind."""
_ALWAYS_CERTIFIED = ("localhost", "127.0.0.1", "::1")
_AUTHORITY_PURPOSE, _SERVER_PURPOSE = "certificate-authority-key", "server-key-passphrase"


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """Where the server's certificate lies, and the passphrase of its key."""

    certificate_file: Path
    key_file: Path
    passphrase: str = field(repr=False)
    expires_at: datetime

    def load_into(self, context: ssl.SSLContext) -> None:
        """Have a listener present the certificate; repeated after a renewal it holds for new connections."""
        context.load_cert_chain(self.certificate_file, self.key_file, self.passphrase)


def read_server_certificate(certificate_file: Path, key_file: Path) -> ServerCertificate:
    """Return a certificate that was brought along; its key has no passphrase. Raises `ServiceError` (invalid)."""
    try:
        first, *_ = x509.load_pem_x509_certificates(certificate_file.read_bytes())
        found = ServerCertificate(certificate_file, key_file, "", first.not_valid_after_utc)
        found.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    except (OSError, ValueError) as error:
        message = f"{certificate_file} and {key_file} are no certificate with its key: {error}"
        raise ServiceError(Category.INVALID, "InvalidCertificate", message) from error
    return found


def certified_names(*host_names: str) -> frozenset[str]:
    """Return the host names, in lower case, with those that a local client may use."""
    return frozenset(name.strip("[]").lower() for name in (*_ALWAYS_CERTIFIED, *host_names) if name)


class CertificateAuthority:
    """Made by opening its folder; the authority itself is created there the first time. Not for concurrent use."""

    def __init__(self, folder: Path, keys: KeyProvider, clock: Clock) -> None:
        self._folder = folder
        self._keys = keys
        self._clock = clock
        make_directory_durably(folder)
        self._sealed_key_file = folder / "ca.key"
        self.ca_file = folder / "ca.pem"
        if not self.ca_file.exists():
            self._create()
        sealed = self._sealed_key_file.read_bytes()
        key = load_der_private_key(keys.unwrap(_AUTHORITY_PURPOSE, sealed), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        self._certificate = x509.load_pem_x509_certificate(self.ca_file.read_bytes())

    def ensure_server_certificate(self, host_names: Collection[str]) -> ServerCertificate:
        """Return a certificate for exactly these names: the present one, or a new one if that soon expires."""
        present = self._find_present(host_names)
        if present is not None and present.expires_at - self._clock.now() > RENEWED_BEFORE_EXPIRY:
            return present
        return self._issue_server(host_names)

    def rewrap(self) -> int:
        """Wrap the authority's key and the server's passphrase anew; return how many there were."""
        wrapped = {self._sealed_key_file: _AUTHORITY_PURPOSE, self._passphrase_file: _SERVER_PURPOSE}
        present = {file: purpose for file, purpose in wrapped.items() if file.exists()}
        for file, purpose in present.items():
            secret = self._keys.unwrap(purpose, file.read_bytes())
            write_durably(file, self._keys.wrap(purpose, secret), mode=0o600)
        return len(present)

    def _create(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        now = self._clock.now()
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Kelp"),
                x509.NameAttribute(NameOID.COMMON_NAME, f"Kelp authority {secrets.token_hex(4)}"),
            ]
        )
        public_key = key.public_key()
        identifier = x509.SubjectKeyIdentifier.from_public_key(public_key)
        certificate = (
            _builder(subject, subject, public_key, now, AUTHORITY_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(identifier, critical=False)
            .sign(key, SHA256())
        )
        der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        # The certificate comes last: its presence says that the authority is complete.
        write_durably(self._sealed_key_file, self._keys.wrap(_AUTHORITY_PURPOSE, der), mode=0o600)
        write_durably(self.ca_file, certificate.public_bytes(Encoding.PEM), mode=0o644)

    def _issue_server(self, host_names: Collection[str]) -> ServerCertificate:
        key = ec.generate_private_key(ec.SECP256R1())
        names = _subject_alternative_names(host_names)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kelp server")])
        certificate = (
            _builder(subject, self._certificate.subject, key.public_key(), self._clock.now(), SERVER_LIFETIME)
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False
            )
            .sign(self._key, SHA256())
        )
        passphrase = secrets.token_urlsafe(32)
        sealed = BestAvailableEncryption(passphrase.encode())
        write_durably(
            self._passphrase_file, self._keys.wrap(_SERVER_PURPOSE, passphrase.encode()), mode=0o600
        )
        write_durably(
            self._key_file, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, sealed), mode=0o600
        )
        write_durably(self._certificate_file, certificate.public_bytes(Encoding.PEM), mode=0o600)
        return self._describe(certificate, passphrase)

    def _find_present(self, host_names: Collection[str]) -> ServerCertificate | None:
        if not self._certificate_file.exists():
            return None
        certificate = x509.load_pem_x509_certificate(self._certificate_file.read_bytes())
        present = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        if set(present) != set(_subject_alternative_names(host_names)):
            return None
        sealed = self._passphrase_file.read_bytes()
        found = self._describe(certificate, self._keys.unwrap(_SERVER_PURPOSE, sealed).decode())
        try:
            found.load_into(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
        except ssl.SSLError:
            # A renewal was cut short between its files; they don't belong together.
            return None
        return found

    def _describe(self, certificate: x509.Certificate, passphrase: str) -> ServerCertificate:
        expires_at = certificate.not_valid_after_utc
        return ServerCertificate(self._certificate_file, self._key_file, passphrase, expires_at)

    @property
    def _certificate_file(self) -> Path:
        return self._folder / "server.pem"

    @property
    def _key_file(self) -> Path:
        return self._folder / "server.key"

    @property
    def _passphrase_file(self) -> Path:
        return self._folder / "server.passphrase"


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + lifetime)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _subject_alternative_names(host_names: Collection[str]) -> x509.SubjectAlternativeName:
    """Certify each name, and for each that is no address also the names below it that clients call.

    `*.ods.<name>` is the Data Collector's, `*.vault.<name>` that of key vaults.
    """
    names: list[x509.GeneralName] = []
    for name in sorted(certified_names(*host_names)):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            names += [x509.DNSName(name), *(x509.DNSName(f"*.{label}.{name}") for label in ("ods", "vault"))]
    return x509.SubjectAlternativeName(names)
