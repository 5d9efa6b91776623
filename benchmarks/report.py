"""RESULTS.md: the last runs as tables, each figure beside its goal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from benchmarks.compile_times import CompileRun, CompileTimes
from benchmarks.dataset import REPOSITORY
from benchmarks.encryption_cost import EncryptionCost
from benchmarks.ingest_times import IngestRun
from benchmarks.overload import OverloadRun
from benchmarks.portal_load import PortalLoadRun
from benchmarks.portal_page import PortalPageRun
from benchmarks.portal_rows import PortalRun
from benchmarks.query_times import QueryRun, QueryTime
from benchmarks.results import Machine, read_all
from benchmarks.tenants import TenantsRun

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PAGE = REPOSITORY / "benchmarks" / "RESULTS.md"
_INTRODUCTION = """# Results

Written by `make bench` (`python -m benchmarks`); never by hand. Every ratio was measured in one run on one machine.
The yardstick is the bare engine (chDB alone in a process of its own) with the same table, rows and threads, and SQL
written by hand. Kelp answers over HTTPS, with authentication, isolation of workspaces, compilation and encryption at
rest. Times are medians of 7 after one that warms up, until the client has read the last byte; CPU is that of the whole
process. The engine's cache of conditions is off for both, and so is Kelp's of results. What misses its goal is marked
so. On a machine that others use too, CPU time tells more than wall time, and 99 % of anything tells little.
"""
_MEGABYTE, _GIGABYTE = 1e6, 1e9
_KINDS = (
    "queries",
    "compiling",
    "ingestion",
    "overload",
    "encryption",
    "tenants",
    "portal_load",
    "portal",
    "portal_page",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure beside its goal."""

    what: str
    found: float
    goal: float
    unit: str
    digits: int
    is_floor: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the goal is reached."""
        return self.found >= self.goal if self.is_floor else self.found <= self.goal


def write_report() -> None:
    """Write the page from what was kept."""
    found = read_all()
    parts = [_INTRODUCTION]
    for kind, entry in sorted(found.items(), key=lambda item: _rank(item[0])):
        parts.append("\n".join(_render(kind, entry["run"], msgspec.convert(entry["machine"], Machine))))
    PAGE.write_text("\n".join(parts), encoding="utf-8")


def _rank(kind: str) -> tuple[int, int]:
    name, _, rows = kind.partition("-")
    return _KINDS.index(name), int(rows or 0)


def _render(kind: str, run: Any, machine: Machine) -> Iterator[str]:
    name = kind.partition("-")[0]
    match name:
        case "queries":
            yield from _render_queries(msgspec.convert(run, QueryRun))
        case "compiling":
            yield from _render_compiling(msgspec.convert(run, CompileRun))
        case "ingestion":
            yield from _render_ingestion(msgspec.convert(run, IngestRun))
        case "overload":
            yield from _render_overload(msgspec.convert(run, OverloadRun))
        case "tenants":
            yield from _render_tenants(msgspec.convert(run, TenantsRun))
        case "portal":
            yield from _render_portal(msgspec.convert(run, PortalRun))
        case "portal_load":
            yield from _render_portal_load(msgspec.convert(run, PortalLoadRun))
        case "portal_page":
            yield from _render_portal_page(msgspec.convert(run, PortalPageRun))
        case _:
            yield from _render_encryption(msgspec.convert(run, EncryptionCost))
    yield ""
    yield (
        f"{machine.at}, commit {machine.commit}: {machine.processor}, {machine.cores} cores, "
        f"{machine.memory_gb:.0f} GB, {machine.system}, Python {machine.python}, chdb-core {machine.engine}; "
        f"load average when done {machine.load_average:.1f}."
    )
    yield ""


def _render_queries(run: QueryRun) -> Iterator[str]:
    yield f"## Questions over {run.rows:,} rows"
    yield ""
    yield "Goal: at most 1.25 times the bare engine, or 8 ms more. Q23 has no goal."
    yield ""
    yield (
        "The last column is duckdb-kql over DuckDB with the rows in memory, asked the same KQL without HTTP; "
        "a dash where it does not answer, or with something else."
    )
    yield ""
    yield "| # | Question | Kelp ms | Bare ms | Ratio | Kelp CPU ms | Bare CPU ms | Goal | duckdb-kql ms |"
    yield "|---|---|---:|---:|---:|---:|---:|---|---:|"
    for item in run.times:
        yield (
            f"| {item.question.name} | {item.question.asks} | {item.kelp.wall_ms:.1f} | {item.bare.wall_ms:.1f} | "
            f"{item.kelp.wall_ms / item.bare.wall_ms:.2f} | {item.kelp.cpu_ms:.1f} | {item.bare.cpu_ms:.1f} | "
            f"{_judge_query(item)} | {f'{item.peer.wall_ms:.1f}' if item.peer else '-'} |"
        )
    yield ""
    learned = [item for item in run.times if item.learned is not None]
    if learned:
        yield (
            "Properties of dynamic columns that are read often get columns of their own; so much faster than the bare "
            "engine's JSONExtract over the text the same questions are then:"
        )
        yield ""
        yield from _table(
            Figure(
                f"{item.question.name}, {item.learned.wall_ms:.1f} ms",
                item.bare.wall_ms / item.learned.wall_ms,
                8.0,
                "x",
                1,
                is_floor=True,
            )
            for item in learned
            if item.learned is not None
        )
        yield ""
    yield from _table(
        [Figure("Memory of the server at its peak", run.peak_memory_bytes / _GIGABYTE, 1.5, " GB", 2)]
    )


def _judge_query(item: QueryTime) -> str:
    if not item.agree:
        return "ANSWERS DIFFER"
    if item.question.name == "Q23":
        return ""
    return _judge(is_met=item.meets_goal)


def _judge(*, is_met: bool) -> str:
    return "met" if is_met else "**missed**"


def _table(figures: Iterable[Figure]) -> Iterator[str]:
    yield "| What | Found | Goal | |"
    yield "|---|---:|---:|---|"
    for figure in figures:
        bound = "at least" if figure.is_floor else "at most"
        found, goal = (f"{value:,.{figure.digits}f}{figure.unit}" for value in (figure.found, figure.goal))
        yield f"| {figure.what} | {found} | {bound} {goal} | {_judge(is_met=figure.is_met)} |"


def _render_compiling(run: CompileRun) -> Iterator[str]:
    yield "## From KQL to SQL"
    yield ""
    yield "The caller's scope and the statement, made anew each time; CPU time of one thread."
    yield ""
    rows = [*_compile_rows("questions above", run.questions)]
    if run.corpus is not None:
        rows += _compile_rows(f"{run.corpus.texts} real hunting queries", run.corpus)
    yield from _table(rows)


def _compile_rows(what: str, times: CompileTimes) -> Iterator[Figure]:
    yield Figure(f"Median of {what}", times.p50_ms, 4, " ms", 2)
    yield Figure(f"95 % of {what}", times.p95_ms, 4, " ms", 2)


def _render_ingestion(run: IngestRun) -> Iterator[str]:
    kelp, bare, small = run.kelp, run.bare, run.small
    yield f"## Ingestion of {kelp.rows:,} rows"
    yield ""
    yield (
        "Through the Logs Ingestion API and a data collection rule: JSON arrays of 1 MB, gzip, on 8 connections, each "
        "acknowledged when it is durable; from the first request until the last row is found. "
        "The client runs on the same cores."
    )
    yield ""
    yield from _table(_ingest_figures(run))
    yield ""
    yield "| | Rows/s | MB/s | Rows per CPU second |"
    yield "|---|---:|---:|---:|"
    for name, side in (("Kelp", kelp), ("Bare engine", bare)):
        yield (
            f"| {name} | {side.rows / side.seconds:,.0f} | {side.raw_bytes / side.seconds / _MEGABYTE:.0f} | "
            f"{side.rows_per_cpu_second:,.0f} |"
        )
    yield ""
    yield (
        f"{kelp.refusals} requests were asked to come back later. "
        f"Small bodies: {small.requests / small.seconds:,.0f} requests/s."
    )


def _ingest_figures(run: IngestRun) -> Iterator[Figure]:
    ratio = run.kelp.rows_per_cpu_second / run.bare.rows_per_cpu_second
    small = run.small.requests / run.small.cpu_seconds
    yield Figure("Rows per CPU second, against the bare engine's", ratio, 0.8, "", 2, is_floor=True)
    yield Figure("Acknowledgement at half the rate, median", run.latency_p50_ms, 20, " ms", 1)
    yield Figure("Acknowledgement at half the rate, 99 %", run.latency_p99_ms, 100, " ms", 1)
    yield Figure("From sending a record until it is found, median", run.visible_seconds, 2, " s", 2)
    yield Figure("1 KB bodies on 128 connections, per CPU second", small, 5_000, "", 0, is_floor=True)
    yield Figure("Memory of the server at its peak", run.peak_memory_bytes / _GIGABYTE, 1, " GB", 2)


def _render_overload(run: OverloadRun) -> Iterator[str]:
    yield "## More than can be loaded"
    yield ""
    yield (
        f"One workspace is sent bodies of 1 MB on 32 connections for {run.seconds:.0f} s, as fast as the client can, "
        "with a small bound for its backlog; another one sends four records a second meanwhile."
    )
    yield ""
    lost = run.accepted_rows - run.found_rows + run.other_requests - run.other_found_rows
    yield from _table(
        [
            Figure("Acknowledged rows that are not found, or found twice", abs(lost), 0, "", 0),
            Figure("Acknowledgement for the other workspace, median", run.other_p50_ms, 20, " ms", 1),
            Figure("Requests of the other workspace that were put off", run.other_refusals, 0, "", 0),
            Figure("Memory of the server at its peak", run.peak_memory_bytes / _GIGABYTE, 1, " GB", 2),
        ]
    )
    yield ""
    yield (
        f"{run.accepted_rows:,} rows were accepted, {run.accepted_rows / run.seconds:,.0f} a second; the flood was "
        f"asked {run.refusals} times to come back later. "
        f"The slowest 1 % of the other workspace took {run.other_p99_ms:.0f} ms."
    )


def _render_encryption(cost: EncryptionCost) -> Iterator[str]:
    yield "## Encryption at rest"
    yield ""
    yield "Loading onto a plain and onto an encrypted disk of the engine, and sealing bodies for journal and archive."
    yield ""
    yield from _table([Figure("Part of the CPU time of loading", 100 * cost.share, 5, " %", 1)])


def _render_tenants(run: TenantsRun) -> Iterator[str]:
    few, many = run.few, run.many
    yield f"## {many.workspaces:,} workspaces beside {few.workspaces}"
    yield ""
    yield (
        f"{many.workspaces:,} workspaces with {many.assignments:,} role assignments, {many.linked} of them linked to a "
        f"cluster, against {few.workspaces}. Ten are used in both; the same rows go to those ten, and then to all."
    )
    yield ""
    yield from _table(
        [
            Figure("Start of the server", many.start_seconds, 10, " s", 1),
            Figure("Memory when idle", many.idle_memory_bytes / _GIGABYTE, 1, " GB", 2),
            Figure(
                "List of ten workspaces, 95 %, against few", many.list_p95_ms / few.list_p95_ms, 1.2, "", 2
            ),
            Figure("`print 1`, 95 %, against few", many.query_p95_ms / few.query_p95_ms, 1.2, "", 2),
            Figure(
                "A row of a table, 95 %, against few",
                many.table_query_p95_ms / few.table_query_p95_ms,
                1.2,
                "",
                2,
            ),
            Figure(
                "Time of the same load over ten, against few",
                many.over_few.seconds / few.over_few.seconds,
                1.2,
                "",
                2,
            ),
        ]
    )
    yield ""
    spread = run.over_all
    yield (
        f"Over all {spread.workspaces:,} workspaces: {spread.rows / spread.seconds:,.0f} rows a second, "
        f"{spread.rows / spread.cpu_seconds:,.0f} in a CPU second; the slowest acknowledgement took "
        f"{spread.slowest_post_ms:.0f} ms. Over ten: {many.over_few.rows / many.over_few.seconds:,.0f} rows a second."
    )


def _render_portal(run: PortalRun) -> Iterator[str]:
    yield "## Rows for the portal"
    yield ""
    yield (
        f"{run.rows:,} rows of {run.columns} columns, from the request that begins the run to the last byte of its "
        "Arrow stream, against the bare engine writing Arrow into memory."
    )
    yield ""
    yield from _table([Figure("Request to last byte", run.kelp_ms, 1_500, " ms", 0)])
    yield ""
    kelp = f"{run.kelp_ms:.0f} ms, {run.kelp_cpu_ms:.0f} ms CPU, {run.kelp_bytes / _MEGABYTE:.1f} MB"
    bare = f"{run.bare_ms:.0f} ms, {run.bare_cpu_ms:.0f} ms CPU, {run.bare_bytes / _MEGABYTE:.1f} MB"
    yield (
        f"That is {run.kelp_ms / run.bare_ms:.2f} times what the bare engine takes, and "
        f"{run.kelp_cpu_ms / run.bare_cpu_ms:.2f} times its CPU time. Kelp: {kelp}; bare engine: {bare}."
    )


def _render_portal_load(run: PortalLoadRun) -> Iterator[str]:
    yield "## Loading the portal"
    yield ""
    yield (
        f"Debian's Chromium without a graphics card, HTTPS on one machine, nothing cached; medians of {run.rounds}. "
        "From navigation until the page has it and its main thread is free; completion from there to the first list."
    )
    yield ""
    yield from _table(
        [
            Figure("Home, scripts and styles, compressed", run.home_bytes / 1024, 220, " KiB", 0),
            Figure("Home, interactive", run.cold.home_ms, 1_500, " ms", 0),
            Figure("Logs, interactive", run.cold.logs_ms, 1_500, " ms", 0),
            Figure("Its editor takes typing", run.cold.typing_ms, 1_500, " ms", 0),
            Figure("Its full editor is there", run.cold.editor_ms, 1_500, " ms", 0),
            Figure("Its first completion", run.cold.completion_ms, 3_500, " ms", 0),
            Figure("The full editor again, from the cache", run.warm.editor_ms, 700, " ms", 0),
            Figure("The first completion again", run.warm.completion_ms, 2_200, " ms", 0),
        ]
    )
    yield ""
    yield (
        f"Logs loads {run.logs_bytes / 1024:,.0f} KiB with its editor, and the editor's worker. From the cache: "
        f"Home {run.warm.home_ms:.0f} ms, Logs {run.warm.logs_ms:.0f} ms."
    )


def _render_portal_page(run: PortalPageRun) -> Iterator[str]:
    yield "## Rows on the portal's page"
    yield ""
    yield (
        f"{run.rows:,} rows of {run.columns} columns in Debian's Chromium without a graphics card: from the request "
        "for the run to the frame that shows the first rows, then a traced scroll of 40,000 pixels by wheel."
    )
    yield ""
    yield from _table(
        [
            Figure("Request to first paint", run.first_paint_ms, 1_500, " ms", 0),
            Figure("The slowest of them", run.first_paint_worst_ms, 1_500, " ms", 0),
            Figure("Frame while scrolling, median", run.frame_median_ms, 17, " ms", 1),
            Figure("Frame while scrolling, 95 %", run.frame_p95_ms, 34, " ms", 1),
            Figure("The longest frame", run.frame_worst_ms, 50, " ms", 1),
            Figure("The longest task of the main thread", run.task_worst_ms, 50, " ms", 1),
            Figure("The same in CPU time", run.task_worst_cpu_ms, 50, " ms", 1),
            Figure("Memory of the page", run.heap_mb, 250, " MB", 0),
            Figure("Memory of the worker that holds the rows", run.worker_mb, 250, " MB", 0),
        ]
    )
