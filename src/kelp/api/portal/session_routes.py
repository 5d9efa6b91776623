"""`/portal/api/session`: signing in and out, who is signed in and what they may do, and in which tenant."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kelp.api.asgi import Endpoint, Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.http import client_address, correlation_id, decode_object, find_header, read_body
from kelp.api.management.call import Answer
from kelp.api.management.reader import DocumentReader
from kelp.api.portal.call import NO_STORE, PortalCall, answer_with, portal_routes
from kelp.api.portal.descriptions import describe
from kelp.api.portal.entrance import CodeNeeded, Entered, Entrance, Visitor
from kelp.api.portal.person import Membership, Relation
from kelp.catalog.table_access import RoleAccess
from kelp.identity.sessions import IDLE_PERIOD, ended_session_cookie, read_session_id, session_cookie
from kelp.identity.sign_in import Attempt
from kelp.resources.bootstrap import find_installation
from kelp.resources.lockbox import REQUEST_ACTION, REQUEST_TYPE

if TYPE_CHECKING:
    from starlette.requests import Request

    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.person import People
    from kelp.identity.principal import Principal
    from kelp.identity.services import IdentityServices
    from kelp.identity.sessions import Session
    from kelp.resources.access import Access
    from kelp.resources.store import ResourceStore

_MAXIMUM_BYTES = 10_000
_LISTED_DELEGATED = 100
"""Tenants that delegated something and that a session names; `scopes` finds the others."""
_HOME_TENANT = "organizations"
_LOGS = "Microsoft.OperationalInsights"
_OFFERED = {
    "customers": ("microsoft.directory/tenants/create", f"{_LOGS}/workspaces/customers/read"),
    "access": ("Microsoft.Authorization/roleAssignments/read",),
    "clusters": (f"{_LOGS}/clusters/read",),
    "lockbox": (f"{REQUEST_TYPE}/read", REQUEST_ACTION),
    "activity": ("Microsoft.Insights/eventtypes/values/read",),
    "usage": (f"{_LOGS}/workspaces/usages/read",),
    "settings": (f"{_LOGS}/workspaces/read",),
    "write": (f"{_LOGS}/workspaces/write",),
}
"""The actions of which one must be allowed somewhere for the portal to offer a part of itself."""


class SessionRoutes:
    """Holds what the routes need."""

    def __init__(
        self,
        identity: IdentityServices,
        browsers: Browsers,
        people: People,
        store: ResourceStore,
        access: Access,
    ) -> None:
        self._identity = identity
        self._browsers = browsers
        self._people = people
        self._store = store
        self._access = access
        self._entrance = Entrance(identity)

    def routes(self) -> list[Route]:
        """Return the routes."""
        endpoints: dict[tuple[str, str], Endpoint] = {
            ("GET", "/session"): self.show,
            ("POST", "/session"): self.begin,
            ("DELETE", "/session"): self.end,
            ("POST", "/session/totp"): self.complete,
            ("GET", "/session/providers"): self.list_providers,
        }
        return [
            *(
                Route(
                    method,
                    f"/portal/api{path}",
                    endpoint_app(endpoint),
                    Surface.PORTAL,
                    describe(method, path),
                )
                for (method, path), endpoint in endpoints.items()
            ),
            *portal_routes(self._browsers, {("POST", "/session/tenant"): self.enter_tenant}),
        ]

    async def show(self, request: Request) -> Response:
        """Tell the page who is signed in, and what they may do; that nobody is, is no failure."""
        found = await self._browsers.find(request.scope)
        if found is None:
            return answer_with(Answer(200, {"signedIn": False}))
        document = await run_in_threadpool(self._describe, found.session, found.principal)
        return answer_with(Answer(200, document))

    async def begin(self, request: Request) -> Response:
        """Sign a user in with name and password; who has a second factor gets a ticket to bring with a code."""
        self._browsers.require_own_page(request.scope)
        reader = DocumentReader(decode_object(await read_body(request, _MAXIMUM_BYTES)))
        with reader.reporting():
            name, password = reader.text("userName").strip(), reader.text("password")
            tenant_name = reader.text("tenant").strip() or _HOME_TENANT
        visitor = _visitor_of(request, tenant_name)
        entered = await run_in_threadpool(self._entrance.begin, visitor, name, password)
        return await self._welcome(entered)

    async def complete(self, request: Request) -> Response:
        """Take the code of the second factor."""
        self._browsers.require_own_page(request.scope)
        reader = DocumentReader(decode_object(await read_body(request, _MAXIMUM_BYTES)))
        with reader.reporting():
            ticket, code = reader.text("ticket"), reader.text("code")
        visitor = _visitor_of(request, _HOME_TENANT)
        return await self._welcome(await run_in_threadpool(self._entrance.complete, visitor, ticket, code))

    async def end(self, request: Request) -> Response:
        """Sign out: the session is gone here, and what the browser kept of us is deleted there."""
        self._browsers.require_own_page(request.scope)
        session_id = read_session_id(find_header(request.scope, b"cookie"))
        if session_id is not None:
            await run_in_threadpool(self._identity.sessions.end, session_id)
        cleared = {"Set-Cookie": ended_session_cookie(), "Clear-Site-Data": '"storage"'}
        return Response(status_code=204, headers=NO_STORE | cleared)

    async def list_providers(self, request: Request) -> Response:
        """List the outside providers that a tenant's users may sign in with; none for a tenant that is not known."""
        tenant = self._identity.directory.find_tenant(request.query_params.get("tenant", "-"))
        found = await run_in_threadpool(self._identity.providers.read, tenant.id) if tenant else ()
        listed = [
            {
                "name": one.name,
                "url": f"/outside/{one.id}?{urlencode({'tenant': str(one.tenant_id), 'next': '/signin/callback'})}",
            }
            for one in found
        ]
        return answer_with(Answer(200, {"value": listed}))

    def enter_tenant(self, call: PortalCall) -> Answer:
        """Let the session act in another tenant: as its guest, or as whoever something there is delegated to.

        Requests that name the tenant act there from then on; what other requests of the session do stays as it is.
        """
        reader = call.reader()
        with reader.reporting():
            name = reader.text("tenant")
        directory = self._identity.directory
        home, tenant = directory.find_live_account(call.home_id), directory.find_tenant(name)
        if home is not None and tenant is not None and tenant.id != home.tenant_id:
            # An invitation that waits for exactly this user is accepted by coming, as by signing in there.
            directory.guests.find_or_redeem(tenant, home)
        account = self._people.get(call.home_id, name).account
        session_id, acting_in = call.visitor.session_id, str(account.tenant_id)
        if home is not None:
            attempt = Attempt(acting_in, call.principal.address)
            visitor = Visitor(attempt, {}, call.correlation_id, call.user_agent)
            self._entrance.enter_as(visitor, session_id, home, account)
        return Answer(200, self._describe_by_id(session_id, acting_in))

    async def _welcome(self, entered: Entered | CodeNeeded) -> Response:
        if isinstance(entered, CodeNeeded):
            return answer_with(Answer(200, {"secondFactor": "totp", "ticket": entered.ticket}))
        document = await run_in_threadpool(self._describe_by_id, entered.session_id)
        return answer_with(Answer(200, document, {"Set-Cookie": session_cookie(entered.session_id)}))

    def _describe_by_id(self, session_id: str, tenant_name: str = "") -> dict[str, Any]:
        found = self._identity.sessions.find(session_id, tenant_name)
        return {"signedIn": False} if found is None else self._describe(*found)

    def _describe(self, session: Session, principal: Principal) -> dict[str, Any]:
        directory = self._identity.directory
        account = directory.find_account(principal.object_id)
        tenant = directory.find_tenant(str(principal.tenant_id))
        memberships = self._people.list_all(session.home_id)
        delegated = [one for one in memberships if one.relation is Relation.DELEGATED]
        listed = [one for one in memberships if one.relation is not Relation.DELEGATED]
        return {
            "signedIn": True,
            "user": {
                "objectId": str(principal.object_id),
                "name": account.name if account else principal.name,
                "userName": principal.name,
            },
            "tenant": {"id": str(tenant.id), "name": tenant.name, "domain": tenant.domain}
            if tenant
            else None,
            "tenants": [_encode(one) for one in (*listed, *delegated[:_LISTED_DELEGATED])],
            "delegatedTenants": len(delegated),
            "idleSeconds": round(IDLE_PERIOD.total_seconds()),
            "idleEndsAt": session.idle_ends_at,
            "endsAt": session.ends_at,
            "permissions": self._find_permissions(principal),
            "defaultWorkspace": self._find_default_workspace(principal),
            "version": version("kelp-logs"),
        }

    def _find_permissions(self, principal: Principal) -> dict[str, bool]:
        allows = self._access.allows_somewhere
        permissions = {
            part: any(allows(principal, action) for action in actions) for part, actions in _OFFERED.items()
        }
        if self._access.list_delegating_tenants(principal):
            permissions["customers"] = True
        return permissions

    def _find_default_workspace(self, principal: Principal) -> str | None:
        """Return the workspace to begin with: the installation's own, else the first by name that can be queried."""
        rights, known = RoleAccess(self._access, principal), self._store.snapshot.workspaces
        installation = find_installation(self._store)
        own = None if installation is None else known.get(installation.workspace_id)
        if own is not None and rights.may_query(own):
            return str(own.properties.workspace_id)
        # Names of the caller's own tenant before those of others.
        others = sorted(
            known.values(), key=lambda one: (one.tenant_id != principal.tenant_id, one.id.name.lower())
        )
        found = next((one for one in others if rights.may_query(one)), None)
        return None if found is None else str(found.properties.workspace_id)


def _visitor_of(request: Request, tenant_name: str) -> Visitor:
    return Visitor(
        Attempt(tenant_name, client_address(request.scope)),
        {},
        correlation_id(request.scope),
        find_header(request.scope, b"user-agent")[:256],
    )


def _encode(membership: Membership) -> dict[str, str]:
    tenant = membership.tenant
    return {
        "id": str(tenant.id),
        "name": tenant.name,
        "domain": tenant.domain,
        "kind": membership.relation.value,
        "through": str(membership.account.tenant_id),
    }
