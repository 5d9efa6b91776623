"""Rows of a result as Arrow's messages: read from the engine's chunks, cut and written again without looking at cells.

See "IPC streaming format" in the Arrow columnar specification.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
from pyarrow import ipc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kelp.kql.types import Column

STREAM_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
TYPE_KEY = b"kelp.type"
"""Under which a field's metadata has its KQL type."""


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Some rows: one message of a stream, and what is needed to cut it."""

    message: bytes
    rows: int
    schema: pa.Schema

    def slice(self, start: int, rows: int) -> RowBatch:
        """Return so many rows from there on; the batch itself where that is all of it."""
        rows = max(0, min(rows, self.rows - start))
        if rows == self.rows:
            return self
        part = self.read().slice(start, rows)
        return RowBatch(part.serialize().to_pybytes(), rows, self.schema)

    def fit(self, maximum_bytes: int) -> RowBatch:
        """Return the most of the first rows whose message is not larger, found by halving; perhaps none."""
        least, most, best = 0, self.rows, self.slice(0, 0)
        while least < most:
            middle = (least + most + 1) // 2
            part = self.slice(0, middle)
            if len(part.message) <= maximum_bytes:
                least, best = middle, part
            else:
                most = middle - 1
        return best

    def read(self) -> pa.RecordBatch:
        """Return the rows as a batch over the message's own memory."""
        return ipc.read_record_batch(pa.py_buffer(self.message), self.schema)


class ArrowRows:
    """Reads the chunks of one result, in order, whose columns are those given. Belongs to one task."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._schema: pa.Schema | None = None

    @property
    def schema(self) -> pa.Schema | None:
        """What the result's columns are in Arrow, as soon as the engine has said it."""
        return self._schema

    def feed(self, chunk: bytes) -> Iterator[RowBatch]:
        """Yield the batches of the next chunk, which holds whole messages."""
        if chunk == STREAM_END:
            return
        reader = pa.BufferReader(chunk)
        if self._schema is None:
            self._schema = schema_of(self._columns, ipc.read_schema(reader))
        begin = reader.tell()
        while (message := _read_message(reader)) is not None:
            rows = ipc.read_record_batch(message, self._schema).num_rows
            end = reader.tell()
            if rows:
                yield RowBatch(chunk[begin:end], rows, self._schema)
            begin = end


def schema_of(columns: Sequence[Column], engine_schema: pa.Schema) -> pa.Schema:
    """Return the schema of a result: the engine's types under our names, each with its KQL type beside it."""
    return pa.schema(
        [
            pa.field(column.name, field.type, nullable=True, metadata={TYPE_KEY: column.type.value})
            for column, field in zip(columns, engine_schema, strict=True)
        ]
    )


def _read_message(reader: pa.BufferReader) -> ipc.Message | None:
    try:
        return ipc.read_message(reader)
    except EOFError:
        return None
