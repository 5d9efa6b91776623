"""What the engine computes of series is what NumPy computes of them, whatever stands in them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np
import pytest
from chdb.state.sqlitelike import Connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.spec.events import ask, open_engine

Item: TypeAlias = int | float | str | None
Array: TypeAlias = list[Item]

WHOLE = st.integers(-1000, 1000)
REALS = st.floats(-1e6, 1e6).map(lambda value: round(value, 6))
NUMBERS = st.lists(st.one_of(WHOLE, REALS), max_size=12)
ITEMS = st.lists(
    st.one_of(WHOLE, REALS, st.sampled_from(["NaN", "Infinity", "-Infinity", "x", None])), max_size=12
)
KNOWN = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    opened = open_engine(tmp_path_factory.mktemp("engine"))
    yield opened
    opened.close()


def compute(connection: Connection, expression: str, **series: Array) -> Any:
    """Return the value of an expression over the series; a dynamic one as JSON has it."""
    given_as = ", ".join(f"{name} = dynamic({json.dumps(items)})" for name, items in series.items())
    columns, rows = ask(connection, f"print {given_as} | project value = {expression}")
    (value,) = rows[0]
    return json.loads(value) if columns == ("value:dynamic",) and value is not None else value


def reals(items: Array) -> list[float | None]:
    """What a series is as numbers."""
    return [
        None
        if item is None or item == "x"
        else float(item.replace("Infinity", "inf") if isinstance(item, str) else item)
        for item in items
    ]


def spelled(values: list[float | None]) -> list[Item]:
    """Numbers as they stand in JSON."""

    def spell(value: float | None) -> Item:
        if value is None or math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"

    return [spell(value) for value in values]


def assert_alike(found: Array | None, expected: list[float | None]) -> None:
    assert found is not None
    wanted = spelled(expected)
    assert [type(item) is str or item is None for item in found] == [
        type(item) is str or item is None for item in wanted
    ]
    for one, other in zip(found, wanted, strict=True):
        if isinstance(one, int | float) and isinstance(other, int | float):
            assert one == pytest.approx(other, rel=1e-9, abs=1e-9)
        else:
            assert one == other


def each(function: Callable[[Any], Any], values: list[float | None]) -> list[float | None]:
    with np.errstate(all="ignore"):
        return [None if value is None else float(function(np.float64(value))) for value in values]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("abs", np.abs), ("acos", np.arccos), ("asin", np.arcsin), ("atan", np.arctan), ("ceiling", np.ceil),
        ("cos", np.cos), ("exp", np.exp), ("floor", np.floor), ("log", np.log), ("sin", np.sin),
    ],
)  # fmt: skip
@KNOWN
@given(items=ITEMS)
def test_one_by_one(connection: Connection, name: str, function: Callable[[Any], Any], items: Array) -> None:
    assert_alike(compute(connection, f"series_{name}(s)", s=items), each(function, reals(items)))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide),
    ],
)  # fmt: skip
@KNOWN
@given(left=ITEMS, right=ITEMS)
def test_two_by_two(
    connection: Connection, name: str, function: Callable[[Any, Any], Any], left: Array, right: Array
) -> None:
    longest = max(len(left), len(right))
    pairs = zip(*(reals(items) + [None] * (longest - len(items)) for items in (left, right)), strict=True)
    with np.errstate(all="ignore"):
        expected = [
            None if one is None or other is None else float(function(np.float64(one), np.float64(other)))
            for one, other in pairs
        ]
    assert_alike(compute(connection, f"series_{name}(a, b)", a=left, b=right), expected)


@KNOWN
@given(left=ITEMS, right=ITEMS)
def test_comparisons(connection: Connection, left: Array, right: Array) -> None:
    longest = max(len(left), len(right))
    one, other = (reals(items) + [None] * (longest - len(items)) for items in (left, right))
    expected = [None if a is None or b is None else a < b for a, b in zip(one, other, strict=True)]
    assert compute(connection, "series_less(a, b)", a=left, b=right) == expected


@KNOWN
@given(items=st.lists(REALS, min_size=1, max_size=20))
def test_statistics(connection: Connection, items: list[float]) -> None:
    found = compute(connection, "series_stats_dynamic(s)", s=[*items])
    expected = {
        "min": min(items), "min_idx": items.index(min(items)), "max": max(items), "max_idx": items.index(max(items)),
        "avg": np.mean(items), "stdev": np.std(items, ddof=1) if len(items) > 1 else 0,
        "variance": np.var(items, ddof=1) if len(items) > 1 else 0, "sum": np.sum(items), "len": len(items),
    }  # fmt: skip
    assert found == {name: pytest.approx(value, rel=1e-6, abs=1e-3) for name, value in expected.items()}


@KNOWN
@given(items=st.lists(REALS, min_size=2, max_size=20))
def test_line(connection: Connection, items: list[float]) -> None:
    found = compute(connection, "series_fit_line_dynamic(s)", s=[*items])
    slope, start = np.polyfit(np.arange(1, len(items) + 1), items, 1)
    scale = max(map(abs, items)) + 1
    assert found["slope"] == pytest.approx(slope, abs=1e-9 * scale)
    assert found["interception"] == pytest.approx(start, abs=1e-9 * scale)
    fit = start + slope * np.arange(1, len(items) + 1)
    assert found["line_fit"] == pytest.approx(list(fit), abs=1e-9 * scale)


@KNOWN
@given(items=NUMBERS, weights=st.lists(REALS, min_size=1, max_size=5))
def test_moving_sums(connection: Connection, items: Array, weights: list[float]) -> None:
    found = compute(connection, "series_fir(s, w, false)", s=items, w=[*weights])
    values = np.array(reals(items), float)
    expected = np.convolve(values, weights)[: len(items)] if items else values
    assert_alike(found, [float(value) for value in expected])


@KNOWN
@given(
    items=NUMBERS, first=st.sampled_from([1.0, 2.0, -4.0]), rest=st.lists(st.floats(-0.9, 0.9), max_size=3)
)
def test_recursive_filter(connection: Connection, items: Array, first: float, rest: list[float]) -> None:
    found = compute(connection, "series_iir(s, dynamic([1, 0.5]), d)", s=items, d=[first, *rest])
    values = [float(value or 0) for value in reals(items)]
    results: list[float] = []
    for place, value in enumerate(values):
        total = value + (0.5 * values[place - 1] if place else 0)
        total -= sum(weight * results[-1 - lag] for lag, weight in enumerate(rest) if lag < len(results))
        results.append(total / first)
    assert_alike(found, [*results])


@KNOWN
@given(items=st.lists(st.one_of(REALS, st.none()), max_size=15))
def test_gaps(connection: Connection, items: Array) -> None:
    known = [place for place, item in enumerate(items) if item is not None]
    values = [float(items[place] or 0) for place in known]
    filled = np.interp(range(len(items)), known, values) if known else np.zeros(len(items))
    assert_alike(compute(connection, "series_fill_linear(s)", s=items), [float(value) for value in filled])
    forward = [
        next((item for item in reversed(items[: place + 1]) if item is not None), None)
        for place in range(len(items))
    ]
    assert_alike(compute(connection, "series_fill_forward(s)", s=items), reals(forward))
    assert_alike(
        compute(connection, "series_fill_backward(s)", s=[*reversed(items)]), reals([*reversed(forward)])
    )


@KNOWN
@given(items=ITEMS)
def test_outliers(connection: Connection, items: Array) -> None:
    numbers = [value for value in reals(items) if value is not None and math.isfinite(value)]
    found = compute(connection, "series_outliers(s, 'tukey')", s=items)
    assert len(found) == len(items)
    if not numbers:
        assert set(found) <= {0.0}
        return
    low, high = np.percentile(numbers, [25, 75])
    for value, score in zip(reals(items), found, strict=True):
        is_outside = value is not None and math.isfinite(value) and not low <= value <= high
        if not is_outside:
            assert score == 0
        elif value is not None and high - low > 1e-3:
            border = high if value > high else low
            assert score == pytest.approx((value - border) / (high - low), rel=1e-6, abs=1e-6)


@KNOWN
@given(left=NUMBERS, right=NUMBERS)
def test_products(connection: Connection, left: Array, right: Array) -> None:
    count = min(len(left), len(right))
    one, other = (np.array(reals(items)[:count], float) for items in (left, right))
    found = compute(connection, "series_dot_product(a, b)", a=left, b=right)
    expected = pytest.approx(float(one @ other), rel=1e-9, abs=1e-6) if count else None
    assert found == expected
