"""The variables of a graph pattern as expressions see them, and what these ask of nodes and edges.

Each thing asked for becomes a column of the matches under a name of its own. What needs the rows of nodes or edges
alone is computed over those, before matches are looked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder.context import nearest
from kelp.kql.binder.conversion import convert
from kelp.kql.bound import ColumnReference, Literal, Output
from kelp.kql.diagnostics import UNKNOWN_NAME, refusal
from kelp.kql.graph_pattern import ChainPart, ListOfChain, OfEdge, OfNode, TestOfChain
from kelp.kql.types import RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.graph_pattern import Taken
    from kelp.kql.text import Span
    from kelp.kql.types import Column

DEGREE_IN, DEGREE_OUT = "$in", "$out"


class GraphPart(StrEnum):
    """Which rows of a graph."""

    NODES = "nodes"
    EDGES = "edges"


@dataclass(frozen=True, slots=True)
class EachOfChain:
    """A property of every edge of a chain, inside of an expression that is computed for each of them."""

    variable: int
    column: str


@dataclass(frozen=True, slots=True)
class OverChain:
    """An expression over the rows of a chain which reads other variables too: a list of its values, or a test.

    `bags` is the array of the rows' own columns, as bags by name.
    """

    bags: str
    value: bound.Expression
    own: tuple[Column, ...]
    is_all: bool | None


Asked = OfNode | OfEdge | ListOfChain | TestOfChain | EachOfChain | OverChain


@dataclass(slots=True)
class GraphElements:
    """What one pattern names, and what its conditions and columns ask; filled while they are bound.

    `by_edge` says whether a property of a chain of edges stands for that of each, or for the array of them.
    """

    graph: bound.Graph
    nodes: dict[str, int]
    edges: dict[str, int]
    chains: frozenset[int]
    by_edge: bool = False
    asked: dict[str, tuple[Asked, ScalarType]] = field(default_factory=dict)
    computed: dict[GraphPart, dict[str, bound.Expression]] = field(
        default_factory=lambda: {part: {} for part in GraphPart}
    )
    reads_degrees: bool = False

    def names(self, name: str) -> bool:
        """Tell whether the pattern has a variable of that name."""
        return name in self.nodes or name in self.edges

    def row_of(self, part: GraphPart) -> RowSchema:
        """Return the properties of nodes, or of edges."""
        return self.graph.node_properties if part is GraphPart.NODES else self.graph.edge_properties

    # --- what expressions ask ---

    def bind_property(self, variable: str, name: str, span: Span) -> bound.Expression:
        """Return `variable.name`; of a chain it is an array, or stands for each."""
        part = GraphPart.NODES if variable in self.nodes else GraphPart.EDGES
        column = self.row_of(part).find_column(name)
        if column is None:
            hint = nearest(name, (found.name for found in self.row_of(part).columns))
            what = "node" if part is GraphPart.NODES else "edge"
            raise refusal(UNKNOWN_NAME, f"the {what} '{variable}' has no property '{name}'", span, hint)
        if self.is_chain(variable) and not self.by_edge:
            return self.list_of(variable, ChainPart.EDGES, ColumnReference(column.name, column.type))
        return self.take(variable, column.name, column.type)

    def bind_whole(self, variable: str) -> bound.Expression:
        """Return a variable alone: its properties as a bag, of a chain an array of bags."""
        part = GraphPart.NODES if variable in self.nodes else GraphPart.EDGES
        bag = bag_of(self.row_of(part).columns)
        if self.is_chain(variable):
            return self.list_of(variable, ChainPart.EDGES, bag)
        return self.take_computed(variable, bag)

    def is_chain(self, variable: str) -> bool:
        """Tell whether the variable stands for a chain of edges."""
        return self.edges.get(variable) in self.chains

    def take(self, variable: str, column: str, kind: ScalarType) -> ColumnReference:
        """Return a column of what the variable stands for."""
        if variable in self.nodes:
            return self.ask(OfNode(self.nodes[variable], column), kind)
        place = self.edges[variable]
        return self.ask(EachOfChain(place, column) if place in self.chains else OfEdge(place, column), kind)

    def take_computed(self, variable: str, value: bound.Expression) -> bound.Expression:
        """Return what an expression over a node's or an edge's row gives for the one of a variable."""
        if isinstance(value, Literal):
            return value
        part = GraphPart.NODES if variable in self.nodes else GraphPart.EDGES
        return self.take(variable, self.compute(part, value), value.type)

    def list_of(self, variable: str, part: ChainPart, value: bound.Expression) -> ColumnReference:
        """Return the array of an expression's values over a chain's rows."""
        item = bound.Call("pack_array", (value,), ScalarType.DYNAMIC)
        column = self.compute(rows_of(part), item)
        return self.ask(ListOfChain(self.edges[variable], part, column), ScalarType.DYNAMIC)

    def test_of(
        self, variable: str, part: ChainPart, value: bound.Expression, *, is_all: bool
    ) -> ColumnReference:
        """Return whether a condition holds for all, or for any, of a chain's rows."""
        column = self.compute(rows_of(part), convert(value, ScalarType.BOOL))
        return self.ask(TestOfChain(self.edges[variable], part, column, is_all), ScalarType.BOOL)

    def compute(self, part: GraphPart, value: bound.Expression) -> str:
        """Return the name of a column of nodes or edges that holds the expression's values."""
        if isinstance(value, ColumnReference):
            return value.name
        known = self.computed[part]
        found = next((name for name, other in known.items() if other == value), None)
        if found is None:
            found = f"${part}{len(known)}"
            known[found] = value
        return found

    def ask(self, asked: Asked, kind: ScalarType) -> ColumnReference:
        """Return the column of the matches that holds it."""
        found = next((name for name, (other, _) in self.asked.items() if other == asked), None)
        if found is None:
            found = f"$match{len(self.asked)}"
            self.asked[found] = (asked, kind)
        return ColumnReference(found, kind)

    # --- what comes of it ---

    def value_of(self, part: GraphPart, column: str, kind: ScalarType) -> bound.Expression:
        """Return what a column of nodes or edges holds, as an expression over their properties."""
        return self.computed[part].get(column) or ColumnReference(column, kind)

    def taken(self, names: set[str]) -> dict[str, tuple[Taken, ScalarType]]:
        """Return, of the columns named, those that matches have themselves."""
        return {
            name: (asked, kind)
            for name, (asked, kind) in self.asked.items()
            if name in names and not isinstance(asked, EachOfChain | OverChain)
        }


def rows_of(part: ChainPart) -> GraphPart:
    """Return whose rows a part of a chain has."""
    return GraphPart.EDGES if part is ChainPart.EDGES else GraphPart.NODES


def bag_of(columns: tuple[Column, ...]) -> bound.Expression:
    """Return the columns as a bag."""
    if not columns:
        return Literal(ScalarType.DYNAMIC, "{}")
    arguments = tuple(
        part
        for column in columns
        for part in (Literal(ScalarType.STRING, column.name), ColumnReference(column.name, column.type))
    )
    return bound.Call("bag_pack", arguments, ScalarType.DYNAMIC)


def as_outputs(computed: dict[str, bound.Expression]) -> tuple[Output, ...]:
    """Return computed columns as outputs."""
    return tuple(Output(name, value) for name, value in computed.items())
