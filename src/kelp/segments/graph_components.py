"""`graph-mark-components`: the number of the component that each node is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from kelp.segments.graph_adjacency import read_links

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.plan.graph_operations import MarkComponents
    from kelp.segments.graph_adjacency import Links, Numbers


def compute(operation: MarkComponents, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the nodes with the number of their component; the inputs are the nodes and the edges.

    Components are numbered from zero, in the order in which the edges name their nodes.
    """
    nodes, edges = inputs
    links = read_links(nodes, edges, operation.keys)
    numbers = number_components(links, is_strong=operation.is_strong)
    marked = {name: nodes[name] for name in nodes.column_names if name != operation.column}
    return pa.table({**marked, operation.column: pa.array(numbers)})


def number_components(links: Links, *, is_strong: bool) -> Numbers:
    """Return the component of each node: weak, or strong where edges count in their direction only."""
    count = links.node_count
    if count == 0:
        return np.empty(0, dtype=np.int64)
    ones = np.ones(len(links.rows), dtype=np.int8)
    matrix = csr_array((ones, (links.sources, links.targets)), shape=(count, count))
    _, labels = connected_components(matrix, connection="strong" if is_strong else "weak")
    named = np.concatenate([np.stack([links.sources, links.targets], axis=1).ravel(), np.arange(count)])
    _, firsts = np.unique(labels[named], return_index=True)
    numbers = np.empty(len(firsts), dtype=np.int64)
    numbers[np.argsort(firsts, kind="stable")] = np.arange(len(firsts))
    result: Numbers = numbers[labels]
    return result
