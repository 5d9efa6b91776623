"""Series as waves, and back (rule SERIES-19)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from kelp.segments.series import Matrix, map_series

if TYPE_CHECKING:
    import pyarrow as pa


def _transform(arguments: Sequence[pa.Array], *, inverse: bool) -> pa.Array:
    """Return the real parts, then the imaginary ones; the arguments are the real parts, and imaginary ones perhaps."""

    def transformed(real: Matrix, *imaginary: Matrix) -> Matrix:
        if not real.shape[1]:
            return real
        values = real + 1j * imaginary[0] if imaginary else real
        waves = np.fft.ifft(values, axis=1) if inverse else np.fft.fft(values, axis=1)
        return np.hstack((waves.real, waves.imag))

    return map_series(arguments, (), transformed)


FUNCTIONS: Mapping[str, Callable[[Sequence[pa.Array]], pa.Array]] = {
    "$series_fft": partial(_transform, inverse=False),
    "$series_ifft": partial(_transform, inverse=True),
}
