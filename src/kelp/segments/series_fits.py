"""Lines and polynomials that fit series best (rules SERIES-17 and SERIES-18).

Values are fitted around their mean and places around their middle, which loses no digits in sums of squares.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from kelp.segments.series import Matrix, map_series

if TYPE_CHECKING:
    import pyarrow as pa

_LEAST_POINTS = 2
"""A line of fewer points fits whatever they are."""
MAXIMUM_DEGREE = 30


def _fit_two_lines(arguments: Sequence[pa.Array]) -> pa.Array:
    """Return rsquare, split, variance, residual variance; those of the right line and of the left; the lines.

    Of a line there are rsquare, slope, interception, variance, residual variance.
    """
    return map_series(arguments, (), _two_lines)


def _two_lines(values: Matrix) -> Matrix:
    count = values.shape[1]
    if count < 2 * _LEAST_POINTS:
        return np.empty((len(values), 0))
    splits = np.arange(_LEAST_POINTS, count - _LEAST_POINTS + 1)
    centred = values - values.mean(axis=1, keepdims=True)
    left = _errors(centred)[:, splits - 1]
    right = _errors(centred[:, ::-1])[:, count - splits - 1]
    best = splits[np.argmin(left + right, axis=1)]
    made = np.empty((len(values), 14 + count))
    for split in np.unique(best):
        rows = np.flatnonzero(best == split)
        made[rows] = _around(values[rows], int(split))
    return made


def _errors(values: Matrix) -> Matrix:
    """Return the squared distances from the line of best fit of the first 1, 2, 3 ... values of each row."""
    sizes = np.arange(1, values.shape[1] + 1, dtype=np.float64)
    sums, squares = np.cumsum(values, axis=1), np.cumsum(values**2, axis=1)
    products = np.cumsum(values * sizes, axis=1) - sums * (sizes + 1) / 2
    spread = squares - sums**2 / sizes
    places = np.where(sizes > 1, sizes * (sizes**2 - 1) / 12, 1)
    return np.maximum(spread - np.where(sizes > 1, products**2 / places, 0), 0)


def _around(values: Matrix, split: int) -> Matrix:
    """Return all about the two lines on either side of a split."""
    right, right_fit = _line(values[:, split:])
    left, left_fit = _line(values[:, :split])
    fit = np.hstack((left_fit, right_fit))
    rsquare, variance, rest = _quality(values, fit)
    split_column = np.full(len(values), float(split))
    return np.hstack((np.column_stack((rsquare, split_column, variance, rest)), right, left, fit))


def _line(values: Matrix) -> tuple[Matrix, Matrix]:
    """Return rsquare, slope, interception, variance and residual variance, and the line; places count from 1."""
    count = values.shape[1]
    middle = (count + 1) / 2
    offsets = np.arange(1, count + 1) - middle
    level = values.mean(axis=1)
    slope = (values @ offsets) / np.sum(offsets**2)
    fit = level[:, np.newaxis] + slope[:, np.newaxis] * offsets
    rsquare, variance, rest = _quality(values, fit)
    return np.column_stack((rsquare, slope, level - slope * middle, variance, rest)), fit


def _quality(
    values: Matrix, fit: Matrix
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the share that is explained, the variance, and that of what is left."""
    variance = values.var(axis=1, ddof=1)
    rest = np.sum((values - fit) ** 2, axis=1) / (values.shape[1] - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1 - rest / variance, variance, rest


def _fit_polynomial(arguments: Sequence[pa.Array]) -> pa.Array:
    """Return rsquare, variance, residual variance, the coefficients from the highest power on, and the values.

    The arguments are the values, the degree, and the places where they are; without these they count from 1.
    """
    values, degree, *places = arguments
    return map_series((values, *places), (degree,), _polynomial)


def _polynomial(values: Matrix, *rest: Matrix | int | None) -> Matrix:
    *given, degree = rest
    places = given[0] if given else np.arange(1.0, values.shape[1] + 1)[np.newaxis]
    if not isinstance(degree, int) or not isinstance(places, np.ndarray):
        return np.empty((len(values), 0))
    if not 0 <= degree <= min(MAXIMUM_DEGREE, values.shape[1] - 1) or values.shape[1] < _LEAST_POINTS:
        return np.empty((len(values), 0))
    low, high = places.min(axis=1), places.max(axis=1)
    scale = np.where(high > low, 2 / np.where(high > low, high - low, 1), 1)
    shift = -scale * (low + high) / 2
    unit = places * scale[:, np.newaxis] + shift[:, np.newaxis]
    powers = unit[:, :, np.newaxis] ** np.arange(degree + 1)
    found = np.einsum(
        "rcp,rp->rc", np.linalg.pinv(powers), np.broadcast_to(values, (len(values), values.shape[1]))
    )
    fit = np.einsum("rpc,rc->rp", np.broadcast_to(powers, (len(values), *powers.shape[1:])), found)
    rsquare, variance, unexplained = _quality(values, fit)
    coefficients = _stretched(found, np.broadcast_to(scale, len(values)), np.broadcast_to(shift, len(values)))
    return np.hstack((np.column_stack((rsquare, variance, unexplained)), coefficients[:, ::-1], fit))


def _stretched(
    coefficients: Matrix, scale: npt.NDArray[np.float64], shift: npt.NDArray[np.float64]
) -> Matrix:
    """Return the coefficients of x, from the lowest power on, of polynomials of `scale * x + shift`."""
    count = coefficients.shape[1]
    made = np.zeros_like(coefficients)
    power = np.zeros_like(coefficients)
    power[:, 0] = 1
    for place in range(count):
        made += coefficients[:, place, np.newaxis] * power
        raised = power * shift[:, np.newaxis]
        raised[:, 1:] += power[:, :-1] * scale[:, np.newaxis]
        power = raised
    return made


FUNCTIONS: Mapping[str, Callable[[Sequence[pa.Array]], pa.Array]] = {
    "$series_fit_2lines": _fit_two_lines,
    "$series_fit_poly": _fit_polynomial,
}
