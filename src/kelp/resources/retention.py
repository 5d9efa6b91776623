"""For how long the rows of a table must not be removed. Pure rules over what owners declared.

Rows older than the interactive retention are in the archive, for search jobs and restores, until the total retention
ends; then they are removed. A total retention that was shortened removes nothing for a while (Azure: 30 days).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kelp.resources.table import total_days

if TYPE_CHECKING:
    from kelp.resources.table import Table
    from kelp.resources.workspace import Workspace

_IMMEDIATE_DAYS = 30
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def find_removal_cutoff(
    workspace: Workspace, name: str, table: Table | None, now: datetime, grace: timedelta
) -> datetime:
    """Return the moment before which rows are to be removed; `table` is what its owner declared, if anything.

    It moves by whole days, so that whole partitions go and a table is touched once a day; by hours where the owner
    asked for `immediatePurgeDataOn30Days`, as a table with 30 days is kept for up to 31 otherwise.
    """
    days = total_days(workspace.settings, name, table)
    unit = _DAY
    if days == _IMMEDIATE_DAYS and workspace.settings.features.immediate_purge_data_on_30_days:
        unit = _HOUR
    else:
        days = max(days, *_iter_former_days(workspace, table, now, grace), 0)
    cutoff = now - timedelta(days=days)
    midnight = cutoff.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (cutoff - midnight) // unit * unit


def _iter_former_days(
    workspace: Workspace, table: Table | None, now: datetime, grace: timedelta
) -> tuple[int, ...]:
    """What was given up lately: of the table's own retention, and of the workspace's where the table follows it."""
    follows = table is None or (table.retention_in_days is None and table.total_retention_in_days is None)
    shortenings = (
        table.shortened if table is not None else None,
        workspace.shortened if follows else None,
    )
    return tuple(one.days for one in shortenings if one is not None and now < one.at + grace)
