"""Delegated management between tenants (`Microsoft.ManagedServices`): definitions, and what puts them in force.

Both are the customer's. The provider sees what is delegated to it, and may end it with the role made for that.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_system_data, present
from kelp.api.management.kind_description import KindDescription
from kelp.api.management.reader import DocumentReader
from kelp.api.management.role_assignments import find_principal_kind
from kelp.api.management.role_definitions import read_role_id, scope_of
from kelp.api.management.writing import put_resource
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.delegation import (
    ASSIGNMENT_TYPE,
    DEFINITION_TYPE,
    NAMESPACE,
    Authorization,
    RegistrationAssignment,
    RegistrationDefinition,
    delete_registration_definition,
    put_registration_assignment,
    put_registration_definition,
)
from kelp.resources.resource import Resource
from kelp.resources.shape import Anything, Path, Record, Text
from kelp.resources.transaction import Transaction

_GRANTS_ROLES = "Microsoft.Authorization/roleAssignments/write"
_REVOKES_ROLES = "Microsoft.Authorization/roleAssignments/delete"


def list_definitions(call: Call) -> Answer:
    """Answer with the definitions of a subscription that concern the caller's tenant."""
    scope = scope_of(call)
    call.require(f"{DEFINITION_TYPE}/read", scope)
    found = [
        _encode_definition(call, definition)
        for definition in call.store.snapshot.delegation_definitions.values()
        if scope.contains(definition.id) and _concerns(call, definition)
    ]
    return Answer(200, {"value": found})


def get_definition(call: Call) -> Answer:
    """Answer with one definition."""
    call.require(f"{DEFINITION_TYPE}/read", scope_of(call))
    return Answer(200, _encode_definition(call, _get_definition(call, _definition_id(call))))


def put_definition(call: Call) -> Answer:
    """Make or change a definition; it gives roles, so the right to give roles is needed too."""
    scope = scope_of(call)
    call.require(f"{DEFINITION_TYPE}/write", scope)
    call.require_own_tenant(scope)
    call.require(_GRANTS_ROLES, scope)
    return put_resource(
        call, lambda transaction, reader: _store_definition(call, transaction, reader), _encode_definition
    )


def delete_definition(call: Call) -> Answer:
    """Remove a definition that is nowhere in force."""
    scope = scope_of(call)
    call.require(f"{DEFINITION_TYPE}/delete", scope)
    call.require_own_tenant(scope)
    with call.write() as transaction:
        existed = delete_registration_definition(transaction, _definition_id(call))
    return Answer(200 if existed else 204)


def list_assignments(call: Call) -> Answer:
    """Answer with what is in force at a scope and below it; a provider sees its own."""
    scope = scope_of(call)
    call.require(f"{ASSIGNMENT_TYPE}/read", scope)
    found = [
        _encode_assignment(call, assignment)
        for assignments in call.store.snapshot.delegations.values()
        for assignment in assignments
        if scope.contains(assignment.id) and _concerns(call, _find_definition(call, assignment))
    ]
    return Answer(200, {"value": found})


def get_assignment(call: Call) -> Answer:
    """Answer with one assignment."""
    call.require(f"{ASSIGNMENT_TYPE}/read", scope_of(call))
    return Answer(200, _encode_assignment(call, _get_assignment(call)))


def put_assignment(call: Call) -> Answer:
    """Put a definition in force at a subscription or group, which takes the right to give roles too."""
    scope = scope_of(call)
    call.require(f"{ASSIGNMENT_TYPE}/write", scope)
    call.require_own_tenant(scope)
    call.require(_GRANTS_ROLES, scope)

    def store(transaction: Transaction, reader: DocumentReader) -> Resource[RegistrationAssignment]:
        properties = reader.section("properties")
        definition_id = properties.text("registrationDefinitionId")
        return put_registration_assignment(transaction, _assignment_id(call), definition_id)

    return put_resource(call, store, _encode_assignment)


def delete_assignment(call: Call) -> Answer:
    """End a delegation at once: by the customer, or by the provider with the role that is made for it."""
    scope = scope_of(call)
    call.require(f"{ASSIGNMENT_TYPE}/delete", scope)
    if call.owner_of(scope) == call.principal.tenant_id:
        call.require(_REVOKES_ROLES, scope)
    else:
        assignment = call.store.find(RegistrationAssignment, _assignment_id(call))
        if assignment is not None and not _concerns(call, _find_definition(call, assignment)):
            return Answer(204)
    with call.write() as transaction:
        existed = transaction.delete(_assignment_id(call))
    return Answer(200 if existed else 204)


def _definition_id(call: Call) -> ResourceId:
    return scope_of(call).child(DEFINITION_TYPE, call.parameters["definition"])


def _assignment_id(call: Call) -> ResourceId:
    return scope_of(call).child(ASSIGNMENT_TYPE, call.parameters["assignment"])


def _get_definition(call: Call, definition_id: ResourceId) -> Resource[RegistrationDefinition]:
    found = call.store.get(RegistrationDefinition, definition_id)
    if not _concerns(call, found):
        raise _not_found(definition_id)
    return found


def _get_assignment(call: Call) -> Resource[RegistrationAssignment]:
    found = call.store.get(RegistrationAssignment, _assignment_id(call))
    if not _concerns(call, _find_definition(call, found)):
        raise _not_found(found.id)
    return found


def _find_definition(
    call: Call, assignment: Resource[RegistrationAssignment]
) -> Resource[RegistrationDefinition] | None:
    definitions = call.store.snapshot.delegation_definitions
    return definitions.get(assignment.properties.definition_id.lower())


def _concerns(call: Call, definition: Resource[RegistrationDefinition] | None) -> bool:
    """Tell whether the caller's tenant is the customer of a definition, or its provider: others don't learn of it."""
    tenant_id = call.principal.tenant_id
    return definition is not None and tenant_id in (
        definition.tenant_id,
        definition.properties.managed_by_tenant_id,
    )


def _not_found(resource_id: ResourceId) -> ServiceError:
    message = f"The Resource '{resource_id.type}/{resource_id.name}' was not found."
    return ServiceError(Category.NOT_FOUND, "ResourceNotFound", message, target=str(resource_id))


def _store_definition(
    call: Call, transaction: Transaction, reader: DocumentReader
) -> Resource[RegistrationDefinition]:
    definition = _read_definition(reader.section("properties"))
    directory = call.services.directory
    return put_registration_definition(
        transaction,
        _definition_id(call),
        definition,
        has_tenant=lambda tenant_id: directory.find_tenant(str(tenant_id)) is not None,
        has_principal=lambda tenant_id, principal_id: (
            find_principal_kind(call, tenant_id, principal_id) is not None
        ),
    )


def _read_definition(properties: DocumentReader) -> RegistrationDefinition:
    if properties.sections("eligibleAuthorizations"):
        properties.refuse(
            "eligibleAuthorizations", "Roles that are activated for a time are not offered.", "NotSupported"
        )
    return RegistrationDefinition(
        properties.text("registrationDefinitionName"),
        properties.text("description"),
        read_guid(properties, "managedByTenantId", "InvalidManagedByTenant"),
        tuple(_read_authorization(section) for section in properties.sections("authorizations")),
    )


def _read_authorization(section: DocumentReader) -> Authorization:
    if section.texts("delegatedRoleDefinitionIds"):
        section.refuse(
            "delegatedRoleDefinitionIds", "A provider can't be let give roles to others.", "NotSupported"
        )
    return Authorization(
        read_guid(section, "principalId", "InvalidPrincipalId"),
        read_role_id(section.text("roleDefinitionId")),
        section.text("principalIdDisplayName"),
    )


def read_guid(reader: DocumentReader, name: str, code: str) -> UUID:
    """Return a GUID; the nil GUID for anything else, which is reported."""
    text = reader.text(name)
    try:
        return UUID(text)
    except ValueError:
        reader.refuse(name, f"'{text}' is not a GUID.", code)
        return UUID(int=0)


def _encode_definition(call: Call, stored: Resource[RegistrationDefinition]) -> dict[str, Any]:
    return {
        "id": str(stored.id),
        "name": stored.id.name,
        "type": DEFINITION_TYPE,
        "properties": _describe(call, stored),
        "systemData": encode_system_data(stored),
    }


def _describe(call: Call, stored: Resource[RegistrationDefinition]) -> dict[str, Any]:
    definition, directory = stored.properties, call.services.directory
    managing = directory.find_tenant(str(definition.managed_by_tenant_id))
    managed = directory.find_tenant(str(stored.tenant_id))
    return present(
        {
            "registrationDefinitionName": definition.name,
            "description": definition.description or None,
            "managedByTenantId": str(definition.managed_by_tenant_id),
            "managedByTenantName": managing.name if managing else None,
            "manageeTenantId": str(stored.tenant_id),
            "manageeTenantName": managed.name if managed else None,
            "authorizations": [
                present(
                    {
                        "principalId": str(one.principal_id),
                        "principalIdDisplayName": one.principal_name or None,
                        "roleDefinitionId": str(one.role_definition_id),
                    }
                )
                for one in definition.authorizations
            ],
            "provisioningState": "Succeeded",
        }
    )


def _encode_assignment(call: Call, stored: Resource[RegistrationAssignment]) -> dict[str, Any]:
    definition = _find_definition(call, stored)
    expands = any(
        name.lower() == "$expandregistrationdefinition" and value.lower() == "true"
        for name, value in call.query.items()
    )
    return {
        "id": str(stored.id),
        "name": stored.id.name,
        "type": ASSIGNMENT_TYPE,
        "properties": present(
            {
                "registrationDefinitionId": stored.properties.definition_id,
                "provisioningState": "Succeeded",
                "registrationDefinition": (
                    _encode_definition(call, definition) if expands and definition is not None else None
                ),
            }
        ),
        "systemData": encode_system_data(stored),
    }


_DEFINITIONS = f"/{{scope:path}}/providers/{DEFINITION_TYPE}"
_ASSIGNMENTS = f"/{{scope:path}}/providers/{ASSIGNMENT_TYPE}"
_DEFINITION = KindDescription(
    "RegistrationDefinition", lambda _call, reader: _read_definition(reader.section("properties"))
)
_ASSIGNMENT = KindDescription(
    "RegistrationAssignment",
    Record({"properties": Record({"registrationDefinitionId": Path()})}),
    {"registrationDefinition": Anything(), "provisioningState": Text()},
)
ROUTES = (
    ManagementRoute("GET", _DEFINITIONS, NAMESPACE, list_definitions, _DEFINITION.listing()),
    ManagementRoute(
        "GET",
        f"{_DEFINITIONS}/{{definition}}",
        NAMESPACE,
        get_definition,
        _DEFINITION.reading(),
    ),
    ManagementRoute(
        "PUT",
        f"{_DEFINITIONS}/{{definition}}",
        NAMESPACE,
        put_definition,
        _DEFINITION.putting(),
    ),
    ManagementRoute(
        "DELETE",
        f"{_DEFINITIONS}/{{definition}}",
        NAMESPACE,
        delete_definition,
        _DEFINITION.deleting(),
    ),
    ManagementRoute("GET", _ASSIGNMENTS, NAMESPACE, list_assignments, _ASSIGNMENT.listing()),
    ManagementRoute(
        "GET",
        f"{_ASSIGNMENTS}/{{assignment}}",
        NAMESPACE,
        get_assignment,
        _ASSIGNMENT.reading(),
    ),
    ManagementRoute(
        "PUT",
        f"{_ASSIGNMENTS}/{{assignment}}",
        NAMESPACE,
        put_assignment,
        _ASSIGNMENT.putting(),
    ),
    ManagementRoute(
        "DELETE",
        f"{_ASSIGNMENTS}/{{assignment}}",
        NAMESPACE,
        delete_assignment,
        _ASSIGNMENT.deleting(),
    ),
)
