"""Routes of the query API: a workspace, a resource, a batch, and what can be queried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.asgi import Route
from kelp.api.auth import QUERY_AUDIENCES
from kelp.api.errors import FailureContext, Surface
from kelp.api.http import client_request_id, correlation_id, decode_object, read_body
from kelp.api.query.batch import Batch, decode_batch
from kelp.api.query.descriptions import BATCH, METADATA, describe_query
from kelp.api.query.encoder import iter_answer
from kelp.api.query.explanation import explanation_document
from kelp.api.query.metadata import describe_workspaces, find_tables
from kelp.api.query.request import Preferences, QueryBody, decode_query, read_preferences
from kelp.api.query.runner import origin_of
from kelp.api.query.streaming import single_chunk, streaming_app
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.api.auth import Authenticator
    from kelp.api.query.runner import QueryRunner
    from kelp.api.query.streaming import Chunks, StreamingEndpoint
    from kelp.base.settings import QuerySettings
    from kelp.identity.principal import Principal
    from kelp.query.request import QueryOrigin

_WORKSPACE_TYPE = "microsoft.operationalinsights/workspaces"


class QueryRoutes:
    """The query data plane's endpoints."""

    def __init__(
        self,
        runner: QueryRunner,
        authenticator: Authenticator,
        settings: QuerySettings,
    ) -> None:
        self._runner = runner
        self._authenticator = authenticator
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes. `/v1` is the public prefix; the resource form takes any resource id."""
        queries: dict[str, StreamingEndpoint] = {
            "/v1/workspaces/{workspace}/query": self.query_workspace,
            "/v1/subscriptions/{resource:path}/query": self.query_resource,
        }
        metadata, batch = streaming_app(self.show_metadata), streaming_app(self.query_batch)
        return [
            *(
                Route(method, path, streaming_app(endpoint), Surface.QUERY, describe_query(method))
                for path, endpoint in queries.items()
                for method in ("POST", "GET")
            ),
            *(
                Route(method, "/v1/workspaces/{workspace}/metadata", metadata, Surface.QUERY, METADATA)
                for method in ("GET", "POST")
            ),
            Route("POST", "/v1/$batch", batch, Surface.QUERY, BATCH),
        ]

    async def query_workspace(self, request: Request) -> Chunks:
        """Run a query over the workspace of the path, and over those the body adds."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        return await self._answer(request, principal, request.path_params["workspace"])

    async def query_resource(self, request: Request) -> Chunks:
        """Run a query over what a resource, group or subscription logged; over a workspace, if that is the resource."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        resource = ResourceId.parse(f"/subscriptions/{request.path_params['resource']}")
        if resource.type.lower() == _WORKSPACE_TYPE:
            return await self._answer(request, principal, str(resource))
        return await self._answer(request, principal, "", resource)

    async def _answer(
        self, request: Request, principal: Principal, workspace: str, resource: ResourceId | None = None
    ) -> Chunks:
        body = await _read_query(request)
        if resource is not None and body.workspaces:
            message = "A query over a resource takes no 'workspaces': it reads all that hold records of the resource."
            raise ServiceError(Category.INVALID, "BadArgumentError", message, target="workspaces")
        preferences = read_preferences(request.headers.get("prefer", ""))
        if request.query_params.get("explain", "false").lower() != "false":
            explanation = await self._runner.explain(
                principal,
                (workspace, *body.workspaces),
                body.query,
                timespan=body.timespan,
                resource=resource,
            )
            return single_chunk(lambda: explanation_document(explanation, body.query))
        return self._iter_answer(principal, workspace, body, preferences, origin_of(request), resource)

    async def _iter_answer(
        self,
        principal: Principal,
        workspace: str,
        body: QueryBody,
        preferences: Preferences,
        origin: QueryOrigin,
        resource: ResourceId | None = None,
    ) -> Chunks:
        query = await self._runner.start(
            principal,
            (workspace, *body.workspaces),
            body.query,
            timespan=body.timespan,
            timeout_seconds=preferences.timeout_seconds,
            origin=origin,
            resource=resource,
        )
        async with query:
            answer = iter_answer(
                query,
                body.query,
                with_statistics=preferences.with_statistics,
                with_render=preferences.with_render,
            )
            async for chunk in answer:
                yield chunk

    async def query_batch(self, request: Request) -> Chunks:
        """Run several queries; each has its own answer or error, and the whole is always 200."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        items = decode_batch(decode_object(await read_body(request)), self._settings.maximum_batch_requests)
        context = FailureContext(
            correlation_id(request.scope), client_request_id(request.scope), self._runner.clock.now()
        )
        origin = origin_of(request)

        def answer(workspace: str, body: QueryBody, preferences: Preferences) -> Chunks:
            return self._iter_answer(principal, workspace, body, preferences, origin)

        return Batch(answer, context).iter_answers(items, ahead=self._settings.concurrent_per_caller)

    async def show_metadata(self, request: Request) -> Chunks:
        """List the tables and columns that the caller may query."""
        principal = self._authenticator.authenticate(request.scope, QUERY_AUDIENCES)
        built = self._runner.build_scope(principal, [request.path_params["workspace"]])
        functions = self._runner.list_functions(built)
        return single_chunk(lambda: describe_workspaces(built, find_tables(built), functions))


async def _read_query(request: Request) -> QueryBody:
    if request.method == "POST":
        return decode_query(decode_object(await read_body(request)))
    parameters: dict[str, Any] = dict(request.query_params)
    workspaces = parameters.pop("workspaces", "")
    return decode_query(parameters | {"workspaces": [name for name in workspaces.split(",") if name]})
