from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.catalog.tables import load_standard_tables
from kelp.ingest.sources.machine.collection import collect_machine_logs


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, tzinfo=UTC)


class Receiver:
    """Accepts bodies until it has one for each table it waits for."""

    def __init__(self, *wanted: str, refused: str = "") -> None:
        self.wanted = set(wanted)
        self.refused = refused
        self.rows: dict[str, list[dict[str, object]]] = {}
        self.refusals = 0
        self.complete = asyncio.Event()

    async def send(self, table: str, body: bytes) -> None:
        if table == self.refused:
            self.refusals += 1
            raise ServiceError(Category.INVALID, "InvalidPayload", "No.")
        self.rows.setdefault(table, []).extend(json.loads(body))
        if self.wanted <= set(self.rows) and (not self.refused or self.refusals > 1):
            self.complete.set()


async def _collect(receiver: Receiver, folder: Path) -> None:
    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    logs = folder / "log"
    logs.mkdir()
    (logs / "syslog").write_text("Nov 21 10:00:00 web1 sshd[812]: hello\n")
    task = asyncio.create_task(
        collect_machine_logs(
            receiver.send,
            folder / "state",
            FixedClock(),
            journal_command=(str(folder / "no-journalctl"),),
            log_folder=logs,
            sleep=sleep,
        )
    )
    await asyncio.wait_for(receiver.complete.wait(), 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_every_source_sends_columns_that_its_table_has(tmp_path: Path) -> None:
    receiver = Receiver("Syslog", "Perf", "Heartbeat")
    await _collect(receiver, tmp_path)
    tables = load_standard_tables()
    for name, rows in receiver.rows.items():
        table = tables.find(name)
        assert table is not None
        known = {column.name for column in table.schema.columns}
        assert all(set(row) <= known for row in rows), name
    assert [row["SyslogMessage"] for row in receiver.rows["Syslog"]] == ["hello"]


async def test_a_source_that_fails_is_started_again_and_stops_no_other(tmp_path: Path) -> None:
    receiver = Receiver("Syslog", "Perf", refused="Heartbeat")
    await _collect(receiver, tmp_path)
    assert receiver.refusals > 1
