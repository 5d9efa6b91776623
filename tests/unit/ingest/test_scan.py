"""Bodies are accepted or refused whole, before anything of them is stored."""

from __future__ import annotations

import gzip
import zlib

import pytest
import zstandard

from kelp.base.errors import Category
from kelp.ingest.scan import BodyRefused, scan_body

LIMIT = 1_000
RECORDS = b'[{"a": 1, "b": {"c": [null, "x"]}}, {"a": "\xc3\xbc"}]'


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("", RECORDS),
        ("identity", RECORDS),
        ("gzip", gzip.compress(RECORDS)),
        ("GZIP", gzip.compress(RECORDS[:20]) + gzip.compress(RECORDS[20:])),
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
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}[encoding](bomb)
    with pytest.raises(BodyRefused) as refused:
        scan_body(packed, encoding, 100_000, allows_single=False)
    assert refused.value.category is Category.TOO_LARGE


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "zstd"])
def test_a_broken_stream_is_refused(encoding: str) -> None:
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}[encoding](RECORDS)
    for body in (packed[:-6], b"nonsense"):
        with pytest.raises(BodyRefused) as refused:
            scan_body(body, encoding, LIMIT, allows_single=False)
        assert refused.value.category is Category.INVALID


def test_an_unknown_encoding_is_refused_by_name() -> None:
    with pytest.raises(BodyRefused, match="br"):
        scan_body(RECORDS, "br", LIMIT, allows_single=False)
