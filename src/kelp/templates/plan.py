"""What a template comes to: the resources to deploy, in an order that respects what each depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Any

from kelp.base.ids import ResourceId
from kelp.templates.scope import Scope


@dataclass(frozen=True, slots=True)
class PlannedResource:
    """One resource. `body` is what its PUT takes, with its expressions still to be computed in `scope`.

    `names` are those under which `dependsOn` and `reference` may mean it, in lower case. `is_deployed` is False for
    one whose condition does not hold, and for one that must exist already.
    """

    id: ResourceId
    api_version: str
    body: Mapping[str, Any]
    scope: Scope
    path: str
    names: frozenset[str]
    is_deployed: bool
    is_existing: bool = False
    wanted: tuple[str, ...] = ()
    """The texts of `dependsOn`."""
    depends_on: frozenset[str] = field(default_factory=frozenset)
    """Keys of the ids of the resources of this template that come first."""

    @property
    def is_nested(self) -> bool:
        """Whether it is a deployment within the deployment."""
        return self.id.type.lower() == "microsoft.resources/deployments"


class CircularTemplate(Exception):
    """Resources that wait for each other."""

    def __init__(self, circle: Sequence[str]) -> None:
        super().__init__(" -> ".join(circle))


def find_by_name(resources: Iterable[PlannedResource], text: str) -> list[PlannedResource]:
    """Return the resources that a text in `dependsOn` or `reference` means: by id, name, symbol or loop."""
    wanted = text.strip().rstrip("/").lower()
    return [one for one in resources if one.id.key == wanted or wanted in one.names]


def order(resources: Sequence[PlannedResource]) -> tuple[PlannedResource, ...]:
    """Return them in an order in which each comes after what it depends on. Raises `CircularTemplate`.

    Those that depend on nothing keep their order.
    """
    by_key = {one.id.key: one for one in resources}
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for one in resources:
        sorter.add(one.id.key, *(key for key in sorted(one.depends_on) if key in by_key))
    try:
        keys = list(sorter.static_order())
    except CycleError as error:
        names = [by_key[key].id.name for key in error.args[1]]
        raise CircularTemplate(names) from error
    return tuple(by_key[key] for key in keys)
