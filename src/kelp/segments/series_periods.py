"""Periods of series (rule SERIES-15).

How well a period repeats is told by the autocorrelation one and two periods apart, the lesser of the two: what is alike
once need not be a period. Autocorrelations are taken over the pairs that there are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kelp.segments.series import Matrix, map_series

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_PERIOD = 4
_NEAR = 0.15
"""The share of a period within which another one is the same."""
_BETTER = 0.05
"""By how much a multiple of a period must repeat better, to be a period of its own."""
_CANDIDATES = 64


def autocorrelation(values: Matrix) -> Matrix:
    """Return the autocorrelations of each row at all lags from 0 on; zero for a row that does not vary."""
    count = values.shape[1]
    centred = values - values.mean(axis=1, keepdims=True)
    size = 1 << int(2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size, axis=1)
    products = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, :count]
    variance = np.mean(centred**2, axis=1, keepdims=True)
    found = np.zeros_like(values)
    varies = variance[:, 0] > np.finfo(np.float64).eps * np.mean(values**2, axis=1)
    found[varies] = products[varies] / np.arange(count, 0, -1) / variance[varies]
    return found


def scores_of(correlations: Matrix, periods: npt.NDArray[np.float64]) -> Matrix:
    """Return how well each row repeats at the periods, from 0 to 1; 0 for a period outside of the bounds."""
    count = correlations.shape[1]
    scores = np.zeros((correlations.shape[0], len(periods)))
    usable = (periods >= LEAST_PERIOD) & (2 * periods < count)
    once, twice = (_at(correlations, times * periods[usable]) for times in (1, 2))
    scores[:, usable] = np.clip(np.minimum(once, twice), 0, 1)
    return scores


def _at(correlations: Matrix, lags: npt.NDArray[np.float64]) -> Matrix:
    """Return the correlations at lags that may lie between two."""
    below = np.floor(lags).astype(np.int64)
    above = np.minimum(below + 1, correlations.shape[1] - 1)
    first = correlations[:, below]
    return first + (correlations[:, above] - first) * (lags - below)


def find_periods(values: Matrix, least: float, most: float, count: int) -> tuple[Matrix, Matrix]:
    """Return the periods of each row that repeat best, and how well they do, up to `count`, filled up with zeros."""
    periods, scores = np.zeros((len(values), count)), np.zeros((len(values), count))
    length = values.shape[1]
    first, last = max(LEAST_PERIOD, least), min(most, (length - 1) // 2)
    lags = np.arange(int(np.ceil(first)), int(last) + 1) if first <= last else np.empty(0, np.int64)
    if not len(lags):
        return periods, scores
    correlations = autocorrelation(values)
    here = correlations[:, lags]
    peaks = (here >= correlations[:, lags - 1]) & (here >= correlations[:, lags + 1])
    found = np.where(peaks, scores_of(correlations, lags.astype(np.float64)), 0)
    # Less than this comes about by chance.
    found[found < 2 / np.sqrt(length)] = 0
    for row in np.flatnonzero(found.any(axis=1)):
        chosen = _choose(lags, found[row], count)
        periods[row, : len(chosen)] = lags[chosen]
        scores[row, : len(chosen)] = found[row, chosen]
    return periods, scores


def _choose(lags: npt.NDArray[np.int64], scores: npt.NDArray[np.float64], count: int) -> list[int]:
    """Return where the best of the candidates are, without those that are the same as others or multiples of them."""
    order = [place for place in np.argsort(-scores, kind="stable")[:_CANDIDATES] if scores[place] > 0]
    chosen: list[int] = []
    for place in order:
        if len(chosen) == count:
            break
        lag, score = lags[place], scores[place]
        shorter = (other for other in order if lags[other] < lag and score < scores[other] + _BETTER)
        is_multiple = any(_is_multiple(lag, lags[other]) for other in shorter)
        if not is_multiple and not any(abs(lag - lags[other]) <= _NEAR * lags[other] for other in chosen):
            chosen.append(int(place))
    return chosen


def _is_multiple(lag: int, other: int) -> bool:
    times = round(lag / other)
    return times > 1 and abs(lag - times * other) <= max(1, times / 2, _NEAR * other)


def _detect(arguments: Sequence[pa.Array]) -> pa.Array:
    def detected(values: Matrix, least: float | None, most: float | None, count: int | None) -> Matrix:
        if least is None or most is None or count is None or np.isnan(least) or np.isnan(most):
            return np.empty((len(values), 0))
        return np.hstack(find_periods(values, least, most, max(0, min(count, values.shape[1]))))

    return map_series(arguments[:1], arguments[1:], detected)


def _validate(arguments: Sequence[pa.Array]) -> pa.Array:
    def validated(values: Matrix, *periods: float | None) -> Matrix:
        wanted = np.array([0.0 if period is None else period for period in periods])
        wanted = np.where(np.isfinite(wanted), wanted, 0)
        scores = (
            scores_of(autocorrelation(values), wanted)
            if values.shape[1]
            else np.zeros((len(values), len(wanted)))
        )
        return np.hstack((np.broadcast_to(wanted, scores.shape), scores))

    return map_series(arguments[:1], arguments[1:], validated)


FUNCTIONS: Mapping[str, Callable[[Sequence[pa.Array]], pa.Array]] = {
    "$series_periods_detect": _detect,
    "$series_periods_validate": _validate,
}
