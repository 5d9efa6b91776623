"""Bodies are accepted or refused whole, before anything of them is stored."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard

from kelp.base.errors import Category
from kelp.ingest.scan import BodyRefused, find_reserved_property, scan_body

LIMIT = 1_000
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
}
RECORDS = b'[{"a": 1, "b": {"c": [null, "x"]}}, {"a": "\xc3\xbc"}]'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", RECORDS),
        ("identity", RECORDS),
        ("gzip", gzip.compress(RECORDS, mtime=0)),
        ("GZIP", gzip.compress(RECORDS[:20], mtime=0) + gzip.compress(RECORDS[20:], mtime=0)),
        ("deflate", zlib.compress(RECORDS)),
        ("zstd", zstandard.compress(RECORDS)),
    ],
)
def test_every_encoding_gives_the_plain_body(encoding: str, body: bytes) -> None:
    scanned = scan_body(body, encoding, LIMIT, allows_single=False)
    assert (scanned.plain, scanned.records, scanned.is_single) == (RECORDS, 2, False)


def test_a_bare_object_is_one_record_where_that_is_allowed() -> None:
    scanned = scan_body(b' {"a": 1}', "", LIMIT, allows_single=True)
    assert (scanned.records, scanned.is_single) == (1, True)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "truncated"),
        (b'[{"a": 1}', "truncated"),
        (b'[{"a": tru}]', "byte"),
        (b"[1]", "$[0]"),
        (b'{"a": 1}', "array"),
        (b'[{"a": 1}] x', "trailing"),
        (b'[{"a": "\xff"}]', "UTF-8 at byte 8"),
    ],
)
def test_what_is_no_array_of_objects_is_refused_with_its_place(body: bytes, told: str) -> None:
    with pytest.raises(BodyRefused, match="The body is not") as refused:
        scan_body(body, "", LIMIT, allows_single=False)
    assert refused.value.category is Category.INVALID
    assert told in refused.value.message


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_bomb_is_refused_by_its_unpacked_size(encoding: str) -> None:
    bomb = b"[" + b" " * 50_000_000 + b"]"
    packed = COMPRESSORS[encoding](bomb)
    with pytest.raises(BodyRefused) as refused:
        scan_body(packed, encoding, 100_000, allows_single=False)
    assert refused.value.category is Category.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_broken_stream_is_refused(encoding: str) -> None:
    packed = COMPRESSORS[encoding](RECORDS)
    for body in (packed[:-6], b"nonsense"):
        with pytest.raises(BodyRefused) as refused:
            scan_body(body, encoding, LIMIT, allows_single=False)
        assert refused.value.category is Category.INVALID


def test_an_unknown_encoding_is_refused_by_name() -> None:
    with pytest.raises(BodyRefused, match="br"):
        scan_body(RECORDS, "br", LIMIT, allows_single=False)


@pytest.mark.parametrize("nesting", [b"[", b'{"a":'])
def test_a_body_nested_too_deeply_is_refused(nesting: bytes) -> None:
    with pytest.raises(BodyRefused) as refused:
        scan_body(b'[{"a":' + nesting * 50_000, "", 1_000_000, allows_single=False)
    assert refused.value.category is Category.INVALID


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'[{"a": 1}]', None),
        (b'[{"a": "\\"tenant\\""}]', None),
        (b'[{"a": {"RawData": 1}}]', None),
        (b'{"TimeGenerated": 1}', "TimeGenerated"),
        (b'[{"a": 1}, {"tenant": null}]', "tenant"),
    ],
)
def test_reserved_properties_are_found(body: bytes, found: str | None) -> None:
    assert find_reserved_property(scan_body(body, "", LIMIT, allows_single=True)) == found
