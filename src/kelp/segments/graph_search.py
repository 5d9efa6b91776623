"""Finding the matches of a pattern: from the variable that the fewest nodes fit, edge by edge.

Which edge comes next is chosen by what the graph is: one whose both ends are known narrows most, then a single edge to
the variable that the fewest nodes fit, and chains last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from kelp.kql.graph_pattern import Cycles
from kelp.segments.graph_adjacency import make_adjacency, reversed_direction
from kelp.segments.graph_chains import ChainStep, expand_chain
from kelp.segments.graph_matches import Matches, check_size, join_matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.graph_pattern import Direction, EdgeVariable, GraphPattern
    from kelp.segments.graph_adjacency import Adjacency, Links, Numbers, Truths


class GraphSearch:
    """The graph as one pattern sees it. `node_flags` and `edge_flags` are the columns its flags name."""

    def __init__(
        self,
        links: Links,
        pattern: GraphPattern,
        node_flags: Mapping[str, Truths],
        edge_flags: Mapping[str, Truths],
    ) -> None:
        self.pattern = pattern
        self._links = links
        self._node_flags = node_flags
        self._edge_flags = edge_flags
        self._adjacencies: dict[tuple[str | None, Direction], Adjacency] = {}

    def allowed_nodes(self, flag: str | None) -> Truths:
        """Return for each node whether a variable with that flag may stand for it."""
        if flag is None:
            return np.ones(self._links.node_count, dtype=np.bool_)
        return self._node_flags[flag]

    def adjacency(self, edge: EdgeVariable, *, is_turned: bool) -> Adjacency:
        """Return the way along the edges that a variable may stand for, from its start, or from its stop."""
        direction = reversed_direction(edge.direction) if is_turned else edge.direction
        key = (edge.flag, direction)
        if key not in self._adjacencies:
            allowed = None if edge.flag is None else self._edge_flags[edge.flag]
            self._adjacencies[key] = make_adjacency(self._links, allowed, direction)
        return self._adjacencies[key]

    def find(self) -> Matches:
        """Return all matches, whatever their length; raises `SegmentRefused` for too many."""
        candidates = [self.allowed_nodes(node.flag) for node in self.pattern.nodes]
        counts = [int(allowed.sum()) for allowed in candidates]
        first = counts.index(min(counts))
        matches = Matches(counts[first], {first: np.flatnonzero(candidates[first])})
        waiting = set(range(len(self.pattern.edges)))
        while waiting:
            place = min(waiting, key=lambda index: self._cost(index, matches, counts))
            waiting.remove(place)
            matches = self._add(matches, place, candidates)
            check_size([(matches.count, matches.width)])
        return matches

    def _cost(self, place: int, matches: Matches, counts: list[int]) -> tuple[int, int, int]:
        edge = self.pattern.edges[place]
        known = [end in matches.nodes for end in (edge.start, edge.stop)]
        if not any(known):
            return 3, 0, place
        if all(known):
            return 0, int(edge.hops is not None), place
        other = edge.stop if known[0] else edge.start
        return (1 if edge.hops is None else 2), counts[other], place

    def _add(self, matches: Matches, place: int, candidates: list[Truths]) -> Matches:
        edge = self.pattern.edges[place]
        is_turned = edge.start not in matches.nodes
        start, stop = (edge.stop, edge.start) if is_turned else (edge.start, edge.stop)
        adjacency = self.adjacency(edge, is_turned=is_turned)
        if edge.hops is None:
            return self._add_edge(matches, place, (start, stop), candidates[stop], adjacency)
        step = ChainStep(
            edge=place,
            start=start,
            stop=stop,
            hops=edge.hops,
            adjacency=adjacency,
            stop_allowed=candidates[stop],
            inner_allowed=self.allowed_nodes(edge.inner_flag),
            cycles=self.pattern.cycles,
            is_turned=is_turned,
        )
        return expand_chain(matches, step)

    def _add_edge(
        self, matches: Matches, place: int, ends: tuple[int, int], allowed: Truths, adjacency: Adjacency
    ) -> Matches:
        start, stop = ends
        parts = [self._extended(matches, place, stop, (_NO_ROWS, _NO_ROWS, _NO_ROWS))]
        if stop in matches.nodes and self.pattern.cycles is Cycles.NONE:
            return parts[0]
        for rows, edges, nodes in adjacency.follow(matches.nodes[start]):
            if stop in matches.nodes:
                keep = matches.nodes[stop][rows] == nodes
            else:
                keep = allowed[nodes]
            match self.pattern.cycles:
                case Cycles.ALL:
                    pass
                case Cycles.UNIQUE_EDGES:
                    keep &= matches.lacks_edge(rows, edges)
                case Cycles.NONE:
                    keep &= matches.lacks_node(rows, nodes)
            parts.append(self._extended(matches, place, stop, (rows[keep], edges[keep], nodes[keep])))
            check_size((part.count, part.width) for part in parts)
        return join_matches(parts)

    @staticmethod
    def _extended(
        matches: Matches, place: int, stop: int, found: tuple[Numbers, Numbers, Numbers]
    ) -> Matches:
        rows, edges, nodes = found
        extended = matches.take(rows)
        extended.edges[place] = edges
        extended.nodes[stop] = nodes
        return extended


_NO_ROWS = np.empty(0, dtype=np.int64)
