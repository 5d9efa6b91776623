"""Series as matrices: rows of one length, and with the same parameters, are computed together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Matrix: TypeAlias = npt.NDArray[np.float64]
"""A series a row."""

_BLOCK_ELEMENTS = 1 << 19
"""How many elements are computed together; what is made on the way has many times their size."""

Body = Callable[..., Matrix]
"""Takes a matrix for each series, then the parameters, and gives a matrix with as many rows."""

Learned = Callable[..., int]
"""Takes the length of the series and the parameters, and gives how many of the first elements are learned from."""


def map_series(
    series: Sequence[pa.Array], parameters: Sequence[pa.Array], body: Body, learned: Learned | None = None
) -> pa.Array:
    """Return for each row the series that `body` makes of the row's series and parameters.

    It is null where a series is null, where the series of a row differ in length, or where an element that is learned
    from is no finite number. Elsewhere `body` gets such elements as NaN.
    """
    lists = [_Lists(one) for one in series]
    groups: dict[tuple[Any, ...], list[int]] = {}
    values = [parameter.to_pylist() for parameter in parameters]
    for row in np.flatnonzero(_comparable(lists)):
        key = (int(lists[0].lengths[row]), *(one[row] for one in values))
        groups.setdefault(key, []).append(int(row))
    results = _Results(len(series[0]))
    for (length, *given), found in _iter_blocks(groups):
        matrices = [one.rows(found, length) for one in lists]
        count = length if learned is None else learned(length, *given)
        whole = np.all([np.isfinite(matrix[:, :count]).all(axis=1) for matrix in matrices], axis=0)
        if whole.any():
            # Numbers too great to be computed with give infinities and NaN, as everywhere.
            with np.errstate(all="ignore"):
                made = body(*(matrix[whole] for matrix in matrices), *given)
            results.add(found[whole], made)
    return results.to_array()


def _iter_blocks(
    groups: Mapping[tuple[Any, ...], list[int]],
) -> Iterator[tuple[tuple[Any, ...], npt.NDArray[np.int64]]]:
    """Yield the rows of each group, not too many at once."""
    for key, rows in groups.items():
        size = max(1, _BLOCK_ELEMENTS // max(1, key[0]))
        for start in range(0, len(rows), size):
            yield key, np.array(rows[start : start + size])


class _Lists:
    """The rows of a column of series."""

    def __init__(self, array: pa.Array) -> None:
        self.is_valid = np.asarray(array.is_valid())
        offsets = np.asarray(array.offsets)
        self.starts, self.lengths = offsets[:-1], np.diff(offsets)
        self.values = np.asarray(array.values.to_numpy(zero_copy_only=False), np.float64)

    def rows(self, rows: npt.NDArray[np.int64], length: int) -> Matrix:
        places = self.starts[rows][:, np.newaxis] + np.arange(length)
        return self.values[places]


def _comparable(lists: Sequence[_Lists]) -> npt.NDArray[np.bool_]:
    first, *others = lists
    found = first.is_valid
    for other in others:
        found = found & other.is_valid & (other.lengths == first.lengths)
    return found


class _Results:
    """Series of differing lengths under construction, for so many rows; null unless added."""

    def __init__(self, count: int) -> None:
        self._lengths = np.zeros(count, np.int64)
        self._is_null = np.ones(count, np.bool_)
        self._parts: list[tuple[npt.NDArray[np.int64], Matrix]] = []

    def add(self, rows: npt.NDArray[np.int64], values: Matrix) -> None:
        self._lengths[rows] = values.shape[1]
        self._is_null[rows] = False
        self._parts.append((rows, values))

    def to_array(self) -> pa.Array:
        offsets = np.concatenate(([0], np.cumsum(self._lengths)))
        content = np.empty(offsets[-1], np.float64)
        for rows, values in self._parts:
            content[offsets[rows][:, np.newaxis] + np.arange(values.shape[1])] = values
        return pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), pa.array(content), mask=pa.array(self._is_null)
        )
