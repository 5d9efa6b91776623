"""Tables at the border: what the engine sends, what it is sent, and constants as columns."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType
from kelp.plan.segment_operations import ConstantArgument, Form, SegmentColumn

_SERIES = pa.list_(pa.float64())
_TYPES = {
    ScalarType.BOOL: pa.bool_(),
    ScalarType.INT: pa.int32(),
    ScalarType.LONG: pa.int64(),
    ScalarType.REAL: pa.float64(),
    ScalarType.DECIMAL: pa.decimal128(38, 18),
    ScalarType.STRING: pa.utf8(),
    ScalarType.DATETIME: pa.int64(),
    ScalarType.TIMESPAN: pa.int64(),
    ScalarType.GUID: pa.utf8(),
    ScalarType.DYNAMIC: pa.utf8(),
}


def arrow_type(kind: ScalarType, form: Form) -> pa.DataType:
    """Return what a column of that kind is as Arrow."""
    return _SERIES if form is Form.SERIES else _TYPES[kind]


def read_table(content: bytes) -> pa.Table:
    """Return the rows of a stream of the engine; series, which cross as arrays of one or none, as such."""
    with pa.ipc.open_stream(content) as reader:
        table = reader.read_all()
    for index, field in enumerate(table.schema):
        if pa.types.is_list(field.type):
            table = table.set_column(index, field.name, _unwrap(table.column(index)))
    return table.combine_chunks()


def write_table(table: pa.Table, columns: Sequence[SegmentColumn]) -> bytes:
    """Return the columns, by name, as a stream for the engine. Raises where one has not the type it must have."""
    arrays = []
    for column in columns:
        array = table.column(column.name).combine_chunks().cast(arrow_type(column.type, column.form))
        arrays.append(_wrap(array) if column.form is Form.SERIES else array)
    given = pa.table(arrays, names=[column.name for column in columns])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, given.schema) as writer:
        writer.write_table(given)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def repeat(argument: ConstantArgument, rows: int) -> pa.Array:
    """Return a constant as a column."""
    kind = arrow_type(argument.value.type, argument.form)
    return pa.repeat(pa.scalar(_constant(argument.value, argument.form), kind), rows)


def _constant(value: Literal, form: Form) -> Any:
    if form is Form.SERIES:
        return _read_series(str(value.value))
    match value.type:
        case ScalarType.DECIMAL:
            return None if value.value is None else Decimal(str(value.value))
        case ScalarType.DYNAMIC if value.value in (None, "null"):
            return ""
        case ScalarType.STRING:
            return value.value or ""
    return value.value


def _read_series(text: str) -> list[float | None] | None:
    try:
        items = json.loads(text)
    except ValueError:
        return None
    if not isinstance(items, list):
        return None
    return [float(item) if isinstance(item, int | float) else None for item in items]


def _unwrap(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    lengths = array.value_lengths()
    places = pa.compute.if_else(pa.compute.greater(lengths, 0), array.offsets[:-1], None)
    inner = array.values.take(places.cast(pa.int64()))
    return inner.cast(_SERIES)


def _wrap(array: pa.ListArray) -> pa.ListArray:
    sizes = pa.compute.cast(pa.compute.is_valid(array), pa.int32())
    ends = pa.compute.cumulative_sum(sizes).cast(pa.int32())
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends])
    return pa.ListArray.from_arrays(offsets, array.drop_null())
