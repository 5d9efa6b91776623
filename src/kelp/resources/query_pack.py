"""A query pack and its queries: texts that several workspaces share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from kelp.resources.document import Document
from kelp.resources.errors import Problem
from kelp.resources.plain import Tracked
from kelp.resources.shape import Anything, Entries, Items, Record, Text

if TYPE_CHECKING:
    from typing import Self

    from kelp.base.ids import ResourceId
    from kelp.resources.transaction import Transaction

_RELATED = "categories", "resourceTypes", "solutions"


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPack(Tracked):
    """`pack_id` is given at creation and stays."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/queryPacks"

    pack_id: str = ""

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Keep the id, or give one."""
        settled = Tracked.settle(self, transaction, resource_id, before)
        return replace(settled, pack_id=before.pack_id if before else str(uuid4()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PackQuery(Document):
    """A query of a pack; its name is a GUID, `author` who wrote it last."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/queryPacks/queries"
    SHAPE: ClassVar[Record] = Record(
        {
            "displayName": Text(minimum=1, maximum=256),
            "body": Text(minimum=1),
            "description": Text(maximum=4096),
            "related": Record({member: Items(Text()) for member in _RELATED}),
            "tags": Entries(Items(Text())),
            "properties": Anything(),
        },
        required=("displayName", "body"),
        read_only=("id", "timeCreated", "timeModified", "author"),
    )

    author: str = ""

    def check(self, name: str) -> list[Problem]:
        """Check the name."""
        try:
            UUID(name)
        except ValueError:
            return [Problem("name", f"The id of a query is a GUID, not '{name}'.", "InvalidResourceName")]
        return []

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Note the author."""
        author = transaction.author.object_id
        return replace(self, author=str(author) if author else transaction.author.name)


def matches(query: PackQuery, wanted: dict[str, Any]) -> bool:
    """Tell whether a query has one of the wanted values in each list of `related` and of `tags` that is asked for."""
    related, tags = query.document.get("related", {}), query.document.get("tags", {})
    asked = [(related.get(name, ()), values) for name, values in wanted.get("related", {}).items()]
    asked += [(tags.get(name, ()), values) for name, values in wanted.get("tags", {}).items()]
    return all(
        {value.lower() for value in values} & {value.lower() for value in found} or not values
        for found, values in asked
    )
