"""`externaldata` reaches allowed hosts at public addresses, over https, and nothing else (rule EXT-1)."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from time import monotonic

import pytest

from kelp.plan.external_data import ExternalAccess
from kelp.segments.errors import SegmentRefused
from kelp.segments.external_places import download, fetch_place, is_public

ACCESS = ExternalAccess(hosts=frozenset({"localhost"}), bytes_of_place=1000)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
        "::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::1", "ff02::1",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_its_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_others_are(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://example.com/a.csv", "the setting query.external_hosts does not list it"),
        ("http://localhost/a.csv", "reads https addresses"),
        ("https://user@localhost/a.csv", "reads https addresses"),
        ("/etc/passwd", "reads https addresses"),
        ("file:///etc/passwd", "reads https addresses"),
        ("https://localhost/a.csv", "its address is no public one"),
    ],
)
def test_what_is_not_allowed_is_refused(url: str, reason: str) -> None:
    with pytest.raises(SegmentRefused, match=reason):
        fetch_place(url, ACCESS, monotonic() + 5)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/there":
            self.send_response(302)
            self.send_header("Location", "/here?a=1")
        elif self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "https://example.com/")
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        elif self.path == "/none":
            self.send_response(404)
        else:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * (2000 if self.path == "/large" else 10))
            return
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        del arguments


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ssl.SSLContext]]:
    """Yield the address of a server with a certificate of its own, and what trusts that."""
    certificate, key = make_certificate(tmp_path_factory.mktemp("tls"))
    listener = HTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    listener.socket = context.wrap_socket(listener.socket, server_side=True)
    thread = threading.Thread(target=listener.serve_forever, daemon=True)
    thread.start()
    yield f"https://localhost:{listener.server_port}", ssl.create_default_context(cafile=str(certificate))
    listener.shutdown()
    listener.server_close()
    thread.join()


def make_certificate(folder: Path) -> tuple[Path, Path]:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return certificate_path, key_path


def _get(server: tuple[str, ssl.SSLContext], path: str) -> bytes:
    address, context = server
    return download(address + path, ACCESS, monotonic() + 5, is_reachable=lambda _: True, context=context)


@pytest.mark.parametrize("path", ["/here", "/there"])
def test_an_allowed_host_is_read(server: tuple[str, ssl.SSLContext], path: str) -> None:
    assert _get(server, path) == b"x" * 10


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/away", "may not read from example.com"),
        ("/round", "too many redirects"),
        ("/none", "the server answers 404"),
        ("/large", "is larger than 1,000 bytes"),
    ],
)
def test_what_goes_wrong_is_told(server: tuple[str, ssl.SSLContext], path: str, reason: str) -> None:
    with pytest.raises(SegmentRefused, match=reason):
        _get(server, path)


def test_files_are_read_where_they_may_be(tmp_path: Path) -> None:
    access = ExternalAccess(reads_files=True, bytes_of_place=1000)
    packed = tmp_path / "a b.csv.gz"
    packed.write_bytes(gzip.compress(b"1,2\n"))
    assert fetch_place(str(packed), access, monotonic() + 5) == b"1,2\n"
    assert fetch_place(packed.as_uri(), access, monotonic() + 5) == b"1,2\n"
    packed.write_bytes(gzip.compress(b"0" * 5000))
    with pytest.raises(SegmentRefused, match="larger"):
        fetch_place(str(packed), access, monotonic() + 5)
    with pytest.raises(SegmentRefused, match="No such file"):
        fetch_place(str(tmp_path / "none"), access, monotonic() + 5)
