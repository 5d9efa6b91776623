"""Counters of this machine: processor, memory, disks, network, load. Table `Perf`.

Objects and counters have the names that Azure's agent uses on Linux. Shares and rates are over the time since the
sample before, so nothing is computed from a counter that ran backwards.
"""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import psutil

from kelp.ingest.sources.machine.rows import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kelp.base.clock import Clock
    from kelp.ingest.sources.machine.delivery import Row, RowSender, Sleep
    from kelp.ingest.sources.machine.host import Host

INTERVAL_SECONDS = 60.0
FIRST_INTERVAL_SECONDS = 1.0
"""Between the two samples that the first rows come from."""

_MEGABYTE = 1024 * 1024

Times: TypeAlias = "Mapping[str, float]"


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value of a counter. `instance` is empty where the object has only one."""

    object_name: str
    instance: str
    counter: str
    value: float


@dataclass(frozen=True, slots=True)
class Sample:
    """What the operating system has counted up to a moment (seconds since the machine started)."""

    at_seconds: float
    processors: Mapping[str, Times]
    disks: Mapping[str, Times]
    networks: Mapping[str, Times]


class PerformanceSource:
    """Sends the first counters after a second and all again each minute."""

    def __init__(self, sender: RowSender, host: Host, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self._sender = sender
        self._host = host
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Send until cancelled. Raises `ServiceError` when the receiver refuses."""
        # A file system that does not answer must hold up no one else: hence a thread.
        before = await asyncio.to_thread(take_sample)
        await self._sleep(FIRST_INTERVAL_SECONDS)
        while True:
            now = await asyncio.to_thread(take_sample)
            measurements = [*iter_rates(before, now), *await asyncio.to_thread(lambda: list(iter_levels()))]
            await self._sender.send_rows("Perf", [self._make_row(one) for one in measurements])
            before = now
            await self._sleep(INTERVAL_SECONDS)

    def _make_row(self, measured: Measurement) -> Row:
        instance = f"({measured.instance})" if measured.instance else ""
        return {
            "TimeGenerated": format_time(self._clock.now()),
            "SourceSystem": self._host.system,
            "Computer": self._host.name,
            "ObjectName": measured.object_name,
            "InstanceName": measured.instance,
            "CounterName": measured.counter,
            "CounterValue": measured.value,
            "CounterPath": rf"\\{self._host.name}\{measured.object_name}{instance}\{measured.counter}",
        }


def take_sample() -> Sample:
    """Read the counters that only grow. Blocking."""
    processors = {str(index): _as_times(times) for index, times in enumerate(psutil.cpu_times(percpu=True))}
    disks = psutil.disk_io_counters(perdisk=True) or {}
    networks = psutil.net_io_counters(pernic=True) or {}
    return Sample(
        at_seconds=_seconds_since_start(),
        processors={"_Total": _as_times(psutil.cpu_times()), **processors},
        disks={name: _as_times(counted) for name, counted in disks.items() if _is_real_disk(name)},
        networks={name: _as_times(counted) for name, counted in networks.items() if name != "lo"},
    )


def iter_rates(before: Sample, now: Sample) -> Iterator[Measurement]:
    """Yield what follows from two samples: shares of processor time, transfers a second, and network totals."""
    for instance, times in now.processors.items():
        yield from _iter_processor(instance, before.processors.get(instance, {}), times)
    seconds = now.at_seconds - before.at_seconds
    for instance, counted in now.disks.items():
        if instance in before.disks and seconds > 0:
            yield from _iter_disk(instance, before.disks[instance], counted, seconds)
    for instance, counted in now.networks.items():
        sent, received = counted["bytes_sent"], counted["bytes_recv"]
        yield Measurement("Network", instance, "Total Bytes Transmitted", sent)
        yield Measurement("Network", instance, "Total Bytes Received", received)
        yield Measurement("Network", instance, "Total Bytes", sent + received)
        yield Measurement("Network", instance, "Total Rx Errors", counted["errin"])
        yield Measurement("Network", instance, "Total Tx Errors", counted["errout"])


def iter_levels() -> Iterator[Measurement]:
    """Yield what is measured at one moment: memory, file systems, load. Blocking."""
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    used_share = 100.0 * (memory.total - memory.available) / memory.total
    yield Measurement("Memory", "Memory", "Available MBytes Memory", memory.available / _MEGABYTE)
    yield Measurement("Memory", "Memory", "Used Memory MBytes", (memory.total - memory.available) / _MEGABYTE)
    yield Measurement("Memory", "Memory", "% Used Memory", used_share)
    yield Measurement("Memory", "Memory", "% Available Memory", 100.0 - used_share)
    yield Measurement("Memory", "Memory", "Available MBytes Swap", swap.free / _MEGABYTE)
    yield Measurement("Memory", "Memory", "% Used Swap Space", float(swap.percent))
    for partition in psutil.disk_partitions():
        yield from _iter_file_system(partition.mountpoint)
    for counter, value in zip(("Load1", "Load5", "Load15"), os.getloadavg(), strict=True):
        yield Measurement("System", "", counter, value)
    yield Measurement("System", "", "Uptime", _seconds_since_start())
    yield Measurement("System", "", "Processes", len(psutil.pids()))


def _iter_processor(instance: str, before: Times, now: Times) -> Iterator[Measurement]:
    spent = {name: max(0.0, value - before.get(name, 0.0)) for name, value in now.items()}
    # The kernel counts a guest's time in `user` and `nice` as well.
    total = sum(spent.values()) - spent.get("guest", 0.0) - spent.get("guest_nice", 0.0)
    if total <= 0:
        return
    idle, waiting = spent.get("idle", 0.0), spent.get("iowait", 0.0)
    for counter, seconds in (
        ("% Processor Time", total - idle - waiting),
        ("% Idle Time", idle),
        ("% IO Wait Time", waiting),
        ("% User Time", spent.get("user", 0.0)),
        ("% Nice Time", spent.get("nice", 0.0)),
        ("% Privileged Time", spent.get("system", 0.0)),
        ("% Interrupt Time", spent.get("irq", 0.0) + spent.get("softirq", 0.0)),
    ):
        yield Measurement("Processor", instance, counter, 100.0 * seconds / total)


def _iter_disk(instance: str, before: Times, now: Times, seconds: float) -> Iterator[Measurement]:
    def rate(name: str) -> float:
        return max(0.0, now[name] - before[name]) / seconds

    yield Measurement("Physical Disk", instance, "Disk Reads/sec", rate("read_count"))
    yield Measurement("Physical Disk", instance, "Disk Writes/sec", rate("write_count"))
    yield Measurement(
        "Physical Disk", instance, "Disk Transfers/sec", rate("read_count") + rate("write_count")
    )
    yield Measurement("Physical Disk", instance, "Disk Read Bytes/sec", rate("read_bytes"))
    yield Measurement("Physical Disk", instance, "Disk Write Bytes/sec", rate("write_bytes"))


def _iter_file_system(mount_point: str) -> Iterator[Measurement]:
    try:
        status = os.statvfs(mount_point)
    except OSError:  # unmounted since it was listed, or not ours to see
        return
    usable = status.f_bavail + (status.f_blocks - status.f_bfree)
    if usable == 0:
        return
    free_share = 100.0 * status.f_bavail / usable
    yield Measurement("Logical Disk", mount_point, "% Free Space", free_share)
    yield Measurement("Logical Disk", mount_point, "% Used Space", 100.0 - free_share)
    yield Measurement(
        "Logical Disk", mount_point, "Free Megabytes", status.f_bavail * status.f_frsize / _MEGABYTE
    )
    if status.f_files:
        used_inodes = 100.0 * (status.f_files - status.f_ffree) / status.f_files
        yield Measurement("Logical Disk", mount_point, "% Used Inodes", used_inodes)


def _as_times(counted: object) -> dict[str, float]:
    """The members of one of psutil's named tuples."""
    assert isinstance(counted, tuple)
    assert hasattr(counted, "_asdict")
    return {name: float(value) for name, value in counted._asdict().items()}


def _is_real_disk(name: str) -> bool:
    return not name.startswith(("loop", "ram"))


def _seconds_since_start() -> float:
    """Seconds since the machine started, those asleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)
