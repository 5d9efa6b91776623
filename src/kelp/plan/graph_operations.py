"""What segments compute of graphs. Each gets the nodes, then the edges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kelp.kql.graph_pattern import GraphKeys, GraphPattern, Taken
from kelp.plan.segment_operations import Keep, TabularOperation


@dataclass(frozen=True, slots=True)
class KeepRows(Keep):
    """Rows of a graph. Segments of one name are one: what they keep is computed once."""

    title: ClassVar[str] = "make-graph"

    name: str


@dataclass(frozen=True, slots=True)
class MatchGraph(TabularOperation):
    """A row for each match of the pattern: `outputs` by name, and a number of its own in `row_column`."""

    title: ClassVar[str] = "graph-match"

    keys: GraphKeys
    pattern: GraphPattern
    outputs: tuple[tuple[str, Taken], ...]
    row_column: str


@dataclass(frozen=True, slots=True)
class MarkComponents(TabularOperation):
    """The nodes, each with the number of the component it is in; strong ones where `is_strong`."""

    title: ClassVar[str] = "graph-mark-components"

    keys: GraphKeys
    column: str
    is_strong: bool
