"""All routes of the directory's API, and what happens to a request before its own function sees it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kelp.api.asgi import Endpoint, Route, Router, endpoint_app
from kelp.api.auth import GRAPH_AUDIENCES, Authenticator
from kelp.api.errors import Surface
from kelp.api.graph import (
    applications,
    authentication,
    directory_objects,
    groups,
    identity_providers,
    invitations,
    organization,
    service_principals,
    tenants,
    users,
)
from kelp.api.graph.call import GraphCall, GraphRoute, GraphServices
from kelp.api.http import JsonResponse, client_address, correlation_id, find_header, read_body

ROUTES = (
    *applications.ROUTES,
    *authentication.ROUTES,
    *directory_objects.ROUTES,
    *groups.ROUTES,
    *identity_providers.ROUTES,
    *invitations.ROUTES,
    *organization.ROUTES,
    *service_principals.ROUTES,
    *tenants.ROUTES,
    *users.ROUTES,
)


def graph_routes(services: GraphServices, authenticator: Authenticator) -> list[Route]:
    """Return the routes. Each authenticates and runs its function on a worker thread."""
    return [
        Route(
            route.method,
            f"/v1.0{route.path}",
            endpoint_app(_endpoint(route, services, authenticator)),
            Surface.GRAPH,
            route.description,
        )
        for route in ROUTES
    ]


def find_route(method: str, path: str) -> tuple[GraphRoute, Mapping[str, str]]:
    """Return the route of a path below `/v1.0` and the texts of its parameters. Raises `ServiceError` (not_found)."""
    known = {(route.method, route.path): route for route in ROUTES}
    router = Router(Route(one.method, one.path, _unserved, Surface.GRAPH) for one in ROUTES)
    found, parameters = router.find(method, path)
    return known[found.method, found.path], parameters


async def _unserved(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise NotImplementedError


def _endpoint(route: GraphRoute, services: GraphServices, authenticator: Authenticator) -> Endpoint:
    @wraps(route.endpoint)
    async def answer(request: Request) -> Response:
        scope = request.scope
        call = GraphCall(
            services=services,
            principal=authenticator.authenticate(scope, GRAPH_AUDIENCES),
            method=request.method,
            path=scope["path"].rstrip("/"),
            base_url=services.identity.addresses.base_url_for(find_header(scope, b"host")),
            parameters=request.path_params,
            query=dict(request.query_params),
            correlation_id=correlation_id(scope),
            client_address=client_address(scope),
            body=await read_body(request),
        )
        given = await run_in_threadpool(route.endpoint, call)
        if given.document is None:
            return Response(status_code=given.status, headers=dict(given.headers))
        return JsonResponse(given.document, given.status, dict(given.headers))

    return answer
