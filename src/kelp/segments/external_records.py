"""Records of files as columns of text, as `externaldata` reads them: what a record lacks is the empty text (EXT-3)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

_FIELD_BYTES = 64 * 1024 * 1024
_DECODER = json.JSONDecoder()


def read_delimited(content: bytes, delimiter: str, width: int, *, skips_first: bool) -> list[list[str]]:
    """Return the fields by column; what stands beyond the last column is left out, empty lines too."""
    csv.field_size_limit(_FIELD_BYTES)
    rows = csv.reader(io.StringIO(_text(content), newline=""), delimiter=delimiter)
    records = [row for row in rows if row]
    if skips_first:
        del records[:1]
    return [[row[index] if index < len(row) else "" for row in records] for index in range(width)]


def read_lines(content: bytes) -> list[str]:
    """Return the lines, without what ends them."""
    lines = _text(content).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return [line.removesuffix("\r") for line in lines]


def read_whole(content: bytes) -> list[str]:
    """Return the whole as one record."""
    return [_text(content)]


def read_json(content: bytes, names: Sequence[str], raw: frozenset[str]) -> list[list[str]]:
    """Return the properties of objects, which stand one after the other, or in arrays. Raises ValueError."""
    records = list(_iter_objects(_text(content)))
    return [[_spell(record.get(name), is_raw=name in raw) for record in records] for name in names]


def _iter_objects(text: str) -> Iterator[dict[str, object]]:
    place, end = 0, len(text)
    while True:
        while place < end and text[place] in " \t\r\n,":
            place += 1
        if place == end:
            return
        value, place = _DECODER.raw_decode(text, place)
        for record in value if isinstance(value, list) else [value]:
            if not isinstance(record, dict):
                raise ValueError(f"a record is no object: {str(record)[:60]}")
            yield record


def _spell(value: object, *, is_raw: bool) -> str:
    """Return JSON text for a dynamic column; for another one the text of a string, and JSON text of the rest."""
    if value is None:
        return ""
    if isinstance(value, str) and not is_raw:
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def read_parquet(content: bytes, names: Sequence[str]) -> list[list[str]]:
    """Return the columns of those names as text; nested values as JSON. Raises `pa.ArrowException`."""
    file = pq.ParquetFile(pa.BufferReader(content))
    known = set(file.schema_arrow.names)
    table = file.read(columns=[name for name in names if name in known])
    return [_texts(table.column(name)) if name in known else [""] * file.metadata.num_rows for name in names]


def _texts(column: pa.ChunkedArray) -> list[str]:
    kind = column.type
    if pa.types.is_nested(kind):
        return [
            "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in column.to_pylist()
        ]
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return ["" if value is None else value.decode("utf-8", "replace") for value in column.to_pylist()]
    if pa.types.is_timestamp(kind):
        return ["" if value is None else str(value) for value in column.cast(pa.timestamp("us")).to_pylist()]
    return [value or "" for value in column.cast(pa.string()).to_pylist()]


def _text(content: bytes) -> str:
    """UTF-8, with or without a mark; what is none is replaced."""
    return content.decode("utf-8-sig", "replace")
