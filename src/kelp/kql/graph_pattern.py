"""A graph pattern as plain data: what `graph-match` and `graph-shortest-paths` look for, and what they take of a match.

Variables stand by their position. A `flag` names a column of truth values, of the nodes or of the edges, which says
which of them the variable may stand for; None lets all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cycles(StrEnum):
    """Which matches are left out (rule GRAPH-4)."""

    ALL = "all"
    NONE = "none"
    UNIQUE_EDGES = "unique_edges"


class Shortest(StrEnum):
    """How many paths `graph-shortest-paths` gives for a first and a last node."""

    ANY = "any"
    ALL = "all"


class Direction(StrEnum):
    """How an edge of the graph lies between the two nodes, in the order of the text."""

    RIGHT = "->"
    LEFT = "<-"
    EITHER = "--"


@dataclass(frozen=True, slots=True)
class NodeVariable:
    """`(name)`."""

    flag: str | None


@dataclass(frozen=True, slots=True)
class EdgeVariable:
    """`-[name]->` between the node variables `start` and `stop`; with `hops`, so many edges at least and at most.

    `inner_flag` holds for the nodes between the edges of such a chain.
    """

    start: int
    stop: int
    direction: Direction
    hops: tuple[int, int] | None
    flag: str | None
    inner_flag: str | None


@dataclass(frozen=True, slots=True)
class GraphPattern:
    """All variables of a pattern, which is connected; edges in the order of the text."""

    nodes: tuple[NodeVariable, ...]
    edges: tuple[EdgeVariable, ...]
    cycles: Cycles
    shortest: Shortest | None


class ChainPart(StrEnum):
    """What of a chain of edges is meant."""

    EDGES = "edges"
    INNER_NODES = "inner_nodes"


@dataclass(frozen=True, slots=True)
class OfNode:
    """A column of the node that a variable stands for."""

    variable: int
    column: str


@dataclass(frozen=True, slots=True)
class OfEdge:
    """A column of the one edge that a variable stands for."""

    variable: int
    column: str


@dataclass(frozen=True, slots=True)
class ListOfChain:
    """A dynamic array of a column of a chain; the column holds each value as a dynamic array of one."""

    variable: int
    part: ChainPart
    column: str


@dataclass(frozen=True, slots=True)
class TestOfChain:
    """Whether a column of truth values holds for all of a chain, or else for any."""

    __test__ = False

    variable: int
    part: ChainPart
    column: str
    is_all: bool


Taken = OfNode | OfEdge | ListOfChain | TestOfChain


@dataclass(frozen=True, slots=True)
class GraphKeys:
    """The columns that tell nodes apart: `node` of the nodes, `source` and `target` of the edges."""

    node: str
    source: str
    target: str
