"""A workbook: a page of texts, queries and charts, kept as the page that shows it wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID, uuid4

from kelp.resources.document import TrackedDocument
from kelp.resources.errors import Problem
from kelp.resources.shape import Items, Record, Text

if TYPE_CHECKING:
    from typing import Self

    from kelp.base.ids import ResourceId
    from kelp.resources.transaction import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook(TrackedDocument):
    """Its name is a GUID. `serializedData` is JSON as text. `revision` names what it holds among what it held."""

    revision: str = ""

    TYPE: ClassVar[str] = "Microsoft.Insights/workbooks"
    SHAPE: ClassVar[Record] = Record(
        {
            "displayName": Text(minimum=1, maximum=260),
            "serializedData": Text(maximum=1024 * 1024),
            "category": Text(minimum=1),
            "version": Text(),
            "sourceId": Text(),
            "storageUri": Text(),
            "description": Text(maximum=4096),
            "tags": Items(Text()),
        },
        required=("displayName", "serializedData", "category"),
        read_only=("timeModified", "userId", "revision"),
    )

    def check(self, name: str) -> list[Problem]:
        """Check the name, and that the page can be read."""
        problems = TrackedDocument.check(self, name)
        try:
            UUID(name)
        except ValueError:
            problems.append(
                Problem("name", f"The name of a workbook is a GUID, not '{name}'.", "InvalidResourceName")
            )
        try:
            json.loads(self.document.get("serializedData", "{}"))
        except ValueError as fault:
            problems.append(Problem("properties.serializedData", f"The page is no JSON: {fault}."))
        return problems

    def settle(self, transaction: Transaction, resource_id: ResourceId, before: Self | None) -> Self:
        """Give what the page holds a name of its own, unless it is what was there before."""
        settled = TrackedDocument.settle(self, transaction, resource_id, before)
        is_same = before is not None and (before.document, before.kind) == (self.document, self.kind)
        return replace(settled, revision=before.revision if before and is_same else uuid4().hex)
