"""The tables of plugins that find patterns: autocluster, basket and diffpatterns (rules MINE-1 to MINE-4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from kelp.plan.mining_operations import FindBaskets, FindClusters, FindDifferences
from kelp.plan.segment_operations import ConstantArgument
from kelp.segments.arrow import repeat
from kelp.segments.itemsets import (
    MAX_PATTERNS,
    NONE,
    Pattern,
    Rows,
    TooManyPatterns,
    compact,
    encode,
    iter_closed,
    pattern_columns,
)

if TYPE_CHECKING:
    from kelp.kql.mining import PatternColumn
    from kelp.plan.segment_operations import TabularOperation

_LEAST_SHARE = 0.02
"""A pattern of autocluster has at least this share of the rows."""

_MOST_WORK = 2_000_000_000
"""So many values are compared for differences; with more patterns, those of the most values are not looked at."""

_MOST_KNOWN = 0.5
"""A pattern of autocluster has no larger share of rows than this in common with those before it."""


def compute(operation: TabularOperation, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the patterns of a table."""
    (table,) = inputs
    match operation:
        case FindBaskets(method=basket):
            rows = encode(table, [column.name for column in basket.columns], [basket.weight])
            total = float(rows.weights.sum())
            least = np.array([max(basket.threshold * total, np.finfo(np.float64).tiny)])
            patterns = iter_closed(compact(rows, least), least, basket.max_dimensions)
            found = sorted(patterns, key=lambda one: _rank(one, total))
            return _table(rows, basket.columns, found, _counts(found, total))
        case FindClusters(method=clusters):
            rows = encode(table, [column.name for column in clusters.columns], [clusters.weight])
            found = find_clusters(rows, clusters.size_weight, clusters.seeds)
            return _table(rows, clusters.columns, found, _counts(found, float(rows.weights.sum())))
        case FindDifferences(method=differences):
            names = [column.name for column in differences.columns]
            rows = encode(table, names, differences.weights)
            found = find_differences(rows, differences.threshold, differences.max_dimensions)
            return _table(rows, differences.columns, found, difference_columns(rows, found))
        case _:
            raise LookupError(f"finds no patterns: {operation!r}")


def _rank(pattern: Pattern, total: float) -> tuple[float, tuple[int, ...]]:
    """Order patterns by what they tell of how many rows, the best first."""
    return -_score(pattern.size, len(pattern.codes), pattern.weights[0] / total, 0.5), pattern.codes


def _score(size: int, dimensions: int, share: float, size_weight: float) -> float:
    """Return the geometric mean of the share of the rows and the share of the columns."""
    return float(share**size_weight * (size / dimensions) ** (1 - size_weight))


def _counts(patterns: Sequence[Pattern], total: float) -> dict[str, pa.Array]:
    counts = [pattern.weights[0] for pattern in patterns]
    return {
        "Count": pa.array([round(count) for count in counts], pa.int64()),
        "Percent": pa.array([100 * count / total for count in counts], pa.float64()),
    }


def difference_columns(rows: Rows, patterns: Sequence[Pattern]) -> dict[str, pa.Array]:
    """Return how many rows of each set the patterns have, which percentage that is, and how these differ."""
    totals = rows.weights.sum(axis=0)
    percents = [
        tuple(100 * count / total for count, total in zip(p.weights, totals, strict=True)) for p in patterns
    ]
    return {
        "CountA": pa.array([round(pattern.weights[0]) for pattern in patterns], pa.int64()),
        "CountB": pa.array([round(pattern.weights[1]) for pattern in patterns], pa.int64()),
        "PercentA": pa.array([round(first, 2) for first, _ in percents], pa.float64()),
        "PercentB": pa.array([round(second, 2) for _, second in percents], pa.float64()),
        "PercentDiffAB": pa.array(
            [round(abs(first - second), 2) for first, second in percents], pa.float64()
        ),
    }


def _table(
    rows: Rows, columns: Sequence[PatternColumn], patterns: Sequence[Pattern], counts: dict[str, pa.Array]
) -> pa.Table:
    wildcards = [repeat(ConstantArgument(column.wildcard), 1)[0] for column in columns]
    made = pattern_columns(rows.dimensions, patterns, wildcards)
    named = {f"value:{column.name}": values for column, values in zip(columns, made, strict=True)}
    return pa.table({"SegmentId": pa.array(range(len(patterns)), pa.int64()), **counts, **named})


def find_differences(rows: Rows, threshold: float, max_values: int | None) -> list[Pattern]:
    """Return the patterns whose shares differ by the threshold or more, those that differ most first.

    None of them is part of another one: of such the one that differs more is taken.
    """
    totals = rows.weights.sum(axis=0)
    if not (totals > 0).all():
        return []

    def difference(pattern: Pattern) -> float:
        first, second = (count / total for count, total in zip(pattern.weights, totals, strict=True))
        return float(abs(first - second))

    least = np.maximum(threshold * totals, np.finfo(np.float64).tiny)
    compacted = compact(rows, least)
    most = max(1, min(MAX_PATTERNS, _MOST_WORK // max(1, compacted.codes.size)))
    closed = _take(iter_closed(compacted, least, max_values, most))
    differing = [(difference(pattern), pattern) for pattern in closed]
    candidates = [(value, pattern) for value, pattern in differing if value >= threshold]
    candidates.sort(key=lambda one: (-one[0], -sum(one[1].weights), one[1].size, one[1].codes))
    taken: list[Pattern] = []
    for _, pattern in candidates:
        if not any(pattern.covers(other) or other.covers(pattern) for other in taken):
            taken.append(pattern)
    return taken


def _take(patterns: Iterable[Pattern]) -> Iterator[Pattern]:
    """Yield the patterns that there were until there were too many."""
    with suppress(TooManyPatterns):
        yield from patterns


def find_clusters(rows: Rows, size_weight: float, seeds: int) -> list[Pattern]:
    """Return patterns that grew from the most frequent rows, the best first; they share few rows."""
    total = float(rows.weights.sum())
    if not total or not rows.dimensions:
        return []
    rows = compact(rows, np.array([_LEAST_SHARE * total]))
    heaviest = np.lexsort((*rows.codes.T[::-1], -rows.weights[:, 0]))[:seeds]
    grown = {_grow(rows, tuple(rows.codes[place].tolist()), size_weight, total) for place in heaviest}
    patterns = [_weigh(rows, codes) for codes in grown if any(code != NONE for code in codes)]
    patterns = [pattern for pattern in patterns if pattern.weights[0] >= _LEAST_SHARE * total]
    patterns.sort(
        key=lambda one: (-_score(one.size, len(one.codes), one.weights[0] / total, size_weight), one.codes)
    )
    return list(_distinct(rows, patterns))


def _grow(rows: Rows, seed: tuple[int, ...], size_weight: float, total: float) -> tuple[int, ...]:
    """Return the best pattern that is reached from a row by leaving out a value at a time."""
    weights = rows.weights[:, 0]
    kept = [place for place, code in enumerate(seed) if code != NONE]
    differs = (rows.codes[:, kept] != np.array([seed[place] for place in kept])).astype(np.int8)
    differences = differs.sum(axis=1, dtype=np.int16)
    best = _score(len(kept), len(seed), float(weights[differences == 0].sum()) / total, size_weight)
    left = list(range(len(kept)))
    while left:
        # Without a value, the rows are added that differ in it alone.
        nearly = differences == 1
        more = weights[nearly] @ differs[nearly][:, left]
        weight = float(weights[differences == 0].sum())
        scores = [
            _score(len(left) - 1, len(seed), (weight + float(extra)) / total, size_weight) for extra in more
        ]
        place = max(range(len(left)), key=lambda index: (scores[index], index))
        if scores[place] <= best:
            break
        best = scores[place]
        differences = differences - differs[:, left.pop(place)]
    chosen = {kept[index] for index in left}
    return tuple(code if place in chosen else NONE for place, code in enumerate(seed))


def _matching(rows: Rows, codes: tuple[int, ...]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    wanted = np.array(codes)
    matching: np.ndarray[tuple[int], np.dtype[np.bool_]] = ((rows.codes == wanted) | (wanted == NONE)).all(
        axis=1
    )
    return matching


def _weigh(rows: Rows, codes: tuple[int, ...]) -> Pattern:
    return Pattern(codes, tuple(rows.weights[_matching(rows, codes)].sum(axis=0).tolist()))


def _distinct(rows: Rows, patterns: Iterable[Pattern]) -> Iterable[Pattern]:
    known = np.zeros(len(rows.codes), dtype=bool)
    for pattern in patterns:
        matching = _matching(rows, pattern.codes)
        if float(rows.weights[matching & known].sum()) <= _MOST_KNOWN * pattern.weights[0]:
            known |= matching
            yield pattern
