"""The bytes of one frame: a fixed header in the clear and an envelope sealed with its workspace's data key.

::

    header, 56 bytes, big endian
      magic "KFRM" | sealed length u32 | CRC-32 u32 | batch offset u32
      segment u32 | key version u32 | sequence u64 | received at, microseconds since 1970 i64 | workspace 16
    sealed
      length of the metadata u32 | metadata (MessagePack) | body

The checksum covers everything but itself and finds accidents without a key. The header from `segment` on and the
journal's id are authenticated with the sealed part: a frame can't be moved to another place, journal or workspace.
`batch offset` is where the group commit began that wrote the frame: all before it was durable by then, which is how a
torn tail is told from damage. A header without a sealed part is an end mark: the segment was closed in order, and
`sequence` is the one that the next segment begins with.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from kelp.base.errors import Category, ServiceError
from kelp.base.sealing import open_sealed, seal
from kelp.ingest.journal.envelope import Envelope, EnvelopeKind

if TYPE_CHECKING:
    from kelp.base.keys import DataKey

MAGIC = b"KFRM"
_FRAMING = struct.Struct(">4sIII")
_IDENTITY = struct.Struct(">IIQq16s")
_CHECKSUM = struct.Struct(">I")
_CHECKSUM_OFFSET = 8
HEADER_BYTES = _FRAMING.size + _IDENTITY.size
_METADATA_LENGTH = struct.Struct(">I")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class JournalDamaged(ServiceError):
    """Acknowledged content of the journal can't be read as it was written."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(Category.INTERNAL, "JournalDamaged", f"{where}: {reason}.", target=where)


@dataclass(frozen=True, slots=True)
class FrameHeader:
    """What a frame says of itself in the clear. `frame_bytes` is the length of the whole frame on the disk."""

    segment: int
    sequence: int
    workspace_id: UUID
    key_version: int
    received_us: int
    batch_offset: int
    frame_bytes: int

    @property
    def is_end_mark(self) -> bool:
        """Tell whether this closes the segment instead of holding an envelope."""
        return self.frame_bytes == HEADER_BYTES


class _Metadata(msgspec.Struct, array_like=True):
    frame_id: bytes
    kind: EnvelopeKind
    route: str
    stream: str
    content_encoding: str
    headers: dict[str, str]
    principal: str


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Metadata)


def encode_frame(
    workspace_id: UUID,
    received_us: int,
    content: bytes,
    key: DataKey,
    *,
    journal_id: bytes,
    segment: int,
    sequence: int,
    batch_offset: int,
) -> bytes:
    """Seal `content`, metadata and body, into the bytes of a frame."""
    identity = _IDENTITY.pack(segment, key.version, sequence, received_us, workspace_id.bytes)
    return _join(identity, seal(key, content, journal_id + identity), batch_offset)


def encode_end_mark(*, segment: int, next_sequence: int, offset: int) -> bytes:
    """Write the mark that closes a segment, to stand at `offset`."""
    return _join(_IDENTITY.pack(segment, 0, next_sequence, 0, bytes(16)), b"", offset)


def read_header(content: bytes | memoryview, offset: int = 0) -> FrameHeader | None:
    """Return the header of the whole and undamaged frame at `offset`; None if there is none. Needs no key."""
    if len(content) - offset < HEADER_BYTES:
        return None
    magic, sealed_bytes, checksum, batch_offset = _FRAMING.unpack_from(content, offset)
    end = offset + HEADER_BYTES + sealed_bytes
    if magic != MAGIC or end > len(content):
        return None
    view = memoryview(content)
    found = zlib.crc32(view[offset : offset + _CHECKSUM_OFFSET])
    found = zlib.crc32(bytes(4), found)
    if zlib.crc32(view[offset + _CHECKSUM_OFFSET + 4 : end], found) != checksum:
        return None
    segment, key_version, sequence, received_us, workspace = _IDENTITY.unpack_from(
        content, offset + _FRAMING.size
    )
    return FrameHeader(
        segment, sequence, UUID(bytes=workspace), key_version, received_us, batch_offset, end - offset
    )


def open_frame(content: bytes, key: DataKey, *, journal_id: bytes) -> Envelope:
    """Return the envelope of one frame whose header was read. Raises `SealBroken`, `JournalDamaged`."""
    header = read_header(content)
    if header is None:
        raise JournalDamaged("frame", "its checksum does not match")
    identity = content[_FRAMING.size : HEADER_BYTES]
    plain = open_sealed(key, content[HEADER_BYTES : header.frame_bytes], journal_id + identity)
    return decode_content(plain, header.workspace_id, header.received_us)


def rebase_frame(content: bytes, batch_offset: int) -> bytes:
    """Return the frame as if a commit at `batch_offset` had written it; the authenticated part stays as it is."""
    return _join(content[_FRAMING.size : HEADER_BYTES], content[HEADER_BYTES:], batch_offset)


def encode_metadata(envelope: Envelope) -> bytes:
    """Write what neither the header nor the body holds. Followed by the body it is the content of a frame.

    Raises `ServiceError` (invalid) for text that is no Unicode.
    """
    try:
        metadata = _encoder.encode(
            _Metadata(
                envelope.frame_id.bytes,
                envelope.kind,
                envelope.route,
                envelope.stream,
                envelope.content_encoding,
                dict(envelope.headers),
                envelope.principal,
            )
        )
    except UnicodeEncodeError as error:
        raise ServiceError(
            Category.INVALID, "InvalidRequest", "A header or a name holds characters that are no Unicode."
        ) from error
    return _METADATA_LENGTH.pack(len(metadata)) + metadata


def decode_content(plain: bytes, workspace_id: UUID, received_us: int) -> Envelope:
    """Read metadata and body. Raises `JournalDamaged` if it is something else."""
    if len(plain) < _METADATA_LENGTH.size:
        raise JournalDamaged("frame", "its content is too short")
    body_offset = _METADATA_LENGTH.size + _METADATA_LENGTH.unpack_from(plain)[0]
    try:
        metadata = _decoder.decode(plain[_METADATA_LENGTH.size : body_offset])
    except msgspec.DecodeError as error:
        raise JournalDamaged("frame", f"its metadata can't be read ({error})") from error
    return Envelope(
        frame_id=UUID(bytes=metadata.frame_id),
        workspace_id=workspace_id,
        kind=metadata.kind,
        route=metadata.route,
        stream=metadata.stream,
        received_at=from_microseconds(received_us),
        content_encoding=metadata.content_encoding,
        headers=metadata.headers,
        principal=metadata.principal,
        body=plain[body_offset:],
    )


def to_microseconds(moment: datetime) -> int:
    """Return an aware time as microseconds since 1970, exactly."""
    return (moment - _EPOCH) // _MICROSECOND


def from_microseconds(microseconds: int) -> datetime:
    """Return the UTC time of so many microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def _join(identity: bytes, sealed: bytes, batch_offset: int) -> bytes:
    header = _FRAMING.pack(MAGIC, len(sealed), 0, batch_offset) + identity
    checksum = _CHECKSUM.pack(zlib.crc32(sealed, zlib.crc32(header)))
    return b"".join((header[:_CHECKSUM_OFFSET], checksum, header[_CHECKSUM_OFFSET + 4 :], sealed))
