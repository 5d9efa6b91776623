from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
import zstandard

from kelp.cli.exit_codes import CommandFailed
from kelp.cli.record_files import MAXIMUM_BODY_BYTES, iter_bodies

LINES = b'{"a": 1}\n\n  {"a": 1.0, "s": "\xc3\xbc"}  \n{"a":null}'
RECORDS = [{"a": 1}, {"a": 1.0, "s": "ü"}, {"a": None}]


def _read(path: Path) -> list[dict[str, object]]:
    return [record for body in iter_bodies(path) for record in json.loads(body.content)]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.jsonl", LINES),
        ("r.json", b"[" + b",".join(line for line in LINES.split(b"\n") if line) + b"]"),
        ("r.jsonl.gz", gzip.compress(LINES, mtime=0)),
        ("r.jsonl.gz", gzip.compress(LINES[:9], mtime=0) + gzip.compress(LINES[9:], mtime=0)),
        ("r.zst", zstandard.compress(LINES)),
    ],
)
def test_json_in_every_wrapping(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert _read(path) == RECORDS


def test_records_pass_through_as_written(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_bytes(b'{"big": 9223372036854775807123, "f": 1.0, "dup": 1, "dup": 2}\n')
    (body,) = iter_bodies(path)
    assert body.content == b'[{"big": 9223372036854775807123, "f": 1.0, "dup": 1, "dup": 2}]'


def test_csv_rows_become_objects(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text('When,Name,Count,Flag\n2026-11-01T10:00:00Z,"a, b",1,true\n,x,,false\n')
    assert _read(path) == [
        {"When": "2026-11-01T10:00:00Z", "Name": "a, b", "Count": 1, "Flag": True},
        {"Name": "x", "Flag": False},
    ]


def test_bodies_are_bounded_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    records = [{"n": n, "text": "x" * 5_000} for n in range(500)]
    path.write_text("\n".join(json.dumps(record) for record in records))
    bodies = list(iter_bodies(path))
    assert len(bodies) == 3
    assert all(len(body.content) <= MAXIMUM_BODY_BYTES for body in bodies)
    assert sum(body.records for body in bodies) == 500
    assert [body.file_offset for body in bodies] == sorted(body.file_offset for body in bodies)
    assert bodies[-1].file_offset == path.stat().st_size
    assert _read(path) == records


def test_a_large_record_goes_alone(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text('{"a":1}\n{"a":"' + "x" * MAXIMUM_BODY_BYTES + '"}\n{"a":2}\n')
    assert [body.records for body in iter_bodies(path)] == [1, 1, 1]


def test_an_empty_file_has_no_bodies(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.touch()
    assert list(iter_bodies(path)) == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.jsonl", b'{"a":1}\nnope\n', "line 2 of .* is not a JSON object"),
        ("r.jsonl", b'{"a":1}\n"text"\n', "line 2 of .* is not a JSON object"),
        ("r.json", b"[1,", "is not a JSON array"),
        ("r.json", b'[{"a":1}, 2]', "item 2 of .* is not a JSON object"),
        ("r.jsonl.gz", b"no gzip", "Can't read"),
        ("r.jsonl.gz", gzip.compress(LINES, mtime=0)[:-4], "Can't read"),
        ("r.zst", b"no zstandard", "Can't read"),
        ("r.csv", b"a,b\n1,2\n3\n", "is not CSV"),
    ],
)
def test_what_is_no_record_is_named_by_its_place(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CommandFailed, match=message):
        list(iter_bodies(path))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CommandFailed, match="Can't read"):
        list(iter_bodies(tmp_path / "none.jsonl"))
