"""Routes of the portal. The browser holds a session cookie and no token; a write must come from our own page."""

from __future__ import annotations

from dataclasses import replace
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.description import Body, Description
from kelp.api.errors import Surface
from kelp.api.http import JsonResponse, client_address, correlation_id, decode_object, find_header, read_body
from kelp.api.portal.sign_in import PortalSignIn
from kelp.api.query.encoder import iter_answer
from kelp.api.query.metadata import describe_workspaces
from kelp.api.query.request import decode_query
from kelp.api.query.runner import origin_of
from kelp.api.query.streaming import single_chunk, streaming_app
from kelp.base.errors import Category, ServiceError
from kelp.catalog.table_access import RoleAccess
from kelp.identity.sessions import IDLE_PERIOD, ended_session_cookie, read_session_id, session_cookie
from kelp.identity.sign_in import Attempt

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.api.query.request import QueryBody
    from kelp.api.query.runner import QueryRunner
    from kelp.api.query.streaming import Chunks, StreamingEndpoint
    from kelp.identity.principal import Principal
    from kelp.identity.services import IdentityServices
    from kelp.query.request import QueryOrigin
    from kelp.resources.access import Access
    from kelp.resources.store import ResourceStore

MAXIMUM_ROWS = 10_000
"""Rows that the page shows; the API gives the rest."""
_CLIENT = "Kelp portal"

_SCRIPTS = ("chart", "grid", "pie", "plot", "portal", "series", "service", "svg")
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/portal/portal.css": ("portal.css", "text/css; charset=utf-8"),
    "/portal/icon.svg": ("icon.svg", "image/svg+xml"),
    **{f"/portal/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8") for name in _SCRIPTS},
}
_PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
}
_ANSWER_HEADERS = {"Cache-Control": "no-store"}


class PortalRoutes:
    """The page, the session, and the page's own doors to workspaces and queries."""

    def __init__(
        self,
        identity: IdentityServices,
        runner: QueryRunner,
        store: ResourceStore,
        access: Access,
    ) -> None:
        self._identity = identity
        self._sessions = identity.sessions
        self._runner = runner
        self._store = store
        self._access = access
        self._addresses = identity.addresses

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints: dict[tuple[str, str], Endpoint] = {
            ("POST", "/portal/session"): self.begin_session,
            ("GET", "/portal/session"): self.show_session,
            ("DELETE", "/portal/session"): self.end_session,
            ("GET", "/portal/workspaces"): self.list_workspaces,
        }
        pages = [
            Route("GET", path, endpoint_app(_file_endpoint(*found)), Surface.QUERY, _describe_file(*found))
            for path, found in _FILES.items()
        ]
        streamed: dict[tuple[str, str], StreamingEndpoint] = {
            ("POST", "/portal/query"): self.run_query,
            ("GET", "/portal/tables"): self.list_tables,
        }
        return [
            *(
                Route(method, path, streaming_app(endpoint, _ANSWER_HEADERS), Surface.QUERY)
                for (method, path), endpoint in streamed.items()
            ),
            *(
                Route(method, path, endpoint_app(endpoint), Surface.QUERY)
                for (method, path), endpoint in endpoints.items()
            ),
            *pages,
        ]

    async def begin_session(self, request: Request) -> Response:
        """Sign a user in with name, password and, if enrolled, a code; as a guest of a tenant if one is named."""
        self._require_own_page(request)
        document = decode_object(await read_body(request, 10_000))
        name, password = str(document.get("userName", "")), str(document.get("password", ""))
        code, tenant_name = str(document.get("code", "")), str(document.get("tenant") or "organizations")
        sign_in = PortalSignIn(
            Attempt(tenant_name, client_address(request.scope)),
            {"grant_type": "portal", "username": name, "second_factor": code},
            correlation_id(request.scope),
            find_header(request.scope, b"user-agent")[:256],
        )
        session_id, account = await run_in_threadpool(sign_in.begin, self._identity, password)
        headers = _ANSWER_HEADERS | {"Set-Cookie": session_cookie(session_id)}
        return JsonResponse(_describe_session(account.shown_name), headers=headers)

    async def show_session(self, request: Request) -> Response:
        """Tell the page who is signed in; a name of null where nobody is, which is no failure."""
        principal = await self._find_principal(request)
        return JsonResponse(_describe_session(principal.name if principal else None), headers=_ANSWER_HEADERS)

    async def end_session(self, request: Request) -> Response:
        """Sign out: the session is gone here, and what the browser kept of us is deleted there."""
        self._require_own_page(request)
        session_id = read_session_id(find_header(request.scope, b"cookie"))
        if session_id is not None:
            await run_in_threadpool(self._sessions.end, session_id)
        headers = _ANSWER_HEADERS | {
            "Set-Cookie": ended_session_cookie(),
            "Clear-Site-Data": '"cache", "cookies", "storage"',
        }
        return Response(status_code=204, headers=headers)

    async def list_workspaces(self, request: Request) -> Response:
        """List the workspaces that the user may query."""
        principal = await self._authenticate(request)
        rights = RoleAccess(self._access, principal)
        found = [
            {
                "name": workspace.id.name,
                "id": str(workspace.properties.workspace_id),
                "resourceId": str(workspace.id),
            }
            for workspace in self._store.snapshot.workspaces.values()
            if rights.may_query(workspace)
        ]
        return JsonResponse({"value": sorted(found, key=lambda item: item["name"])}, headers=_ANSWER_HEADERS)

    async def list_tables(self, request: Request) -> Chunks:
        """List the tables of a workspace that hold rows and that the user may query, with their columns."""
        principal = await self._authenticate(request)
        built = self._runner.build_scope(principal, [request.query_params.get("workspace", "")])

        def describe() -> object:
            tables = describe_workspaces(built)["tables"]
            return {"tables": [table for table in tables if table["hasData"]]}

        return single_chunk(describe)

    async def run_query(self, request: Request) -> Chunks:
        """Run a query for the page; the answer is the query API's, with chart and statistics."""
        self._require_own_page(request)
        principal = await self._authenticate(request)
        document = decode_object(await read_body(request))
        workspace = str(document.get("workspace", ""))
        return self._iter_answer(principal, workspace, decode_query(document), origin_of(request, _CLIENT))

    async def _iter_answer(
        self, principal: Principal, workspace: str, body: QueryBody, origin: QueryOrigin
    ) -> Chunks:
        query = await self._runner.start(
            principal,
            (workspace, *body.workspaces),
            body.query,
            timespan=body.timespan,
            maximum_rows=MAXIMUM_ROWS,
            origin=origin,
        )
        async with query:
            async for chunk in iter_answer(query, body.query, with_statistics=True, with_render=True):
                yield chunk

    async def _find_principal(self, request: Request) -> Principal | None:
        session_id = read_session_id(find_header(request.scope, b"cookie"))
        if session_id is None:
            return None
        found = await run_in_threadpool(self._sessions.find_principal, session_id)
        return None if found is None else replace(found, address=client_address(request.scope))

    async def _authenticate(self, request: Request) -> Principal:
        principal = await self._find_principal(request)
        if principal is None:
            message = "Nobody is signed in, or the session ended."
            raise ServiceError(Category.UNAUTHENTICATED, "SessionEnded", message)
        return principal

    def _require_own_page(self, request: Request) -> None:
        """Refuse a request that another site's page had the browser send."""
        origin = find_header(request.scope, b"origin")
        if origin and not self._addresses.is_ours(origin):
            raise ServiceError(
                Category.FORBIDDEN, "ForeignOrigin", f"Requests from {origin} are not accepted."
            )
        if request.method == "POST" and not find_header(request.scope, b"content-type").startswith(
            "application/json"
        ):
            raise ServiceError(Category.INVALID, "UnsupportedMediaType", "The body must be application/json.")


def _describe_session(name: str | None) -> dict[str, object]:
    return {"name": name, "idleSeconds": IDLE_PERIOD.total_seconds()}


def _describe_file(name: str, media_type: str) -> Description:
    gives = {200: Body(media_type=media_type.partition(";")[0])}
    return Description(name="file", gives=gives, is_public=True)


def _file_endpoint(name: str, media_type: str) -> Endpoint:
    async def answer(_: Request) -> Response:
        """Give out a file of the page."""
        content = await run_in_threadpool((files("kelp.api.portal") / "page" / name).read_bytes)
        return Response(content, media_type=media_type, headers=_PAGE_HEADERS)

    return answer
