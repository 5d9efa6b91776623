"""All routes of the management API, and what happens to a request before its own function sees it."""

from __future__ import annotations

from functools import wraps
from uuid import UUID

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.auth import MANAGEMENT_AUDIENCES, Authenticator
from kelp.api.description import Description
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, client_address, correlation_id, find_header, read_body
from kelp.api.management import (
    access_comparison,
    access_explanation,
    activity_log,
    alerting,
    clusters,
    components,
    cost_management,
    customers,
    data_collection_associations,
    data_collection_endpoints,
    data_collection_rules,
    data_exports,
    data_pulls,
    data_sources,
    deployments,
    destroyed_workspaces,
    diagnostic_settings,
    installation_keys,
    key_status,
    key_vaults,
    linked_services,
    linked_storage,
    lockbox,
    locks,
    managed_services,
    moves,
    onboarding,
    operations,
    permissions,
    provider_operations,
    providers,
    purge,
    query_packs,
    resource_groups,
    resource_lists,
    role_assignments,
    role_definitions,
    saved_searches,
    service_provider_customers,
    solutions,
    subscription_aliases,
    subscriptions,
    summary_logs,
    tables,
    tags,
    usages,
    workbooks,
    workspace_facts,
    workspaces,
)
from kelp.api.management.api_versions import check_version, of_version
from kelp.api.management.call import Call, ManagementRoute, Services, answer_call
from kelp.api.management.route_table import RouteTable
from kelp.identity.principal import AccountKind, Principal

_ALL = (
    *activity_log.ROUTES,
    *subscriptions.ROUTES,
    *resource_groups.ROUTES,
    *resource_lists.ROUTES,
    *subscription_aliases.ROUTES,
    *provider_operations.ROUTES,
    *providers.ROUTES,
    *workspaces.ROUTES,
    *key_status.ROUTES,
    *clusters.ROUTES,
    *linked_services.ROUTES,
    *destroyed_workspaces.ROUTES,
    *tables.ROUTES,
    *purge.ROUTES,
    *customers.ROUTES,
    *onboarding.ROUTES,
    *service_provider_customers.ROUTES,
    *data_pulls.ROUTES,
    *summary_logs.ROUTES,
    *cost_management.ROUTES,
    *saved_searches.ROUTES,
    *usages.ROUTES,
    *alerting.ROUTES,
    *components.ROUTES,
    *data_collection_associations.ROUTES,
    *data_exports.ROUTES,
    *data_sources.ROUTES,
    *diagnostic_settings.ROUTES,
    *linked_storage.ROUTES,
    *locks.ROUTES,
    *moves.ROUTES,
    *tags.ROUTES,
    *query_packs.ROUTES,
    *solutions.ROUTES,
    *workbooks.ROUTES,
    *workspace_facts.ROUTES,
    *data_collection_rules.ROUTES,
    *data_collection_endpoints.ROUTES,
    *installation_keys.ROUTES,
    *key_vaults.ROUTES,
    *lockbox.ROUTES,
    *role_assignments.ROUTES,
    *role_definitions.ROUTES,
    *permissions.ROUTES,
    *access_comparison.ROUTES,
    *access_explanation.ROUTES,
    *managed_services.ROUTES,
    *operations.ROUTES,
    *deployments.ROUTES,
)


def management_routes(services: Services, authenticator: Authenticator) -> list[Route]:
    """Return the routes. Each authenticates, checks the api-version, and runs its function on a worker thread."""
    table = RouteTable(_ALL)
    return [
        Route(
            route.method,
            route.path,
            endpoint_app(_endpoint(route, services, authenticator, table)),
            Surface.MANAGEMENT,
            _describe(route, services),
        )
        for route in _ALL
    ]


def _describe(route: ManagementRoute, services: Services) -> Description:
    """Return what the route says of itself, with the api-version that each request names."""
    nobody = Principal(UUID(int=0), UUID(int=0), AccountKind.USER, "nobody")
    call = Call(services, nobody, route.method, _NOTHING, "", _AnyName(), {}, None, None, "", "")
    return of_version(route.namespace, route.describe(call))


_NOTHING = f"/subscriptions/{UUID(int=0)}/resourceGroups/none/providers/Kelp.Nothing/things/none"


class _AnyName(dict[str, str]):
    """Parameters of a path, of whatever name."""

    def __missing__(self, name: str) -> str:
        return "none"


def _endpoint(
    route: ManagementRoute, services: Services, authenticator: Authenticator, table: RouteTable
) -> Endpoint:
    @wraps(route.endpoint)
    async def answer(request: Request) -> Response:
        scope = request.scope
        principal = authenticator.authenticate(scope, MANAGEMENT_AUDIENCES)
        check_version(route.namespace, request.query_params.get("api-version", ""))
        call = Call(
            services=services,
            principal=principal,
            method=request.method,
            path=scope["path"].rstrip("/"),
            base_url=services.addresses.base_url_for(find_header(scope, b"host")),
            parameters=request.path_params,
            query=dict(request.query_params),
            if_match=find_header(scope, b"if-match") or None,
            if_none_match=find_header(scope, b"if-none-match") or None,
            correlation_id=correlation_id(scope),
            client_address=client_address(scope),
            body=await read_body(request),
            dispatcher=table,
        )
        given = await run_in_threadpool(answer_call, route, call)
        if given.document is None:
            return Response(status_code=given.status, headers=dict(given.headers))
        return JsonResponse(given.document, given.status, dict(given.headers))

    return answer
