from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kelp.catalog.tables import load_standard_tables
from kelp.ingest.sources.machine.delivery import RowSender
from kelp.ingest.sources.machine.heartbeat import INTERVAL_SECONDS, HeartbeatSource
from kelp.ingest.sources.machine.host import Host, describe_host

HOST = Host("me", UUID(int=1), ("10.0.0.1", "fd00::1"), "Linux", "Debian GNU/Linux", "12", "4")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, tzinfo=UTC)


async def test_the_first_beat_is_at_once_and_others_follow_each_minute() -> None:
    rows: list[dict[str, object]] = []
    waits: list[float] = []

    async def send(table: str, body: bytes) -> None:
        assert table == "Heartbeat"
        rows.extend(json.loads(body))

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(rows) == 2:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await HeartbeatSource(RowSender(send), HOST, FixedClock(), version="1.2", sleep=sleep).run()
    assert waits == [INTERVAL_SECONDS] * 2
    assert rows[0]["Computer"] == "me"
    assert rows[0]["ComputerIP"] == "10.0.0.1"
    assert rows[0]["ComputerPrivateIPs"] == ["10.0.0.1", "fd00::1"]
    assert rows[0]["OSMajorVersion"] == "12"
    heartbeat = load_standard_tables().find("Heartbeat")
    assert heartbeat is not None
    assert set(rows[0]) <= {column.name for column in heartbeat.schema.columns}


def test_the_machine_knows_itself() -> None:
    host = describe_host()
    assert host.name
    assert host == describe_host()
    assert "127.0.0.1" not in host.addresses
