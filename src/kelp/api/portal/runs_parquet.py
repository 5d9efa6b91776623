"""Rows as a Parquet file, written a batch at a time."""

from __future__ import annotations

from io import RawIOBase
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.kql.types import Column
    from kelp.query.arrow_rows import RowBatch

_NANOSECONDS, _MICROSECONDS = pa.timestamp("ns", "UTC"), pa.timestamp("us", "UTC")
_LARGEST_TICKS = 9_223_372_036_854_775_807 // 100
"""In either direction: nanoseconds since 1970 beyond do not fit into 64 bits."""


class ParquetWriter:
    """Writes one file. Blocks: for threads, one call after the other.

    Datetimes are timestamps in nanoseconds; in microseconds where a column has one before 1677 or after 2262. All else
    is as in Arrow: timespans are ticks of 100 ns, decimals and ids texts, dynamic values JSON texts.
    """

    def __init__(self, columns: Sequence[Column], schema: pa.Schema, batches: Sequence[RowBatch]) -> None:
        """`batches` are looked at only, for the range of their times."""
        self._schema = pa.schema(
            [
                field.with_type(_timestamp_of(index, batches))
                if column.type is ScalarType.DATETIME
                else field
                for index, (column, field) in enumerate(zip(columns, schema, strict=True))
            ]
        )
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd")

    def write(self, batch: RowBatch) -> bytes:
        """Add the rows; return what of the file is ready."""
        columns = [
            _as_time(column, field.type) if pa.types.is_timestamp(field.type) else column
            for column, field in zip(batch.read().columns, self._schema, strict=True)
        ]
        self._writer.write_batch(pa.record_batch(columns, schema=self._schema))
        return self._sink.take()

    def close(self) -> bytes:
        """End the file; return the rest of it."""
        self._writer.close()
        return self._sink.take()


class _Sink(RawIOBase):
    """Holds what was written until it is taken."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: bytes) -> int:  # type: ignore[override]
        self._held += content
        return len(content)

    def take(self) -> bytes:
        held, self._held = bytes(self._held), bytearray()
        return held


def _timestamp_of(index: int, batches: Sequence[RowBatch]) -> pa.DataType:
    for batch in batches:
        limits = pc.min_max(batch.read().column(index))
        first, last = limits["min"].as_py(), limits["max"].as_py()
        if first is not None and (first < -_LARGEST_TICKS or last > _LARGEST_TICKS):
            return _MICROSECONDS
    return _NANOSECONDS


def _as_time(ticks: pa.Array, kind: pa.DataType) -> pa.Array:
    whole = pc.multiply(ticks, 100) if kind == _NANOSECONDS else pc.divide(ticks, 10)
    return whole.cast(kind)
