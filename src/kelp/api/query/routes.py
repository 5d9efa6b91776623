"""Routes of the query API: a workspace, a resource, a batch, and what can be queried."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response, StreamingResponse

from kelp.api.asgi import Route, endpoint_app
from kelp.api.auth import QUERY_AUDIENCES
from kelp.api.errors import FailureContext, Surface, query_error, status_of
from kelp.api.http import JsonResponse, client_request_id, correlation_id, decode_object, read_body
from kelp.api.query.encoder import iter_answer
from kelp.api.query.metadata import describe_workspace
from kelp.api.query.request import Preferences, QueryBody, decode_query, read_preferences
from kelp.base.clock import to_ticks
from kelp.base.errors import Category, ServiceError
from kelp.catalog.table_access import RoleAccess

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from kelp.api.auth import Authenticator
    from kelp.api.query.runner import QueryRunner
    from kelp.base.settings import QuerySettings
    from kelp.catalog.scope import ScopeBuilder
    from kelp.identity.principal import Principal
    from kelp.query.execution import RunningQuery
    from kelp.resources.access import Access

_JSON = "application/json; charset=utf-8"
_WORKSPACE_TYPE = "microsoft.operationalinsights/workspaces"


class QueryRoutes:
    """The query data plane's endpoints."""

    def __init__(
        self,
        runner: QueryRunner,
        authenticator: Authenticator,
        scopes: ScopeBuilder,
        access: Access,
        settings: QuerySettings,
    ) -> None:
        self._runner = runner
        self._authenticator = authenticator
        self._scopes = scopes
        self._access = access
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes. `/v1` is the public prefix; the resource form takes any resource id."""
        endpoints = {
            ("POST", "/v1/workspaces/{workspace}/query"): self.query_workspace,
            ("GET", "/v1/workspaces/{workspace}/query"): self.query_workspace,
            ("GET", "/v1/workspaces/{workspace}/metadata"): self.show_metadata,
            ("POST", "/v1/workspaces/{workspace}/metadata"): self.show_metadata,
            ("POST", "/v1/subscriptions/{resource:path}/query"): self.query_resource,
            ("GET", "/v1/subscriptions/{resource:path}/query"): self.query_resource,
            ("POST", "/v1/$batch"): self.query_batch,
        }
        return [
            Route(method, path, endpoint_app(endpoint), Surface.QUERY)
            for (method, path), endpoint in endpoints.items()
        ]

    async def query_workspace(self, request: Request) -> Response:
        """Run a query over the workspace of the path, and over those the body adds."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        return await self._answer(request, principal, request.path_params["workspace"])

    async def query_resource(self, request: Request) -> Response:
        """Run a query in the context of a resource, which must be a workspace."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        resource = f"/subscriptions/{request.path_params['resource']}"
        if _WORKSPACE_TYPE not in resource.lower():
            message = f"Kelp queries the logs of workspaces; '{resource}' is not one."
            raise ServiceError(Category.UNSUPPORTED, "ResourceTypeNotSupported", message)
        return await self._answer(request, principal, resource)

    async def _answer(self, request: Request, principal: Principal, workspace: str) -> Response:
        body = await _read_query(request)
        preferences = read_preferences(request.headers.get("prefer", ""))
        query = await self._start(principal, workspace, body, preferences, _client_of(request))
        return StreamingResponse(_stream(query, preferences), media_type=_JSON)

    async def _start(
        self, principal: Principal, workspace: str, body: QueryBody, preferences: Preferences, client: str
    ) -> RunningQuery:
        return await self._runner.start(
            principal,
            (workspace, *body.workspaces),
            body.query,
            timespan=body.timespan,
            timeout_seconds=preferences.timeout_seconds,
            client=client,
        )

    async def query_batch(self, request: Request) -> Response:
        """Run several queries; each has its own answer or error, and the whole is always 200."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        document = decode_object(await read_body(request))
        items = document.get("requests")
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise ServiceError(Category.INVALID, "BadArgumentError", "'requests' must be a list of requests.")
        if len(items) > self._settings.maximum_batch_requests:
            message = (
                f"A batch holds at most {self._settings.maximum_batch_requests} requests, not {len(items)}."
            )
            raise ServiceError(Category.INVALID, "BadArgumentError", message)
        context = FailureContext(
            correlation_id(request.scope), client_request_id(request.scope), self._runner.clock.now()
        )
        client = _client_of(request)
        answers = await asyncio.gather(
            *(self._answer_item(principal, item, context, client) for item in items)
        )
        return JsonResponse({"responses": answers})

    async def _answer_item(
        self, principal: Principal, item: dict[str, Any], context: FailureContext, client: str
    ) -> dict[str, Any]:
        item_id = item.get("id")
        try:
            headers = {str(name).lower(): str(value) for name, value in (item.get("headers") or {}).items()}
            preferences = read_preferences(headers.get("prefer", ""))
            body = decode_query(item.get("body") or {})
            query = await self._start(principal, str(item.get("workspace", "")), body, preferences, client)
            answer = b"".join([chunk async for chunk in _stream(query, preferences)])
        except ServiceError as error:
            return {"id": item_id, "status": status_of(error), "body": {"error": query_error(error, context)}}
        return {"id": item_id, "status": 200, "headers": {"Content-Type": _JSON}, "body": msgspec.Raw(answer)}

    async def show_metadata(self, request: Request) -> Response:
        """List the tables and columns that the caller may query."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        rights = RoleAccess(self._access, principal)
        built = self._scopes.build(
            [request.path_params["workspace"]], rights, to_ticks(self._runner.clock.now())
        )
        return JsonResponse(describe_workspace(built))


async def _read_query(request: Request) -> QueryBody:
    if request.method == "POST":
        return decode_query(decode_object(await read_body(request)))
    parameters: dict[str, Any] = dict(request.query_params)
    workspaces = parameters.pop("workspaces", "")
    return decode_query(parameters | {"workspaces": [name for name in workspaces.split(",") if name]})


async def _stream(query: RunningQuery, preferences: Preferences) -> AsyncIterator[bytes]:
    async with query:
        answer = iter_answer(
            query, with_statistics=preferences.with_statistics, with_render=preferences.with_render
        )
        async for chunk in answer:
            yield chunk


def _client_of(request: Request) -> str:
    return request.headers.get("x-ms-app") or request.headers.get("user-agent", "")
