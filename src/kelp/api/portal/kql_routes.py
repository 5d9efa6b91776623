"""What the portal's editor asks about a query's text: `/portal/api/kql`. Places are in the browser's offsets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.management.call import Answer
from kelp.api.portal.call import answer_with, portal_routes, read_call
from kelp.api.portal.kql_documents import decode_cell, decode_text, invalid, read_time_range
from kelp.api.portal.kql_findings import finding_document
from kelp.api.portal.kql_schema import ask_schema, decode_workspaces
from kelp.api.portal.query_descriptions import (
    CHECK,
    EDIT,
    ESTIMATE,
    EXPLAIN,
    PARAMETERS,
    SCHEMA,
    STATEMENT,
    STEPS,
)
from kelp.api.portal.text_offsets import from_browser, to_browser
from kelp.api.query.explanation import explanation_document
from kelp.api.query.runner import refusals_of
from kelp.kql.diagnostics import Severity
from kelp.kql.editing.parameters import ParametrisedQuery, write_parameters
from kelp.kql.editing.placement import edit_query
from kelp.kql.editing.spelling import NotOfType
from kelp.kql.editing.statements import SEPARATOR, find_runnable, find_runnables, split_statements
from kelp.kql.editing.steps import count_steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.description import Description
    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.call import PortalCall
    from kelp.api.portal.kql_documents import TextQuestion
    from kelp.api.query.runner import QueryRunner
    from kelp.identity.principal import Principal
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.text import Span
    from kelp.query.explanation import TableEstimate

_MAXIMUM_BODY_BYTES = 2 * 1024 * 1024
_MAXIMUM_CHECKED_QUERIES = 50
_SEVERAL = 2


class KqlRoutes:
    """Holds what the routes need."""

    def __init__(self, browsers: Browsers, runner: QueryRunner) -> None:
        self._browsers = browsers
        self._runner = runner

    def routes(self) -> list[Route]:
        """Return the routes."""
        asked: tuple[tuple[str, Endpoint, Description], ...] = (
            ("check", self.check_text, CHECK),
            ("estimate", self.estimate_query, ESTIMATE),
            ("explain", self.explain_query, EXPLAIN),
            ("parameters", self.write_parameters, PARAMETERS),
            ("schema", self.show_schema, SCHEMA),
        )
        pure = (
            ("statement", find_statement, STATEMENT),
            ("edit", edit_text, EDIT),
            ("steps", list_steps, STEPS),
        )
        return [
            *(
                Route("POST", f"/portal/api/kql/{name}", endpoint_app(endpoint), Surface.PORTAL, description)
                for name, endpoint, description in asked
            ),
            *(
                replace(route, description=description)
                for name, work, description in pure
                for route in portal_routes(
                    self._browsers, {("POST", f"/kql/{name}"): work}, _MAXIMUM_BODY_BYTES
                )
            ),
        ]

    async def check_text(self, request: Request) -> Response:
        """Tell what is wrong with a text, or could be better, and how it is mended; nothing is run.

        Queries that empty lines part are each looked at as they would be run.
        """
        call = await self._read(request)
        asked = decode_text(call.document())
        found = self._diagnose(call.principal, asked)
        diagnostics = [finding_document(one, asked.query) for one in found]
        return answer_with(Answer(200, document={"diagnostics": diagnostics}))

    def _diagnose(self, principal: Principal, asked: TextQuestion) -> Sequence[Diagnostic]:
        def diagnose(text: str) -> tuple[Diagnostic, ...]:
            return self._runner.diagnose(principal, asked.workspaces, text, asked.timespan)

        runnables = find_runnables(asked.query)[:_MAXIMUM_CHECKED_QUERIES]
        if len(runnables) < _SEVERAL:
            return diagnose(asked.query) if split_statements(asked.query) else ()
        found = (
            replace(one, span=runnable.place(one.span))
            for runnable in runnables
            for one in diagnose(runnable.text)
        )
        # What is wrong with a `let` is said of each query that needs it.
        return tuple({(one.span, one.code, one.message): one for one in found}.values())

    async def estimate_query(self, request: Request) -> Response:
        """Tell how much of its tables a query would read, by what the engine knows of their parts; nothing is run."""
        call = await self._read(request)
        asked = decode_text(call.document())
        explanation = await self._runner.explain(
            call.principal, asked.workspaces, asked.query, timespan=asked.timespan
        )
        reads = [read for result in explanation.results for read in result.reads]
        return answer_with(Answer(200, document=_estimate_document(reads)))

    async def explain_query(self, request: Request) -> Response:
        """Tell what a query would do, stage by stage, and how it could do it better; nothing is run."""
        call = await self._read(request)
        asked = decode_text(call.document())
        explanation = await self._runner.explain(
            call.principal, asked.workspaces, asked.query, timespan=asked.timespan
        )
        document = explanation_document(explanation, asked.query)["explain"]
        advice = [finding_document(found, asked.query) for found in explanation.warnings]
        return answer_with(Answer(200, document=document | {"advice": advice}))

    async def show_schema(self, request: Request) -> Response:
        """Tell what a query over several workspaces may name, and why some of them can't be queried."""
        call = await self._read(request)
        asked = ask_schema(self._runner, call.principal, decode_workspaces(call.document()))
        return answer_with(Answer(200, document=await run_in_threadpool(asked.describe)))

    async def write_parameters(self, request: Request) -> Response:
        """Write a query with its constants and its time range as declared parameters; nothing is run.

        What would not compile is left out: the range where some source has no time, else the text stays as it is.
        """
        call = await self._read(request)
        asked = decode_text(call.document())
        span = asked.timespan
        time_range = read_time_range(span, self._runner.clock.now()) if span else None
        with refusals_of(asked.query):
            written = [write_parameters(asked.query, one) for one in (time_range, None)]
        plain = ParametrisedQuery(asked.query, has_range=False)
        found = next((one for one in written if self._compiles(call.principal, asked, one.text)), plain)
        return answer_with(Answer(200, document={"query": found.text, "hasRange": found.has_range}))

    def _compiles(self, principal: Principal, asked: TextQuestion, text: str) -> bool:
        found = self._runner.diagnose(principal, asked.workspaces, text)
        return all(one.severity is not Severity.ERROR for one in found)

    async def _read(self, request: Request) -> PortalCall:
        return await read_call(self._browsers, request, _MAXIMUM_BODY_BYTES)


def find_statement(call: PortalCall) -> Answer:
    """Find the statement at a place in a text, and write it with the `let` statements that it needs."""
    asked = decode_text(call.document(), needs_workspaces=False)
    text = asked.query
    found = find_runnable(text, from_browser(text, asked.position))
    if found is None:
        return Answer(200, document={"start": 0, "end": 0, "text": "", "parts": []})
    parts: list[dict[str, int]] = []
    begin = 0
    for part in found.parts:
        start, end = to_browser(text, part.start), to_browser(text, part.end)
        parts.append({"start": start, "end": end, "textStart": begin})
        begin += end - start + len(SEPARATOR)
    place = {"start": parts[-1]["start"], "end": parts[-1]["end"]}
    return Answer(200, document={**place, "text": found.text, "parts": parts})


def edit_text(call: PortalCall) -> Answer:
    """Edit the statement at a place in a text for an action on a cell of its result."""
    document = call.document()
    asked = decode_text(document, needs_workspaces=False)
    action, cell = decode_cell(document)
    text = asked.query
    try:
        with refusals_of(text):
            edited = edit_query(text, from_browser(text, asked.position), action, cell)
    except NotOfType as wrong:
        raise invalid("value", f"'value' can't be used so: {wrong}.") from wrong
    start, end = (to_browser(edited.text, place) for place in edited.inserted)
    return Answer(200, document={"query": edited.text, "start": start, "end": end})


def list_steps(call: PortalCall) -> Answer:
    """List the steps of the last query of a text, with a query that counts the rows which are left after each."""
    text = decode_text(call.document(), needs_workspaces=False).query

    def place(span: Span) -> dict[str, int]:
        return {"start": to_browser(text, span.start), "end": to_browser(text, span.end)}

    with refusals_of(text):
        found = count_steps(text)
    steps = [
        {
            **place(step.span),
            "text": text[step.span.start : step.span.end],
            "removal": None if step.removal is None else place(step.removal),
        }
        for step in found.steps
    ]
    return Answer(200, document={"steps": steps, "counting": found.counting, "latest": found.latest})


def _estimate_document(reads: Sequence[TableEstimate]) -> dict[str, Any]:
    """Return rows and bytes of each table, and in all; null where the engine can't tell before it runs a part."""
    tables: dict[str, dict[str, Any]] = {}
    for read in reads:
        table = tables.setdefault(read.table, {"name": read.table, "rows": 0, "bytes": 0})
        for name, count in (("rows", read.rows), ("bytes", read.bytes)):
            table[name] = None if count is None or table[name] is None else table[name] + count
    totals = {
        name: None
        if any(table[name] is None for table in tables.values())
        else sum(table[name] for table in tables.values())
        for name in ("rows", "bytes")
    }
    return {**totals, "tables": list(tables.values())}
