"""The yardstick: chDB alone in a process of its own, the same table, no Kelp. Speaks JSON lines over its pipes."""

from __future__ import annotations

import json
import os
import resource
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks.dataset import REPOSITORY
from kelp.catalog.storage_rules import define_table
from kelp.clickhouse import ddl
from kelp.clickhouse.quoting import quote_string
from kelp.clickhouse.types import EngineTable, expression_type
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from benchmarks.dataset import Dataset
    from benchmarks.tables import BenchTable

_DATABASE = "bare"
_KEY_VARIABLE = "KELP_BENCH_KEY"


class BareEngine:
    """A bare engine process. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.bare", str(self._folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY,
            env=os.environ | {_KEY_VARIABLE: secrets.token_hex(32)},
        )  # fmt: skip
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, sql: str) -> dict[str, Any]:
        """Run a statement and return its `answer` as lines, `seconds`, and `cpu_seconds`."""
        return self._ask(sql)

    def run_as(self, sql: str, result_format: str) -> dict[str, Any]:
        """Run a statement that writes such a format into memory; return how many `bytes` it wrote, and the times."""
        return self._ask([sql, result_format])

    def _ask(self, request: str | list[str]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise SystemExit(f"bare engine: {answer['error'][:500]}")
        return dict(answer)

    def make_table(self, like: BenchTable, name: str = "", *, is_encrypted: bool = False) -> str:
        """Make the table that Kelp makes for the same columns; return how statements call it."""
        name = name or like.name
        columns = [
            Column(column, ScalarType(kind))
            for column, kind in like.columns.items()
            if column != ddl.TIME_COLUMN
        ]
        table = EngineTable(_DATABASE, name)
        self.run(f"CREATE DATABASE IF NOT EXISTS {_DATABASE} ENGINE = Atomic")
        disk = ddl.EncryptedDisk(f"{self._folder / 'disks'}/", _KEY_VARIABLE) if is_encrypted else None
        self.run(ddl.create_table(table, define_table(name, columns), ddl.TableStorage(disk)).sql)
        return table.sql

    def load(self, table: str, dataset: Dataset, rows: int | None = None) -> dict[str, Any]:
        """Load a file of JSON lines, or its first rows, with one statement; returns what `run` does."""
        columns = dataset.table.columns
        names = ", ".join(columns)
        structure = ", ".join(f"{name} {expression_type(ScalarType(kind))}" for name, kind in columns.items())
        limit = "" if rows is None else f" LIMIT {rows}"
        return self.run(
            f"INSERT INTO {table} ({names}) SELECT {names} "
            f"FROM file({quote_string(str(dataset.json_lines))}, 'JSONEachRow', {quote_string(structure)}){limit}"
        )


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _serve(folder: str) -> None:
    import chdb  # noqa: PLC0415 - in the child only

    configuration = Path(folder) / "engine.xml"
    configuration.parent.mkdir(parents=True, exist_ok=True)
    disks = f"<custom_local_disks_base_directory>{folder}/disks/</custom_local_disks_base_directory>"
    configuration.write_text(f"<clickhouse>{disks}</clickhouse>")
    connection = chdb.connect(f"{folder}/store?config-file={configuration}")
    connection.query(
        "SET dynamic_disk_allow_from_env = 1, session_timezone = 'UTC', date_time_input_format = 'best_effort', "
        "input_format_json_read_objects_as_strings = 1, output_format_json_quote_64bit_integers = 0, "
        "date_time_output_format = 'iso', use_query_condition_cache = 0"
    )
    for line in sys.stdin:
        started, cpu = time.perf_counter(), _cpu_seconds()
        request = json.loads(line)
        try:
            if isinstance(request, list):
                result: dict[str, Any] = {"bytes": len(connection.query(*request).bytes())}
            else:
                answer = connection.query(request, "JSONCompactEachRow").bytes()
                result = {"answer": answer.decode(errors="replace")}
        except RuntimeError as error:
            result = {"error": str(error)}
        result |= {"seconds": time.perf_counter() - started, "cpu_seconds": _cpu_seconds() - cpu}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    _serve(sys.argv[1])
