"""What the caller may do at a scope (`Microsoft.Authorization/permissions`): what all roles that it holds permit."""

from __future__ import annotations

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.role_definitions import encode_permission, scope_of

_NAMESPACE = "Microsoft.Authorization"


def list_permissions(call: Call) -> Answer:
    """Answer with the permissions, those of the nearest roles first; none for a caller without a role."""
    scope = scope_of(call)
    call.require_subscription(scope)
    held = call.services.access.list_held(call.principal, scope)
    permissions = dict.fromkeys(permission for role in held for permission in role.role.permissions)
    return Answer(200, {"value": [encode_permission(permission) for permission in permissions]})


ROUTES = (
    ManagementRoute(
        "GET", "/{scope:path}/providers/Microsoft.Authorization/permissions", _NAMESPACE, list_permissions
    ),
)
