"""What the management API knows of the volumes that workspaces receive, and of what is run by schedule over them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from kelp.base.ids import WorkspaceId
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.jobs.pull import PullState
    from kelp.jobs.usage_report import Period, UsageReport
    from kelp.resources.data_pull import DataPull
    from kelp.resources.resource import Resource
    from kelp.resources.summary_rule import SummaryRule


@dataclass(frozen=True, slots=True)
class Metering:
    """Most of these block, for worker threads: `measure_today` gives the bytes that count towards a workspace's daily
    cap, `count_nodes` how many computers reported on each day of a period.
    """

    gate: CollectionGate
    report: UsageReport
    measure_today: Callable[[WorkspaceId], float]
    retry_bin: Callable[[Resource[SummaryRule], datetime], None]
    find_pull_state: Callable[[Resource[DataPull]], PullState]
    count_nodes: Callable[[Sequence[WorkspaceId], Period], Mapping[tuple[UUID, date], int]]
