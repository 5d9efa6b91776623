"""Runs queries: admits, compiles, starts the engine, and hands back a stream."""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from kelp.base.clock import to_ticks
from kelp.clickhouse.compiler import (
    CompiledQuery,
    CompiledResult,
    CompileOptions,
    DataNeeded,
    compile_query,
)
from kelp.clickhouse.explanation import outline_query
from kelp.engine.errors import EngineError, QueryTimedOut
from kelp.identity.principal import AccountKind
from kelp.kql.asker import Asker
from kelp.kql.diagnostics import QueryRefusedError
from kelp.query.admission import Admission
from kelp.query.compile_cache import CompileKey
from kelp.query.errors import ExplanationNeedsData, QueryTimeout
from kelp.query.execution import RunningQuery
from kelp.query.inquiry import Inquiry
from kelp.query.log import QueryLogEntry, report_engine_failure
from kelp.query.running_queries import RunningQueries
from kelp.query.tagged import TaggedQueries
from kelp.query.web_requests import send_request

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.errors import ServiceError
    from kelp.base.settings import Settings
    from kelp.catalog.property_use import PropertyUse
    from kelp.engine.contract import QueryStatistics, ResultStream
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.questions import Answer, WebRequest
    from kelp.query.explanation import Explanation
    from kelp.query.log import QueryLog
    from kelp.query.request import QueryRequest
    from kelp.query.stages import Stages


class QueryService:
    """The one way to run a query. Safe for concurrent use from the tasks of one event loop."""

    def __init__(
        self,
        stages: Stages,
        settings: Settings,
        clock: Clock,
        log: QueryLog,
        property_use: PropertyUse,
        running: RunningQueries | None = None,
    ) -> None:
        self._stages = stages
        self._settings = settings
        self._admission = Admission(settings.query, clock)
        self.tagged = TaggedQueries(self._admission, stages)
        self._running = running or RunningQueries(stages)
        self._log = log
        self._property_use = property_use

    def compile(self, request: QueryRequest, answers: tuple[Answer, ...] = ()) -> CompiledQuery:
        """Return the statements of the query. Asks nobody and runs nothing.

        Raises `QueryRefusedError`, and `DataNeeded` where the columns depend on data that `answers` do not tell.
        """
        options = self._options(request, answers)
        compile_text = partial(
            compile_query, request.text, request.reach.provider, request.reach.scope, options
        )
        if request.parameters:
            return compile_text()
        key = CompileKey(
            request.text,
            request.reach.key,
            options.asker,
            options.time_range,
            options.row_cap,
            options.answers,
            options.encoding,
        )
        return self._running.compiled.get(key, compile_text)

    def diagnose(self, request: QueryRequest) -> tuple[Diagnostic, ...]:
        """Return all that the language has to say about a text, errors and warnings; nothing is run."""
        try:
            return self.compile(request).warnings
        except QueryRefusedError as refused:
            return refused.diagnostics
        except DataNeeded:
            return ()

    def _options(self, request: QueryRequest, answers: tuple[Answer, ...] = ()) -> CompileOptions:
        time_range = request.time_range
        return CompileOptions(
            now_ticks=to_ticks(request.received_at),
            time_range=(to_ticks(time_range[0]), to_ticks(time_range[1])) if time_range else None,
            encoding=request.encoding,
            row_cap=self._maximum_rows(request) + 1,
            parameters=request.parameters,
            answers=answers,
            asker=_asker_of(request),
            limits_plans=True,
        )

    async def explain(self, request: QueryRequest) -> Explanation:
        """Return what the query would do, without running it.

        Raises `QueryRefusedError`, `QueryError` or `EngineError`.
        """
        async with self._admission.admit(str(request.caller.object_id), self._timeout_seconds(request)):
            reach = request.reach
            try:
                outline = outline_query(request.text, reach.provider, reach.scope, self._options(request))
            except DataNeeded:
                raise ExplanationNeedsData from None
            return await self._stages.explain(outline, request.tag)

    def _maximum_rows(self, request: QueryRequest) -> int:
        limit = self._settings.query.maximum_rows
        return limit if request.maximum_rows is None else min(limit, request.maximum_rows)

    def _timeout_seconds(self, request: QueryRequest) -> float:
        settings = self._settings.query
        return min(
            request.timeout_seconds or settings.default_timeout_seconds, settings.maximum_timeout_seconds
        )

    def _maximum_bytes(self, request: QueryRequest) -> int:
        limit = self._settings.query.maximum_result_bytes
        return limit if request.maximum_bytes is None else min(limit, request.maximum_bytes)

    async def start(self, request: QueryRequest) -> RunningQuery:
        """Return the query once its first rows (or its end) are there.

        Raises `QueryRefusedError`, `QueryError` or `EngineError` for what goes wrong before that; later
        failures make a partial answer. The caller closes what is returned.
        """
        started, timeout = monotonic(), self._timeout_seconds(request)
        caller_id = str(request.caller.object_id)
        compiled: CompiledQuery | None = None

        async def ask(question: CompiledResult) -> ResultStream:
            return await self._stages.open(question, tag=request.tag, deadline_at_monotonic=started + timeout)

        async def open_next(result: CompiledResult) -> ResultStream:
            return await self._stages.open(
                result, tag=request.tag, deadline_at_monotonic=started + timeout, encoding=request.encoding
            )

        async def send(web_request: WebRequest) -> Answer:
            allowed = self._settings.query.allowed_request_urls
            return await send_request(web_request, allowed, started + timeout - monotonic())

        inquiry = Inquiry(ask, send)
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(self._admission.admit(caller_id, timeout, request.tag))
                compiled = await inquiry.compile(lambda answers: self.compile(request, answers))
                stack.enter_context(self._running.note(request.tag, _find_workspaces(request, compiled)))
                first = await open_next(compiled.results[0])
            except QueryTimedOut as late:
                failure = QueryTimeout(timeout)
                self._record(request, compiled, started, failure, inquiry.used)
                raise failure from late
            except BaseException as failure:
                cause = self._find_cause(request, compiled, failure)
                self._record(request, compiled, started, cause or failure, inquiry.used)
                if cause is None:
                    raise
                raise cause from failure
            place = stack.pop_all()

        async def close(query: RunningQuery) -> None:
            for result in query.compiled.results:
                self._property_use.record(result.property_reads, query.statistics.rows_read)
            is_partial = query.partial_error is not None
            self._record(request, query.compiled, started, None, query.statistics, is_partial=is_partial)
            await place.aclose()

        return RunningQuery(
            compiled,
            _limit_rows(self._maximum_rows(request), compiled),
            self._maximum_bytes(request),
            open_next,
            first,
            close,
            request.tag,
            inquiry.used,
            partial(self._find_cause, request, compiled),
        )

    def _find_cause(
        self, request: QueryRequest, compiled: CompiledQuery | None, failure: BaseException
    ) -> ServiceError | None:
        """Return why the engine failed, where what the query reads was sealed off meanwhile."""
        if not isinstance(failure, EngineError) or compiled is None:
            return None
        return self._running.find_refusal(_find_workspaces(request, compiled))

    def _record(
        self,
        request: QueryRequest,
        compiled: CompiledQuery | None,
        started: float,
        failure: BaseException | None,
        used: QueryStatistics,
        *,
        is_partial: bool = False,
    ) -> None:
        if failure is not None:
            report_engine_failure(failure, request.tag)
        self._log.record(
            QueryLogEntry(
                request=request,
                workspace_ids=_find_workspaces(request, compiled),
                failure=failure,
                is_partial=is_partial,
                duration_seconds=monotonic() - started,
                used=used,
            )
        )


def _limit_rows(maximum_rows: int, compiled: CompiledQuery) -> int:
    """Return the limit, or that of `set truncationmaxrecords` where it is lower (LANG-3)."""
    written = compiled.options.get("truncationmaxrecords", "")
    return min(maximum_rows, int(written)) if written.isdecimal() else maximum_rows


def _find_workspaces(request: QueryRequest, compiled: CompiledQuery | None) -> tuple[UUID, ...]:
    """Return the workspaces of the request, and after them those that the text names and reads."""
    tables = sorted(table for result in compiled.results for table in result.all_tables) if compiled else ()
    named = (request.reach.find_owner(table.database) for table in tables)
    return tuple(dict.fromkeys([*request.reach.workspace_ids, *(one for one in named if one is not None)]))


def _asker_of(request: QueryRequest) -> Asker:
    caller, workspaces = request.caller, request.reach.workspace_ids
    return Asker(
        is_user=caller.kind is AccountKind.USER,
        tenant_id=str(caller.tenant_id),
        object_id=str(caller.object_id),
        application_id=str(caller.application_id or caller.object_id),
        name=caller.name,
        group_ids=frozenset(map(str, caller.group_ids)),
        workspace_id=str(workspaces[0]) if workspaces else "",
    )
