"""Plain kinds: resources that are checked and kept as they are put, and that no hot path asks for.

A new one costs a file with its class and a line in `kinds.PLAIN_KINDS`; its routes come from
`api.management.plain_kind`. What it means that a resource is there is the business of whoever reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar, TypeVar

from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.naming import check_location, check_tags, normalize_location

if TYPE_CHECKING:
    from typing import Self

    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What every plain kind answers about itself. `TYPE` is its Azure type."""

    TYPE: ClassVar[str]

    def check(self, name: str) -> list[Problem]:
        """Return everything wrong that the document and its name alone can tell."""
        return []

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Return what to keep in place of `before`: with what is given at creation, and tied to what it names.

        Raises `InvalidDocument`, `ResourceConflict`.
        """
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked(Plain):
    """A plain kind that lies in a location, which never changes, and has tags."""

    location: str
    tags: dict[str, str] = field(default_factory=dict)

    def check(self, name: str) -> list[Problem]:
        """Check location and tags."""
        return [*check_location(normalize_location(self.location)), *check_tags(self.tags)]

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Refuse another location than before."""
        location = normalize_location(self.location)
        if before is not None and before.location != location:
            raise ResourceConflict(
                "InvalidResourceLocation",
                f"The resource '{resource_id.name}' already exists in location '{before.location}' and can't be "
                f"moved to '{location}'.",
                target="location",
            )
        return replace(self, location=location)


K = TypeVar("K", bound=Plain)


def put_plain(transaction: Transaction, resource_id: ResourceId, draft: K) -> Resource[K]:
    """Create or replace a resource of a plain kind.

    Raises `InvalidDocument` with every problem, `ResourceConflict`, `ResourceNotFound` (what it would lie in).
    """
    existing = transaction.find(type(draft), resource_id)
    refuse_if_any(draft.check(resource_id.name))
    settled = draft.settle(transaction, resource_id, existing.properties if existing else None)
    return transaction.put(resource_id, settled)
