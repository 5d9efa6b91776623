"""What runs found, kept beside the data, so that the report shows the last run of each kind."""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.dataset import REPOSITORY, WORK_FOLDER

_FILE = WORK_FOLDER / "results.json"


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and with what a run was made."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    engine: str
    commit: str
    at: str
    load_average: float


def describe_machine() -> Machine:
    """Return what there is to know about this machine now."""
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], check=True, capture_output=True, text=True, cwd=REPOSITORY
    )
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gb=pages / 1e9,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        engine=version("chdb-core"),
        commit=commit.stdout.strip(),
        at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        load_average=os.getloadavg()[1],
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def keep(kind: str, run: Any) -> None:
    """Keep a run in the place of the last one of its kind."""
    found = read_all()
    found[kind] = {"machine": asdict(describe_machine()), "run": asdict(run)}
    _FILE.parent.mkdir(parents=True, exist_ok=True)
    _FILE.write_bytes(msgspec.json.format(msgspec.json.encode(found)))


def read_all() -> dict[str, dict[str, Any]]:
    """Return the last run of each kind."""
    return dict(msgspec.json.decode(_FILE.read_bytes())) if _FILE.exists() else {}
