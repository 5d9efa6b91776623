"""A workbook: a page of texts, queries and charts, kept as the page that shows it wrote it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kelp.resources.document import TrackedDocument
from kelp.resources.errors import Problem
from kelp.resources.shape import Items, Record, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook(TrackedDocument):
    """Its name is a GUID. `serializedData` is JSON as text."""

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
