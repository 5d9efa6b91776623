"""Role assignments at any scope (`Microsoft.Authorization/roleAssignments`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.reader import DocumentReader
from kelp.api.management.role_definitions import read_role_id, role_definition_id, scope_of
from kelp.api.management.writing import put_resource
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.identity.principal import AccountKind
from kelp.resources.own_right import is_own, require_own_right
from kelp.resources.resource import Resource
from kelp.resources.role_assignment import (
    PrincipalKind,
    RoleAssignment,
    put_role_assignment,
)
from kelp.resources.shape import Choice, Guid, Moment, Path, Record, Text
from kelp.resources.transaction import Transaction

_NAMESPACE = "Microsoft.Authorization"
_TYPE = f"{_NAMESPACE}/roleAssignments"
_GUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_OF_PRINCIPAL = re.compile(rf"principalId\s+eq\s+'?(?P<id>{_GUID})'?", re.IGNORECASE)
_ASSIGNED_TO = re.compile(rf"assignedTo\(\s*'?(?P<id>{_GUID})'?\s*\)", re.IGNORECASE)
_AT_SCOPE = "atscope()"
_KINDS = {
    AccountKind.USER: PrincipalKind.USER,
    AccountKind.SERVICE_PRINCIPAL: PrincipalKind.SERVICE_PRINCIPAL,
}


def list_at_scope(call: Call) -> Answer:
    """Answer with the assignments that hold at a scope and, unless the filter says `atScope()`, below it."""
    scope = scope_of(call)
    call.require(f"{_TYPE}/read", scope)
    filter_text = call.query.get("$filter", "")
    of_principal, assigned_to = _OF_PRINCIPAL.search(filter_text), _ASSIGNED_TO.search(filter_text)
    if filter_text and not of_principal and not assigned_to and _AT_SCOPE not in filter_text.lower():
        raise ServiceError(
            Category.INVALID,
            "InvalidFilter",
            "The filter is one of: atScope(), principalId eq '<id>', assignedTo('<id>').",
            target="$filter",
        )
    wanted: Iterable[UUID] = call.store.snapshot.assignments
    if of_principal:
        wanted = (UUID(of_principal["id"]),)
    elif assigned_to:
        wanted = _iter_with_groups(call, UUID(assigned_to["id"]))
    documents = [
        _encode(call, assignment)
        for assignment in _iter_at(call, scope, wanted, includes_below=_AT_SCOPE not in filter_text.lower())
    ]
    return Answer(200, {"value": documents})


def get(call: Call) -> Answer:
    """Answer with one assignment."""
    call.require(f"{_TYPE}/read", scope_of(call))
    return Answer(200, _encode(call, _require(call)))


def put(call: Call) -> Answer:
    """Grant a role."""
    call.require(f"{_TYPE}/write", scope_of(call))
    return put_resource(
        call,
        lambda transaction, reader: grant(
            call, transaction, _assignment_id(call), reader.section("properties")
        ),
        _encode,
    )


def delete(call: Call) -> Answer:
    """Revoke a role; answers with what was revoked."""
    call.require(f"{_TYPE}/delete", scope_of(call))
    assignment = call.store.find(RoleAssignment, _assignment_id(call))
    if assignment is None or assignment.tenant_id != call.owner_of(scope_of(call)):
        return Answer(204)
    with call.write() as transaction:
        revoke(call, transaction, assignment)
    return Answer(200, _encode(call, assignment))


def _assignment_id(call: Call) -> ResourceId:
    return scope_of(call).child(_TYPE, call.parameters["assignment"])


def _require(call: Call) -> Resource[RoleAssignment]:
    found = call.store.find(RoleAssignment, _assignment_id(call))
    if found is None or found.tenant_id != call.owner_of(scope_of(call)):
        raise ServiceError(
            Category.NOT_FOUND,
            "RoleAssignmentNotFound",
            f"The role assignment '{call.parameters['assignment']}' is not found.",
        )
    return found


def grant(
    call: Call, transaction: Transaction, assignment_id: ResourceId, properties: DocumentReader
) -> Resource[RoleAssignment]:
    """Grant the role that a document describes, under an id at its scope."""
    granted = put_role_assignment(
        transaction,
        assignment_id,
        read_role_id(properties.text("roleDefinitionId")),
        _read_guid(properties, "principalId"),
        find_principal_kind=lambda tenant_id, principal_id: find_principal_kind(
            call, tenant_id, principal_id
        ),
        description=properties.text("description"),
        condition=properties.find_text("condition"),
        condition_version=properties.find_text("conditionVersion"),
    )
    if not granted.is_new:
        # Its condition may have become narrower.
        _keep_own_right(call, transaction, granted)
    return granted


def revoke(call: Call, transaction: Transaction, assignment: Resource[RoleAssignment]) -> None:
    """Revoke a role. Raises `ResourceConflict` where it is the caller's last right to give access."""
    transaction.delete(assignment.id)
    _keep_own_right(call, transaction, assignment)


def _keep_own_right(call: Call, transaction: Transaction, assignment: Resource[RoleAssignment]) -> None:
    granted = assignment.properties
    if is_own(call.principal, granted.principal_id):
        scope = ResourceId.parse(granted.scope)
        require_own_right(transaction, call.services.access, call.principal, (scope,))


def find_principal_kind(call: Call, tenant_id: UUID, principal_id: UUID) -> PrincipalKind | None:
    """Tell of which kind a principal of a tenant is; None when there is none."""
    directory = call.services.directory
    account = directory.find_account(principal_id)
    if account is not None:
        return _KINDS[account.kind] if account.tenant_id == tenant_id else None
    group = directory.groups.find(principal_id)
    return PrincipalKind.GROUP if group is not None and group.tenant_id == tenant_id else None


def _read_guid(reader: DocumentReader, name: str) -> UUID:
    text = reader.text(name)
    try:
        return UUID(text)
    except ValueError:
        reader.refuse(name, f"'{text}' is not a GUID.", "InvalidPrincipalId")
        return UUID(int=0)


def _iter_with_groups(call: Call, principal_id: UUID) -> Iterator[UUID]:
    """Yield a principal and the groups through which it holds what they are granted."""
    yield principal_id
    yield from sorted(call.services.directory.groups.find_all_of(principal_id))


def _iter_at(
    call: Call, scope: ResourceId, principals: Iterable[UUID], *, includes_below: bool
) -> Iterator[Resource[RoleAssignment]]:
    owner, above = call.owner_of(scope), {scope.key, *(place.key for place in scope.iter_ancestors())}
    below = scope.key.rstrip("/") + "/"
    for principal_id in principals:
        for assignment in call.store.snapshot.assignments.get(principal_id, ()):
            held_at = assignment.properties.scope.lower()
            is_near = held_at in above or (includes_below and held_at.startswith(below))
            if assignment.tenant_id == owner and is_near:
                yield assignment


def _encode(_call: Call, assignment: Resource[RoleAssignment]) -> dict[str, Any]:
    granted = assignment.properties
    return {
        "id": str(assignment.id),
        "name": assignment.id.name,
        "type": _TYPE,
        "properties": present(
            {
                "scope": granted.scope,
                "roleDefinitionId": role_definition_id(
                    granted.role_definition_id, ResourceId.parse(granted.scope)
                ),
                "principalId": str(granted.principal_id),
                "principalType": granted.principal_kind,
                "description": granted.description or None,
                "condition": granted.condition,
                "conditionVersion": granted.condition_version,
                "createdOn": encode_moment(assignment.created.at),
                "createdBy": assignment.created.by,
                "updatedOn": encode_moment(assignment.modified.at),
                "updatedBy": assignment.modified.by,
            }
        ),
    }


_SAYS = KindDescription(
    "RoleAssignment",
    Record(
        {
            "properties": Record(
                {
                    "roleDefinitionId": Path(),
                    "principalId": Guid(),
                    "description": Text(),
                    "condition": Text(),
                    "conditionVersion": Text(),
                },
                required=("roleDefinitionId", "principalId"),
            )
        },
        required=("properties",),
    ),
    {
        "scope": Path(),
        "principalType": Choice(tuple(PrincipalKind)),
        "createdOn": Moment(),
        "createdBy": Text(),
        "updatedOn": Moment(),
        "updatedBy": Text(),
    },
)


def _routes(prefix: str) -> tuple[ManagementRoute, ...]:
    one = f"{prefix}/providers/{_TYPE}/{{assignment}}"
    return (
        ManagementRoute("GET", f"{prefix}/providers/{_TYPE}", _NAMESPACE, list_at_scope, _SAYS.listing()),
        ManagementRoute("GET", one, _NAMESPACE, get, _SAYS.reading()),
        ManagementRoute("PUT", one, _NAMESPACE, put, _SAYS.putting()),
        ManagementRoute("DELETE", one, _NAMESPACE, delete, _SAYS.removing()),
    )


ROUTES = (*_routes(""), *_routes("/{scope:path}"))
