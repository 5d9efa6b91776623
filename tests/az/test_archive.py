"""`az monitor log-analytics workspace table search-job` and `restore`."""

from __future__ import annotations

import pytest

from tests.az.command_line import Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
_TABLE = "monitor log-analytics workspace table"
_PLACE = "--resource-group default --workspace-name default"


def test_a_search_job(az: Az) -> None:
    one = f"{_PLACE} --name Beats_SRCH"
    times = "--start-search-time 2026-01-01T00:00:00Z --end-search-time 2026-02-01T00:00:00Z"
    made = az.run(
        f"{_TABLE} search-job create {one} {times} --limit 10 --search-query",
        "Heartbeat | where Computer == 'web-1'",
    )
    assert made["provisioningState"] == "Succeeded"
    assert made["searchResults"]["sourceTable"] == "Heartbeat"
    assert made["resultStatistics"]["ingestedRecords"] == 0
    assert "ended" in az.refuse(f"{_TABLE} search-job cancel {one}")
    az.run(f"{_TABLE} delete {one} --yes")


def test_a_restore(az: Az) -> None:
    one = f"{_PLACE} --name Beats_RST"
    times = "--start-restore-time 2026-01-01T00:00:00Z --end-restore-time 2026-02-01T00:00:00Z"
    made = az.run(f"{_TABLE} restore create {one} {times} --restore-source-table Heartbeat")
    assert made["restoredLogs"]["sourceTable"] == "Heartbeat"
    assert made["schema"]["tableType"] == "RestoredLogs"
    az.run(f"{_TABLE} delete {one} --yes")
