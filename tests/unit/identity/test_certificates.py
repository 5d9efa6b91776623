from __future__ import annotations

import socket
import ssl
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kelp.base.clock import SystemClock
from kelp.base.errors import Category, ServiceError
from kelp.identity.certificates import (
    CertificateAuthority,
    ServerCertificate,
    certified_names,
    read_server_certificate,
)
from tests.unit.resources.doubles import OwnKeys, TurnedClock

NAMES = certified_names("Kelp.Example")


@pytest.fixture
def clock() -> TurnedClock:
    clock = TurnedClock()
    clock.moment = SystemClock().now().replace(microsecond=0)
    return clock


def greet(certificate: ServerCertificate, ca_file: Path, name: str) -> None:
    """Shake hands over a socket pair, as a client that trusts the authority and expects the name."""
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.load_into(server_context)
    ours, theirs = socket.socketpair()

    def serve() -> None:
        try:
            with server_context.wrap_socket(theirs, server_side=True) as connection:
                connection.recv(1)
        except (ssl.SSLError, OSError):
            theirs.close()

    thread = threading.Thread(target=serve)
    thread.start()
    client_context = ssl.create_default_context(cafile=str(ca_file))
    client_context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        with client_context.wrap_socket(ours, server_hostname=name) as connection:
            connection.send(b".")
    finally:
        ours.close()
        thread.join()


@pytest.mark.parametrize(
    "name", ["localhost", "127.0.0.1", "::1", "kelp.example", "1a2b.ods.localhost", "1a2b.ods.kelp.example"]
)
def test_clients_trust_the_server_under_all_its_names(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock, name: str
) -> None:
    authority = CertificateAuthority(tmp_path / "tls", keys, clock)
    greet(authority.ensure_server_certificate(NAMES), authority.ca_file, name)


def test_a_certificate_that_was_brought_along_is_read_with_its_key(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock
) -> None:
    authority = CertificateAuthority(tmp_path / "tls", keys, clock)
    issued = authority.ensure_server_certificate(NAMES)
    key = load_pem_private_key(issued.key_file.read_bytes(), issued.passphrase.encode())
    key_file = tmp_path / "brought.key"
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    brought = read_server_certificate(issued.certificate_file, key_file)
    assert brought.expires_at == issued.expires_at
    greet(brought, authority.ca_file, "kelp.example")
    for certificate_file in (authority.ca_file, key_file, tmp_path / "missing"):
        with pytest.raises(ServiceError, match="no certificate with its key") as refused:
            read_server_certificate(certificate_file, key_file)
        assert refused.value.category is Category.INVALID


def test_another_name_is_not_trusted(tmp_path: Path, keys: OwnKeys, clock: TurnedClock) -> None:
    authority = CertificateAuthority(tmp_path / "tls", keys, clock)
    with pytest.raises(ssl.SSLCertVerificationError):
        greet(authority.ensure_server_certificate(NAMES), authority.ca_file, "evil.example")


def test_a_certificate_is_kept_until_it_soon_expires(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock
) -> None:
    first = CertificateAuthority(tmp_path, keys, clock).ensure_server_certificate(NAMES)
    clock.turn(days=59)
    authority = CertificateAuthority(tmp_path, keys, clock)
    assert authority.ensure_server_certificate(NAMES).expires_at == first.expires_at
    clock.turn(days=1)
    renewed = authority.ensure_server_certificate(NAMES)
    assert renewed.expires_at > first.expires_at


def test_a_new_name_brings_a_new_certificate_from_the_same_authority(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock
) -> None:
    authority = CertificateAuthority(tmp_path, keys, clock)
    before = authority.ca_file.read_bytes()
    authority.ensure_server_certificate(NAMES)
    again = CertificateAuthority(tmp_path, keys, clock)
    greet(again.ensure_server_certificate(certified_names("other.example")), again.ca_file, "other.example")
    assert again.ca_file.read_bytes() == before


def test_files_that_do_not_belong_together_are_replaced(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock
) -> None:
    authority = CertificateAuthority(tmp_path, keys, clock)
    authority.ensure_server_certificate(NAMES)
    certificate = (tmp_path / "server.pem").read_bytes()
    authority.ensure_server_certificate(certified_names("other.example"))
    (tmp_path / "server.pem").write_bytes(certificate)
    greet(authority.ensure_server_certificate(NAMES), authority.ca_file, "localhost")


def test_only_the_authoritys_certificate_is_for_others_to_read(
    tmp_path: Path, keys: OwnKeys, clock: TurnedClock
) -> None:
    folder = tmp_path / "tls"
    CertificateAuthority(folder, keys, clock).ensure_server_certificate(NAMES)
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert modes == {
        "ca.pem": 0o644,
        "ca.key": 0o600,
        "server.pem": 0o600,
        "server.key": 0o600,
        "server.passphrase": 0o600,
    }
    assert b"PRIVATE KEY" not in (folder / "ca.key").read_bytes()
    assert b"ENCRYPTED PRIVATE KEY" in (folder / "server.key").read_bytes()
