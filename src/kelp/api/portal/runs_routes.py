"""Routes of runs: `/portal/api/runs`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from kelp.api.asgi import Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, decode_object, read_body
from kelp.api.portal.kql_documents import invalid, raise_problems
from kelp.api.portal.query_descriptions import (
    CANCEL_RUN,
    CHANGE_RUN,
    LIST_RUNS,
    SEND_RESULT,
    START_RUN,
    TELL_EVENTS,
)
from kelp.api.portal.runs import Purpose, RunRequest, RunState
from kelp.api.portal.runs_events import iter_events, run_document
from kelp.api.portal.runs_results import ENDINGS, MEDIA_TYPES, Part, RowsFormat, RunResults
from kelp.api.query.runner import origin_of
from kelp.api.query.streaming import StreamedBody, streaming_app

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.runs import Run, Runs
    from kelp.api.query.runner import QueryRunner
    from kelp.base.clock import Clock
    from kelp.base.settings import QuerySettings
    from kelp.identity.principal import Principal

_PATH = "/portal/api/runs"
_CLIENT = "Kelp portal"
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_MAXIMUM_BODY_BYTES = 2 * 1024 * 1024


class RunRoutes:
    """Starting, watching, reading and stopping runs."""

    def __init__(
        self, browsers: Browsers, runs: Runs, runner: QueryRunner, settings: QuerySettings, clock: Clock
    ) -> None:
        self._browsers = browsers
        self._runs = runs
        self._results = RunResults(runs, runner)
        self._settings = settings
        self._clock = clock

    def routes(self) -> list[Route]:
        """Return the routes."""
        events, result = f"{_PATH}/{{run}}/events", f"{_PATH}/{{run}}/result"
        return [
            Route("POST", _PATH, endpoint_app(self.start_run), Surface.PORTAL, START_RUN),
            Route("GET", _PATH, endpoint_app(self.list_runs), Surface.PORTAL, LIST_RUNS),
            Route("PATCH", f"{_PATH}/{{run}}", endpoint_app(self.change_run), Surface.PORTAL, CHANGE_RUN),
            Route("DELETE", f"{_PATH}/{{run}}", endpoint_app(self.cancel_run), Surface.PORTAL, CANCEL_RUN),
            Route("GET", events, streaming_app(self.tell_events, _HEADERS), Surface.PORTAL, TELL_EVENTS),
            Route("GET", result, streaming_app(self.send_result, _HEADERS), Surface.PORTAL, SEND_RESULT),
        ]

    async def start_run(self, request: Request) -> Response:
        """Begin a query; its events tell how it goes on."""
        principal = await self._browsers.enter(request)
        document = decode_object(await read_body(request, _MAXIMUM_BODY_BYTES))
        run = self._runs.start(principal, decode_run(document), origin_of(request, _CLIENT))
        headers = _HEADERS | {"Location": f"{_PATH}/{run.id}"}
        return JsonResponse({"id": run.id}, status_code=201, headers=headers)

    async def list_runs(self, request: Request) -> Response:
        """List one's runs, those under way and those whose rows are kept, the newest first."""
        principal = await self._browsers.enter(request)
        runs = self._runs.list(principal)
        await asyncio.gather(*(self._runs.measure(run) for run in runs if run.state is not RunState.ENDED))
        found = [run_document(run) for run in runs]
        return JsonResponse({"value": found}, headers=_HEADERS)

    async def change_run(self, request: Request) -> Response:
        """Let a run go on in the background, where no page looks at it, or no more."""
        _, run = await self._find(request)
        background = decode_object(await read_body(request, _MAXIMUM_BODY_BYTES)).get("background")
        if not isinstance(background, bool):
            raise invalid("background", "'background' must be true or false.")
        self._runs.keep_in_background(run, is_background=background)
        return JsonResponse(run_document(run), headers=_HEADERS)

    async def cancel_run(self, request: Request) -> Response:
        """Stop a run and its children; answered when the engine has ended them."""
        _, run = await self._find(request)
        await self._runs.cancel(run)
        return Response(status_code=204, headers=_HEADERS)

    async def tell_events(self, request: Request) -> StreamedBody:
        """Tell what happens to a run until its end."""
        _, run = await self._find(request)
        events = iter_events(self._runs, run, self._clock.now())
        return StreamedBody(events, "text/event-stream", may_compress=False)

    async def send_result(self, request: Request) -> StreamedBody:
        """Send the rows, or a part of them, in the format of the query string."""
        principal, run = await self._find(request)
        self._runs.require_readable(principal, run)
        rows_format, part = decode_part(request.query_params, self._settings.maximum_export_rows)
        headers = {}
        if rows_format is not RowsFormat.ARROW:
            name = f"result-{run.id[:8]}.{ENDINGS[rows_format]}"
            headers["Content-Disposition"] = f'attachment; filename="{name}"'
        chunks = self._results.iter_rows(run, part, rows_format)
        return StreamedBody(chunks, MEDIA_TYPES[rows_format], headers)

    async def _find(self, request: Request) -> tuple[Principal, Run]:
        principal = await self._browsers.enter(request)
        return principal, self._runs.get(principal, request.path_params["run"])


def decode_run(document: Mapping[str, Any]) -> RunRequest:
    """Return what a body asks for. Raises `ServiceError` (invalid) naming every member that is wrong."""
    found = dict(document)
    workspaces, query = found.pop("workspaces", None), found.pop("query", None)
    timespan, rows = found.pop("timespan", None), found.pop("maximumRows", None)
    parent, purpose = found.pop("parent", None), found.pop("purpose", Purpose.QUERY)
    background = found.pop("background", False)
    checks = (
        ("workspaces", _is_texts(workspaces), "must be a list with at least one workspace's id."),
        ("query", isinstance(query, str) and bool(query.strip()), "must be the text of a query."),
        (
            "timespan",
            timespan is None or isinstance(timespan, str),
            "must be an ISO 8601 duration or interval.",
        ),
        ("maximumRows", rows is None or (type(rows) is int and rows > 0), "must be a number of rows."),
        ("parent", parent is None or isinstance(parent, str), "must be the id of a run."),
        ("purpose", purpose in [one.value for one in Purpose], f"must be one of {', '.join(Purpose)}."),
        ("background", isinstance(background, bool), "must be true or false."),
        *((name, False, "is not known here.") for name in found),
    )
    raise_problems([invalid(name, f"'{name}' {text}") for name, is_right, text in checks if not is_right])
    return RunRequest(
        workspaces=tuple(workspaces or ()),
        query=str(query),
        timespan=timespan or None,
        maximum_rows=rows,
        parent=parent or "",
        purpose=Purpose(purpose),
        is_background=background,
    )


def decode_part(parameters: Mapping[str, str], export_rows: int) -> tuple[RowsFormat, Part]:
    """Return what a query string asks for; CSV has `export_rows` at the most. Raises `ServiceError` (invalid)."""
    wanted = parameters.get("format", RowsFormat.ARROW)
    if wanted not in [one.value for one in RowsFormat]:
        raise invalid("format", f"'format' must be one of {', '.join(RowsFormat)}, not '{wanted}'.")
    numbers = {name: parameters[name] for name in ("table", "skip", "top") if name in parameters}
    for name, text in numbers.items():
        if not (text.isascii() and text.isdecimal() and len(text) < 16):
            raise invalid(name, f"'{name}' must be a number, not '{text}'.")
    rows_format = RowsFormat(wanted)
    top = int(numbers["top"]) if "top" in numbers else None
    if rows_format in (RowsFormat.CSV, RowsFormat.EXCEL_CSV):
        top = export_rows if top is None else min(top, export_rows)
    return rows_format, Part(int(numbers.get("table", "0")), int(numbers.get("skip", "0")), top)


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, str) for item in value)
