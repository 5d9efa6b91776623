"""The yardstick: chDB alone in a process of its own, the same table, no Kelp. Speaks JSON lines over its pipes."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from benchmarks.dataset import COLUMNS, REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

TABLE = "bare.Syslog"
_NAMES = ", ".join(name for name, _ in COLUMNS)


class BareEngine:
    """A bare engine process. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare", str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def run(self, sql: str) -> dict[str, Any]:
        """Run a statement and return `seconds`, `cpu_seconds` and the bytes of its `answer`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(sql) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise SystemExit(f"bare engine: {answer['error'][:500]}")
        return dict(answer)

    def make_table(self) -> None:
        """Make the table that Kelp makes for the same columns, on a plain disk."""
        from kelp.catalog.storage_rules import define_table  # noqa: PLC0415 - the yardstick itself needs no Kelp
        from kelp.clickhouse import ddl  # noqa: PLC0415
        from kelp.clickhouse.types import EngineTable  # noqa: PLC0415
        from kelp.kql.types import Column, ScalarType  # noqa: PLC0415

        columns = [Column(name, ScalarType(kind)) for name, kind in COLUMNS if name != "TimeGenerated"]
        self.run("CREATE DATABASE IF NOT EXISTS bare ENGINE = Atomic")
        definition = define_table("Syslog", columns)
        self.run(ddl.create_table(EngineTable("bare", "Syslog"), definition, ddl.TableStorage()).sql)

    def load(self, path: Path, file_format: str) -> dict[str, Any]:
        """Load a file with one statement; returns what `run` does."""
        return self.run(
            f"INSERT INTO {TABLE} ({_NAMES}) SELECT {_NAMES} FROM file('{path}', '{file_format}', "  # noqa: S608
            "'TimeGenerated DateTime64(7, \\'UTC\\'), Computer String, HostIP String, Facility String, "
            "SeverityLevel String, ProcessName String, ProcessID Nullable(Int32), TraceId String, "
            "SyslogMessage String, Properties String')"
        )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _serve(folder: str) -> None:
    import chdb  # noqa: PLC0415 - in the child only

    connection = chdb.connect(folder)
    connection.query(
        "SET max_threads = 2, session_timezone = 'UTC', use_query_condition_cache = 0, "
        "date_time_input_format = 'best_effort', input_format_json_read_objects_as_strings = 1"
    )
    for line in sys.stdin:
        started, cpu = time.perf_counter(), _cpu_seconds()
        try:
            answer = connection.query(json.loads(line), "JSONCompactEachRow").bytes()
            result: dict[str, Any] = {"answer": len(answer), "head": answer[:200].decode(errors="replace")}
        except RuntimeError as error:
            result = {"error": str(error)}
        result |= {"seconds": time.perf_counter() - started, "cpu_seconds": _cpu_seconds() - cpu}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
