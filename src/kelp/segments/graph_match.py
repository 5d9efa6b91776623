"""`graph-match` and `graph-shortest-paths`: from nodes and edges to a row for each match, with what is taken of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from kelp.kql.graph_pattern import ChainPart, ListOfChain, OfEdge, OfNode, TestOfChain
from kelp.segments.graph_adjacency import read_links
from kelp.segments.graph_matches import NO_EDGE, lengths_of
from kelp.segments.graph_search import GraphSearch
from kelp.segments.graph_shortest import find_shortest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.kql.graph_pattern import EdgeVariable, GraphPattern, Taken
    from kelp.plan.graph_operations import MatchGraph
    from kelp.segments.graph_adjacency import Links, Numbers, Truths
    from kelp.segments.graph_matches import Matches

_OPENING, _COMMA, _CLOSING, _NOTHING = (pa.scalar(text, pa.large_utf8()) for text in ("[", ",", "]", ""))


def compute(operation: MatchGraph, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the columns that the operation takes of each match; the inputs are the nodes and the edges.

    Raises `SegmentRefused` where there are too many matches.
    """
    nodes, edges = inputs
    links = read_links(nodes, edges, operation.keys)
    pattern = operation.pattern
    edge_flags = {
        name: values[links.rows]
        for name, values in _flags(edges, [edge.flag for edge in pattern.edges]).items()
    }
    node_names = [node.flag for node in pattern.nodes] + [edge.inner_flag for edge in pattern.edges]
    search = GraphSearch(links, pattern, _flags(nodes, node_names), edge_flags)
    matches = search.find() if pattern.shortest is None else find_shortest(search)
    reader = _MatchReader(pattern, links, nodes, edges, matches)
    columns = {name: reader.read(taken) for name, taken in operation.outputs}
    # A table without columns would have no rows either.
    columns[operation.row_column] = pa.array(np.arange(matches.count))
    return pa.table(columns)


def _flags(table: pa.Table, names: Sequence[str | None]) -> Mapping[str, Truths]:
    """Return the columns as truth values; null is not true."""
    return {name: _truths(table, name) for name in names if name is not None}


def _truths(table: pa.Table, name: str) -> Truths:
    values: Truths = table[name].fill_null(False).to_numpy().astype(np.bool_)
    return values


class _MatchReader:
    """Reads columns of nodes and edges for all matches at once."""

    def __init__(
        self, pattern: GraphPattern, links: Links, nodes: pa.Table, edges: pa.Table, matches: Matches
    ) -> None:
        self._pattern = pattern
        self._links = links
        self._nodes = nodes
        self._edges = edges
        self._matches = matches
        self._items: dict[tuple[int, ChainPart], tuple[Numbers, Numbers]] = {}

    def read(self, taken: Taken) -> pa.Array | pa.ChunkedArray:
        """Return one value for each match."""
        match taken:
            case OfNode():
                return self._nodes[taken.column].take(pa.array(self._matches.nodes[taken.variable]))
            case OfEdge():
                rows = self._links.rows[self._matches.edges[taken.variable]]
                return self._edges[taken.column].take(pa.array(rows))
            case ListOfChain():
                return self._read_list(taken)
            case TestOfChain():
                return self._read_test(taken)
            case _:
                assert_never(taken)

    def _table(self, part: ChainPart) -> pa.Table:
        return self._edges if part is ChainPart.EDGES else self._nodes

    def _read_list(self, taken: ListOfChain) -> pa.Array:
        lengths, rows = self._chain(taken.variable, taken.part)
        values = self._table(taken.part)[taken.column].take(pa.array(rows)).combine_chunks()
        items = pc.utf8_slice_codeunits(values.cast(pa.large_utf8()), 1, -1)
        offsets = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)])
        texts = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items), _COMMA)
        return pc.binary_join_element_wise(_OPENING, texts, _CLOSING, _NOTHING)

    def _read_test(self, taken: TestOfChain) -> pa.Array:
        lengths, rows = self._chain(taken.variable, taken.part)
        values = _truths(self._table(taken.part), taken.column)[rows]
        sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(values)])
        stops = np.cumsum(lengths)
        holding = sums[stops] - sums[stops - lengths]
        return pa.array(holding == lengths if taken.is_all else holding > 0)

    def _chain(self, variable: int, part: ChainPart) -> tuple[Numbers, Numbers]:
        """Return how many edges, or nodes between them, each chain has, and the rows of all of them in turn."""
        key = (variable, part)
        if key not in self._items:
            chain = self._matches.chains[variable]
            lengths = lengths_of(chain)
            if part is ChainPart.EDGES:
                self._items[key] = lengths, self._links.rows[chain[chain != NO_EDGE]]
            else:
                nodes = self._inner_nodes(self._pattern.edges[variable], chain, lengths)
                self._items[key] = np.maximum(lengths - 1, 0), nodes
        return self._items[key]

    def _inner_nodes(self, edge: EdgeVariable, chain: Numbers, lengths: Numbers) -> Numbers:
        at = self._matches.nodes[edge.start]
        passed = np.full((chain.shape[0], max(chain.shape[1] - 1, 0)), NO_EDGE, dtype=np.int64)
        for hop in range(passed.shape[1]):
            edges = np.maximum(chain[:, hop], 0)
            sources, targets = self._links.sources[edges], self._links.targets[edges]
            at = np.where(sources == at, targets, sources)
            passed[:, hop] = np.where(hop < lengths - 1, at, NO_EDGE)
        nodes: Numbers = passed[passed != NO_EDGE]
        return nodes
