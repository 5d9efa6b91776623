"""The data that is measured: deterministic logs from the generator beside the repository, made once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
WORK_FOLDER = REPOSITORY / "benchmarks" / ".work"

COLUMNS: tuple[tuple[str, str], ...] = (
    ("TimeGenerated", "datetime"),
    ("Computer", "string"),
    ("HostIP", "string"),
    ("Facility", "string"),
    ("SeverityLevel", "string"),
    ("ProcessName", "string"),
    ("ProcessID", "int"),
    ("TraceId", "string"),
    ("SyslogMessage", "string"),
    ("Properties", "dynamic"),
)
"""The columns of the syslog kind, as KQL types."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """Syslog rows as JSON lines and as Parquet."""

    rows: int
    json_lines: Path
    parquet: Path


def find_generator() -> Path:
    """Return the generator: LOG_GENERATOR, or the one in ../shared/bench."""
    path = Path(os.environ.get("LOG_GENERATOR", REPOSITORY.parent / "shared" / "bench" / "gen_logs.py"))
    if not path.exists():
        raise SystemExit(f"The log generator is not at {path}. Name it in LOG_GENERATOR.")
    return path


def make_dataset(rows: int) -> Dataset:
    """Return the rows, generating them the first time."""
    folder = WORK_FOLDER / f"syslog-{rows}"
    dataset = Dataset(rows, folder / "syslog.jsonl", folder / "syslog.parquet")
    if not (dataset.json_lines.exists() and dataset.parquet.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        arguments = (
            "--kind",
            "syslog",
            "--rows",
            str(rows),
            "--format",
            "parquet,jsonl",
            "--out",
            str(folder),
        )
        subprocess.run([sys.executable, str(find_generator()), *arguments], check=True)
    return dataset
