"""Matches of a pattern as columns: the node and the edges that each of its variables stands for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kelp.segments.errors import SegmentRefused

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.segments.graph_adjacency import Numbers, Truths

MAX_CELLS = 30_000_000
"""Matches times the nodes and edges that each is made of, of all that are found on the way."""
NO_EDGE = -1
"""What chains are filled up with to the length of the longest."""


@dataclass(slots=True)
class Matches:
    """`count` matches, or the beginnings of some.

    `nodes` and `edges` by variable. A chain is a row of a matrix, in the order of the text, filled up with `NO_EDGE`;
    `passed` has the nodes of chains, where nothing may be passed twice.
    """

    count: int
    nodes: dict[int, Numbers] = field(default_factory=dict)
    edges: dict[int, Numbers] = field(default_factory=dict)
    chains: dict[int, Numbers] = field(default_factory=dict)
    passed: dict[int, Numbers] = field(default_factory=dict)

    def take(self, rows: Numbers | Truths) -> Matches:
        """Return the matches at these places, or for which a truth value holds."""
        count = int(np.count_nonzero(rows)) if rows.dtype == np.bool_ else len(rows)
        return Matches(
            count,
            {variable: values[rows] for variable, values in self.nodes.items()},
            {variable: values[rows] for variable, values in self.edges.items()},
            {variable: values[rows] for variable, values in self.chains.items()},
            {variable: values[rows] for variable, values in self.passed.items()},
        )

    @property
    def width(self) -> int:
        """How many nodes and edges a match is made of, at the most."""
        wide = sum(int(chain.shape[1]) for chain in (*self.chains.values(), *self.passed.values()))
        return len(self.nodes) + len(self.edges) + wide

    def lacks_edge(self, places: Numbers, edges: Numbers) -> Truths:
        """Tell for each of the edges whether the match at its place is without it."""
        lacks = np.ones(len(edges), dtype=np.bool_)
        for taken in self.edges.values():
            lacks &= taken[places] != edges
        for chain in self.chains.values():
            lacks &= lacks_in_chain(chain, places, edges)
        return lacks

    def lacks_node(self, places: Numbers, nodes: Numbers) -> Truths:
        """Tell for each of the nodes whether the match at its place is without it."""
        lacks = np.ones(len(nodes), dtype=np.bool_)
        for taken in self.nodes.values():
            lacks &= taken[places] != nodes
        for passed in self.passed.values():
            lacks &= lacks_in_chain(passed, places, nodes)
        return lacks


def lacks_in_chain(chain: Numbers, places: Numbers, values: Numbers) -> Truths:
    """Tell for each value whether the chain at its place is without it."""
    lacks = np.ones(len(values), dtype=np.bool_)
    for column in range(chain.shape[1]):
        lacks &= chain[:, column][places] != values
    return lacks


def join_matches(parts: Sequence[Matches]) -> Matches:
    """Return all matches of the parts, which have the same variables, in that order."""
    first = parts[0]
    return Matches(
        sum(part.count for part in parts),
        {variable: np.concatenate([part.nodes[variable] for part in parts]) for variable in first.nodes},
        {variable: np.concatenate([part.edges[variable] for part in parts]) for variable in first.edges},
        {variable: stack_chains([part.chains[variable] for part in parts]) for variable in first.chains},
        {variable: stack_chains([part.passed[variable] for part in parts]) for variable in first.passed},
    )


def stack_chains(chains: Sequence[Numbers]) -> Numbers:
    """Return the chains below each other, filled up to one width."""
    width = max(chain.shape[1] for chain in chains)
    filled = [
        np.pad(chain, ((0, 0), (0, width - chain.shape[1])), constant_values=NO_EDGE) for chain in chains
    ]
    return np.concatenate(filled)


def lengths_of(chain: Numbers) -> Numbers:
    """Return how many edges each chain has."""
    return np.asarray((chain != NO_EDGE).sum(axis=1), dtype=np.int64)


def turn_chain(chain: Numbers) -> Numbers:
    """Return the chains from their other ends."""
    if chain.shape[1] == 0:
        return chain
    places = lengths_of(chain)[:, None] - 1 - np.arange(chain.shape[1])[None, :]
    turned = np.take_along_axis(chain, np.maximum(places, 0), axis=1)
    return np.where(places >= 0, turned, NO_EDGE)


def check_size(counts: Iterable[tuple[int, int]]) -> None:
    """Raise `SegmentRefused` for too many matches; each pair is a number of them and their width."""
    if sum(count * max(width, 1) for count, width in counts) > MAX_CELLS:
        raise SegmentRefused(
            "the pattern has too many matches in this graph: narrow it with conditions on its nodes and edges, "
            "with fewer hops, or with a smaller graph"
        )
