"""Rows of values as codes, and the closed patterns of them.

A pattern is closed when no value can be added to it that all of its rows have. Of all patterns of the same rows only
the closed one is looked at: it is the one that tells most.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from kelp.segments.errors import SegmentRefused

MAX_PATTERNS = 20_000
"""Where there are more, the input is too manifold to be described by patterns."""

NONE = -1
"""The code of a value that is too rare to be part of a pattern, and of no value in a pattern."""

Codes = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Dimension:
    """A column: its values by code."""

    name: str
    values: pa.Array


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows as codes, a column for each dimension, with their weights in each of one or more sets."""

    dimensions: tuple[Dimension, ...]
    codes: Codes
    weights: Weights


@dataclass(frozen=True, slots=True)
class Pattern:
    """A code for each dimension, or `NONE`; and the weight of its rows in each set."""

    codes: tuple[int, ...]
    weights: tuple[float, ...]

    @property
    def size(self) -> int:
        """How many values it has."""
        return sum(code != NONE for code in self.codes)

    def covers(self, other: Pattern) -> bool:
        """Tell whether all values of this pattern are values of the other."""
        return all(mine in (NONE, theirs) for mine, theirs in zip(self.codes, other.codes, strict=True))


def encode(
    table: pa.Table, names: Sequence[str], weights: Sequence[str], *, without_null: bool = False
) -> Rows:
    """Return the rows of a table that have a weight. Null is a value like any other, or none `without_null`."""
    dimensions: list[Dimension] = []
    codes: list[Codes] = []
    for name in names:
        column = table.column(name).combine_chunks()
        encoded = pc.dictionary_encode(column, null_encoding="mask" if without_null else "encode")
        dimensions.append(Dimension(name, encoded.dictionary))
        codes.append(encoded.indices.cast(pa.int64()).fill_null(NONE).to_numpy(zero_copy_only=False))
    parts = [np.nan_to_num(table.column(name).cast(pa.float64()).to_numpy(), posinf=0.0) for name in weights]
    weighed = np.stack(parts, axis=1) if parts else np.ones((table.num_rows, 1))
    weighed = np.maximum(weighed, 0.0)
    matrix = np.stack(codes, axis=1) if codes else np.zeros((table.num_rows, 0), np.int64)
    kept = weighed.sum(axis=1) > 0
    return Rows(tuple(dimensions), matrix[kept], weighed[kept])


def compact(rows: Rows, least: Weights) -> Rows:
    """Return the rows without the values that weigh less than `least` in every set, equal rows as one."""
    codes = rows.codes.copy()
    for place, dimension in enumerate(rows.dimensions):
        frequent = _is_frequent(rows.codes[:, place], rows.weights, len(dimension.values), least)
        codes[:, place] = np.where(frequent[codes[:, place] + 1], codes[:, place], NONE)
    distinct, places = np.unique(codes, axis=0, return_inverse=True)
    weights = np.zeros((len(distinct), rows.weights.shape[1]))
    np.add.at(weights, places.reshape(-1), rows.weights)
    return Rows(rows.dimensions, distinct, weights)


def _is_frequent(codes: Codes, weights: Weights, values: int, least: Weights) -> npt.NDArray[np.bool_]:
    """Tell of each code, the first being `NONE`, whether its rows weigh enough in some set."""
    sums = [np.bincount(codes + 1, weights[:, index], values + 1) for index in range(weights.shape[1])]
    frequent: npt.NDArray[np.bool_] = np.any(np.stack(sums, axis=1) >= least, axis=1)
    frequent[0] = False
    return frequent


class TooManyPatterns(SegmentRefused):
    """There are more patterns than may be looked at."""

    def __init__(self, most: int) -> None:
        super().__init__(
            f"There are more than {most:,} patterns. Project fewer columns, or raise the threshold."
        )


def iter_closed(
    rows: Rows, least: Weights, max_values: int | None, most: int = MAX_PATTERNS
) -> Iterator[Pattern]:
    """Yield the closed patterns that weigh `least` or more in some set, once each, the smaller first.

    `rows` are compact. `max_values`: how many values may be chosen; those that follow from them do not count. Raises
    `TooManyPatterns` after `most`.
    """
    if not len(rows.codes):
        return
    start = _close(rows.codes)
    level, seen = [start], {start}
    if any(code != NONE for code in start):
        yield _weigh(rows, start, np.arange(len(rows.codes)))
    chosen = 0
    while level and (max_values is None or chosen < max_values):
        chosen += 1
        found: list[tuple[int, ...]] = []
        for closed in level:
            for larger, places in _iter_larger(rows, least, closed):
                if larger in seen:
                    continue
                if len(seen) > most:
                    raise TooManyPatterns(most)
                seen.add(larger)
                found.append(larger)
                yield _weigh(rows, larger, places)
        level = found


def _iter_larger(
    rows: Rows, least: Weights, closed: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Codes]]:
    """Yield the closed patterns that one more value makes of a pattern, and the places of their rows."""
    places = np.arange(len(rows.codes))
    for index, code in enumerate(closed):
        if code != NONE:
            places = places[rows.codes[places, index] == code]
    selected, weights = rows.codes[places], rows.weights[places]
    for index, code in enumerate(closed):
        if code != NONE:
            continue
        column = selected[:, index]
        frequent = _is_frequent(column, weights, len(rows.dimensions[index].values), least)
        for value in (np.flatnonzero(frequent) - 1).tolist():
            same = column == value
            yield _close(selected[same]), places[same]


def _close(codes: Codes) -> tuple[int, ...]:
    """Return the values that all of the rows have."""
    return tuple(np.where((codes == codes[0]).all(axis=0), codes[0], NONE).tolist())


def _weigh(rows: Rows, codes: tuple[int, ...], places: Codes) -> Pattern:
    return Pattern(codes, tuple(rows.weights[places].sum(axis=0).tolist()))


def pattern_columns(
    dimensions: Sequence[Dimension], patterns: Sequence[Pattern], wildcards: Sequence[pa.Scalar]
) -> list[pa.Array]:
    """Return a column for each dimension: the values of the patterns, and its wildcard where one has none."""
    columns = []
    for place, (dimension, wildcard) in enumerate(zip(dimensions, wildcards, strict=True)):
        codes = pa.array([pattern.codes[place] for pattern in patterns], pa.int64())
        is_value = pc.not_equal(codes, NONE)
        values = dimension.values.take(pc.if_else(is_value, codes, pa.scalar(None, pa.int64())))
        columns.append(pc.if_else(is_value, values, wildcard.cast(values.type)))
    return columns
