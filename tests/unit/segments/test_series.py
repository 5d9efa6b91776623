"""Series beside the engine: what is told about them holds of them, for many at once as for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from kelp.segments.series_periods import find_periods
from kelp.segments.table import find_scalar

Values: TypeAlias = npt.NDArray[np.float64]
Series: TypeAlias = Sequence[float | None] | Values | None


@pytest.fixture
def random() -> np.random.Generator:
    """The same numbers in each test, whatever runs before it."""
    return np.random.default_rng(20261121)


def call(name: str, series: Sequence[Series], *arguments: Any) -> list[Values | None]:
    """Return what the function gives for each of the series; arguments that are lists are series, too."""
    function = find_scalar(name)
    assert function is not None
    count = len(series)
    columns = [
        pa.array([argument] * count, pa.list_(pa.float64()) if isinstance(argument, list) else None)
        for argument in arguments
    ]
    given = pa.array([None if one is None else list(one) for one in series], pa.list_(pa.float64()))
    found = function([given, *columns])
    assert len(found) == count
    return [None if one is None else np.array(one) for one in found.to_pylist()]


def seasons(
    random: np.random.Generator, period: int, turns: int, noise: float = 0.1, slope: float = 0.0
) -> Values:
    pattern = random.normal(0, 1, period)
    values: Values = np.tile(pattern, turns) + random.normal(0, noise, period * turns)
    return values + slope * np.arange(period * turns)


@pytest.mark.parametrize("period", [4, 7, 12, 24, 50])
@pytest.mark.parametrize("slope", [0.0, 0.2])
def test_parts_add_up_and_the_period_is_found(random: np.random.Generator, period: int, slope: float) -> None:
    values = seasons(random, period, 6, slope=slope)
    (found,) = call("$series_decompose", [values], -1, "linefit", 0, 0.6)
    assert found is not None
    baseline, seasonal, trend, residual = found.reshape(4, -1)
    assert np.allclose(baseline + residual, values)
    assert np.allclose(seasonal + trend, baseline)
    assert np.allclose(seasonal[period:], seasonal[:-period])
    assert np.ptp(seasonal) > 0
    assert np.std(residual) < 0.5 * np.std(values) + slope * period


def test_noise_has_no_period(random: np.random.Generator) -> None:
    periods, _ = find_periods(random.normal(0, 1, (50, 300)), 0, 300, 1)
    scores = find_periods(random.normal(0, 1, (50, 300)), 0, 300, 1)[1]
    assert periods.shape == (50, 1)
    assert scores.max() < 0.5


def test_two_periods_are_told_apart(random: np.random.Generator) -> None:
    days, weeks = seasons(random, 24, 35, noise=0), seasons(random, 168, 5, noise=0)
    ((first, second, *scores),) = [
        one.tolist()
        for one in call("$series_periods_detect", [days + weeks], 0.0, 400.0, 2)
        if one is not None
    ]
    assert {first, second} <= {24.0, 168.0, 0.0}
    assert first == 168
    assert 1 >= scores[0] >= scores[1] >= 0


def test_points_that_are_tested_teach_nothing(random: np.random.Generator) -> None:
    values = seasons(random, 6, 8)
    spoilt = values.copy()
    spoilt[-6:] = 1e6
    first, second = call("$series_decompose", [values, spoilt], 6, "avg", 6, 0.6)
    assert first is not None
    assert second is not None
    assert np.allclose(first[:48], second[:48])


@pytest.mark.parametrize("count", [4, 5, 9, 30])
def test_two_lines_leave_the_least(random: np.random.Generator, count: int) -> None:
    values = random.normal(0, 1, count) + 10 * (np.arange(count) > count / 2)

    def left_over(part: Values) -> float:
        places = np.arange(len(part))
        return float(np.sum((part - np.polyval(np.polyfit(places, part, 1), places)) ** 2))

    splits = range(2, count - 1)
    errors = [left_over(values[:split]) + left_over(values[split:]) for split in splits]
    (found,) = call("$series_fit_2lines", [values])
    assert found is not None
    assert found[1] == splits[int(np.argmin(errors))]
    assert found[3] * (count - 1) == pytest.approx(min(errors), abs=1e-9)
    assert found[2] == pytest.approx(np.var(values, ddof=1))
    assert np.sum((values - found[14:]) ** 2) == pytest.approx(min(errors), abs=1e-9)


@pytest.mark.parametrize("degree", [0, 1, 3, 5])
def test_polynomials(random: np.random.Generator, degree: int) -> None:
    places = np.sort(random.uniform(-2, 3, 20))
    values = random.normal(0, 1, 20)
    (found,) = call("$series_fit_poly", [values], degree, list(places))
    assert found is not None
    assert np.allclose(found[3 : 4 + degree], np.polyfit(places, values, degree))
    assert np.allclose(found[4 + degree :], np.polyval(found[3 : 4 + degree], places))


def test_waves_come_back(random: np.random.Generator) -> None:
    values = random.normal(0, 1, 45)
    (waves,) = call("$series_fft", [values])
    assert waves is not None
    real, imaginary = waves.reshape(2, -1)
    assert np.allclose(real + 1j * imaginary, np.fft.fft(values))
    (back,) = call("$series_ifft", [real], list(imaginary))
    assert back is not None
    assert np.allclose(back, [*values, *np.zeros(45)])


def test_many_are_what_each_is_alone(random: np.random.Generator) -> None:
    many: list[Series] = [
        *random.normal(0, 1, (5, 20)), None, *random.normal(0, 1, (3, 33)), [1.0, None, 3.0], [], [np.nan, 1.0],
    ]  # fmt: skip
    together = call("$series_decompose", many, -1, "avg", 0, 0.6)
    for one, found in zip(many, together, strict=True):
        (alone,) = call("$series_decompose", [one], -1, "avg", 0, 0.6)
        assert (alone is None) == (found is None)
        assert alone is None or found is None or np.allclose(alone, found)
    assert [found is None for found in together] == [False] * 5 + [True] + [False] * 3 + [True, False, True]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("$series_decompose", (-1, "avg", 0, 0.6)), ("$series_decompose", (None, None, None, None)),
        ("$series_decompose", (3, "other", 100, 0.6)), ("$series_periods_detect", (None, 5.0, 2)),
        ("$series_periods_detect", (0.0, float("nan"), 2)), ("$series_periods_detect", (0.0, float("inf"), 10**12)),
        ("$series_periods_validate", (None, float("inf"), -3.0)), ("$series_fit_poly", (None,)),
        ("$series_fit_poly", (100,)), ("$series_fit_2lines", ()), ("$series_fft", ()), ("$series_ifft", ([1.0],)),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "values", [[], [1.0], [2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0], [1e300, -1e300, 1e300, 0.0]]
)
def test_odd_arguments_fail_nothing(name: str, arguments: tuple[Any, ...], values: list[float]) -> None:
    call(name, [values], *arguments)
