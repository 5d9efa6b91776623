"""How long it takes to build a caller's scope and to compile a question, in this process, with nothing kept between."""

from __future__ import annotations

import json
import statistics
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.dataset import REPOSITORY
from benchmarks.questions import QUESTIONS
from kelp.app.installation import Installation
from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.catalog.ledger import TableLedger
from kelp.catalog.scope import ScopeBuilder
from kelp.catalog.table_access import FullAccess
from kelp.catalog.tables import load_standard_tables
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.clickhouse.compiler import CompileOptions, DataNeeded, compile_query
from kelp.kql.diagnostics import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

_ROUNDS = 21
_CORPUS = REPOSITORY.parent / "shared" / "kql" / "hunting-queries-dev.jsonl"
_CORPUS_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class CompileTimes:
    """Over so many texts, each the median of its rounds, in milliseconds; `refused` were not compiled."""

    texts: int
    refused: int
    p50_ms: float
    p95_ms: float
    longest_ms: float


@dataclass(frozen=True, slots=True)
class CompileRun:
    """The questions of the benchmark, and real hunting queries where they lie beside the repository."""

    questions: CompileTimes
    corpus: CompileTimes | None


def measure_compiling(folder: Path) -> CompileRun:
    """Compile over the tables of a server's folder, which no process serves."""
    with closing(Installation.open(folder)) as installation:
        names = installation.find_names()
        assert names is not None
        ledger = TableLedger(installation.database)
        directory = WorkspaceDirectory(installation.store, ledger, load_standard_tables())
        compiler = _Compiler(
            ScopeBuilder(directory), str(names.workspace_id), to_ticks(installation.clock.now())
        )
        texts = [question.print_kql() for question in QUESTIONS]
        return CompileRun(
            compiler.measure(texts, _ROUNDS),
            compiler.measure(_read_corpus(), _CORPUS_ROUNDS) if _CORPUS.exists() else None,
        )


@dataclass(frozen=True, slots=True)
class _Compiler:
    scopes: ScopeBuilder
    workspace: str
    now_ticks: int

    def measure(self, texts: Iterable[str], rounds: int) -> CompileTimes:
        found: list[float] = []
        refused = 0
        for text in texts:
            try:
                self.compile(text)
            except (QueryRefusedError, ServiceError):
                refused += 1
                continue
            found.append(statistics.median(self.time(text) for _ in range(rounds)))
        ordered = sorted(found)
        return CompileTimes(
            len(ordered), refused, statistics.median(ordered), ordered[int(0.95 * len(ordered))], ordered[-1]
        )

    def time(self, text: str) -> float:
        # Compiling waits for nothing, so that its processor time is what it takes on a machine of its own.
        started = time.thread_time()
        self.compile(text)
        return (time.thread_time() - started) * 1e3

    def compile(self, text: str) -> None:
        built = self.scopes.build([self.workspace], FullAccess(), self.now_ticks)
        # A text whose columns depend on rows is compiled as far as to the question for them.
        with suppress(DataNeeded):
            compile_query(text, built.provider, built.scope, CompileOptions(self.now_ticks, row_cap=500_001))


def _read_corpus() -> list[str]:
    return [json.loads(line)["query"] for line in _CORPUS.read_text().splitlines()]
