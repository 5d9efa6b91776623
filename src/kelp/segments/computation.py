"""One operation over its inputs."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from kelp.plan.segment_operations import Calls, Keep, SegmentCall, SegmentColumn, SegmentOperation
from kelp.segments.arrow import arrow_type, read_table, repeat, write_table
from kelp.segments.table import find_scalar, find_tabular


def run_operation(
    operation: SegmentOperation, columns: Sequence[SegmentColumn], inputs: Sequence[bytes]
) -> bytes:
    """Return the rows of an operation over the engine's Arrow streams as one for the engine.

    Raises `SegmentRefused`, MemoryError, and whatever a defect raises.
    """
    tables = [read_table(content) for content in inputs]
    return write_table(compute(operation, tables), columns)


def compute(operation: SegmentOperation, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the rows of an operation."""
    if isinstance(operation, Calls):
        (table,) = inputs
        for call in operation.calls:
            table = table.append_column(call.output.name, _call(call, table))
        return table
    if isinstance(operation, Keep):
        return inputs[0]
    function = find_tabular(operation)
    if function is None:
        raise LookupError(f"there is no segment for {type(operation).__name__}")
    return function(operation, inputs)


def _call(call: SegmentCall, table: pa.Table) -> pa.Array:
    function = find_scalar(call.function)
    if function is None:
        raise LookupError(f"there is no segment function {call.function}")
    depends_on_row = any(isinstance(argument, str) for argument in call.arguments)
    rows = table.num_rows if depends_on_row else 1
    arguments = [
        table.column(argument).combine_chunks() if isinstance(argument, str) else repeat(argument, rows)
        for argument in call.arguments
    ]
    result = function(arguments).cast(arrow_type(call.output.type, call.output.form))
    if len(result) != rows:
        raise ValueError(f"{call.function} gave {len(result)} values for {rows} rows")
    return result if depends_on_row else result.take(pa.repeat(pa.scalar(0), table.num_rows))
