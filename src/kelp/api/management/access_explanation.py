"""Why somebody may do something somewhere, or may not (`Microsoft.Authorization/explainAccess`): Kelp's own.

The decision is the one that every surface asks for; this tells it with everything that was considered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import present
from kelp.api.management.kind_description import taking
from kelp.api.management.role_definitions import scope_of
from kelp.base.errors import Category, ServiceError
from kelp.identity.principal import AccountKind, Principal
from kelp.resources.condition_text import print_condition
from kelp.resources.role_condition import ALWAYS
from kelp.resources.shape import Named, Record, Text, Truth

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.identity.directory import Directory
    from kelp.resources.access import Access
    from kelp.resources.held_roles import HeldRole

_NAMESPACE = "Microsoft.Authorization"
_READ_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/read"


def explain(call: Call) -> Answer:
    """Answer with the decision on an action at a scope: of the caller, or for who may see roles there, of anybody."""
    scope = scope_of(call)
    call.require_subscription(scope)
    reader = call.reader()
    action, named = reader.text("action"), reader.text("principal")
    is_data = bool(reader.find_boolean("isDataAction"))
    if not action:
        reader.refuse(
            "action", "The action is missing, such as Microsoft.OperationalInsights/workspaces/read."
        )
    with reader.reporting():
        pass
    principal = call.principal
    if named:
        found = find_principal(call.services.directory, named)
        if found is None or found.object_id != principal.object_id:
            call.require(_READ_ASSIGNMENTS, scope)
        if found is None or not _is_known_at(call, found, scope):
            raise no_principal(named)
        principal = found
    return Answer(200, explain_access(call.services.access, principal, action, scope, is_data=is_data))


def find_principal(directory: Directory, name: str) -> Principal | None:
    """Return whom a sign-in name, or the id of an account, application or group means, with the groups it is in."""
    account = directory.find_user(name)
    try:
        object_id = UUID(name)
    except ValueError:
        return None if account is None else directory.principal_of(account)
    account = directory.find_account(object_id) or directory.find_application(object_id)
    if account is not None:
        return directory.principal_of(account)
    group = directory.groups.find(object_id)
    if group is None:
        return None
    # What a group is granted is what each of its members would hold through it alone.
    above = directory.groups.find_all_of(object_id)
    return Principal(group.tenant_id, object_id, AccountKind.USER, group.name, group_ids=above)


def no_principal(name: str) -> ServiceError:
    """Return the refusal of a name that means nobody."""
    message = f"There is no user, application or group '{name}'; name one by sign-in name or id."
    return ServiceError(Category.NOT_FOUND, "PrincipalNotFound", message, target="principal")


def explain_access(
    access: Access, principal: Principal, action: str, scope: ResourceId, *, is_data: bool
) -> dict[str, Any]:
    """Return the document of a decision and of the roles that it looked at."""
    decision = access.decide(principal, action, scope, is_data=is_data)
    return {
        "allowed": decision.allowed,
        "reason": decision.reason,
        "action": action,
        "isDataAction": is_data,
        "scope": str(scope),
        "principal": {
            "id": str(principal.object_id),
            "name": principal.name,
            "tenantId": str(principal.tenant_id),
            "groupIds": sorted(map(str, principal.group_ids)),
        },
        "grantedBy": decision.granted_by,
        "limits": [print_condition(limit) for limit in decision.limits],
        "roles": [_describe(held, action, is_data=is_data) for held in access.list_held(principal, scope)],
    }


def _describe(held: HeldRole, action: str, *, is_data: bool) -> dict[str, Any]:
    return present(
        {
            "roleName": held.role.name,
            "roleDefinitionId": str(held.role.id),
            "scope": held.scope,
            "principalId": str(held.principal_id),
            "assignmentId": held.assignment_id,
            "condition": None if held.condition == ALWAYS else print_condition(held.condition),
            "managedByTenantId": str(held.managed_by) if held.managed_by else None,
            "permits": held.permits(action, is_data=is_data),
        }
    )


def _is_known_at(call: Call, principal: Principal, scope: ResourceId) -> bool:
    """Tell whether the tenant that owns the scope may know of somebody: its own accounts, and who manages it."""
    known = (call.owner_of(scope), call.principal.tenant_id)
    return principal.tenant_id in known or bool(call.services.access.list_held(principal, scope))


_SAYS = taking(
    Named(
        "AccessQuestion",
        Record({"action": Text(), "principal": Text(), "isDataAction": Truth()}, required=("action",)),
    )
)
ROUTES = (
    ManagementRoute("POST", "/providers/Microsoft.Authorization/explainAccess", _NAMESPACE, explain, _SAYS),
    ManagementRoute(
        "POST", "/{scope:path}/providers/Microsoft.Authorization/explainAccess", _NAMESPACE, explain, _SAYS
    ),
)
