"""A series taken apart: what repeats, a trend, and the rest (rule SERIES-16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from kelp.segments.series import Matrix, map_series
from kelp.segments.series_periods import find_periods

if TYPE_CHECKING:
    import pyarrow as pa

_DETECT = -1


def _decompose(arguments: Sequence[pa.Array]) -> pa.Array:
    """Return baseline, seasonal, trend and residual, one after the other.

    The arguments are the series, the period (-1: to be found), the trend (avg, linefit or none), how many of the last
    points not to learn from, and how well a period must repeat to be found.
    """
    return map_series(arguments[:1], arguments[1:], _decomposed, _learned)


def _learned(
    length: int, _period: int | None, _trend: str | None, tested: int | None, _threshold: float | None
) -> int:
    return max(0, length - max(0, tested or 0))


def _decomposed(
    values: Matrix, period: int | None, trend: str | None, tested: int | None, threshold: float | None
) -> Matrix:
    count = _learned(values.shape[1], period, trend, tested, threshold)
    seasonal = _seasonal(values, count, _DETECT if period is None else period, threshold or 0)
    rising = _trend(values - seasonal, count, trend or "")
    baseline = seasonal + rising
    return np.hstack((baseline, seasonal, rising, values - baseline))


def _seasonal(values: Matrix, count: int, period: int, threshold: float) -> Matrix:
    """Return what repeats in each row; zeros where nothing does."""
    if period == _DETECT:
        # A trend that is left in hides what repeats.
        level = values[:, :count] - _trend(values[:, :count], count, "linefit")
        found, scores = find_periods(level, 0, count, 1)
        periods = np.where(scores[:, 0] >= threshold, found[:, 0], 0).astype(np.int64)
    else:
        periods = np.full(len(values), period if 0 < period <= count else 0)
    seasonal = np.zeros_like(values)
    for each in np.unique(periods[periods > 0]):
        rows = np.flatnonzero(periods == each)
        seasonal[rows] = _medians(values[rows], count, int(each))
    return seasonal


def _medians(values: Matrix, count: int, period: int) -> Matrix:
    """Return the medians of what is whole periods apart, over and over."""
    turns = -(-count // period)
    padded = np.full((len(values), turns * period), np.nan)
    padded[:, :count] = values[:, :count]
    medians = np.nanmedian(padded.reshape(len(values), turns, period), axis=1)
    return np.take(medians, np.arange(values.shape[1]) % period, axis=1)


def _trend(values: Matrix, count: int, kind: str) -> Matrix:
    learned = values[:, :count]
    if not count or kind not in ("avg", "linefit"):
        return np.zeros_like(values)
    level = learned.mean(axis=1, keepdims=True)
    if kind == "avg" or count < 2:
        return np.broadcast_to(level, values.shape)
    offsets = np.arange(values.shape[1]) - (count - 1) / 2
    slope: Matrix = (learned @ offsets[:count])[:, np.newaxis] / np.sum(offsets[:count] ** 2)
    rising: Matrix = level + slope * offsets
    return rising


FUNCTIONS: Mapping[str, Callable[[Sequence[pa.Array]], pa.Array]] = {"$series_decompose": _decompose}
