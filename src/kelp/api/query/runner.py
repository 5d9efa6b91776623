"""From an authenticated request to a running query: rights, scope, limits. Shared by every query surface."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.api.errors import RefusedQuery
from kelp.api.http import correlation_id
from kelp.api.query.timespan import parse_timespan
from kelp.base.clock import to_ticks
from kelp.base.errors import ServiceError
from kelp.catalog.table_access import ResourceAccess, RoleAccess
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.kql.diagnostics import QueryRefusedError
from kelp.query.explanation import without_volumes
from kelp.query.request import QueryOrigin, QueryReach, QueryRequest
from kelp.resources.access import QUERY_READ, RESOURCE_LOGS_READ
from kelp.resources.errors import AccessDenied, MissingRight

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from starlette.requests import Request

    from kelp.base.clock import Clock
    from kelp.base.ids import ResourceId
    from kelp.catalog.scope import BuiltScope, ScopeBuilder
    from kelp.identity.principal import Principal
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.syntax import Expression
    from kelp.query.execution import RunningQuery
    from kelp.query.explanation import Explanation
    from kelp.query.service import QueryService
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.saved_search import SavedSearch
    from kelp.resources.workspace import Workspace

_REFUSED = "InsufficientAccess"


class QueryRunner:
    """Starts queries for callers. Safe for concurrent use from the tasks of one event loop."""

    def __init__(self, service: QueryService, scopes: ScopeBuilder, access: Access, clock: Clock) -> None:
        self._service = service
        self.tagged = service.tagged
        self._scopes = scopes
        self._access = access
        self.clock = clock

    def build_scope(
        self, principal: Principal, workspaces: Sequence[str], resource: ResourceId | None = None
    ) -> BuiltScope:
        """Return what a caller may query in workspaces named by id, name or resource id. Raises `ServiceError`.

        With a resource instead it is what that, and all that lies in it, logged in whichever workspace.
        """
        now_ticks = to_ticks(self.clock.now())
        if resource is None:
            rights = RoleAccess(self._access, principal, principal.address)
            try:
                return self._scopes.build(workspaces, rights, now_ticks)
            except ServiceError as refusal:
                if refusal.code == _REFUSED:
                    raise self._name_missing(principal, refusal) from refusal
                raise
        owner = self._access.find_owner(resource)
        if owner is None or not self._access.reads_logs_of(principal, resource):
            message = f"You have no right to read what '{resource}' logged."
            action = RESOURCE_LOGS_READ.format(table="*")
            missing = MissingRight(principal.object_id, action, resource)
            raise AccessDenied(message, message, target=str(resource), code=_REFUSED, missing=missing)
        context = ResourceAccess(self._access, principal, resource, owner, principal.address)
        return self._scopes.build_for_resource(owner, context, now_ticks)

    def _name_missing(self, principal: Principal, refusal: ServiceError) -> AccessDenied:
        """Return the refusal of a workspace with the right that is missing; of other tenants' no path is told."""
        found = self._scopes.find_workspaces(refusal.target or "")
        own = next((one for one in found if one.tenant_id == principal.tenant_id), None)
        missing = None if own is None else MissingRight(principal.object_id, QUERY_READ, own.id)
        message = refusal.message
        return AccessDenied(message, message, target=refusal.target, code=refusal.code, missing=missing)

    def list_functions(self, built: BuiltScope) -> list[tuple[Resource[Workspace], Resource[SavedSearch]]]:
        """Return the saved functions that a query may call by their names: those of its first workspace."""
        first = [schema.workspace for schema in built.provider.own[:1]]
        return [(workspace, one) for workspace in first for one in self._scopes.list_functions(workspace)]

    async def start(
        self,
        principal: Principal,
        workspaces: Sequence[str],
        text: str,
        *,
        timespan: str | None = None,
        timeout_seconds: float | None = None,
        maximum_rows: int | None = None,
        maximum_bytes: int | None = None,
        parameters: Mapping[str, Expression] | None = None,
        origin: QueryOrigin | None = None,
        resource: ResourceId | None = None,
        tag: str = "",
        encoding: Encoding = Encoding.WIRE,
    ) -> RunningQuery:
        """Start a query over workspaces named by id, name or resource id; the first is the one it is about.

        Or over what a resource logged, instead of workspaces. `tag` is for `tagged`.

        Raises `ServiceError`, for a refused text `RefusedQuery`. The caller closes what is returned.
        """
        request = replace(
            self._request(principal, self.build_scope(principal, workspaces, resource), text, timespan),
            timeout_seconds=timeout_seconds,
            maximum_rows=maximum_rows,
            maximum_bytes=maximum_bytes,
            parameters=parameters or {},
            origin=origin or QueryOrigin(),
            encoding=encoding,
        )
        if tag:
            request = replace(request, tag=tag)
        with refusals_of(text):
            return await self._service.start(request)

    def check(self, principal: Principal, workspaces: Sequence[str], timespan: str | None) -> None:
        """Raise `ServiceError` where the caller may not query the workspaces, or the timespan is none."""
        self.build_scope(principal, workspaces)
        if timespan:
            parse_timespan(timespan, self.clock.now())

    def diagnose(
        self, principal: Principal, workspaces: Sequence[str], text: str, timespan: str | None = None
    ) -> tuple[Diagnostic, ...]:
        """Return what the language has to say about a text, errors and warnings, without running it.

        Raises `ServiceError` where the caller may not query the workspaces.
        """
        return self._service.diagnose(
            self._request(principal, self.build_scope(principal, workspaces), text, timespan)
        )

    async def explain(
        self,
        principal: Principal,
        workspaces: Sequence[str],
        text: str,
        *,
        timespan: str | None = None,
        resource: ResourceId | None = None,
    ) -> Explanation:
        """Return what such a query would do, without running it. Raises as `start` does."""
        built = self.build_scope(principal, workspaces, resource)
        request = self._request(principal, built, text, timespan)
        with refusals_of(text):
            explanation = await self._service.explain(request)
        return without_volumes(explanation) if built.provider.limits_rows else explanation

    def _request(
        self, principal: Principal, built: BuiltScope, text: str, timespan: str | None
    ) -> QueryRequest:
        now = self.clock.now()
        return QueryRequest(
            text=text,
            reach=QueryReach(
                built.provider, built.scope, tuple(built.workspace_ids), built.key, built.find_owner
            ),
            caller=principal,
            received_at=now,
            tag=str(uuid4()),
            time_range=parse_timespan(timespan, now) if timespan else None,
        )


def origin_of(request: Request, client: str = "") -> QueryOrigin:
    """Return what a log row tells of how the query came; the client by its own word unless it is named."""
    named = request.headers.get("x-ms-app") or request.headers.get("user-agent", "")
    return QueryOrigin(client or named, request.url.path, correlation_id(request.scope))


@contextmanager
def refusals_of(text: str) -> Iterator[None]:
    """Turn the language's refusals into errors that know the text they point into."""
    try:
        yield
    except QueryRefusedError as refused:
        raise RefusedQuery(text, refused.diagnostics) from refused
