"""What a name can mean at a point of the text: let bindings outside, columns of the row inside."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from kelp.kql.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql import bound, syntax
    from kelp.kql.binder.graph_elements import GraphElements, GraphPart
    from kelp.kql.types import RowSchema


@dataclass(frozen=True, slots=True)
class ScalarBinding:
    """A name for a scalar value; every use stands for the expression itself."""

    value: bound.Expression


@dataclass(frozen=True, slots=True)
class TabularBinding:
    """A name for a tabular value."""

    operator: bound.Operator


@dataclass(frozen=True, slots=True)
class GraphBinding:
    """A name for a graph."""

    graph: bound.Graph


@dataclass(frozen=True, slots=True)
class FunctionBinding:
    """A name for a function defined in the text or saved; `names` is the scope it was defined in.

    The body of a saved one is no part of the text; `workspace` is where it was saved, if not in the query's own.
    """

    name: str
    literal: syntax.FunctionLiteral
    names: NameScope
    is_saved: bool = False
    workspace: str | None = None


@dataclass(frozen=True, slots=True)
class PatternCase:
    """What a pattern stands for where it is called with these constants and followed by this path."""

    values: tuple[str, ...]
    path: str | None
    body: syntax.QueryBlock


@dataclass(frozen=True, slots=True)
class PatternBinding:
    """A name that `declare pattern` defined; `names` is the scope it was defined in."""

    name: str
    cases: tuple[PatternCase, ...]
    names: NameScope


@dataclass(frozen=True, slots=True)
class EntityBinding:
    """The alias of a workspace in `macro-expand`, as the text calls it; None for the query's own scope."""

    workspace: str | None


@dataclass(frozen=True, slots=True)
class EntityGroupBinding:
    """A name for a list of entities; `names` is the scope it was defined in."""

    members: tuple[syntax.Expression, ...]
    names: NameScope


Binding = (
    ScalarBinding
    | TabularBinding
    | GraphBinding
    | FunctionBinding
    | PatternBinding
    | EntityBinding
    | EntityGroupBinding
)


@dataclass(frozen=True, slots=True)
class Visible:
    """Tables and functions of a workspace (None for the query's own scope) that `restrict access` leaves visible."""

    workspace: str | None
    pattern: str


@dataclass(frozen=True, slots=True)
class NameScope:
    """Let bindings, innermost last. `depth` counts the user functions being expanded around this point.

    Of what lies outside of the text only that is visible which each of the `restrictions` lists.
    """

    bindings: Mapping[str, Binding] = field(default_factory=lambda: MappingProxyType({}))
    depth: int = 0
    restrictions: tuple[tuple[Visible, ...], ...] = ()

    def shows(self, workspace: str | None, name: str) -> bool:
        """Tell whether a table or saved function may be named here."""
        return all(
            any(one.workspace == workspace and matches(name, one.pattern) for one in listed)
            for listed in self.restrictions
        )

    def find(self, name: str) -> Binding | None:
        """Return what a let statement or a parameter bound the name to."""
        return self.bindings.get(name)

    def define(self, name: str, binding: Binding) -> NameScope:
        """Return this scope with one more name; a later definition hides an earlier one."""
        return replace(self, bindings={**self.bindings, name: binding})


@dataclass(frozen=True, slots=True)
class Scope:
    """A point where an expression stands.

    `row` holds the columns in reach (None where there is no row: a let value); `right` the other side's, in a
    join condition, reached as `$right`. Aggregations are allowed where `allows_aggregates`; functions of
    neighbouring rows where `is_serialized`. `steps` are those of `scan` that may be looked back at. `elements` are the
    variables of a graph pattern, `element` which of them the row is of, inside of `map()` and its like.
    """

    names: NameScope
    row: RowSchema | None = None
    right: RowSchema | None = None
    allows_aggregates: bool = False
    is_serialized: bool = False
    steps: tuple[str, ...] = ()
    elements: GraphElements | None = None
    element: GraphPart | None = None

    def over(self, row: RowSchema) -> Scope:
        """Return the same names over another row, aggregations not allowed."""
        return Scope(self.names, row)
