"""Runs or explains a query in an engine of this process, and over files alone in one that is gone afterwards."""

from __future__ import annotations

import tempfile
import time
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, Protocol, TypeVar

import msgspec

from kelp.api.query.explanation import explanation_document
from kelp.base.errors import Category, ServiceError
from kelp.cli.diagnostics import describe_findings, from_diagnostics
from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.file_tables import load_files
from kelp.cli.result import QueryAnswer, ResultColumn, ResultTable
from kelp.clickhouse.compiler import CompileOptions, DataNeeded, compile_query
from kelp.clickhouse.explanation import outline_query
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.settings import EmbeddedSettings
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.slow_patterns import worth_showing
from kelp.query.errors import ExplanationNeedsData
from kelp.query.inquiry import Inquiry
from kelp.query.segment_worker import SegmentWorkers
from kelp.query.stages import Stages
from kelp.query.web_requests import send_request

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
    from uuid import UUID

    from kelp.api.errors import Document
    from kelp.base.keys import DataKey
    from kelp.base.settings import Settings
    from kelp.cli.file_tables import FileTable
    from kelp.clickhouse.compiler import CompiledQuery, CompiledResult
    from kelp.engine.contract import Engine, ResultStream
    from kelp.kql.questions import Answer, WebRequest
    from kelp.kql.schema import SchemaProvider
    from kelp.plan.scope import QueryScope

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_TAG = "command line"


class Work(Protocol[T_co]):
    """What is done with a query in an engine of this process."""

    async def __call__(
        self, stages: Stages, text: str, provider: SchemaProvider, scope: QueryScope, settings: Settings, /
    ) -> T_co: ...


async def work_over_files(text: str, files: Sequence[FileTable], settings: Settings, work: Work[T]) -> T:
    """Do the work over files alone, in an engine that is gone afterwards.

    Raises `CommandFailed`, `ServiceError`.
    """
    async with _open_temporary_engine(settings) as engine, AsyncExitStack() as stack:
        workers = SegmentWorkers(settings.segments)
        stack.push_async_callback(workers.close)
        schema = await load_files(engine, files)
        stages = Stages(engine, workers, settings, reads_files=True)
        return await work(stages, text, schema, schema.scope, settings)


async def run_query(
    stages: Stages, text: str, provider: SchemaProvider, scope: QueryScope, settings: Settings
) -> QueryAnswer:
    """Return the answer of an engine in this process. Raises `CommandFailed`, `ServiceError`."""
    now = now_ticks()

    def compile_with(answers: tuple[Answer, ...]) -> CompiledQuery:
        return compile_query(text, provider, scope, CompileOptions(now_ticks=now, answers=answers))

    async def open_stream(result: CompiledResult) -> ResultStream:
        deadline = time.monotonic() + settings.query.maximum_timeout_seconds
        return await stages.open(result, tag=_TAG, deadline_at_monotonic=deadline)

    async def send(request: WebRequest) -> Answer:
        limits = settings.query
        return await send_request(request, limits.allowed_request_urls, limits.maximum_timeout_seconds)

    with _refusals_of(text):
        compiled = await Inquiry(open_stream, send).compile(compile_with)
    read = [await _read(result, open_stream) for result in compiled.results]
    warnings = worth_showing(compiled.warnings, sum(rows for _, rows in read))
    return QueryAnswer(tuple(table for table, _ in read), warnings=tuple(from_diagnostics(warnings)))


async def explain_query(
    stages: Stages, text: str, provider: SchemaProvider, scope: QueryScope, settings: Settings
) -> Document:
    """Return what the query would do, as the query API tells it. Raises `CommandFailed`, `ServiceError`."""
    with _refusals_of(text):
        try:
            outline = outline_query(text, provider, scope, CompileOptions(now_ticks=now_ticks()))
        except DataNeeded:
            raise ExplanationNeedsData from None
    explained: Document = explanation_document(await stages.explain(outline, _TAG), text)["explain"]
    return explained


@contextmanager
def _refusals_of(text: str) -> Iterator[None]:
    try:
        yield
    except QueryRefusedError as refused:
        findings = from_diagnostics(refused.diagnostics)
        raise CommandFailed(ExitCode.REFUSED, describe_findings(text, findings)) from refused


async def _read(
    result: CompiledResult, open_stream: Callable[[CompiledResult], Awaitable[ResultStream]]
) -> tuple[ResultTable, int]:
    """Return the table, and how many rows the engine read for it."""
    rows: list[msgspec.Raw] = []
    async with await open_stream(result) as stream:
        async for chunk in stream:
            rows += map(msgspec.Raw, chunk.splitlines())
    columns = tuple(ResultColumn(column.name, column.type.value) for column in result.columns)
    return ResultTable(result.name, columns, rows), stream.statistics.rows_read


@asynccontextmanager
async def _open_temporary_engine(settings: Settings) -> AsyncIterator[Engine]:
    with tempfile.TemporaryDirectory(prefix="kelp-query-") as folder:
        engine_settings = EmbeddedSettings(
            data_directory=Path(folder) / "engine",
            reader_threads=1,
            writer_threads=1,
            memory_bytes=settings.engine.memory_bytes,
        )
        engine = await EmbeddedEngine.open(engine_settings, _NoKeys())
        try:
            yield engine
        finally:
            await engine.close()


def now_ticks() -> int:
    """Return the present in 100 ns since 1970."""
    return time.time_ns() // 100


class _NoKeys:
    """Files are in no workspace, so no key is ever asked for."""

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        _refuse()

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        _refuse()

    def get_disk_key(self, store_id: UUID) -> bytes:
        _refuse()

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        _refuse()

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        _refuse()


def _refuse() -> NoReturn:
    raise ServiceError(Category.UNAVAILABLE, "NoKeys", "A query over files has no keys.")
