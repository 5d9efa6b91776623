"""How long questions take: in KQL through the server, and as SQL on the bare engine, one after the other in one run."""

from __future__ import annotations

import json
import math
import re
import statistics
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from benchmarks.bare import BareEngine
from benchmarks.compile_times import measure_compiling
from benchmarks.dataset import WORK_FOLDER, make_dataset
from benchmarks.peer import Peer, PeerRefused
from benchmarks.questions import QUESTIONS, Question
from benchmarks.server import Server
from benchmarks.tables import OTHERS, SYSLOG

if TYPE_CHECKING:
    import http.client
    from collections.abc import Callable, Mapping, Sequence

    from benchmarks.compile_times import CompileRun
    from benchmarks.tables import BenchTable

_ROUNDS = 7
_LEARNING_ROUNDS = 3 * _ROUNDS
"""So often is a property read before it gets a column: more than the questions that read it are measured."""
_LEARNING_SECONDS = 180
_PORT = 18443
_INVENTORY_ROWS = 500
_OTHER_ROWS = 1_000_000
"""Of tables that only a few questions read."""
_UNLIMITED = {
    "KELP_QUERY_REQUESTS_PER_CALLER": "1000000",
    "KELP_ENGINE_CONDITION_CACHE": "false",
    "KELP_QUERY_RESULT_CACHE_BYTES": "0",
}


@dataclass(frozen=True, slots=True)
class Spent:
    """The median of a question's rounds."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class QueryTime:
    """One question: what Kelp took and what the bare engine took, and whether they gave the same answer."""

    question: Question
    kelp: Spent
    bare: Spent
    agree: bool
    peer: Spent | None = None
    """None where the peer does not answer, or with another answer."""
    learned: Spent | None = None
    """What Kelp took once the properties that the question reads had columns of their own; None where it reads none."""

    @property
    def meets_goal(self) -> bool:
        """At most a quarter, or 8 ms, more than the bare engine; never with another answer."""
        return self.agree and self.kelp.wall_ms <= max(1.25 * self.bare.wall_ms, self.bare.wall_ms + 8)


@dataclass(frozen=True, slots=True)
class QueryRun:
    """All questions over so many rows, and the most memory that the server had."""

    rows: int
    times: tuple[QueryTime, ...]
    peak_memory_bytes: int


def measure_queries(rows: int, only: Sequence[str] = ()) -> tuple[QueryRun, CompileRun]:
    """Load both engines with the same rows and ask the questions; then compile them over the same tables."""
    datasets = [make_dataset(rows, SYSLOG), *(make_dataset(_rows_of(table, rows), table) for table in OTHERS)]
    questions = [question for question in QUESTIONS if not only or question.name in only]
    with (
        Server(
            "queries", _PORT, _UNLIMITED | {"KELP_ENGINE_PROMOTION_ROWS": str(rows * _LEARNING_ROUNDS)}
        ) as server,
        BareEngine(WORK_FOLDER / "bare-queries") as bare,
        Peer(WORK_FOLDER / "peer") as peer,
    ):
        tables = {}
        for dataset in datasets:
            kind = dataset.table.kind
            server.seed(kind, dataset.rows)
            tables[kind] = table = bare.make_table(dataset.table)
            bare.load(table, dataset)
            bare.run(f"OPTIMIZE TABLE {table} FINAL")
            peer.load(dataset)
        server.start()
        times = [_measure(server, bare, peer, tables, question) for question in questions]
        # After all others, so that no question finds what another one taught.
        times = [_measure_learned(server, one) if one.question.reads_properties else one for one in times]
        run = QueryRun(rows, tuple(times), server.peak_memory_bytes())
        server.stop()
        return run, measure_compiling(server.folder)


def _rows_of(table: BenchTable, rows: int) -> int:
    return _INVENTORY_ROWS if table.kind == "inventory" else min(rows, _OTHER_ROWS)


def _measure(
    server: Server, bare: BareEngine, peer: Peer, tables: Mapping[str, str], question: Question
) -> QueryTime:
    kql, sql = question.print_kql(), question.print_sql(tables)
    connection = server.connect()
    try:
        # The first of each warms up, and tells the answer.
        answer = server.rows(kql)
        agree = _agree(question, answer, [json.loads(line) for line in bare.run(sql)["answer"].splitlines()])
        kelp_rounds, bare_rounds = [], []
        for _ in range(_ROUNDS):
            kelp_rounds.append(_time_kelp(server, connection, kql))
            bare_rounds.append(_time_bare(bare, sql))
    finally:
        connection.close()
    peer_spent = _measure_peer(peer, question, answer)
    found = QueryTime(question, _median(kelp_rounds), _median(bare_rounds), agree, peer_spent)
    print(
        f"{question.name:4} {found.kelp.wall_ms:9.1f} ms, bare {found.bare.wall_ms:9.1f} ms, "
        f"peer {f'{peer_spent.wall_ms:9.1f} ms' if peer_spent else '-'}",
        flush=True,
    )
    return found


def _measure_learned(server: Server, item: QueryTime) -> QueryTime:
    """Ask until what the question reads has columns, and these are filled, then measure again."""
    kql = item.question.print_kql()
    connection = server.connect()
    try:
        deadline = time.monotonic() + _LEARNING_SECONDS
        while "JSONExtract" in server.explain(kql):
            server.ask(connection, kql)
            if time.monotonic() > deadline:
                raise SystemExit(f"{item.question.name}: no columns after {_LEARNING_SECONDS} s")
        rounds = [_time_kelp(server, connection, kql)]
        while len(rounds) < _ROUNDS or rounds[-1].wall_ms < 0.7 * rounds[-_ROUNDS].wall_ms:
            rounds.append(_time_kelp(server, connection, kql))
    finally:
        connection.close()
    learned = _median(rounds[-_ROUNDS:])
    print(f"{item.question.name:4} {learned.wall_ms:9.1f} ms once learned", flush=True)
    return replace(item, learned=learned)


def _measure_peer(peer: Peer, question: Question, answer: list[list[Any]]) -> Spent | None:
    kql = question.print_kql()
    try:
        if not _agree(question, answer, peer.ask(kql)["answer"]):
            return None
        rounds = [peer.ask(kql) for _ in range(_ROUNDS)]
    except PeerRefused:
        return None
    return _median([Spent(one["seconds"] * 1e3, one["cpu_seconds"] * 1e3) for one in rounds])


def _time_kelp(server: Server, connection: http.client.HTTPSConnection, kql: str) -> Spent:
    return _time(lambda: server.ask(connection, kql), server.cpu_seconds)


def _time_bare(bare: BareEngine, sql: str) -> Spent:
    answer = bare.run(sql)
    return Spent(answer["seconds"] * 1e3, answer["cpu_seconds"] * 1e3)


def _time(work: Callable[[], object], cpu_seconds: Callable[[], float]) -> Spent:
    cpu, started = cpu_seconds(), time.perf_counter()
    work()
    wall = time.perf_counter() - started
    return Spent(wall * 1e3, (cpu_seconds() - cpu) * 1e3)


def _median(rounds: Sequence[Spent]) -> Spent:
    return Spent(
        statistics.median(spent.wall_ms for spent in rounds),
        statistics.median(spent.cpu_ms for spent in rounds),
    )


def _agree(question: Question, ours: list[list[Any]], theirs: list[list[Any]]) -> bool:
    """Compare answers whose rows have no order, and whose numbers may be approximate."""
    if len(ours) != len(theirs):
        return False
    if ours and len(ours[0]) != len(theirs[0]):
        return True  # whole rows: Kelp's have the columns of every table besides
    if question.has_ties:
        ours, theirs = _numbers(ours), _numbers(theirs)
    return all(
        _rows_agree(one, other)
        for one, other in zip(sorted(ours, key=_key), sorted(theirs, key=_key), strict=True)
    )


def _numbers(rows: list[list[Any]]) -> list[list[Any]]:
    return [[cell for cell in row if isinstance(cell, int)] for row in rows]


def _rows_agree(ours: list[Any], theirs: list[Any]) -> bool:
    return all(_cells_agree(one, other) for one, other in zip(ours, theirs, strict=True))


def _cells_agree(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return math.isclose(one, other, rel_tol=0.03)
    return bool(_plain(one) == _plain(other))


def _key(row: list[Any]) -> str:
    return json.dumps([_plain(cell) for cell in row if not isinstance(cell, float)])


def _plain(cell: Any) -> Any:
    """A time without the zeros behind its seconds, since the two print different precisions."""
    return re.sub(r"\.?0*Z$", "Z", cell) if isinstance(cell, str) and "." in cell else cell
