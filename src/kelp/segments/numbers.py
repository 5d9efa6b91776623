"""Columns of numbers as NumPy has them, and back. Null is no number; NaN is one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Reals = NDArray[np.float64]
Truths = NDArray[np.bool_]


def read_reals(columns: Sequence[pa.Array]) -> tuple[list[Reals], Truths]:
    """Return the values (NaN for null) and which rows have a null in none of the columns."""
    values = [np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False)) for column in columns]
    known = np.ones(len(columns[0]), dtype=np.bool_)
    for column in columns:
        known &= np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    return values, known


def write_reals(values: Reals, known: Truths) -> pa.Array:
    """Return the values as a column, null where not `known`."""
    return pa.array(values, pa.float64(), mask=~known)
