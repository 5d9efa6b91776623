"""What expressions see: parameters, variables, loops, the place of the deployment, and what is deployed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from kelp.base.ids import ResourceId
from kelp.templates.errors import ExpressionError
from kelp.templates.syntax import Expression

INNERMOST = ""
"""The name of the loop that `copyIndex()` without a name means."""


class Runtime(Protocol):
    """What an expression may ask of the resources that are deployed. Each raises `ExpressionError`."""

    def get_reference(self, resource_id: ResourceId, *, is_full: bool) -> Any:
        """Return the resource's properties, its whole document with `is_full`."""
        ...

    def call_list(self, resource_id: ResourceId, function: str, body: Mapping[str, Any]) -> Any:
        """Return what one of a resource's `list..` actions answers."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as what a template is deployed. `now` is the one moment of the whole deployment."""

    scope: ResourceId
    tenant: Mapping[str, Any]
    subscription: Mapping[str, Any]
    group: Mapping[str, Any] | None
    deployment: Mapping[str, Any]
    environment: Mapping[str, Any]
    now: datetime
    new_guid: Callable[[], str]


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function that the template defines: parameters' names and the expression or value that it gives."""

    parameters: tuple[str, ...]
    output: Any


@dataclass(frozen=True, slots=True)
class Names:
    """What names in `reference` and `dependsOn` may mean."""

    find_resource: Callable[[str], ResourceId | None]


@dataclass(frozen=True, slots=True)
class Scope:
    """The surroundings of an expression. `runtime` is None before anything is deployed."""

    place: Place
    parameters: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    functions: Mapping[str, UserFunction] = field(default_factory=dict)
    loops: Mapping[str, int] = field(default_factory=dict)
    lambdas: Mapping[str, Any] = field(default_factory=dict)
    names: Names | None = None
    runtime: Runtime | None = None
    is_default: bool = False
    """In the default value of a parameter, where values may differ from deployment to deployment."""
    is_function: bool = False
    """In a function of the template, which sees its own parameters only."""

    def in_loop(self, name: str, index: int) -> Scope:
        """Return the scope of one turn of a loop."""
        return replace(self, loops={**self.loops, name.lower(): index, INNERMOST: index})

    def with_lambdas(self, values: Mapping[str, Any]) -> Scope:
        """Return the scope in which these variables of a lambda have values."""
        return replace(self, lambdas={**self.lambdas, **{name.lower(): one for name, one in values.items()}})

    def with_runtime(self, runtime: Runtime) -> Scope:
        """Return the scope in which deployed resources can be asked for."""
        return replace(self, runtime=runtime)


@dataclass(frozen=True, slots=True)
class Lambda:
    """`lambda('x', ...)`: an expression that waits for its variables."""

    variables: tuple[str, ...]
    body: Expression
    scope: Scope


def find_named(members: Mapping[str, Any], name: str) -> Any:
    """Return a member by its name in any case. Raises `KeyError`."""
    if name in members:
        return members[name]
    wanted = name.lower()
    for key, value in members.items():
        if key.lower() == wanted:
            return value
    raise KeyError(name)


class LazyVariables(Mapping[str, Any]):
    """The variables of a template, each computed when it is first asked for, since they may use each other."""

    def __init__(self, given: Mapping[str, Any], compute: Callable[[Any], Any]) -> None:
        self._given = {name.lower(): value for name, value in given.items()}
        self._compute = compute
        self._known: dict[str, Any] = {}
        self._underway: list[str] = []

    def __getitem__(self, name: str) -> Any:
        key = name.lower()
        if key not in self._known:
            if key in self._underway:
                circle = " -> ".join([*self._underway[self._underway.index(key) :], key])
                raise ExpressionError(f"Variables depend on each other in a circle: {circle}.")
            self._underway.append(key)
            try:
                self._known[key] = self._compute(self._given[key])
            finally:
                self._underway.pop()
        return self._known[key]

    def __iter__(self) -> Any:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)
