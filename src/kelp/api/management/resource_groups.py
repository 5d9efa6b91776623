"""Resource groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kelp.api.errors import internal_error
from kelp.api.management.api_versions import newest_version
from kelp.api.management.call import Answer, Call, ManagementRoute, deletion_key
from kelp.api.management.documents import encode_resource
from kelp.api.management.kind_description import KindDescription, giving, read_alone
from kelp.api.management.listing import list_resources
from kelp.api.management.operations import result_headers
from kelp.api.management.reader import DocumentReader
from kelp.api.management.writing import patch_resource, put_resource
from kelp.base.errors import Category, ServiceError
from kelp.resources.author import system_author
from kelp.resources.errors import ResourceNotFound
from kelp.resources.lock import require_unlocked
from kelp.resources.operation import Operation
from kelp.resources.resource import Resource
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.shape import Text
from kelp.resources.store import ResourceStore
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.Resources"
_TYPE = "Microsoft.Resources/subscriptions/resourceGroups"
DELETION = f"{_TYPE}/delete"
"""The action of the operations that delete groups."""
_ALL = "/subscriptions/{subscription}/resourceGroups"
_ONE = f"{_ALL}/{{group}}"


def list_groups(call: Call) -> Answer:
    """Answer with the groups of a subscription."""
    return list_resources(call, ResourceGroup, call.subscription, _encode)


def get_group(call: Call) -> Answer:
    """Answer with one group."""
    call.require(f"{_TYPE}/read", call.group)
    return Answer(200, _encode(call, call.store.get(ResourceGroup, call.group)))


def check_group(call: Call) -> Answer:
    """Answer whether the group exists, with a status and nothing else."""
    call.require(f"{_TYPE}/read", call.group)
    return Answer(404 if call.store.find(ResourceGroup, call.group) is None else 204)


def put_group(call: Call) -> Answer:
    """Create the group or replace its tags."""
    call.require(f"{_TYPE}/write", call.group)
    return put_resource(call, _putter(call), _encode)


def patch_group(call: Call) -> Answer:
    """Change the group's tags."""
    call.require(f"{_TYPE}/write", call.group)
    return patch_resource(call, (ResourceGroup, call.group), _putter(call), _encode)


def delete_group(call: Call) -> Answer:
    """Delete the group and all in it, each by the rules of its kind; its workspaces can be recovered for 14 days."""
    call.require(f"{_TYPE}/delete", call.group)
    if call.store.find(ResourceGroup, call.group) is None:
        raise ResourceNotFound(call.group)
    # A lock anywhere in it holds the whole group, before anything of it is gone.
    require_unlocked(call.store.snapshot, call.group, deletes=True)
    runs, running = call.services.runs, _find_running(call)
    if running is not None:
        return Answer(202, None, result_headers(call, running))
    runs.check_room()
    with call.write() as transaction:
        group = transaction.get(ResourceGroup, call.group)
        operation = transaction.start_operation(group, group.properties.location, DELETION)
    runs.note_starter(operation.id, call.principal.object_id)
    runs.start(deletion_key(call.group), lambda _stop: _delete(call, operation))
    return Answer(202, None, result_headers(call, operation))


def end_interrupted(store: ResourceStore) -> int:
    """Record that the deletions which ran when the last process ended have failed; return how many. At the start."""
    interrupted = store.list_open_operations(DELETION)
    for operation in interrupted:
        message = "Kelp was stopped while the group was deleted. Delete it again: what is gone stays gone."
        refusal = ServiceError(Category.UNAVAILABLE, "DeletionInterrupted", message)
        with store.write(system_author(operation.tenant_id)) as transaction:
            transaction.end_operation(operation, refusal)
    return len(interrupted)


def _find_running(call: Call) -> Operation | None:
    """Return the operation that deletes the group already."""
    if not call.services.runs.is_running(deletion_key(call.group)):
        return None
    running = call.store.list_open_operations(DELETION)
    return next((one for one in running if one.resource_id == call.group), None)


def _delete(call: Call, operation: Operation) -> None:
    """Delete the group and what is in it, and record how that ended."""
    try:
        _empty(call)
        with call.write() as transaction:
            transaction.delete(call.group)
            transaction.end_operation(operation)
    except ServiceError as refusal:
        _fail(call, operation, refusal)
    except BaseException:
        _fail(call, operation, internal_error(call.correlation_id))
        raise


def _fail(call: Call, operation: Operation, refusal: ServiceError) -> None:
    with call.write() as transaction:
        transaction.end_operation(operation, refusal)


def _empty(call: Call) -> None:
    """Delete what lies in the group, as its owner would: a lock or a link holds a resource, and with it the group.

    Raises `ResourceConflict` with all that is held; what is not held is gone then.
    """
    refusals = []
    inside = call.store.list_in_group(call.group)
    # Roles go with the group: whoever has theirs there needs it for what is still to be deleted.
    resources = [one for one in inside if not isinstance(one.properties, RoleAssignment)]
    for resource in sorted(resources, key=lambda one: not isinstance(one.properties, Workspace)):
        try:
            call.send("DELETE", str(resource.id), newest_version(resource.id.namespace))
        except ServiceError as refusal:
            refusals.append(
                ServiceError(Category.CONFLICT, refusal.code, refusal.message, target=str(resource.id))
            )
    if refusals:
        held = ", ".join(str(refusal.target) for refusal in refusals)
        reasons = " ".join(f"({refusal.code}) {refusal.message}" for refusal in refusals)
        raise ServiceError(
            Category.CONFLICT,
            "ResourceGroupDeletionBlocked",
            f"Deletion of resource group '{call.group.name}' failed as resources with identifiers '{held}' could not "
            f"be deleted. {reasons}",
            target=str(call.group),
            details=tuple(refusals),
        )


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[ResourceGroup]]:
    return lambda transaction, reader: put_resource_group(
        transaction,
        call.group,
        _decode(reader),
        if_match=call.if_match,
    )


def _decode(reader: DocumentReader) -> ResourceGroup:
    return ResourceGroup(reader.text("location"), reader.tags())


def _encode(call: Call, group: Resource[ResourceGroup]) -> dict[str, Any]:
    is_going = call.services.runs.is_running(deletion_key(group.id))
    return encode_resource(
        group,
        {"provisioningState": "Deleting" if is_going else "Succeeded"},
        location=group.properties.location,
        tags=group.properties.tags,
    )


_SAYS = KindDescription("ResourceGroup", read_alone(_decode), {"provisioningState": Text()})
ROUTES = (
    ManagementRoute("GET", _ALL, _NAMESPACE, list_groups, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get_group, _SAYS.reading()),
    ManagementRoute("HEAD", _ONE, _NAMESPACE, check_group, giving({204: None}, name="check")),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put_group, _SAYS.putting()),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch_group, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete_group, _SAYS.deleting(202)),
)
