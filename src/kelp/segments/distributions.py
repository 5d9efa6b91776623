"""Probabilities of the beta distribution and of Student's (rules STAT-1 to STAT-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import special

from kelp.segments.numbers import read_reals, write_reals

if TYPE_CHECKING:
    from kelp.segments.table import ScalarFunction

_LARGEST_PARAMETER = 10_000.0


def _beta_cdf(arguments: Sequence[pa.Array]) -> pa.Array:
    """STAT-1: outside of 0 to 1, and for parameters that are not above 0 or above 10000, NaN."""
    (place, alpha, beta), known = read_reals(arguments)
    inside = (place >= 0) & (place <= 1) & (alpha > 0) & (beta > 0)
    inside &= (alpha <= _LARGEST_PARAMETER) & (beta <= _LARGEST_PARAMETER)
    return write_reals(np.where(inside, special.betainc(alpha, beta, place), np.nan), known)


def _beta_inv(arguments: Sequence[pa.Array]) -> pa.Array:
    """STAT-2: of a probability that is not above 0 and up to 1 null, for parameters that are not above 0 NaN."""
    (probability, alpha, beta), known = read_reals(arguments)
    fits = (alpha > 0) & (beta > 0)
    known &= ~fits | ((probability > 0) & (probability <= 1))
    return write_reals(np.where(fits, special.betaincinv(alpha, beta, probability), np.nan), known)


def _welch_test(arguments: Sequence[pa.Array]) -> pa.Array:
    """STAT-3: the two-sided probability, with the degrees of freedom of Welch and Satterthwaite."""
    (mean, variance, count, other_mean, other_variance, other_count), known = read_reals(arguments)
    with np.errstate(all="ignore"):
        error, other_error = variance / count, other_variance / other_count
        statistic = (mean - other_mean) / np.sqrt(error + other_error)
        shares = error**2 / (count - 1) + other_error**2 / (other_count - 1)
        freedom = (error + other_error) ** 2 / shares
        return write_reals(2 * special.stdtr(freedom, -np.abs(statistic)), known)


FUNCTIONS: Mapping[str, ScalarFunction] = {
    "beta_cdf": _beta_cdf,
    "beta_inv": _beta_inv,
    "welch_test": _welch_test,
}
