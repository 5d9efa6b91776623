"""All routes of the directory's API, and what happens to a request before its own function sees it."""

from __future__ import annotations

from functools import wraps

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.auth import GRAPH_AUDIENCES, Authenticator
from kelp.api.errors import Surface
from kelp.api.graph import (
    applications,
    authentication,
    directory_objects,
    groups,
    invitations,
    organization,
    service_principals,
    tenants,
    users,
)
from kelp.api.graph.call import GraphCall, GraphRoute, GraphServices
from kelp.api.http import JsonResponse, client_address, correlation_id, find_header, read_body

_ALL = (
    *applications.ROUTES,
    *authentication.ROUTES,
    *directory_objects.ROUTES,
    *groups.ROUTES,
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
        )
        for route in _ALL
    ]


def _endpoint(route: GraphRoute, services: GraphServices, authenticator: Authenticator) -> Endpoint:
    @wraps(route.endpoint)
    async def answer(request: Request) -> Response:
        scope = request.scope
        call = GraphCall(
            services=services,
            principal=authenticator.authenticate(scope, GRAPH_AUDIENCES),
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
