from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from kelp.ingest.sources.machine.delivery import RowSender
from kelp.ingest.sources.machine.host import Host
from kelp.ingest.sources.machine.performance import (
    FIRST_INTERVAL_SECONDS,
    INTERVAL_SECONDS,
    PerformanceSource,
    Sample,
    iter_rates,
)

HOST = Host("me", UUID(int=1), (), "Linux", "Debian GNU/Linux", "12", "")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, tzinfo=UTC)


def _sample(at: float, *, user: float, idle: float, reads: float, sent: float) -> Sample:
    return Sample(
        at_seconds=at,
        processors={"_Total": {"user": user, "system": 0.0, "idle": idle, "iowait": 0.0}},
        disks={
            "sda": {"read_count": reads, "write_count": 0.0, "read_bytes": reads * 512, "write_bytes": 0.0}
        },
        networks={"eth0": {"bytes_sent": sent, "bytes_recv": 1.0, "errin": 0.0, "errout": 0.0}},
    )


def _values(before: Sample, now: Sample) -> dict[tuple[str, str], float]:
    return {(one.object_name, one.counter): one.value for one in iter_rates(before, now)}


def test_rates_are_over_the_time_between_samples() -> None:
    before = _sample(100, user=10, idle=90, reads=5, sent=7)
    values = _values(before, _sample(110, user=25, idle=95, reads=45, sent=9))
    assert values["Processor", "% Processor Time"] == 75.0
    assert values["Processor", "% Idle Time"] == 25.0
    assert values["Physical Disk", "Disk Reads/sec"] == 4.0
    assert values["Physical Disk", "Disk Read Bytes/sec"] == 2048.0
    assert values["Network", "Total Bytes Transmitted"] == 9.0
    assert values["Network", "Total Bytes"] == 10.0


def test_a_counter_that_began_anew_gives_no_negative_rate() -> None:
    values = _values(
        _sample(100, user=10, idle=90, reads=50, sent=0), _sample(110, user=11, idle=91, reads=5, sent=0)
    )
    assert values["Physical Disk", "Disk Reads/sec"] == 0.0


def test_without_time_between_samples_there_are_no_rates() -> None:
    sample = _sample(100, user=10, idle=90, reads=5, sent=0)
    assert {name for name, _ in _values(sample, sample)} == {"Network"}


async def test_this_machine_is_measured_at_once_and_each_minute() -> None:
    bodies: list[list[dict[str, object]]] = []
    waits: list[float] = []

    async def send(table: str, body: bytes) -> None:
        assert table == "Perf"
        bodies.append(json.loads(body))

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await PerformanceSource(RowSender(send), HOST, FixedClock(), sleep=sleep).run()
    assert waits == [FIRST_INTERVAL_SECONDS, INTERVAL_SECONDS, INTERVAL_SECONDS]
    assert len(bodies) == 2
    measured = {(row["ObjectName"], row["CounterName"]): row for row in bodies[0]}
    assert {"Memory", "System"} <= {name for name, _ in measured}
    used = measured["Memory", "% Used Memory"]
    assert isinstance(used["CounterValue"], float)
    assert 0 < used["CounterValue"] < 100
    assert used["CounterPath"] == r"\\me\Memory(Memory)\% Used Memory"
    assert used["TimeGenerated"] == "2026-11-21T12:00:00.000000Z"
    assert measured["System", "Uptime"]["CounterPath"] == r"\\me\System\Uptime"
