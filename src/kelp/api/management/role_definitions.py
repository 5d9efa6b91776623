"""Role definitions (`Microsoft.Authorization/roleDefinitions`): the built-in ones and the tenant's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.custom_role import (
    CustomRole,
    define_role,
    delete_custom_role,
    find_role,
    iter_roles,
    put_custom_role,
    role_resource_id,
)
from kelp.resources.own_right import require_own_right
from kelp.resources.resource import Resource
from kelp.resources.role_definition import Permission, RoleDefinition, RoleKind
from kelp.resources.shape import Anything, Items, Moment, Text
from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.Authorization"
_TYPE = f"{_NAMESPACE}/roleDefinitions"
_COMPARISON = re.compile(r"(?P<member>roleName|type)\s+eq\s+'(?P<value>(?:[^']|'')*)'", re.IGNORECASE)


def list_at_scope(call: Call) -> Answer:
    """Answer with the roles that can be granted at a scope, and with `atScopeAndBelow()` also below it."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/read", scope)
    is_wanted = _read_filter(call.query.get("$filter", ""))
    found = [
        role
        for role in iter_roles(call.store.snapshot, call.owner_of(scope))
        if is_wanted(role) and _is_offered(call, role, scope)
    ]
    return Answer(200, {"value": [_encode(call, role, scope) for role in found]})


def get(call: Call) -> Answer:
    """Answer with one role."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/read", scope)
    role = find_role(call.store.snapshot, call.owner_of(scope), read_role_id(call.parameters["role"]))
    if role is None:
        raise ServiceError(
            Category.NOT_FOUND,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{call.parameters['role']}' does not exist.",
        )
    return Answer(200, _encode(call, role, scope))


def put(call: Call) -> Answer:
    """Define a role, or change one; always 201. The right to is needed in every scope that it can be assigned in."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/write", scope)
    call.require_own_tenant(scope)
    reader = call.reader()
    role = _decode(reader.section("properties"))
    _require_everywhere(call, "write", role.assignable_scopes)
    name = call.parameters["role"]
    present_role = call.store.snapshot.roles.get(read_role_id(name))
    if present_role is not None and present_role.tenant_id == call.principal.tenant_id:
        _require_everywhere(call, "write", present_role.properties.assignable_scopes)
    with call.write() as transaction, reader.reporting():
        stored = put_custom_role(transaction, name, role)
        if not stored.is_new:
            _keep_own_right(call, transaction, UUID(stored.id.name))
    return Answer(201, _encode(call, define_role(stored), scope))


def delete(call: Call) -> Answer:
    """Remove a role that is assigned nowhere; answers with what was removed."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/delete", scope)
    call.require_own_tenant(scope)
    role_id = read_role_id(call.parameters["role"])
    role = find_role(call.store.snapshot, call.principal.tenant_id, role_id)
    if role is None:
        return Answer(204)
    if role.kind is RoleKind.BUILT_IN:
        raise ServiceError(
            Category.CONFLICT,
            "RoleDefinitionIsBuiltIn",
            f"'{role.name}' is a built-in role, which can't be removed.",
        )
    _require_everywhere(call, "delete", role.assignable_scopes)
    document = _encode(call, role, scope)
    with call.write() as transaction:
        removed = delete_custom_role(transaction, role_id)
    return Answer(204) if removed is None else Answer(200, document)


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


def encode_permission(permission: Permission) -> dict[str, Any]:
    """Return the document of a permission."""
    return {
        "actions": list(permission.actions),
        "notActions": list(permission.not_actions),
        "dataActions": list(permission.data_actions),
        "notDataActions": list(permission.not_data_actions),
    }


def _keep_own_right(call: Call, transaction: Transaction, role_id: UUID) -> None:
    """Refuse to take from a role that the caller holds what lets it give access."""
    principal = call.principal
    scopes = [
        ResourceId.parse(assignment.properties.scope)
        for principal_id in (principal.object_id, *principal.group_ids)
        for assignment in transaction.snapshot.assignments.get(principal_id, ())
        if assignment.properties.role_definition_id == role_id
    ]
    require_own_right(transaction, call.services.access, principal, scopes)


def _require_everywhere(call: Call, verb: str, scopes: tuple[str, ...]) -> None:
    for text in scopes:
        try:
            scope = ResourceId.parse(text)
        except InvalidResourceId:
            continue  # told with the other problems of the document
        if call.store.snapshot.find_tenant_id(scope) == call.principal.tenant_id or not scope.pairs:
            call.require(f"{_TYPE}/{verb}", scope)


def _read_filter(text: str) -> Callable[[RoleDefinition], bool]:
    """Return what tells the roles that a filter asks for. Raises `ServiceError` for one that is not understood."""
    wanted: list[tuple[str, str]] = []
    for part in re.split(r"\s+and\s+", text.strip(), flags=re.IGNORECASE) if text.strip() else []:
        match = _COMPARISON.fullmatch(part.strip())
        if match is not None:
            wanted.append((match["member"].lower(), match["value"].replace("''", "'").lower()))
        elif part.strip().lower() not in ("atscope()", "atscopeandbelow()"):
            raise ServiceError(
                Category.INVALID,
                "InvalidFilter",
                "The filter is one or more of: atScope(), atScopeAndBelow(), roleName eq '<name>', "
                "type eq 'BuiltInRole' or 'CustomRole', joined by 'and'.",
                target="$filter",
            )

    def is_wanted(role: RoleDefinition) -> bool:
        members = {"rolename": role.name.lower(), "type": role.kind.value.lower()}
        return all(members[member] == value for member, value in wanted)

    return is_wanted


def _is_offered(call: Call, role: RoleDefinition, scope: ResourceId) -> bool:
    includes_below = not scope.pairs or "atscopeandbelow()" in call.query.get("$filter", "").lower()
    assignable = [ResourceId.parse(text) for text in role.assignable_scopes]
    return any(one.contains(scope) or (includes_below and scope.contains(one)) for one in assignable)


def _decode(properties: DocumentReader) -> CustomRole:
    permissions = tuple(
        Permission(
            section.texts("actions"),
            section.texts("notActions"),
            section.texts("dataActions"),
            section.texts("notDataActions"),
        )
        for section in properties.sections("permissions")
    )
    kind = properties.find_text("type")
    if kind is not None and kind.lower() != RoleKind.CUSTOM.value.lower():
        properties.refuse("type", f"A role of one's own is a {RoleKind.CUSTOM}, not a '{kind}'.")
    return CustomRole(
        properties.text("roleName").strip(),
        properties.text("description"),
        permissions,
        properties.texts("assignableScopes"),
    )


def _encode(call: Call, role: RoleDefinition, scope: ResourceId) -> dict[str, Any]:
    stored: Resource[CustomRole] | None = (
        call.store.find(CustomRole, role_resource_id(role.id)) if role.kind is RoleKind.CUSTOM else None
    )
    return {
        "id": role_definition_id(role.id, scope),
        "name": str(role.id),
        "type": _TYPE,
        "properties": present(
            {
                "roleName": role.name,
                "type": role.kind,
                "description": role.description,
                "assignableScopes": list(role.assignable_scopes),
                "permissions": [encode_permission(permission) for permission in role.permissions],
                "createdOn": encode_moment(stored.created.at) if stored else None,
                "createdBy": stored.created.by if stored else None,
                "updatedOn": encode_moment(stored.modified.at) if stored else None,
                "updatedBy": stored.modified.by if stored else None,
            }
        ),
    }


_SAYS = KindDescription(
    "RoleDefinition",
    lambda _call, reader: _decode(reader.section("properties")),
    {
        "permissions": Items(Anything()),
        "createdOn": Moment(),
        "createdBy": Text(),
        "updatedOn": Moment(),
        "updatedBy": Text(),
    },
)


def _routes(prefix: str) -> tuple[ManagementRoute, ...]:
    one = f"{prefix}/providers/{_TYPE}/{{role}}"
    return (
        ManagementRoute("GET", f"{prefix}/providers/{_TYPE}", _NAMESPACE, list_at_scope, _SAYS.listing()),
        ManagementRoute("GET", one, _NAMESPACE, get, _SAYS.reading()),
        ManagementRoute("PUT", one, _NAMESPACE, put, _SAYS.putting(201)),
        ManagementRoute("DELETE", one, _NAMESPACE, delete, _SAYS.removing()),
    )


ROUTES = (*_routes(""), *_routes("/{scope:path}"))
