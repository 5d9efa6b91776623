"""Edges put together to lines: as long as no more than two edges meet in a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeVar

from kelp.segments.geography_shapes import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.segments.geography_shapes import Path

Edge: TypeAlias = tuple[Place, Place]

_End = TypeVar("_End", bound="tuple[float, ...]")


def distinct_edges(edges: Iterable[tuple[_End, _End]]) -> list[tuple[_End, _End]]:
    """Return the edges that lead from an end to another, each once, whichever way it leads."""
    distinct: dict[frozenset[_End], tuple[_End, _End]] = {}
    for edge in edges:
        if edge[0] != edge[1]:
            distinct.setdefault(frozenset(edge), edge)
    return list(distinct.values())


def chains_of(edges: Sequence[Edge]) -> list[Path]:
    """Return the lines of edges, in the order in which their first edges come.

    A line goes on where one edge arrives and one leaves. Edges that come back to where they began make a line whose
    last place is its first.
    """
    leaving: dict[Place, list[int]] = {}
    arriving: dict[Place, int] = {}
    for index, (start, end) in enumerate(edges):
        leaving.setdefault(start, []).append(index)
        arriving[end] = arriving.get(end, 0) + 1
    used = [False] * len(edges)

    def goes_on(place: Place) -> bool:
        return len(leaving.get(place, ())) == 1 and arriving.get(place, 0) == 1

    def follow(index: int) -> tuple[int, Path]:
        used[index] = True
        first, path = index, list(edges[index])
        while goes_on(path[-1]) and not used[leaving[path[-1]][0]]:
            index = leaving[path[-1]][0]
            used[index] = True
            first = min(first, index)
            path.append(edges[index][1])
        return first, path

    chains = [follow(index) for index, edge in enumerate(edges) if not goes_on(edge[0])]
    chains += [follow(index) for index in range(len(edges)) if not used[index]]
    return [path for _, path in sorted(chains, key=lambda chain: chain[0])]
