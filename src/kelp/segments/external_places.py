"""Fetching a place of `externaldata`: a file of this machine, or an https address of a host that was allowed.

The check happens where the connection is made: the name is resolved here, every address must be a public one, and the
connection goes to one of those. A redirect is a new place. Nothing is sent but the request.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

from kelp.segments.errors import SegmentRefused

if TYPE_CHECKING:
    from kelp.plan.external_data import ExternalAccess

_REDIRECTS = 3
_MOVED = frozenset({301, 302, 303, 307, 308})
_CHUNK_BYTES = 256 * 1024
_GZIP_WINDOW = 31


def fetch_place(place: str, access: ExternalAccess, ends_at_monotonic: float) -> bytes:
    """Return what stands at a place, unpacked where its name ends in `.gz` or `.zip`. Raises `SegmentRefused`."""
    if urlsplit(place).scheme == "https":
        content = download(place, access, ends_at_monotonic)
    elif access.reads_files:
        content = _read_file(place, access.bytes_of_place)
    else:
        raise SegmentRefused(f"'externaldata' reads https addresses, and no {place[:60]!r}.")
    return _unpack(content, urlsplit(place).path, access.bytes_of_place)


def _read_file(place: str, limit: int) -> bytes:
    path = Path(unquote(urlsplit(place).path) if place.startswith("file://") else place)
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as failure:
        raise SegmentRefused(f"'externaldata' can't read {place}: {failure.strerror}.") from failure
    if len(content) > limit:
        raise _too_large(place, limit)
    return content


def _too_large(place: str, limit: int) -> SegmentRefused:
    return SegmentRefused(
        f"What 'externaldata' finds at {place.partition('?')[0]} is larger than {limit:,} bytes."
    )


def _unpack(content: bytes, name: str, limit: int) -> bytes:
    try:
        if name.lower().endswith(".gz"):
            unpacked = zlib.decompressobj(_GZIP_WINDOW).decompress(content, limit + 1)
        elif name.lower().endswith(".zip"):
            with zipfile.ZipFile(BytesIO(content)) as archive, archive.open(archive.namelist()[0]) as file:
                unpacked = file.read(limit + 1)
        else:
            return content
    except (zlib.error, zipfile.BadZipFile, IndexError, OSError, RuntimeError) as failure:
        raise SegmentRefused(f"'externaldata' can't unpack {name}: {failure}") from failure
    if len(unpacked) > limit:
        raise _too_large(name, limit)
    return unpacked


# --- https -----------------------------------------------------------------------------------------------------------


def is_public(address: str) -> bool:
    """Tell whether an address is reached over the internet: none of this machine, its networks, or its cloud's host."""
    found = ipaddress.ip_address(address.partition("%")[0])
    mapped = found.ipv4_mapped or found.sixtofour if isinstance(found, ipaddress.IPv6Address) else None
    return found.is_global and not found.is_multicast and (mapped is None or is_public(str(mapped)))


def download(
    url: str,
    access: ExternalAccess,
    ends_at_monotonic: float,
    *,
    is_reachable: Callable[[str], bool] = is_public,
    context: ssl.SSLContext | None = None,
) -> bytes:
    """Return the body of a GET, after up to three redirects, each to an allowed host. Raises `SegmentRefused`."""
    for _ in range(_REDIRECTS + 1):
        shown = url.partition("?")[0]
        try:
            status, headers, body = _get(url, access, ends_at_monotonic, is_reachable, context)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            raise SegmentRefused(f"'externaldata' can't read {shown}: {failure}") from failure
        if status in _MOVED and "location" in headers:
            url = urljoin(url, headers["location"])
            continue
        if status != http.client.OK:
            raise SegmentRefused(f"'externaldata' can't read {shown}: the server answers {status}.")
        return body
    raise SegmentRefused(f"'externaldata' can't read {shown}: too many redirects.")


def _get(
    url: str,
    access: ExternalAccess,
    ends_at_monotonic: float,
    is_reachable: Callable[[str], bool],
    context: ssl.SSLContext | None,
) -> tuple[int, dict[str, str], bytes]:
    parts = urlsplit(url)
    host = require_host(url, access)
    connection = _Connection(host, parts.port or 443, is_reachable, ends_at_monotonic, context)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", path, headers={"User-Agent": "kelp", "Accept-Encoding": "identity"})
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        body = bytearray()
        while response.status == http.client.OK and (chunk := response.read1(_CHUNK_BYTES)):
            body += chunk
            if len(body) > access.bytes_of_place:
                raise _too_large(url, access.bytes_of_place)
            connection.require_time()
        return response.status, headers, bytes(body)
    finally:
        connection.close()


def require_host(url: str, access: ExternalAccess) -> str:
    """Return the host of an https address. Raises `SegmentRefused` for any other one, and for a host not allowed."""
    parts = urlsplit(url)
    host = (parts.hostname or "").lower().rstrip(".")
    if parts.scheme != "https" or not host or parts.username is not None:
        raise SegmentRefused(f"'externaldata' reads https addresses, and no {url.partition('?')[0][:60]!r}.")
    if host not in access.hosts:
        message = (
            f"'externaldata' may not read from {host}: the setting query.external_hosts does not list it."
        )
        raise SegmentRefused(message)
    return host


class _Connection(http.client.HTTPSConnection):
    """Connects to an address that was looked at, under the name that it was asked for."""

    def __init__(
        self,
        host: str,
        port: int,
        is_reachable: Callable[[str], bool],
        ends_at_monotonic: float,
        context: ssl.SSLContext | None,
    ) -> None:
        super().__init__(host, port, timeout=max(0.1, ends_at_monotonic - monotonic()))
        self._is_reachable = is_reachable
        self._ends_at_monotonic = ends_at_monotonic
        self._tls = context or ssl.create_default_context()

    def connect(self) -> None:
        found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(self._is_reachable, addresses)):
            raise OSError("its address is no public one")
        self.require_time()
        plain = socket.create_connection((addresses[0], self.port), self._left())
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)

    def require_time(self) -> None:
        """Raise TimeoutError when the time is over; what comes next may take what is left of it."""
        left = self._left()
        if self.sock is not None:
            self.sock.settimeout(left)

    def _left(self) -> float:
        left = self._ends_at_monotonic - monotonic()
        if left <= 0:
            raise TimeoutError("it takes too long")
        return left
