"""How each route of the server is aimed at a workspace: the requests that would read or change it, were they let through.

A route is filled in from a `Target`: every parameter of its path that has a value here, and its body. A route that nobody
gave a case is asked all the same, with a made-up name and body, and must refuse like any other; only one that is the same
for everybody, or answers everybody with their own, has to be listed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from kelp.api.management.api_versions import KNOWN_VERSIONS
from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.api.plain_examples import EXAMPLES, Example
from tests.security.kind_bodies import BODIES_OF_KINDS, READ_SECRET
from tests.security.portal_bodies import OF_TEXT_ALONE, OWN_PARTS, any_portal_body, portal_bodies
from tests.servers import INGESTION_SCOPE, KUSTO_SCOPE, MANAGEMENT_SCOPE, QUERY_SCOPE, Place

REFUSED = frozenset({401, 403, 404})
"""What a request for somebody else's workspace is answered with."""
CUSTOMER = "first-customer"
RULE, TABLE, STREAM = "collect", "Secret_CL", "Custom-Secret_CL"
CLUSTER = "cistern"

SAME_FOR_EVERYBODY = {
    "POST /{tenant}/oauth2/v2.0/token",  # signs in by what its form holds: see test_sign_in.py
    "POST /{tenant}/oauth2/token",
    "GET /{tenant}/v2.0/.well-known/openid-configuration",
    "GET /{tenant}/.well-known/openid-configuration",
    "GET /{tenant}/discovery/v2.0/keys",
    "GET /{tenant}/discovery/keys",
    "GET /{tenant}/discovery/instance",
    "GET /{tenant}/userrealm/{user}",
    "GET /metadata/endpoints",
    "GET /providers/Microsoft.Insights/eventcategories",
    "GET /providers/Microsoft.OperationalInsights/operations",
    "POST /{tenant}/oauth2/v2.0/devicecode",  # gives a code that somebody must sign in with
    "POST /{tenant}/oauth2/devicecode",
    "GET /outside/{provider}",
    "GET /outside/callback",
    "POST /outside/code",
    *(
        f"{method} {page}"  # pages that sign in by what their form holds
        for method in ("GET", "POST")
        for page in (
            "/{tenant}/oauth2/v2.0/authorize",
            "/{tenant}/oauth2/authorize",
            "/devicelogin",
            "/redeem",
            "/security",
        )
    ),
    "GET /openapi.json",
    "GET /providers",
    "GET /providers/Microsoft.Authorization/providerOperations",
    "GET /v1/rest/auth/metadata",
    "POST /portal/api/session",
    "GET /portal/api/session",
    "DELETE /portal/api/session",
    "POST /portal/api/session/totp",
    "GET /portal/api/session/providers",
    "GET /",
    "GET /signin",
    "GET /signin/{rest:path}",
    "GET /t/{rest:path}",
    "GET /s/{share}",
    "GET /me",
    "GET /portal/assets/{name}",
}
"""Routes that concern no workspace. They are asked too: no answer may hold a fact of somebody else's."""

LISTS = {
    "GET /subscriptions",
    "GET /subscriptions/{subscription}",
    "GET /subscriptions/{subscription}/locations",
    "GET /tenants",
    "GET /subscriptions/{subscription}/resourceGroups",
    "GET /subscriptions/{subscription}/resources",
    "GET /subscriptions/{subscription}/providers",
    "GET /subscriptions/{subscription}/providers/{namespace}",
    "GET /subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.OperationalInsights/deletedWorkspaces",
    "GET /providers/Microsoft.Authorization/roleAssignments",
    "GET /providers/Microsoft.Authorization/roleDefinitions",
    "GET /providers/Microsoft.Authorization/roleDefinitions/{role}",
    "GET /{scope:path}/providers/Microsoft.Authorization/roleDefinitions",
    "GET /{scope:path}/providers/Microsoft.Authorization/roleDefinitions/{role}",
    "GET /{scope:path}/providers/Microsoft.Authorization/permissions",
    "POST /providers/Microsoft.Authorization/explainAccess",
    "POST /{scope:path}/providers/Microsoft.Authorization/explainAccess",
    "GET /portal/api/runs",
    "POST /portal/api/session/tenant",
    *OF_TEXT_ALONE,
    "GET /v1.0/me",
    "POST /v1.0/me/changePassword",
    "GET /v1.0/me/authentication/secondFactor",
    "POST /v1.0/me/authentication/secondFactor",
    "POST /v1.0/me/authentication/secondFactor/confirm",
    "POST /v1.0/me/authentication/secondFactor/remove",
}
"""Routes that may answer 200 with what is the caller's own, and nothing of the target."""


NO_BODY = None
MISSING = object()
"""Stands for the body of a route that has no case."""
CLUSTER_DOCUMENT = {
    "location": "local",
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "CapacityReservation", "capacity": 1000},
}
_WORKSPACE = {"location": "local", "properties": {"retentionInDays": 90}}
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"
_INSIGHTS = f"{_GROUP}/providers/Microsoft.Insights"
_WORKSPACES = f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces"
_CLUSTER = f"{_GROUP}/providers/Microsoft.OperationalInsights/clusters/{{cluster}}"
_VAULTS = f"{_GROUP}/providers/Microsoft.KeyVault/vaults"
_PURGED = "/subscriptions/{subscription}/providers/Microsoft.KeyVault/locations/{location}/deletedVaults/{vault}/purge"
_PROXY = _WORKSPACES.lower()
_ASSIGNMENTS = "/providers/Microsoft.Authorization/roleAssignments/{assignment}"
_ROLE = "/providers/Microsoft.Authorization/roleDefinitions/{role}"
_DELEGATIONS = "/{scope:path}/providers/Microsoft.ManagedServices"
_DEFINITION = f"/providers/Microsoft.ManagedServices/registrationDefinitions/{UUID(int=7)}"
_MADE_UP_NAME = str(UUID(int=8))
_AN_ASSIGNMENT = f"/providers/Microsoft.Authorization/roleAssignments/{_MADE_UP_NAME}"
_MADE_UP_BODY = {"location": "local", "properties": {}}
_CHANGE_TAGS = {"tags": {"changed": "yes"}}


@dataclass(frozen=True, slots=True)
class Target:
    """A workspace that is not the caller's, with a value for every parameter. `facts` must not leave it."""

    place: Place
    rule_id: str
    operation: str
    assignment: str
    principal: str
    facts: frozenset[str]
    vault: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    """Of the key and the secret in the vault, by the first segment of their paths."""

    @property
    def subscription(self) -> str:
        return str(self.place.resource_id).split("/")[2]

    @property
    def group(self) -> str:
        return str(self.place.resource_id).split("/")[4]

    def parameters(self, path: str, surface: str) -> Mapping[str, str]:
        if surface == "GRAPH":
            principals = dict.fromkeys(
                ("user", "group", "member", "object", "application", "principal"), self.principal
            )
            tenants = dict.fromkeys(("tenant", "organization"), str(self.place.tenant_id))
            return {**principals, **tenants, "domain": "fabrikam.local", "provider": self.principal}
        return {
            "tenant": str(self.place.tenant_id),
            "user": "bob@fabrikam.local",
            "provider": str(self.place.tenant_id),
            "subscription": self.subscription,
            "group": self.group,
            "workspace": self.place.workspace_id if path.startswith("/v1/") else self.place.name,
            "table": TABLE,
            "rule": self.rule_id if surface == "INGESTION" else RULE,
            "stream": STREAM,
            "assignment": self.assignment,
            "role": str(LOG_ANALYTICS_READER),
            "scope": str(self.place.resource_id).removeprefix("/"),
            "resource": str(self.place.resource_id).removeprefix("/subscriptions/"),
            "namespace": "Microsoft.OperationalInsights",
            "cluster": CLUSTER,
            "service": "cluster",
            "location": "local",
            "operation": self.operation,
            "vault": f"{self.vault}-gone" if "deletedvaults" in path.lower() else self.vault,
            "name": "gone" if "/deleted" in path else "kept",
            "version": next((found for kind, found in self.versions.items() if f"/{kind}/" in path), ""),
            "request": "6a1f8d3e-0000-4000-8000-000000000000",
            "kind": "add",
            "customer": CUSTOMER,
            "category": "Audit",
            "gateway": "gate",
            "search": "a-search",
            "perimeter": "perimeter",
            "intelligencePack": "Security",
            **{parameter: example.name for parameter, example in _examples_in(path)},
            "definition": str(UUID(int=7)),
        }


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request. `accepted` are the statuses that give and change nothing."""

    method: str
    path: str
    surface: str
    body: Any = NO_BODY
    headers: Mapping[str, str] = field(default_factory=dict)
    accepted: frozenset[int] = REFUSED
    signs_for: str = ""
    """The workspace that a shared key is used for; empty for the caller's own."""

    @property
    def content(self) -> bytes:
        return b"" if self.body is NO_BODY else json.dumps(self.body).encode()

    @property
    def sent(self) -> str:
        """All text of the request, which an answer may repeat."""
        return f"{self.path} {self.content.decode()} {self.signs_for}".lower()


SCOPES = {
    "MANAGEMENT": MANAGEMENT_SCOPE,
    "QUERY": QUERY_SCOPE,
    "KUSTO": KUSTO_SCOPE,
    "INGESTION": INGESTION_SCOPE,
    "DATA_COLLECTOR": INGESTION_SCOPE,
    "TOKEN": MANAGEMENT_SCOPE,
    "GRAPH": "https://graph.microsoft.com/.default",
    "KEY_VAULT": "https://vault.azure.net/.default",
    "PORTAL": MANAGEMENT_SCOPE,  # which opens nothing there: a session does
}
"""The audience of a good token for a route, by its surface."""


def directory_bodies_of(target: Target) -> Mapping[str, Any]:
    """The same for the directory, of which a workspace's owner is no administrator."""
    name = {"displayName": "changed"}
    member = {"@odata.id": f"https://localhost/v1.0/directoryObjects/{target.principal}"}
    ids = {"ids": [target.principal], "groupIds": [target.principal]}
    bodies = {
        "POST /users": {"userPrincipalName": "eve@fabrikam.local", "displayName": "Eve"},
        "PATCH /users/{user}": {"passwordProfile": {"password": "taken over"}},
        "POST /users/{user}/getMemberGroups": ids,
        "POST /identity/identityProviders": {"displayName": "changed"},
        "POST /me/changePassword": {"currentPassword": "x", "newPassword": "taken over"},
        "POST /me/authentication/secondFactor": {"currentPassword": "x"},
        "POST /me/authentication/secondFactor/confirm": {"code": "000000"},
        "POST /me/authentication/secondFactor/remove": {"code": "000000"},
        "POST /groups": name,
        "PATCH /groups/{group}": name,
        "POST /groups/{group}/members/$ref": member,
        "POST /groups/{group}/getMemberGroups": ids,
        "POST /directoryObjects/getByIds": ids,
        "POST /directoryObjects/{object}/getMemberGroups": ids,
        "POST /directoryObjects/{object}/checkMemberGroups": ids,
        "POST /applications": name,
        "PATCH /applications/{application}": name,
        "POST /applications/{application}/addPassword": {},
        "POST /applications/{application}/removePassword": {"keyId": target.principal},
        "POST /servicePrincipals": {"appId": target.principal},
        "PATCH /servicePrincipals/{principal}": name,
        "POST /invitations": {"invitedUserEmailAddress": "eve@elsewhere.local"},
        "PATCH /organization/{organization}": {"logWorkspace": str(target.place.resource_id)},
        "POST /tenants": name,
        "PATCH /tenants/{tenant}": name,
        "POST /tenants/{tenant}/domains": {"id": "eve.local"},
    }
    return {key.replace(" ", " /v1.0", 1): body for key, body in bodies.items()}


def bodies_of(target: Target) -> Mapping[str, Any]:
    """What each route that takes a body is sent, by method and path."""
    resource_id = str(target.place.resource_id)
    rule = {
        "location": "local",
        "properties": {
            "streamDeclarations": {STREAM: {"columns": [{"name": "Text", "type": "string"}]}},
            "destinations": {"logAnalytics": [{"name": "there", "workspaceResourceId": resource_id}]},
            "dataFlows": [{"streams": [STREAM], "destinations": ["there"]}],
        },
    }
    assignment = {
        "properties": {
            "roleDefinitionId": f"/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}",
            "principalId": target.principal,
        }
    }
    cluster = f"{resource_id.partition('/workspaces/')[0]}/clusters/{CLUSTER}"
    table = {"properties": {"schema": {"name": TABLE, "columns": [{"name": "Added", "type": "string"}]}}}
    query = {"query": READ_SECRET}
    kusto = {"db": target.place.name, "csl": READ_SECRET}
    command = {"db": target.place.name, "csl": ".show database schema"}
    return {
        **directory_bodies_of(target),
        f"PUT {_GROUP}": {"location": "local", **_CHANGE_TAGS},
        f"PATCH {_GROUP}": _CHANGE_TAGS,
        "POST /subscriptions/{subscription}/providers/{namespace}/register": NO_BODY,
        f"PUT {_WORKSPACES}/{{workspace}}": _WORKSPACE,
        f"PATCH {_WORKSPACES}/{{workspace}}": _CHANGE_TAGS,
        f"POST {_WORKSPACES}/{{workspace}}/sharedKeys": NO_BODY,
        **BODIES_OF_KINDS,
        f"POST {_WORKSPACES}/{{workspace}}/regenerateSharedKey": NO_BODY,
        f"PUT {_CLUSTER}": CLUSTER_DOCUMENT,
        f"PATCH {_CLUSTER}": _CHANGE_TAGS,
        f"PUT {_WORKSPACES}/{{workspace}}/linkedServices/{{service}}": {
            "properties": {"writeAccessResourceId": cluster}
        },
        f"PUT {_WORKSPACES}/{{workspace}}/tables/{{table}}": table,
        f"PATCH {_WORKSPACES}/{{workspace}}/tables/{{table}}": {"properties": {"retentionInDays": 90}},
        f"PUT {_INSIGHTS}/dataCollectionRules/{{rule}}": rule,
        f"PATCH {_INSIGHTS}/dataCollectionRules/{{rule}}": _CHANGE_TAGS,
        f"PUT {_ASSIGNMENTS}": assignment,
        f"PUT /{{scope:path}}{_ASSIGNMENTS}": assignment,
        "POST /v1/workspaces/{workspace}/query": query,
        "POST /v1/workspaces/{workspace}/metadata": NO_BODY,
        "POST /v1/subscriptions/{resource:path}/query": query,
        "POST /v1/$batch": {"requests": [{"id": "1", "workspace": target.place.workspace_id, "body": query}]},
        "POST /v2/rest/query": kusto,
        "POST /v1/rest/query": kusto,
        "POST /v1/rest/mgmt": command,
        f"POST {_PROXY}/{{workspace}}/v2/rest/query": kusto,
        f"POST {_PROXY}/{{workspace}}/v1/rest/query": kusto,
        f"POST {_PROXY}/{{workspace}}/v1/rest/mgmt": command,
        "POST /api/logs": [{"Text": "brought in"}],
        "POST /dataCollectionRules/{rule}/streams/{stream}": [{"Text": "brought in"}],
        **_customer_bodies(target),
        **_vault_bodies(target),
        **_access_bodies_of(target),
    }


def _customer_bodies(target: Target) -> Mapping[str, Any]:
    onboarding = {"workspaceResourceId": str(target.place.resource_id), "customers": [{"name": CUSTOMER}]}
    return {
        "POST /providers/Microsoft.OperationalInsights/onboardCustomers": onboarding,
        f"PUT {_WORKSPACES}/{{workspace}}/customers/{{customer}}": {"properties": {"displayName": "Changed"}},
        f"PATCH {_WORKSPACES}/{{workspace}}/customers/{{customer}}": {
            "properties": {"displayName": "Changed"}
        },
        f"POST {_WORKSPACES}/{{workspace}}/customers/{{customer}}/listKeys": NO_BODY,
        f"POST {_WORKSPACES}/{{workspace}}/customers/{{customer}}/regenerateKey": NO_BODY,
    }


def _operator_bodies(target: Target) -> Mapping[str, Any]:
    return {
        "POST /providers/Kelp.Keys/keys/rotate": {"part": "tokens"},
        "POST /providers/Microsoft.CustomerLockbox/requests": {
            "properties": {"resourceId": str(target.place.resource_id), "justification": "Curiosity."}
        },
        **{
            f"POST /subscriptions/{{subscription}}/providers/Microsoft.CustomerLockbox/requests/{{request}}/{verb}": {
                "decision": "Approve"
            }
            for verb in ("updateApproval", "updateStatus")
        },
    }


def _vault_bodies(target: Target) -> Mapping[str, Any]:
    policy = {
        "tenantId": str(target.place.tenant_id),
        "objectId": target.principal,
        "permissions": {"keys": ["get"]},
    }
    vault = {
        "location": "local",
        "properties": {
            "tenantId": str(target.place.tenant_id),
            "sku": {"family": "A", "name": "standard"},
            "accessPolicies": [policy],
        },
    }
    bodies: dict[str, Any] = {
        **_operator_bodies(target),
        f"PUT {_VAULTS}/{{vault}}": vault,
        f"PATCH {_VAULTS}/{{vault}}": _CHANGE_TAGS,
        f"PUT {_VAULTS}/{{vault}}/accessPolicies/{{kind}}": {"properties": {"accessPolicies": [policy]}},
        f"POST {_PURGED}": NO_BODY,
        "POST /subscriptions/{subscription}/providers/Microsoft.KeyVault/checkNameAvailability": {
            "name": "any-name",
            "type": "Microsoft.KeyVault/vaults",
        },
    }
    value = {"alg": "RSA-OAEP-256", "value": "AAAA", "digest": "AAAA"}
    of_items = {
        "POST /keys/restore": value,
        "PUT /keys/{name}": {"key": {"kty": "oct", "k": "A" * 43}},
        "PATCH /keys/{name}": {"attributes": {"enabled": False}},
        "PATCH /keys/{name}/{version}": {"attributes": {"enabled": False}},
        "POST /keys/{name}/create": {"kty": "EC"},
        "POST /keys/{name}/rotate": NO_BODY,
        "POST /keys/{name}/backup": NO_BODY,
        "PUT /keys/{name}/rotationpolicy": {"attributes": {"expiryTime": "P90D"}},
        **{
            f"POST /keys/{{name}}/{version}/{operation}": value
            for version in ("{version}", "")
            for operation in ("encrypt", "decrypt", "wrapkey", "unwrapkey", "sign", "verify")
        },
        "POST /deletedkeys/{name}/recover": NO_BODY,
        "POST /rng": {"count": 8},
        "POST /secrets/restore": value,
        "PUT /secrets/{name}": {"value": "brought in"},
        "PATCH /secrets/{name}": {"attributes": {"enabled": False}},
        "PATCH /secrets/{name}/{version}": {"attributes": {"enabled": False}},
        "POST /secrets/{name}/backup": NO_BODY,
        "POST /deletedsecrets/{name}/recover": NO_BODY,
    }
    for route, body in of_items.items():
        method, _, path = route.partition(" ")
        bodies[route] = bodies[f"{method} /vaults/{{vault}}{path}"] = body
    return bodies


def _examples_in(path: str) -> Iterator[tuple[str, Example]]:
    """The plain kinds that a route's path goes through, each with the name of its parameter."""
    by_kind = {example.kind.lower(): example for example in EXAMPLES}
    for kind, parameter in re.findall(r"/(\w+)/\{(\w+)\}", path):
        if kind.lower() in by_kind:
            yield parameter, by_kind[kind.lower()]


def _body_of(method: str, path: str, target: Target) -> Any:
    """What a route is sent, by its own case or by the example of its kind."""
    bodies = {**bodies_of(target), **portal_bodies(target.place, TABLE)}
    if f"{method} {path}" in bodies:
        return bodies[f"{method} {path}"]
    found = [*_examples_in(path)]
    if method not in ("PUT", "PATCH") or not found or not path.endswith(f"{{{found[-1][0]}}}"):
        return MISSING
    example = found[-1][1]
    return example.filled(str(target.place.resource_id)) if method == "PUT" else example.patch


def is_list(name: str) -> bool:
    """Tell whether a route answers everybody with their own."""
    return (
        name in LISTS
        or re.fullmatch(r"GET /subscriptions/\{subscription\}/providers/[\w./]+", name) is not None
    )


def _access_bodies_of(target: Target) -> Mapping[str, Any]:
    """What would give roles, or somebody else's, to others."""
    scopes = [f"/subscriptions/{target.subscription}"]
    permission = {"actions": ["*"], "notActions": [], "dataActions": [], "notDataActions": []}
    role = {"properties": {"roleName": "Taken", "assignableScopes": scopes, "permissions": [permission]}}
    definition = {
        "properties": {
            "registrationDefinitionName": "taken",
            "managedByTenantId": str(target.place.tenant_id),
            "authorizations": [
                {"principalId": target.principal, "roleDefinitionId": str(LOG_ANALYTICS_READER)}
            ],
        }
    }
    delegation = {"properties": {"registrationDefinitionId": f"{scopes[0]}{_DEFINITION}"}}
    return {
        "POST /providers/Microsoft.Authorization/explainAccess": {"action": "*/read"},
        "POST /{scope:path}/providers/Microsoft.Authorization/explainAccess": {"action": "*/read"},
        "POST /providers/Microsoft.Authorization/compareAccess": {"without": [_AN_ASSIGNMENT]},
        "POST /{scope:path}/providers/Microsoft.Authorization/compareAccess": {"without": [_AN_ASSIGNMENT]},
        f"PUT {_ROLE}": role,
        f"PUT /{{scope:path}}{_ROLE}": role,
        f"PUT {_DELEGATIONS}/registrationDefinitions/{{definition}}": definition,
        f"PUT {_DELEGATIONS}/registrationAssignments/{{assignment}}": delegation,
    }


def needs_body(method: str) -> bool:
    return method in ("POST", "PUT", "PATCH")


def is_made_up(method: str, path: str, surface: str, target: Target) -> bool:
    """Tell whether a route has no case, so that it is asked with a name and body that mean nothing."""
    parameters = target.parameters(path, surface)
    has_names = all(found in parameters for found in _parameters(path))
    return not has_names or (needs_body(method) and _body_of(method, path, target) is MISSING)


def aim(method: str, path: str, surface: str, target: Target) -> Attempt:
    """The request of a route at the target."""
    name, parameters = f"{method} {path}", target.parameters(path, surface)
    filled = path
    for parameter in _parameters(path):
        value = quote(parameters.get(parameter, _MADE_UP_NAME), safe="/")
        filled = filled.replace(f"{{{parameter}:path}}", value).replace(f"{{{parameter}}}", value)
    accepted = REFUSED
    if name in SAME_FOR_EVERYBODY or is_list(name) or path.startswith(("/v1.0/me/", *OWN_PARTS)):
        accepted = frozenset(range(200, 500))
    elif name == "POST /v1/$batch":
        accepted = REFUSED | {200}  # each item has its own status: see the facts
    elif surface == "KUSTO":
        accepted = REFUSED | {400}  # its word for a database that there is not
    headers = {"Log-Type": "Secret"} if surface == "DATA_COLLECTOR" else {}
    body = _body_of(method, path, target)
    if body is MISSING and needs_body(method):
        body = any_portal_body(target.place) if surface == "PORTAL" else _MADE_UP_BODY
    elif body is MISSING:
        body = NO_BODY
    query = ""
    if body is NO_BODY and surface in ("QUERY", "PORTAL"):
        query = f"&query={quote(READ_SECRET)}&workspace={target.place.workspace_id}"
    query += "".join(f"&{one.listed}" for one in EXAMPLES if one.listed and path.endswith(f"/{one.kind}"))
    return Attempt(
        method,
        f"{filled}?api-version={version_of(path, surface)}{query}",
        surface,
        body,
        headers,
        accepted,
        target.place.workspace_id if surface == "DATA_COLLECTOR" else "",
    )


def iter_detours(target: Target, home: Place) -> Iterator[Attempt]:
    """Requests to routes of the caller's own workspace that name the target inside."""
    accepted = REFUSED | {400}
    names = (target.place.name, target.place.workspace_id, str(target.place.resource_id))
    own = f"/v1/workspaces/{home.workspace_id}/query"
    for name in names:
        yield Attempt("POST", own, "QUERY", {"query": READ_SECRET, "workspaces": [name]}, {}, accepted)
        text = f'workspace("{name}").Secret_CL | project Text'
        yield Attempt("POST", own, "QUERY", {"query": text}, {}, accepted)
        yield Attempt("GET", f"{own}?query={quote(text)}", "QUERY", NO_BODY, {}, accepted)
        union = f'union isfuzzy=true (print Text = "own"), (workspace("{name}").Secret_CL)'
        yield Attempt("POST", own, "QUERY", {"query": union}, {}, accepted | {200})
        item = {"id": "1", "workspace": home.workspace_id, "body": {"query": text}}
        yield Attempt("POST", "/v1/$batch", "QUERY", {"requests": [item]}, {}, accepted | {200})
        yield Attempt("POST", "/v2/rest/query", "KUSTO", {"db": name, "csl": READ_SECRET}, {}, accepted)
        yield Attempt("POST", "/v2/rest/query", "KUSTO", {"db": home.name, "csl": text}, {}, accepted)
    group = str(target.place.resource_id).partition("/providers/")[0]
    subscription = group.partition("/resourceGroups/")[0]
    for place in (group, subscription, f"{group}/providers/Microsoft.Compute/virtualMachines/secret"):
        yield Attempt("POST", f"/v1{place}/query", "QUERY", {"query": READ_SECRET}, {}, REFUSED)
        yield Attempt("GET", f"/v1{place}/query?query={quote(READ_SECRET)}", "QUERY", NO_BODY, {}, REFUSED)
    rule = bodies_of(target)[f"PUT {_INSIGHTS}/dataCollectionRules/{{rule}}"]
    group = str(home.resource_id).partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/detour?api-version=2023-03-11"
    yield Attempt("PUT", path, "MANAGEMENT", rule, {}, accepted)
    up = f"{home.resource_id}/../../../../../..{target.place.resource_id}"
    for walk in (up, up.replace("..", "%2e%2e")):
        yield Attempt("GET", f"{walk}?api-version=2022-10-01", "MANAGEMENT", NO_BODY, {}, accepted)


def sign(workspace_id: str, key: str, content: bytes) -> dict[str, str]:
    """The headers of a request that is signed with a shared key."""
    date = format_datetime(datetime.now(UTC), usegmt=True)
    text = f"POST\n{len(content)}\napplication/json\nx-ms-date:{date}\n/api/logs"
    digest = hmac.digest(base64.b64decode(key), text.encode(), hashlib.sha256)
    return {
        "x-ms-date": date,
        "Authorization": f"SharedKey {workspace_id}:{base64.b64encode(digest).decode()}",
    }


def _parameters(path: str) -> list[str]:
    return re.findall(r"\{(\w+)(?::path)?\}", path)


def version_of(path: str, surface: str = "MANAGEMENT") -> str:
    """The api-version that a request names."""
    if surface == "DATA_COLLECTOR":
        return "2016-04-01"
    if surface == "INGESTION":
        return "2023-01-01"
    if surface == "KEY_VAULT":
        return "7.4"
    _, *named = re.findall(r"/providers/((?:Microsoft|Kelp)\.\w+)", f"/providers/Microsoft.Resources{path}")
    return max(KNOWN_VERSIONS[named[-1] if named else "Microsoft.Resources"])
