"""What the management API knows of the volumes that workspaces receive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.jobs.usage_report import Period, UsageReport


@dataclass(frozen=True, slots=True)
class Metering:
    """Two of these block, for worker threads: `measure_today` gives the bytes that count towards a workspace's daily
    cap, `count_nodes` how many computers reported on each day of a period.
    """

    gate: CollectionGate
    report: UsageReport
    measure_today: Callable[[WorkspaceId], float]
    count_nodes: Callable[[Sequence[WorkspaceId], Period], Mapping[tuple[UUID, date], int]]
