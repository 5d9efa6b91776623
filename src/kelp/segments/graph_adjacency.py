"""Edges as arrays: which rows of the nodes each leads from and to, and from each node to its edges at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from kelp.kql.graph_pattern import Direction

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pyarrow as pa

    from kelp.kql.graph_pattern import GraphKeys

    Numbers = npt.NDArray[np.int64]
    Truths = npt.NDArray[np.bool_]

BLOCK_ROWS = 1_000_000
"""So many edges are followed at once, so that what a filter drops was never held all together."""


@dataclass(frozen=True, slots=True)
class Links:
    """The edges whose ends are among the `node_count` nodes: their places, and their own rows."""

    node_count: int
    sources: Numbers
    targets: Numbers
    rows: Numbers


@dataclass(frozen=True, slots=True)
class Adjacency:
    """For each node the edges that lead on from it: `edges` and `ends` from `starts[node]` up to `starts[node + 1]`."""

    starts: Numbers
    edges: Numbers
    ends: Numbers

    def follow(self, nodes: Numbers) -> Iterator[tuple[Numbers, Numbers, Numbers]]:
        """Yield, block by block, each edge that leads on: its place in `nodes`, the edge, and the node at its end."""
        first, counts = self.starts[nodes], self.starts[nodes + 1] - self.starts[nodes]
        for start, stop in _blocks(counts):
            count = counts[start:stop]
            places = np.repeat(np.arange(start, stop), count)
            offsets = np.arange(len(places)) - np.repeat(np.cumsum(count) - count, count)
            found = np.repeat(first[start:stop], count) + offsets
            yield places, self.edges[found], self.ends[found]


def _blocks(counts: Numbers) -> Iterator[tuple[int, int]]:
    """Yield slices whose counts add up to a block, or that hold one count alone."""
    sums = np.cumsum(counts)
    start = 0
    while start < len(counts):
        before = int(sums[start - 1]) if start else 0
        stop = max(int(np.searchsorted(sums, before + BLOCK_ROWS, side="right")), start + 1)
        yield start, stop
        start = stop


def read_links(nodes: pa.Table, edges: pa.Table, keys: GraphKeys) -> Links:
    """Return the edges with their ends found among the nodes.

    An edge that lacks an end is left out: its node was filtered away.
    """
    known = nodes[keys.node].combine_chunks()
    sources, targets = (
        pc.index_in(edges[name], value_set=known).fill_null(-1).to_numpy().astype(np.int64)
        for name in (keys.source, keys.target)
    )
    rows = np.flatnonzero((sources >= 0) & (targets >= 0))
    return Links(len(known), sources[rows], targets[rows], rows)


def make_adjacency(links: Links, allowed: Truths | None, direction: Direction) -> Adjacency:
    """Return the way along edges, those `allowed` alone; to the left is against them.

    Either way an edge that leads from a node to itself is one way, not two.
    """
    edges = np.arange(len(links.rows)) if allowed is None else np.flatnonzero(allowed)
    sources, targets = links.sources[edges], links.targets[edges]
    if direction is Direction.LEFT:
        sources, targets = targets, sources
    elif direction is Direction.EITHER:
        back = np.flatnonzero(sources != targets)
        sources, targets = np.concatenate([sources, targets[back]]), np.concatenate([targets, sources[back]])
        edges = np.concatenate([edges, edges[back]])
    order = np.lexsort((edges, sources))
    counts = np.bincount(sources, minlength=links.node_count)
    starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
    return Adjacency(starts, edges[order], targets[order])


def reversed_direction(direction: Direction) -> Direction:
    """Return how the edge lies for one who comes from the other node."""
    match direction:
        case Direction.RIGHT:
            return Direction.LEFT
        case Direction.LEFT:
            return Direction.RIGHT
        case Direction.EITHER:
            return Direction.EITHER
