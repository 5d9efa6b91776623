"""Why somebody may do something somewhere, or may not (`Microsoft.Authorization/explainAccess`): Kelp's own.

The decision is the one that every surface asks for; this tells it with everything that was considered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from kelp.api.management.access_trace import AccessQuestion, AccessTraces
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import taking
from kelp.api.management.role_definitions import scope_of
from kelp.api.management.supposed_access import CHANGES, READ_ASSIGNMENTS, find_supposed_access
from kelp.base.errors import Category, ServiceError
from kelp.identity.principal import AccountKind, Principal
from kelp.resources.shape import Named, Record, Text, Truth

if TYPE_CHECKING:
    from kelp.api.management.reader import DocumentReader
    from kelp.base.ids import ResourceId
    from kelp.identity.directory import Directory

_NAMESPACE = "Microsoft.Authorization"


def explain(call: Call) -> Answer:
    """Answer with the decision on an action at a scope: of the caller, or for who may see roles there, of anybody.

    Where the document says what to suppose, the decision that there would be then stands beside it.
    """
    scope = scope_of(call)
    call.require_subscription(scope)
    reader = call.reader()
    action, is_data = reader.text("action"), bool(reader.find_boolean("isDataAction"))
    if not action:
        reader.refuse(
            "action", "The action is missing, such as Microsoft.OperationalInsights/workspaces/read."
        )
    principal = read_principal(call, scope, reader)
    supposed = find_supposed_access(call, scope, reader)
    services = call.services
    traces = AccessTraces(services.directory, call.store.snapshot)
    question = AccessQuestion(principal, action, scope, is_data)
    document = traces.explain(services.access, question)
    if principal.object_id == call.principal.object_id:
        refusal = services.access.find_network_refusal(scope, call.principal.address)
        document["networkRefusal"] = None if refusal is None else refusal.message
    if supposed is not None:
        document["supposed"] = traces.explain(supposed, question)
    return Answer(200, document)


def read_principal(call: Call, scope: ResourceId, reader: DocumentReader) -> Principal:
    """Return whom a document asks about: the caller, or who is named. Raises `ServiceError`."""
    named = reader.text("principal")
    with reader.reporting():
        pass
    if not named:
        return call.principal
    found = find_principal(call.services.directory, named)
    if found is None or found.object_id != call.principal.object_id:
        call.require(READ_ASSIGNMENTS, scope)
    if found is None or not _is_known_at(call, found, scope):
        raise no_principal(named)
    return found


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


def _is_known_at(call: Call, principal: Principal, scope: ResourceId) -> bool:
    """Tell whether the tenant that owns the scope may know of somebody: its own accounts, and who manages it."""
    known = (call.owner_of(scope), call.principal.tenant_id)
    return principal.tenant_id in known or bool(call.services.access.list_held(principal, scope))


_SAYS = taking(
    Named(
        "AccessQuestion",
        Record(
            {"action": Text(), "principal": Text(), "isDataAction": Truth(), **CHANGES}, required=("action",)
        ),
    )
)
ROUTES = (
    ManagementRoute("POST", "/providers/Microsoft.Authorization/explainAccess", _NAMESPACE, explain, _SAYS),
    ManagementRoute(
        "POST", "/{scope:path}/providers/Microsoft.Authorization/explainAccess", _NAMESPACE, explain, _SAYS
    ),
)
