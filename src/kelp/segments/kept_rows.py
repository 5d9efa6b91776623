"""Rows that several statements read, as they were the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from kelp.plan.graph_operations import KeepRows


def compute(operation: KeepRows, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the input."""
    del operation
    (table,) = inputs
    return table
