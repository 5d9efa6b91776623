"""What can be known of a body before it is accepted: that it unpacks within its limit, and that it is JSON records.

Everything runs in native code and no field becomes a Python object.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec
import zstandard
from isal import isal_zlib

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from collections.abc import Callable

_ZSTD_PART_BYTES = 1024 * 1024
_GZIP_OR_ZLIB = 32 + 15
"""Window bits by which zlib tells the two apart by their headers."""


class BodyRefused(ServiceError):
    """A body that is refused whole. `code` is neutral; each protocol has its own name for it."""


class _Record(msgspec.Struct, gc=False):
    """Any JSON object: its members are checked for syntax and skipped."""


class _ReservedProperties(msgspec.Struct, gc=False):
    """The properties that no record may have, where they are present."""

    tenant: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    TimeGenerated: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    RawData: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_RESERVED = ("tenant", "TimeGenerated", "RawData")
_decode_reserved = msgspec.json.Decoder(list[_ReservedProperties] | _ReservedProperties).decode
_decode_records = msgspec.json.Decoder(list[_Record]).decode
_decode_record = msgspec.json.Decoder(_Record).decode


@dataclass(frozen=True, slots=True)
class ScannedBody:
    """A plain body that holds `records` JSON objects, in an array or (if `is_single`) bare."""

    plain: bytes = field(repr=False)
    records: int
    is_single: bool


def scan_body(body: bytes, encoding: str, limit_bytes: int, *, allows_single: bool) -> ScannedBody:
    """Unpack a body and check it.

    `encoding` is the request's Content-Encoding, `limit_bytes` the size allowed before and after unpacking.
    Raises `BodyRefused`: too_large, or invalid with the place of the first mistake.
    """
    plain = unpack_body(body, encoding, limit_bytes)
    if not plain.isascii():
        _check_utf8(plain)
    is_single = allows_single and plain.lstrip()[:1] == b"{"
    try:
        records = 1 if is_single else len(_decode_records(plain))
        if is_single:
            _decode_record(plain)
    except msgspec.DecodeError as error:
        wanted = "a JSON object or an array of JSON objects" if allows_single else "a JSON array of objects"
        raise BodyRefused(Category.INVALID, "InvalidJson", f"The body is not {wanted}: {error}.") from error
    except RecursionError as error:
        message = "The body is nested too deeply."
        raise BodyRefused(Category.INVALID, "InvalidJson", message) from error
    return ScannedBody(plain, records, is_single)


def find_reserved_property(body: ScannedBody) -> str | None:
    """Return a property of a record whose name the HTTP Data Collector API keeps for itself; None if there is none."""
    if not any(f'"{name}"'.encode() in body.plain for name in _RESERVED):
        return None  # the usual case; only a name in unusual spelling, with escapes, would be overlooked
    decoded = _decode_reserved(body.plain)
    records = [decoded] if isinstance(decoded, _ReservedProperties) else decoded
    for record in records:
        for name in _RESERVED:
            if getattr(record, name) is not msgspec.UNSET:
                return name
    return None


def unpack_body(body: bytes, encoding: str, limit_bytes: int) -> bytes:
    """Return the plain body; never holds more than `limit_bytes` of it. Raises `BodyRefused`."""
    if len(body) > limit_bytes:
        raise _too_large(limit_bytes)
    unpack = _UNPACKERS.get(encoding.strip().lower())
    if unpack is None:
        known = ", ".join(name for name in _UNPACKERS if name)
        raise BodyRefused(
            Category.INVALID,
            "UnsupportedEncoding",
            f"The content encoding '{encoding}' is not one of {known}.",
        )
    return unpack(body, limit_bytes)


def _check_utf8(plain: bytes) -> None:
    try:
        plain.decode()
    except UnicodeDecodeError as error:
        message = f"The body is not UTF-8 at byte {error.start}."
        raise BodyRefused(Category.INVALID, "InvalidJson", message) from error


def _too_large(limit_bytes: int) -> BodyRefused:
    message = f"The body is larger than {limit_bytes:,} bytes. Send it in smaller parts."
    return BodyRefused(Category.TOO_LARGE, "BodyTooLarge", message)


def _keep(body: bytes, limit_bytes: int) -> bytes:
    del limit_bytes
    return body


def _inflate(body: bytes, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes + 1
    while body:
        unpacker = isal_zlib.decompressobj(_GZIP_OR_ZLIB)
        try:
            part = unpacker.decompress(body, room)
        except isal_zlib.error as error:  # type: ignore[misc] # its stub says `int`
            raise BodyRefused(
                Category.INVALID, "InvalidEncoding", f"The body does not unpack: {error}."
            ) from error
        room -= len(part)
        if room <= 0:
            raise _too_large(limit_bytes)
        if not unpacker.eof:
            raise BodyRefused(Category.INVALID, "InvalidEncoding", "The compressed body ends too early.")
        parts.append(part)
        # A gzip file may be several, one after the other.
        body = unpacker.unused_data
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _decompress_zstd(body: bytes, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes
    try:
        with zstandard.ZstdDecompressor(max_window_size=2**27).stream_reader(
            body, read_across_frames=True
        ) as reader:
            # The reader makes room for as much as it is asked for.
            while part := reader.read(_ZSTD_PART_BYTES):
                room -= len(part)
                if room < 0:
                    raise _too_large(limit_bytes)
                parts.append(part)
    except zstandard.ZstdError as error:
        raise BodyRefused(
            Category.INVALID, "InvalidEncoding", f"The body does not unpack: {error}."
        ) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


_UNPACKERS: dict[str, Callable[[bytes, int], bytes]] = {
    "": _keep,
    "identity": _keep,
    "gzip": _inflate,
    "deflate": _inflate,
    "zstd": _decompress_zstd,
}
