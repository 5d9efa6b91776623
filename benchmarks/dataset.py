"""The data that is measured: deterministic logs from the generator beside the repository, made once and kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.tables import SYSLOG

if TYPE_CHECKING:
    from benchmarks.tables import BenchTable

REPOSITORY = Path(__file__).resolve().parent.parent
WORK_FOLDER = REPOSITORY / "benchmarks" / ".work"


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows of a table as JSON lines."""

    table: BenchTable
    rows: int
    json_lines: Path


def find_generator() -> Path:
    """Return the generator: LOG_GENERATOR, or the one in ../shared/bench."""
    path = Path(os.environ.get("LOG_GENERATOR", REPOSITORY.parent / "shared" / "bench" / "gen_logs.py"))
    if not path.exists():
        raise SystemExit(f"The log generator is not at {path}. Name it in LOG_GENERATOR.")
    return path


def make_dataset(rows: int, table: BenchTable = SYSLOG) -> Dataset:
    """Return the rows, generating them the first time."""
    folder = WORK_FOLDER / f"{table.kind}-{rows}"
    dataset = Dataset(table, rows, folder / f"{table.kind}.jsonl")
    if not dataset.json_lines.exists():
        folder.mkdir(parents=True, exist_ok=True)
        arguments = ("--kind", table.kind, "--rows", str(rows), "--format", "jsonl", "--out", str(folder))
        subprocess.run([sys.executable, str(find_generator()), *arguments], check=True)
    return dataset
