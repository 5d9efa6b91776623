"""Where addresses are, by a file written here in MaxMind's format."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import pyarrow as pa
import pytest

from kelp.segments.addresses import geo_info_from_ip_address
from kelp.segments.errors import SegmentRefused
from kelp.segments.framing import ADDRESS_FILE_VARIABLE

_RECORD_BYTES = 3


def encode(value: object) -> bytes:
    """Return a value in the format of the data section: maps, texts, arrays, doubles; whole numbers as their bytes."""
    match value:
        case dict():
            items = b"".join(encode(key) + encode(item) for key, item in value.items())
            return bytes([7 << 5 | len(value)]) + items
        case str():
            content = value.encode()
            return bytes([2 << 5 | len(content)]) + content
        case list():
            return bytes([len(value), 4]) + b"".join(map(encode, value))
        case float():
            return bytes([3 << 5 | 8]) + struct.pack(">d", value)
        case bytes():
            kinds = {2: [5 << 5 | 2], 4: [6 << 5 | 4], 8: [8, 2]}
            return bytes(kinds[len(value)]) + value
    raise TypeError


def write_file(path: Path, first_byte: int, record: object) -> None:
    """Write a file that knows one record: that of the IPv4 addresses that begin with a byte."""
    bits = [first_byte >> (7 - index) & 1 for index in range(8)]
    nodes = []
    for index, bit in enumerate(bits):
        following = index + 1 if index < 7 else len(bits) + 16
        nodes.append((len(bits), following) if bit else (following, len(bits)))
    tree = b"".join(number.to_bytes(_RECORD_BYTES, "big") for node in nodes for number in node)
    metadata = {
        "node_count": struct.pack(">I", len(bits)),
        "record_size": struct.pack(">H", 8 * _RECORD_BYTES),
        "ip_version": struct.pack(">H", 4),
        "database_type": "Test",
        "languages": ["en"],
        "binary_format_major_version": struct.pack(">H", 2),
        "binary_format_minor_version": struct.pack(">H", 0),
        "build_epoch": struct.pack(">Q", 1),
        "description": {"en": "test"},
    }
    path.write_bytes(tree + bytes(16) + encode(record) + b"\xab\xcd\xefMaxMind.com" + encode(metadata))


def find(*addresses: str | None) -> list[object]:
    texts = geo_info_from_ip_address([pa.array(addresses, pa.utf8())]).to_pylist()
    return [json.loads(text) if text else None for text in texts]


def test_nothing_is_known_without_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS_FILE_VARIABLE, raising=False)
    assert find("20.53.203.50", None, "x") == [None, None, None]


def test_a_record_gives_names_and_coordinates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    record = {
        "country": {"names": {"en": "Utopia"}},
        "subdivisions": [{"names": {"en": "North"}}],
        "city": {"names": {"en": "Amaurot"}},
        "location": {"latitude": 1.5, "longitude": -2.25},
    }
    write_file(tmp_path / "places.mmdb", 20, record)
    monkeypatch.setenv(ADDRESS_FILE_VARIABLE, str(tmp_path / "places.mmdb"))
    place = {"country": "Utopia", "state": "North", "city": "Amaurot", "latitude": 1.5, "longitude": -2.25}
    assert find("20.53.203.50", " 20.0.0.1", "21.0.0.1", "::1", "20.1", None, "20.53.203.50") == [
        place,
        place,
        None,
        None,
        None,
        None,
        place,
    ]


def test_names_that_are_not_known_are_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_file(tmp_path / "places.mmdb", 9, {"country": {"names": {"en": "Utopia"}}})
    monkeypatch.setenv(ADDRESS_FILE_VARIABLE, str(tmp_path / "places.mmdb"))
    assert find("9.9.9.9") == [{"country": "Utopia", "state": "", "city": ""}]


@pytest.mark.parametrize("content", [None, b"no such format"])
def test_a_file_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "broken.mmdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv(ADDRESS_FILE_VARIABLE, str(path))
    with pytest.raises(SegmentRefused, match="address_file"):
        find("1.2.3.4")
