"""Every bin of a summary rule, and every window of a pull, is counted once, wherever the process was killed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.api.ingestion_setup import make_rule, post, rows_of, wait_for_rows
from tests.api.test_customers import call
from tests.api.test_hybrid import define, load_at, make_source, minutes_ago, put_pull
from tests.durability.crashing import read_log, running_process
from tests.servers import KILL_FILE, Server, populate, start_server
from tests.waiting import wait_for

BINS, COMPUTERS = 3, ("a", "b")
LATER = timedelta(minutes=20 * BINS + 5)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    settings: dict[str, dict[str, object]] = {"ingest": {"flush_interval_seconds": 0.05}}
    folder = tmp_path / "server"
    with start_server(folder, settings=settings, populate=populate, quick_jobs=True) as server:
        pass
    yield server
    assert "Traceback" not in read_log(server.folder)


def run_until(
    server: Server, later_by: timedelta, moments: list[str], find: Callable[[], list[list[Any]]]
) -> list[list[Any]]:
    """Start the server again and again, each time a little later, killed at each of the moments; let it end its work then.

    Returns what is found at the end.
    """
    kill = server.folder / KILL_FILE
    for moment in moments:
        kill.write_text(moment)
        with server.later(later_by), running_process(server) as process:
            assert process.wait(60) != 0
        later_by += timedelta(minutes=2)
    kill.write_text("never")
    with server.later(later_by), running_process(server):
        return find_later(server, later_by, find)


def find_later(server: Server, later_by: timedelta, find: Callable[[], list[list[Any]]]) -> list[list[Any]]:
    """What is found, the clock turned on every few seconds: a pull that met records under way goes on a minute later."""

    def look() -> list[list[Any]]:
        nonlocal later_by
        later_by += timedelta(seconds=5)
        with server.later(later_by):
            return find()

    return wait_for(look)


@pytest.mark.timeout(300)
def test_a_summary_rule_killed_in_its_bins_sums_up_each_once(server: Server) -> None:
    with running_process(server):
        server._tokens.clear()
        send_ahead(server)
        query = "Ahead_CL | summarize Beats = count(), Weight = sum(Weight) by Computer"
        rule = define(query, "Sums_CL", binStartTime=minutes_ago(0))
        made = call(server, "PUT", f"{server.home.resource_id}/summaryLogs/ahead", rule)
        assert made.status_code in (200, 201, 202), made.text
    text = (
        "Sums_CL | project Computer, Beats, Weight, _BinStartTime | order by Computer asc, _BinStartTime asc"
    )

    def find() -> list[list[Any]]:
        """Whole bins only: a bin's rows come together."""
        rows = rows_of(server, text)
        return rows if len({row[3] for row in rows}) >= BINS else []

    # The second time right after a bin was handed in, which is tried again then.
    rows = run_until(server, LATER, ["before", "after", "after"], find)
    assert [row[:3] for row in rows] == [
        [computer, number + 1, 10.0**number * (number + 1)]
        for computer in COMPUTERS
        for number in range(BINS)
    ]
    assert len({row[3] for row in rows}) == BINS


def send_ahead(server: Server) -> None:
    """Records of the bins to come: one of each computer in the first, two in the second, and so on."""
    rule = make_rule(server, "Ahead", {"Computer": "string", "Weight": "real"})
    records: list[dict[str, Any]] = []
    for number in range(BINS):
        at = (datetime.now(UTC) + timedelta(minutes=20 * number + 10)).isoformat()
        records += [
            {"TimeGenerated": at, "Computer": computer, "Weight": 10**number}
            for computer in COMPUTERS
            for _ in range(number + 1)
        ]
    assert post(server, rule.path, records).status_code == 204
    with server.later(LATER):
        wait_for_rows(server, "Ahead_CL", len(records))


@pytest.mark.timeout(300)
def test_a_pull_killed_in_its_windows_brings_each_record_once(server: Server) -> None:
    with running_process(server):
        server._tokens.clear()
        source = make_source(server, "source")
        load_at(server, source, "Events", "first")
        made = put_pull(
            server,
            "events",
            sourceWorkspaceResourceId=str(source.resource_id),
            sourceTable="Events_CL",
            destinationTable="Pulled_CL",
            intervalInMinutes=1,
            since=minutes_ago(20 * 60),
        )
        assert made.status_code == 201, made.text
        load_at(server, source, "Events", "second", 5)
    pulled = "Pulled_CL | order by Text_s asc | project Text_s"

    def find() -> list[list[Any]]:
        rows = rows_of(server, pulled)
        return rows if len(rows) >= 2 else []

    rows = run_until(server, timedelta(minutes=10), ["before", "after"], find)
    assert rows == [["first"], ["second"]]
