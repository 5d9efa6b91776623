"""The older search API: a query by POST to a workspace's `search`, answered with one object a record.

Cf. "Log Analytics search REST API", version 2015-03-20, and what `Get-AzOperationalInsightsSearchResult` of then and
azure-mgmt-loganalytics before 1.0 send. The language is KQL, as the service's own became.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import msgspec
from starlette.concurrency import run_in_threadpool

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.auth import MANAGEMENT_AUDIENCES
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, decode_object, read_body
from kelp.api.management.api_versions import check_version, of_version
from kelp.api.management.documents import encode_moment
from kelp.api.management.reader import DocumentReader
from kelp.api.query.descriptions import (
    FOUND,
    RESULTS_SAVED,
    SEARCH,
    SEARCH_SAVED,
    SEARCH_TABLES,
    describe_query,
)
from kelp.api.query.encoder import column_document, iter_answer
from kelp.api.query.request import decode_query
from kelp.api.query.runner import origin_of
from kelp.api.query.streaming import streaming_app
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.query.execution import TOO_LARGE
from kelp.resources.errors import Problem, ResourceNotFound, refuse_if_any
from kelp.resources.saved_search import SavedSearch
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.auth import Authenticator
    from kelp.api.description import Description
    from kelp.api.query.runner import QueryRunner
    from kelp.api.query.streaming import Chunks
    from kelp.identity.principal import Principal
    from kelp.kql.types import Column
    from kelp.query.execution import RunningQuery
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

MAXIMUM_RECORDS = 5000
MAXIMUM_TABLE_ROWS = 30_000
DEFAULT_RECORDS = 10
REMEMBERED_SEARCHES = 100
REMEMBERED_FOR = timedelta(minutes=10)
_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces"
_WORKSPACE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}/{{workspace}}"
_EVERYTHING = "*"


@dataclass(frozen=True, slots=True)
class SearchBody:
    """What is asked. `start` and `end` bound the records' TimeGenerated."""

    query: str
    top: int
    skip: int
    timespan: str | None


@dataclass(frozen=True, slots=True)
class _Remembered:
    """An answer, for who asked for it."""

    caller: tuple[UUID, UUID]
    workspace: str
    at: datetime
    document: dict[str, Any]


class SearchRoutes:
    """The endpoints. What was found is kept for some minutes in memory, for its asker alone."""

    def __init__(
        self, runner: QueryRunner, authenticator: Authenticator, store: ResourceStore, access: Access
    ) -> None:
        self._runner = runner
        self._authenticator = authenticator
        self._store = store
        self._access = access
        self._answers: OrderedDict[str, _Remembered] = OrderedDict()

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints: tuple[tuple[str, str, Endpoint, Description], ...] = (
            ("POST", "search", self.search, SEARCH),
            ("GET", "search/{search}", self.show, FOUND),
            ("POST", "search/{search}", self.show, FOUND),
            ("POST", "savedSearches/{savedSearch}/search", self.search_saved, SEARCH_SAVED),
            ("GET", "savedSearches/{savedSearch}/results", self.search_saved, RESULTS_SAVED),
            ("POST", "api/query", self.query_tables, SEARCH_TABLES),
        )
        return [
            Route(
                "POST",
                f"{_WORKSPACE}/query",
                streaming_app(self.query),
                Surface.MANAGEMENT,
                of_version(_NAMESPACE, describe_query("POST")),
            ),
            *(
                Route(
                    method,
                    f"{_WORKSPACE}/{path}",
                    endpoint_app(endpoint),
                    Surface.MANAGEMENT,
                    of_version(_NAMESPACE, description),
                )
                for method, path, endpoint, description in endpoints
            ),
        ]

    async def search(self, request: Request) -> Response:
        """Run a search of the older API; it answers with one object a record, 5,000 at most."""
        principal, workspace = self._require(request, "search/action")
        body = decode_search(await _read_object(request))
        return await self._answer(request, principal, workspace, body)

    async def search_saved(self, request: Request) -> Response:
        """Run a saved search, and answer as a search does."""
        principal, workspace = self._require(request, "search/action")
        search_id = workspace.id.child("savedSearches", request.path_params["savedSearch"])
        self._access.require(principal, f"{SavedSearch.TYPE}/read", search_id)
        saved = await run_in_threadpool(self._store.get, SavedSearch, search_id)
        given = await _read_object(request) if request.method == "POST" else {}
        body = decode_search({**given, "query": saved.properties.query})
        return await self._answer(request, principal, workspace, body)

    async def show(self, request: Request) -> Response:
        """Answer again with what a search found, to who ran it, for ten minutes."""
        principal, workspace = self._require(request, "search/action")
        self._forget_old()
        found = self._answers.get(request.path_params["search"].lower())
        if found is None or found.caller != _caller(principal) or found.workspace != workspace.id.key:
            raise ResourceNotFound(workspace.id.child("search", request.path_params["search"]))
        return JsonResponse(found.document)

    async def query(self, request: Request) -> Chunks:
        """Run a query through Resource Manager; it answers as the query API does."""
        principal, workspace = self._require(request, "query/read")
        body = _decode_query(await _read_object(request))

        async def iter_chunks() -> Chunks:
            async with await self._start(request, principal, workspace, body, None) as query:
                answer = iter_answer(query, body.query, with_statistics=False, with_render=False)
                async for chunk in answer:
                    yield chunk

        return iter_chunks()

    async def query_tables(self, request: Request) -> Response:
        """Run a query through Resource Manager; it answers with tables in the shape of 2017, 30,000 rows at most."""
        principal, workspace = self._require(request, "query/read")
        body = _decode_query(await _read_object(request))
        columns, rows = await self._run(request, principal, workspace, body, MAXIMUM_TABLE_ROWS)
        table = {
            "TableName": "Table_0",
            "Columns": [
                {
                    "ColumnName": column.name,
                    "ColumnType": column_document(column)["type"],
                    "DataType": _NET[column.type.value],
                }
                for column in columns
            ],
            "Rows": rows,
        }
        return JsonResponse({"Tables": [table]})

    def _require(self, request: Request, action: str) -> tuple[Principal, Resource[Workspace]]:
        principal = self._authenticator.authenticate(request.scope, MANAGEMENT_AUDIENCES)
        check_version(_NAMESPACE, request.query_params.get("api-version", ""))
        names = request.path_params
        group = ResourceId.parse(f"/subscriptions/{names['subscription']}").child(
            "resourceGroups", names["group"]
        )
        workspace_id = group.child(_TYPE, names["workspace"])
        if not self._access.reaches(principal, workspace_id):
            raise ResourceNotFound(ResourceId.parse(f"/subscriptions/{names['subscription']}"))
        self._access.require(principal, f"{_TYPE}/{action}", workspace_id)
        workspace = self._store.snapshot.workspaces_by_key.get(workspace_id.key)
        if workspace is None:
            raise ResourceNotFound(workspace_id)
        return principal, workspace

    async def _answer(
        self, request: Request, principal: Principal, workspace: Resource[Workspace], body: SearchBody
    ) -> Response:
        began_at = self._runner.clock.now()
        columns, rows = await self._run(request, principal, workspace, body, MAXIMUM_RECORDS)
        ended_at = self._runner.clock.now()
        name = str(uuid4())
        shown = rows[body.skip : body.skip + body.top]
        document = {
            "id": f"{str(workspace.id).lstrip('/')}/search/{name}",
            "__metadata": {
                "schema": {"name": workspace.id.name, "version": 2},
                "resultType": "raw"
                if any(column.name == "TimeGenerated" for column in columns)
                else "aggregates",
                "total": len(rows),
                "top": body.top,
                "requestId": name,
                "id": name,
                "coreSummaries": [{"status": "Successful", "numberOfDocuments": len(rows)}],
                "coreResponses": [],
                "status": "Successful",
                "startTime": encode_moment(began_at),
                "lastUpdated": encode_moment(ended_at),
                "eTag": name,
                "sort": [],
                "requestTime": int((ended_at - began_at).total_seconds() * 1000),
            },
            "value": [
                _record(columns, row, f"{name}-{body.skip + place}") for place, row in enumerate(shown)
            ],
        }
        self._remember(name, _Remembered(_caller(principal), workspace.id.key, ended_at, document))
        return JsonResponse(document)

    async def _start(
        self,
        request: Request,
        principal: Principal,
        workspace: Resource[Workspace],
        body: SearchBody,
        maximum_rows: int | None,
    ) -> RunningQuery:
        return await self._runner.start(
            principal,
            (str(workspace.properties.workspace_id),),
            body.query,
            timespan=body.timespan,
            maximum_rows=maximum_rows,
            origin=origin_of(request),
        )

    async def _run(
        self,
        request: Request,
        principal: Principal,
        workspace: Resource[Workspace],
        body: SearchBody,
        maximum_rows: int,
    ) -> tuple[tuple[Column, ...], list[list[Any]]]:
        """Return columns and rows of the first table, cut at `maximum_rows`. Raises what ended it otherwise."""
        query = await self._start(request, principal, workspace, body, maximum_rows)
        columns: tuple[Column, ...] = ()
        rows: list[list[Any]] = []
        async with query:
            async for table in query.iter_tables():
                columns = tuple(table.result.columns)
                async for chunk in table.iter_chunks():
                    rows += [msgspec.json.decode(line) for line in chunk.splitlines()]
                break
            failure = query.partial_error
        if failure is not None and failure.code != TOO_LARGE:
            raise ServiceError(Category.UNAVAILABLE, failure.code, failure.message)
        return columns, rows

    def _remember(self, name: str, answer: _Remembered) -> None:
        self._forget_old()
        self._answers[name] = answer
        while len(self._answers) > REMEMBERED_SEARCHES:
            self._answers.popitem(last=False)

    def _forget_old(self) -> None:
        oldest = self._runner.clock.now() - REMEMBERED_FOR
        while self._answers and next(iter(self._answers.values())).at < oldest:
            self._answers.popitem(last=False)


def decode_search(document: dict[str, Any]) -> SearchBody:
    """Read the body of a search. Raises `InvalidDocument` with every problem."""
    reader = DocumentReader(document)
    with reader.reporting():
        query = reader.text("query").strip()
        top, skip = reader.find_integer("top"), reader.find_integer("skip")
        start, end = reader.find_text("start"), reader.find_text("end")
        problems: list[Problem] = []
        if not query:
            problems.append(Problem("query", "There is no query."))
        top = DEFAULT_RECORDS if top is None else top
        if not 0 < top <= MAXIMUM_RECORDS:
            problems.append(Problem("top", f"top is 1 to {MAXIMUM_RECORDS}, not {top}."))
        if (skip or 0) < 0:
            problems.append(Problem("skip", f"skip is 0 or more, not {skip}."))
        if reader.find_boolean("includeArchive"):
            text = "A search does not reach archived records: run a search job, or restore them."
            problems.append(Problem("includeArchive", text, "NotSupported"))
        if (start is None) != (end is None):
            problems.append(Problem("start" if start is None else "end", "start and end come together."))
        refuse_if_any(problems)
    query = "search *" if query == _EVERYTHING else query
    return SearchBody(query, top, skip or 0, f"{start}/{end}" if start else None)


def _decode_query(document: dict[str, Any]) -> SearchBody:
    body = decode_query(document)
    return SearchBody(body.query, 0, 0, body.timespan)


async def _read_object(request: Request) -> dict[str, Any]:
    body = await read_body(request)
    return dict(decode_object(body)) if body.strip() else {}


def _record(columns: tuple[Column, ...], row: list[Any], name: str) -> dict[str, Any]:
    record = {column.name: value for column, value in zip(columns, row, strict=True)}
    if "TimeGenerated" in record:
        about = {"Type": record.get("Type") or record.get("$table"), "TimeGenerated": record["TimeGenerated"]}
        return {"id": name, **record, "__metadata": {key: value for key, value in about.items() if value}}
    return record


def _caller(principal: Principal) -> tuple[UUID, UUID]:
    return principal.tenant_id, principal.object_id


_NET = {
    "bool": "SByte",
    "datetime": "DateTime",
    "decimal": "SqlDecimal",
    "dynamic": "Object",
    "guid": "Guid",
    "int": "Int32",
    "long": "Int64",
    "real": "Double",
    "string": "String",
    "timespan": "TimeSpan",
}
