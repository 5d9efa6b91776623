"""gzip and zlib over text, in Base64 (rules SEG-1 and SEG-2).

Headers are those that Kusto's documentation shows: no time, no name, no operating system, the fastest level.
"""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import pyarrow as pa

from kelp.segments.distinct import map_distinct

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

MAXIMUM_TEXT_BYTES = 16 * 1024 * 1024
"""A longer text than this is not made of a short one: it would be there to use up memory."""
_GZIP = bytes.fromhex("1f8b08000000000000ff")
_ZLIB = bytes.fromhex("7801")
_RAW, _IN_GZIP, _IN_ZLIB = -15, 31, 15
_LENGTH_MASK = 0xFFFF_FFFF


def _deflate(content: bytes) -> bytes:
    """SEG-1: what does not get shorter is stored as it is."""
    for level in (1, 0):
        deflating = zlib.compressobj(level, wbits=_RAW)
        deflated = deflating.compress(content) + deflating.flush()
        if len(deflated) < len(content):
            break
    return deflated


def _to_gzip(text: str) -> str:
    content = text.encode()
    end = struct.pack("<II", zlib.crc32(content), len(content) & _LENGTH_MASK)
    return base64.b64encode(_GZIP + _deflate(content) + end).decode()


def _to_zlib(text: str) -> str:
    content = text.encode()
    end = struct.pack(">I", zlib.adler32(content))
    return base64.b64encode(_ZLIB + _deflate(content) + end).decode()


def _inflate(text: str, wrapping: int) -> str:
    """SEG-2: what is no Base64, no such stream, not whole or no text gives the empty text."""
    try:
        inflating = zlib.decompressobj(wrapping)
        content = inflating.decompress(base64.b64decode(text, validate=True), MAXIMUM_TEXT_BYTES)
        return content.decode() if inflating.eof else ""
    except (binascii.Error, zlib.error, UnicodeDecodeError, ValueError):
        return ""


def _from_gzip(text: str) -> str:
    return _inflate(text, _IN_GZIP)


def _from_zlib(text: str) -> str:
    return _inflate(text, _IN_ZLIB)


def _over_texts(function: Callable[[str], str]) -> ScalarFunction:
    def computed(arguments: Sequence[pa.Array]) -> pa.Array:
        return map_distinct(function, arguments[0])

    return computed


FUNCTIONS: Mapping[str, ScalarFunction] = {
    "gzip_compress_to_base64_string": _over_texts(_to_gzip),
    "gzip_decompress_from_base64_string": _over_texts(_from_gzip),
    "zlib_compress_to_base64_string": _over_texts(_to_zlib),
    "zlib_decompress_from_base64_string": _over_texts(_from_zlib),
}
