"""Role definitions (`Microsoft.Authorization/roleDefinitions`)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.role_definition import BUILT_IN_ROLES, RoleDefinition

_NAMESPACE = "Microsoft.Authorization"
_TYPE = f"{_NAMESPACE}/roleDefinitions"
_FILTER = re.compile(r"\s*(?P<member>roleName|type)\s+eq\s+'(?P<value>[^']*)'\s*", re.IGNORECASE)


def list_at_scope(call: Call) -> Answer:
    """Answer with the roles that can be granted at a scope."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/read", scope)
    wanted = [role for role in BUILT_IN_ROLES.values() if _is_wanted(role, call.query.get("$filter", ""))]
    return Answer(200, {"value": [_encode(role, scope) for role in wanted]})


def get(call: Call) -> Answer:
    """Answer with one role."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/read", scope)
    role = BUILT_IN_ROLES.get(read_role_id(call.parameters["role"]))
    if role is None:
        raise ServiceError(
            Category.NOT_FOUND,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{call.parameters['role']}' does not exist.",
        )
    return Answer(200, _encode(role, scope))


def scope_of(call: Call) -> ResourceId:
    """Return the scope before the provider in the path; the root when there is none."""
    text = call.parameters.get("scope")
    return ResourceId.parse(f"/{text.strip('/')}") if text else ResourceId()


def role_definition_id(role_id: UUID, scope: ResourceId) -> str:
    """Return the path of a role as it is written at a scope."""
    prefix = f"/subscriptions/{scope.subscription_id}" if scope.subscription_id else ""
    return f"{prefix}/providers/{_TYPE}/{role_id}"


def read_role_id(text: str) -> UUID:
    """Return the GUID that a role's name or path ends in; the nil GUID for anything else, which no role has."""
    try:
        return UUID(text.rpartition("/")[2])
    except ValueError:
        return UUID(int=0)


def _is_wanted(role: RoleDefinition, filter_text: str) -> bool:
    match = _FILTER.fullmatch(filter_text)
    if match is None:
        return True
    actual = role.name if match["member"].lower() == "rolename" else role.kind.value
    return actual.lower() == match["value"].lower()


def _encode(role: RoleDefinition, scope: ResourceId) -> dict[str, Any]:
    return {
        "id": role_definition_id(role.id, scope),
        "name": str(role.id),
        "type": _TYPE,
        "properties": {
            "roleName": role.name,
            "type": role.kind,
            "description": role.description,
            "assignableScopes": list(role.assignable_scopes),
            "permissions": [
                {
                    "actions": list(permission.actions),
                    "notActions": list(permission.not_actions),
                    "dataActions": list(permission.data_actions),
                    "notDataActions": list(permission.not_data_actions),
                }
                for permission in role.permissions
            ],
        },
    }


ROUTES = (
    ManagementRoute("GET", f"/providers/{_TYPE}", _NAMESPACE, list_at_scope),
    ManagementRoute("GET", f"/providers/{_TYPE}/{{role}}", _NAMESPACE, get),
    ManagementRoute("GET", f"/{{scope:path}}/providers/{_TYPE}", _NAMESPACE, list_at_scope),
    ManagementRoute("GET", f"/{{scope:path}}/providers/{_TYPE}/{{role}}", _NAMESPACE, get),
)
