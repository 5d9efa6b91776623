"""Routes of the Kusto endpoint, at the root and behind a workspace's resource id."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kelp.api.asgi import Route, endpoint_app
from kelp.api.auth import KUSTO_AUDIENCES
from kelp.api.description import Body, Description
from kelp.api.errors import Surface
from kelp.api.http import (
    JsonResponse,
    client_request_id,
    correlation_id,
    decode_object,
    find_header,
    read_body,
)
from kelp.api.kusto.commands import run_command
from kelp.api.kusto.documents import iter_v1_answer
from kelp.api.kusto.errors import as_bad_requests, bad_request
from kelp.api.kusto.frames import AnswerContext, iter_frames
from kelp.api.kusto.request import KustoRequest, decode_kusto_request
from kelp.api.query.runner import origin_of
from kelp.api.query.streaming import single_chunk, streaming_app
from kelp.base.clock import to_ticks
from kelp.catalog.table_access import RoleAccess
from kelp.resources.shape import Anything, Named, Record, Text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.auth import Authenticator
    from kelp.api.query.runner import QueryRunner
    from kelp.api.query.streaming import Chunks, StreamingEndpoint
    from kelp.catalog.scope import BuiltScope, ScopeBuilder
    from kelp.identity.addresses import Addresses
    from kelp.identity.principal import Principal
    from kelp.query.execution import RunningQuery
    from kelp.resources.access import Access
    from kelp.resources.store import ResourceStore

    WriteAnswer: TypeAlias = Callable[[RunningQuery, AnswerContext], AsyncIterator[bytes]]

_CLIENT_APPLICATION = "db662dc1-0cfe-4e1c-a843-19a68e65be58"
"""Kusto's well-known public client, which interactive sign-in names."""
_PREFIXES = (
    "",
    "/subscriptions/{subscription}/resourcegroups/{group}/providers/microsoft.operationalinsights/workspaces/{workspace}",
)


_SAYS = Description(
    takes=Body(
        Named(
            "KustoRequest",
            Record({"db": Text(), "csl": Text(minimum=1), "properties": Anything()}, required=("csl",)),
        )
    )
)


class KustoRoutes:
    """The Kusto endpoint: queries in both versions, `.show` commands, and where to sign in."""

    def __init__(
        self,
        runner: QueryRunner,
        authenticator: Authenticator,
        scopes: ScopeBuilder,
        access: Access,
        store: ResourceStore,
        addresses: Addresses,
        version: str,
    ) -> None:
        self._runner = runner
        self._authenticator = authenticator
        self._scopes = scopes
        self._access = access
        self._store = store
        self._addresses = addresses
        self._version = version

    def routes(self) -> list[Route]:
        """Return the routes."""
        paths: dict[str, StreamingEndpoint] = {
            "/v2/rest/query": self.query_v2,
            "/v1/rest/query": self.query_v1,
            "/v1/rest/mgmt": self.run_command,
        }
        posts = [
            Route("POST", prefix + path, streaming_app(endpoint), Surface.KUSTO, _SAYS)
            for prefix in _PREFIXES
            for path, endpoint in paths.items()
        ]
        metadata = Route(
            "GET",
            "/v1/rest/auth/metadata",
            endpoint_app(self.show_sign_in),
            Surface.KUSTO,
            Description(is_public=True),
        )
        return [*posts, metadata]

    async def show_sign_in(self, request: Request) -> Response:
        """Tell a client where to get a token and for what; asked for without one."""
        base_url = self._addresses.base_url_for(find_header(request.scope, b"host"))
        return JsonResponse(
            {
                "AzureAD": {
                    "LoginEndpoint": base_url,
                    "LoginMfaRequired": False,
                    "KustoClientAppId": _CLIENT_APPLICATION,
                    "KustoClientRedirectUri": "http://localhost",
                    "KustoServiceResourceId": base_url,
                    "FirstPartyAuthorityUrl": f"{base_url}/common",
                }
            }
        )

    async def query_v2(self, request: Request) -> Chunks:
        """Run a query; the answer is a list of frames."""
        principal, wanted = await self._read(request)
        return self._iter_answer(request, principal, wanted, iter_frames)

    async def query_v1(self, request: Request) -> Chunks:
        """Run a query, or a command that a client sends here; the answer is a document of tables."""
        principal, wanted = await self._read(request)
        if wanted.text.lstrip().startswith("."):
            return self._run_command(request, principal, wanted)
        return self._iter_answer(request, principal, wanted, iter_v1_answer)

    async def run_command(self, request: Request) -> Chunks:
        """Run a management command."""
        principal, wanted = await self._read(request)
        return self._run_command(request, principal, wanted)

    async def _read(self, request: Request) -> tuple[Principal, KustoRequest]:
        principal = self._authenticator.authenticate(request.scope, KUSTO_AUDIENCES)
        return principal, decode_kusto_request(decode_object(await read_body(request)))

    def _run_command(self, request: Request, principal: Principal, wanted: KustoRequest) -> Chunks:
        def scope_of() -> BuiltScope:
            rights = RoleAccess(self._access, principal, principal.address)
            return self._scopes.build(
                [_workspace(request, wanted)], rights, to_ticks(self._runner.clock.now())
            )

        def answer() -> object:
            with as_bad_requests():
                databases = self._databases(principal, wanted)
                return run_command(wanted.text, databases, self._version, scope_of)

        return single_chunk(answer)

    def _databases(self, principal: Principal, wanted: KustoRequest) -> list[str]:
        """Name the workspaces that the caller may query; the one asked for comes first."""
        rights = RoleAccess(self._access, principal)
        workspaces = self._store.snapshot.workspaces.values()
        names = sorted(workspace.id.name for workspace in workspaces if rights.may_query(workspace))
        return sorted(names, key=lambda name: name.lower() != wanted.database.lower())

    async def _iter_answer(
        self, request: Request, principal: Principal, wanted: KustoRequest, write: WriteAnswer
    ) -> Chunks:
        with as_bad_requests():
            query = await self._runner.start(
                principal,
                [_workspace(request, wanted)],
                wanted.text,
                timeout_seconds=wanted.timeout_seconds,
                maximum_rows=wanted.maximum_rows,
                maximum_bytes=wanted.maximum_bytes,
                parameters=wanted.parameters,
                origin=origin_of(request),
            )
        context = AnswerContext(
            client_request_id(request.scope),
            correlation_id(request.scope),
            self._runner.clock.now(),
            wanted.defers_failures,
        )
        async with query:
            async for chunk in write(query, context):
                yield chunk


def _workspace(request: Request, wanted: KustoRequest) -> str:
    """Return the workspace that the path names, else the one that is named as the database."""
    path = request.path_params
    if "workspace" in path:
        group = f"/subscriptions/{path['subscription']}/resourceGroups/{path['group']}"
        return f"{group}/providers/Microsoft.OperationalInsights/workspaces/{path['workspace']}"
    if not wanted.database:
        raise bad_request("'db' must name a workspace, by its name or id.")
    return wanted.database
