"""Files of records cut into bodies for an ingestion API: JSON arrays of a bounded size.

JSON records pass through as they are written; only their ends are found. Rows of CSV files become objects, numbers and
truth values being told from text by the file's first block.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import msgspec
import pyarrow as pa
import pyarrow.csv as pa_csv
import zstandard

from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from pathlib import Path

MAXIMUM_BODY_BYTES = 1_000_000
"""Of one body; the Logs Ingestion API takes a little more. A larger record is sent alone."""

_ARRAY_START = b"["


@dataclass(frozen=True, slots=True)
class RecordBody:
    """A JSON array of records, and how far in the file (as stored, so compressed) its last record lies."""

    content: bytes = field(repr=False)
    records: int
    file_offset: int


def iter_bodies(path: Path) -> Iterator[RecordBody]:
    """Yield the records of a file: JSON lines, a JSON array, or CSV with names; plain, `.gz` or `.zst`.

    Raises `CommandFailed` with the place of what is no record; bodies before it were yielded.
    """
    try:
        with path.open("rb") as stored, _decompressed(path, stored) as content:
            yield from _gather(_iter_records(path, content), stored)
    except (OSError, EOFError, zstandard.ZstdError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read {path}: {error}.") from error


def _gather(records: Iterable[bytes], stored: IO[bytes]) -> Iterator[RecordBody]:
    held: list[bytes] = []
    held_bytes = 2
    for record in records:
        if held and held_bytes + len(record) + 1 > MAXIMUM_BODY_BYTES:
            yield _make_body(held, stored.tell())
            held, held_bytes = [], 2
        held.append(record)
        held_bytes += len(record) + 1
    if held:
        yield _make_body(held, stored.tell())


def _make_body(records: list[bytes], file_offset: int) -> RecordBody:
    return RecordBody(b"[" + b",".join(records) + b"]", len(records), file_offset)


@contextmanager
def _decompressed(path: Path, stored: IO[bytes]) -> Iterator[io.BufferedReader]:
    match path.suffix.lower():
        case ".gz":
            with gzip.GzipFile(fileobj=stored) as unpacked:
                yield io.BufferedReader(unpacked)
        case ".zst":
            with zstandard.ZstdDecompressor().stream_reader(stored, read_across_frames=True) as unpacked:
                yield io.BufferedReader(unpacked)
        case _:
            yield io.BufferedReader(stored)  # type: ignore[arg-type]  # a file opened "rb" is one


def _iter_records(path: Path, content: io.BufferedReader) -> Iterator[bytes]:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if ".csv" in suffixes[-2:]:
        return _iter_csv(path, content)
    if content.peek(64).lstrip().startswith(_ARRAY_START):
        return _iter_array(path, content)
    return _iter_lines(path, content)


def _iter_lines(path: Path, content: io.BufferedReader) -> Iterator[bytes]:
    for number, line in enumerate(content, 1):
        record = line.strip()
        if record:
            _require_object(record, f"line {number} of {path}")
            yield record


def _iter_array(path: Path, content: io.BufferedReader) -> Iterator[bytes]:
    try:
        records = msgspec.json.decode(content.read(), type=list[msgspec.Raw])
    except msgspec.DecodeError as error:
        raise CommandFailed(ExitCode.USAGE, f"{path} is not a JSON array: {error}.") from error
    for number, record in enumerate(records, 1):
        _require_object(bytes(record), f"item {number} of {path}")
        yield bytes(record)


def _require_object(record: bytes, place: str) -> None:
    try:
        msgspec.json.decode(record, type=dict[str, msgspec.Raw])
    except msgspec.DecodeError as error:
        raise CommandFailed(ExitCode.USAGE, f"{place} is not a JSON object: {error}.") from error


def _iter_csv(path: Path, content: io.BufferedReader) -> Iterator[bytes]:
    encoder = msgspec.json.Encoder()
    try:
        for batch in pa_csv.open_csv(content):
            for row in batch.to_pylist():
                yield encoder.encode({name: value for name, value in row.items() if value is not None})
    except pa.ArrowInvalid as error:
        raise CommandFailed(ExitCode.USAGE, f"{path} is not CSV with a line of names: {error}.") from error
