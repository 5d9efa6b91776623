"""The caller's tenant: `/organization`, with the workspace that its sign-ins and changes are logged in; `/domains`."""

from __future__ import annotations

from typing import Any

from kelp.api.graph.call import GraphCall, GraphRoute, described, find_guid
from kelp.api.graph.descriptions import DOMAIN, ORGANIZATION_CHANGES, TENANT, done, listed, shown
from kelp.api.graph.documents import encode_tenant
from kelp.api.graph.listing import show_object
from kelp.api.management.call import Answer
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.identity.accounts import account_missing
from kelp.identity.events import Target
from kelp.resources.workspace import Workspace

_LOG_WORKSPACE = "logWorkspace"


def list_organizations(call: GraphCall) -> Answer:
    """Answer with the caller's tenant."""
    call.require("organization/read")
    return Answer(200, described(call.base_url, "organization", {"value": [_encode(call)]}))


def get_organization(call: GraphCall) -> Answer:
    """Answer with the caller's tenant by its id."""
    call.require("organization/read")
    _require_own(call)
    return show_object(call, "organization", _encode(call))


def update_organization(call: GraphCall) -> Answer:
    """Change the tenant's name, or the workspace that it is logged in: a resource id, or an empty text for none."""
    call.require("organization/update")
    _require_own(call)
    reader = call.reader()
    name, workspace = reader.find_text("displayName"), reader.find_text(_LOG_WORKSPACE)
    found = None
    with reader.reporting():
        if name is not None and not 0 < len(name.strip()) <= 256:
            reader.refuse("displayName", "'displayName' has 1 to 256 characters.")
        if workspace:
            found = _find_workspace(call, workspace)
            if found is None:
                reader.refuse(
                    _LOG_WORKSPACE, f"'{workspace}' is no workspace of the tenant that you may write to."
                )
    if name is not None:
        call.directory.rename_tenant(call.tenant.id, name)
    if workspace is not None:
        call.directory.set_log_workspace(call.tenant.id, found)
    changed = [
        key for key, value in (("displayName", name), (_LOG_WORKSPACE, workspace)) if value is not None
    ]
    target = Target("Directory", str(call.tenant.id), call.tenant.name, tuple(changed))
    call.record("Set company information", "DirectoryManagement", target)
    return Answer(204)


def list_domains(call: GraphCall) -> Answer:
    """Answer with the domains that names of the tenant's users end in."""
    call.require("organization/read")
    tenant = call.tenant
    documents = [
        {
            "id": name,
            "isDefault": name == tenant.domain,
            "isInitial": name == tenant.domain,
            "isVerified": True,
            "authenticationType": "Managed",
            "supportedServices": [],
        }
        for name in tenant.domains
    ]
    return Answer(200, described(call.base_url, "domains", {"value": documents}))


def _encode(call: GraphCall) -> dict[str, Any]:
    chosen = call.tenant.log_workspace_id
    found = call.services.store.snapshot.workspaces.get(WorkspaceId(chosen)) if chosen else None
    return encode_tenant(call.tenant, str(found.id) if found else None)


def _find_workspace(call: GraphCall, text: str) -> WorkspaceId | None:
    found = call.services.store.find(Workspace, ResourceId.parse(text)) if text.startswith("/") else None
    if found is None or found.tenant_id != call.principal.tenant_id:
        return None
    action = "Microsoft.OperationalInsights/workspaces/write"
    if not call.services.access.decide(call.principal, action, found.id).allowed:
        return None
    return found.properties.workspace_id


def _require_own(call: GraphCall) -> None:
    if find_guid(call.parameters["organization"]) != call.tenant.id:
        raise account_missing("organization", call.parameters["organization"])


ROUTES = (
    GraphRoute("GET", "/organization", list_organizations, listed(TENANT, offers_options=False)),
    GraphRoute("GET", "/organization/{organization}", get_organization, shown(TENANT)),
    GraphRoute("PATCH", "/organization/{organization}", update_organization, done(ORGANIZATION_CHANGES)),
    GraphRoute("GET", "/domains", list_domains, listed(DOMAIN, offers_options=False)),
)
