"""Shortest paths: a search in breadth from all sources at once, or the shortest among all matches.

A pair is a source and a node, as one number. What a pair was first reached by is where its shortest paths come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from kelp.kql.graph_pattern import Cycles, Direction, Shortest
from kelp.segments.graph_chains import reaching
from kelp.segments.graph_matches import Matches, check_size, join_matches, lengths_of

if TYPE_CHECKING:
    from kelp.kql.graph_pattern import EdgeVariable
    from kelp.segments.graph_adjacency import Adjacency, Numbers, Truths
    from kelp.segments.graph_search import GraphSearch

_VISITED_CELLS = 50_000_000
"""Sources times nodes that are searched at once."""


def find_shortest(search: GraphSearch) -> Matches:
    """Return the shortest matches for each first and last node; raises `SegmentRefused` for too many.

    Of equally short ones, `any` takes the one whose edges come first in the input.
    """
    edge, *more = search.pattern.edges
    if more or edge.hops is None or edge.hops[0] > 1 or edge.start == edge.stop:
        return _choose_shortest(search)
    if edge.direction is Direction.EITHER and search.pattern.cycles is Cycles.UNIQUE_EDGES:
        # The way back to a node may be the same edge, which breadth does not tell from another one.
        return _choose_shortest(search)
    return _search_breadth(search, edge, edge.hops)


# --- among all matches -----------------------------------------------------------------------------------------------


def _choose_shortest(search: GraphSearch) -> Matches:
    matches = search.find()
    first, last = search.pattern.edges[0].start, search.pattern.edges[-1].stop
    length = np.full(matches.count, len(matches.edges), dtype=np.int64)
    for chain in matches.chains.values():
        length += lengths_of(chain)
    keys = [length, matches.nodes[last], matches.nodes[first]]
    texts = [matches.edges[index][:, None] if index in matches.edges else matches.chains[index]
             for index in range(len(search.pattern.edges))]  # fmt: skip
    details = [column for text in reversed(texts) for column in reversed(text.T)]
    order = np.lexsort([*details, *keys]) if matches.count else np.empty(0, dtype=np.int64)
    ordered = matches.take(order)
    starts, stops, lengths = ordered.nodes[first], ordered.nodes[last], length[order]
    is_first = np.ones(ordered.count, dtype=np.bool_)
    is_first[1:] = (starts[1:] != starts[:-1]) | (stops[1:] != stops[:-1])
    if search.pattern.shortest is Shortest.ANY:
        return ordered.take(is_first)
    least = lengths[is_first][np.cumsum(is_first) - 1] if ordered.count else lengths
    return ordered.take(lengths == least)


# --- in breadth ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Level:
    """The pairs reached first by so many hops: each way to one is a place in the level before, and an edge.

    `children` are the places of the ways' pairs in `pairs`, ascending.
    """

    pairs: Numbers
    children: Numbers
    parents: Numbers
    edges: Numbers


@dataclass(frozen=True, slots=True)
class _Breadth:
    edge: EdgeVariable
    adjacency: Adjacency
    ends: Truths
    inner: Truths
    reach: list[Truths]
    is_all: bool
    cycles: Cycles

    @property
    def node_count(self) -> int:
        return len(self.ends)


def _search_breadth(search: GraphSearch, edge: EdgeVariable, hops: tuple[int, int]) -> Matches:
    adjacency = search.adjacency(edge, is_turned=False)
    ends = search.allowed_nodes(search.pattern.nodes[edge.stop].flag)
    inner = search.allowed_nodes(edge.inner_flag)
    breadth = _Breadth(
        edge,
        adjacency,
        ends,
        inner,
        reaching(adjacency, ends, inner, hops[1]),
        search.pattern.shortest is Shortest.ALL,
        search.pattern.cycles,
    )
    sources = np.flatnonzero(search.allowed_nodes(search.pattern.nodes[edge.start].flag) & breadth.reach[-1])
    size = max(_VISITED_CELLS // max(breadth.node_count, 1), 1)
    parts = [_paths_from(breadth, sources[:0], hops)]
    for start in range(0, len(sources), size):
        parts.append(_paths_from(breadth, sources[start : start + size], hops))
        check_size((part.count, part.width) for part in parts)
    return join_matches(parts)


def _paths_from(breadth: _Breadth, sources: Numbers, hops: tuple[int, int]) -> Matches:
    low, high = hops
    nodes = breadth.node_count
    places = np.arange(len(sources))
    levels = [_Level(places * nodes + sources, places, places, places)]
    visited = np.zeros(len(sources) * nodes, dtype=np.bool_)
    # How many ends each source has not reached yet: nothing is sought for one that has reached all.
    missing = np.full(len(sources), np.count_nonzero(breadth.ends))
    found: list[Matches] = []
    if low == 0 or breadth.cycles is Cycles.NONE:
        visited[levels[0].pairs] = True
        missing -= breadth.ends[sources]
    if low == 0:
        found.append(_trace(breadth, sources, levels))
    for hop in range(1, high + 1):
        going = missing[levels[-1].pairs // nodes] > 0
        if hop > 1:
            going &= breadth.inner[levels[-1].pairs % nodes]
        level = _next_level(breadth, levels[-1], np.flatnonzero(going), visited, breadth.reach[high - hop])
        if len(level.pairs) == 0:
            break
        visited[level.pairs] = True
        reached = level.pairs[breadth.ends[level.pairs % nodes]]
        missing -= np.bincount(reached // nodes, minlength=len(sources))
        levels.append(level)
        found.append(_trace(breadth, sources, levels))
        check_size((part.count, part.width) for part in found)
    return join_matches(found) if found else _trace(breadth, sources[:0], [_empty_level()])


def _empty_level() -> _Level:
    none = np.empty(0, dtype=np.int64)
    return _Level(none, none, none, none)


def _next_level(breadth: _Breadth, level: _Level, going: Numbers, visited: Truths, reach: Truths) -> _Level:
    """Return what the pairs at these places of a level lead to, where an end can still be reached from there."""
    at = level.pairs % breadth.node_count
    parts = [_empty_level()]
    for rows, edges, ends in breadth.adjacency.follow(at[going]):
        parents = going[rows]
        pairs = level.pairs[parents] - at[parents] + ends
        keep = reach[ends] & ~visited[pairs]
        parts.append(_Level(pairs[keep], pairs[keep], parents[keep], edges[keep]))
        check_size((len(part.pairs), 4) for part in parts)
    pairs = np.concatenate([part.pairs for part in parts])
    parents = np.concatenate([part.parents for part in parts])
    edges = np.concatenate([part.edges for part in parts])
    reached, firsts, children = np.unique(pairs, return_index=True, return_inverse=True)
    # Pairs stay in the order of the paths that reach them, so that the first way is the first path.
    order = np.argsort(firsts, kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    children = place[children]
    if not breadth.is_all:
        ways = firsts[order]
        return _Level(reached[order], np.arange(len(ways)), parents[ways], edges[ways])
    ways = np.argsort(children, kind="stable")
    return _Level(reached[order], children[ways], parents[ways], edges[ways])


def _trace(breadth: _Breadth, sources: Numbers, levels: list[_Level]) -> Matches:
    """Return the paths to those pairs of the last level that end where paths may end."""
    last = levels[-1]
    nodes = last.pairs % breadth.node_count
    at = np.flatnonzero(breadth.ends[nodes])
    ends, starts = nodes[at], sources[last.pairs[at] // breadth.node_count]
    chain = np.empty((len(at), 0), dtype=np.int64)
    for level in reversed(levels[1:]):
        first = np.searchsorted(level.children, at, side="left")
        counts = np.searchsorted(level.children, at, side="right") - first
        check_size([(int(counts.sum()), chain.shape[1] + 4)])
        rows = np.repeat(np.arange(len(at)), counts)
        ways = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(len(rows))
        chain = np.column_stack([level.edges[ways], chain[rows]])
        at, ends, starts = level.parents[ways], ends[rows], starts[rows]
    edge = breadth.edge
    return Matches(len(at), {edge.start: starts, edge.stop: ends}, {}, {0: chain})
