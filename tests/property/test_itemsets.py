"""Closed patterns are those that trying all combinations of values finds."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.segments.itemsets import NONE, Pattern, TooManyPatterns, compact, encode, iter_closed

Table = list[tuple[int, int, int]]


def find_closed(rows: Table, least: int, max_values: int) -> dict[tuple[int | None, ...], int]:
    """Return the patterns of at least so many rows, each with that number."""
    found: dict[tuple[int | None, ...], int] = {}
    for count in range(max_values + 1):
        for places in combinations(range(3), count):
            for values in product(range(3), repeat=count):
                chosen = dict(zip(places, values, strict=True))
                same = [row for row in rows if all(row[place] == value for place, value in chosen.items())]
                if not same or len(same) < least:
                    continue
                closed = tuple(
                    column[0] if len(set(column)) == 1 else None for column in zip(*same, strict=True)
                )
                if any(value is not None for value in closed):
                    found[closed] = len(same)
    return found


@given(
    st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=12),
    st.integers(1, 4),
    st.integers(0, 3),
)
def test_closed_patterns(rows: Table, least: int, max_values: int) -> None:
    columns = zip(*rows, strict=True)
    names = ("a", "b", "c")
    table = pa.table(
        {**dict(zip(names, map(pa.array, columns), strict=True)), "w": pa.array([1] * len(rows))}
    )
    encoded = encode(table, names, ["w"])

    def values_of(pattern: Pattern) -> tuple[int | None, ...]:
        return tuple(
            None if code == NONE else dimension.values[code].as_py()
            for code, dimension in zip(pattern.codes, encoded.dimensions, strict=True)
        )

    weight = np.array([float(least)])
    patterns = list(iter_closed(compact(encoded, weight), weight, max_values))
    found = {values_of(pattern): pattern.weights[0] for pattern in patterns}
    assert len(found) == len(patterns)
    # Values that are too rare are no values, so what is closed without them may not be closed with them.
    expected = find_closed(rows, least, max_values)
    assert {key: count for key, count in expected.items() if _is_frequent(key, rows, least)} == found


def _is_frequent(key: tuple[int | None, ...], rows: Table, least: int) -> bool:
    return all(
        value is None or sum(row[place] == value for row in rows) >= least for place, value in enumerate(key)
    )


def test_more_patterns_than_may_be_looked_at_are_refused_after_the_first() -> None:
    table = pa.table({"a": [1, 1, 2], "b": [1, 2, 2], "w": [1, 1, 1]})
    encoded = encode(table, ("a", "b"), ["w"])
    patterns = iter_closed(encoded, np.array([1.0]), None, 2)
    assert [next(patterns).size for _ in range(2)] == [1, 2]
    with pytest.raises(TooManyPatterns, match="more than 2 patterns"):
        list(patterns)
