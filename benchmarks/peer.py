"""Another engine that answers KQL: duckdb-kql over DuckDB, in a process and an environment of its own, without HTTP.

Speaks JSON lines over its pipes, as `benchmarks.bare` does. The child runs this file alone: its environment has neither
Kelp nor what Kelp needs.
"""

from __future__ import annotations

import importlib
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from benchmarks.dataset import Dataset

_REQUIREMENTS = ("duckdb==2.0.0", "duckdb-kql==1.1.2")
_TYPES = {
    "string": "VARCHAR",
    "int": "INTEGER",
    "real": "DOUBLE",
    "bool": "BOOLEAN",
    "datetime": "TIMESTAMP",
    "dynamic": "JSON",
}


class PeerRefused(Exception):
    """The peer does not answer this text."""


class Peer:
    """The peer's process, with tables in memory. Use as a context manager."""

    def __init__(self, folder: Path) -> None:
        """`folder` keeps the environment, which is made the first time."""
        self._folder = folder
        self._process: subprocess.Popen[str]

    def __enter__(self) -> Self:
        python = self._folder / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(self._folder)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q", *_REQUIREMENTS], check=True)
        self._process = subprocess.Popen(
            [str(python), str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)

    def load(self, dataset: Dataset) -> None:
        """Make a table of a file of JSON lines."""
        columns = {name: _TYPES[kind] for name, kind in dataset.table.columns.items()}
        self._run({"load": str(dataset.json_lines), "table": dataset.table.name, "columns": columns})

    def ask(self, kql: str) -> dict[str, Any]:
        """Return the `answer` as rows, and the `seconds` and `cpu_seconds` it took. Raises `PeerRefused`."""
        return self._run({"kql": kql})

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise PeerRefused(answer["error"])
        return dict(answer)


def _serve() -> None:
    # Known to the child's environment only.
    duckdb_kql = importlib.import_module("duckdb_kql")
    connection = duckdb_kql.connect()
    for line in sys.stdin:
        request = json.loads(line)
        started, cpu = time.perf_counter(), _cpu_seconds()
        try:
            if "load" in request:
                columns = ", ".join(f"'{name}': '{kind}'" for name, kind in request["columns"].items())
                connection.execute(
                    f"CREATE TABLE {request['table']} AS SELECT * FROM "
                    f"read_json('{request['load']}', format='newline_delimited', columns={{{columns}}})"
                )
                rows = []
            else:
                rows = duckdb_kql.kql(connection, request["kql"]).fetchall()
        except Exception as error:
            # Whatever it can't do is its answer.
            result: dict[str, Any] = {"error": f"{type(error).__name__}: {error}"[:500]}
        else:
            result = {"answer": rows}
        result |= {"seconds": time.perf_counter() - started, "cpu_seconds": _cpu_seconds() - cpu}
        print(json.dumps(result, default=_print_cell), flush=True)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _print_cell(cell: object) -> str:
    text = str(cell)
    return text.replace(" ", "T") + "Z" if type(cell).__name__ == "datetime" else text


if __name__ == "__main__":
    _serve()
