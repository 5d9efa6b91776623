"""What the management API knows of the volumes that workspaces receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.usage_book import UsageBook
    from kelp.ingest.collection_gate import CollectionGate


@dataclass(frozen=True, slots=True)
class Metering:
    """`measure_today` gives the bytes that count towards a workspace's daily cap; it blocks, for worker threads."""

    gate: CollectionGate
    book: UsageBook
    measure_today: Callable[[WorkspaceId], float]
