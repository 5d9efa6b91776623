"""What access would be with other role assignments: made in a transaction of which nothing is kept.

So what would be refused is refused here, in the same words, and the decision on the rest is the one function's.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from uuid import uuid4

from kelp.api.management.role_assignments import grant, revoke
from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.errors import InvalidDocument, Problem
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.shape import Guid, Items, Path, Record, Text

if TYPE_CHECKING:
    from kelp.api.management.call import Call
    from kelp.api.management.reader import DocumentReader
    from kelp.resources.access import Access
    from kelp.resources.transaction import Transaction

READ_ASSIGNMENTS = "Microsoft.Authorization/roleAssignments/read"
_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
_MAXIMUM_CHANGES = 20
CHANGES = {
    "without": Items(Path()),
    "with": Items(
        Record(
            {
                "scope": Path(),
                "roleDefinitionId": Path(),
                "principalId": Guid(),
                "condition": Text(),
                "conditionVersion": Text(),
            },
            required=("scope", "roleDefinitionId", "principalId"),
        )
    ),
}
"""The members of a document that say what to suppose."""


def find_supposed_access(call: Call, scope: ResourceId, reader: DocumentReader) -> Access | None:
    """Return the access that there would be at a scope with the changes that a document says; None if it says none.

    The caller needs the right to read assignments at the scope, and to write none. Raises `ServiceError` for what could
    not be done, and for an assignment that would not hold at the scope.
    """
    removed, added = reader.texts("without"), reader.sections("with")
    if len(removed) + len(added) > _MAXIMUM_CHANGES:
        reader.refuse("with", f"At most {_MAXIMUM_CHANGES} changes can be supposed at once.")
    with reader.reporting():
        pass
    if not removed and not added:
        return None
    call.require(READ_ASSIGNMENTS, scope)

    changes = [
        *(
            partial(_remove, call, scope, assignment_id, f"without[{index}]")
            for index, assignment_id in enumerate(removed)
        ),
        *(partial(_add, call, scope, one) for one in added),
    ]
    return call.services.access.suppose(call.store.rehearse(call.author(), changes))


def _remove(call: Call, scope: ResourceId, text: str, target: str, transaction: Transaction) -> None:
    place = _read_scope(text, target)
    found = transaction.find(RoleAssignment, place)
    if (
        found is None
        or found.tenant_id != call.owner_of(scope)
        or not ResourceId.parse(found.properties.scope).contains(scope)
    ):
        message = f"There is no role assignment '{text}' that holds at '{scope}'."
        raise InvalidDocument([Problem(target, message, "RoleAssignmentNotFound")])
    revoke(call, transaction, found)


def _add(call: Call, scope: ResourceId, reader: DocumentReader, transaction: Transaction) -> None:
    place = _read_scope(reader.text("scope"), f"{reader.path}.scope")
    if not place.contains(scope):
        message = f"A role at '{place}' would not hold at '{scope}': name that scope, or one above it."
        raise InvalidDocument([Problem(f"{reader.path}.scope", message, "InvalidScope")])
    try:
        with reader.reporting():
            grant(call, transaction, place.child(_ASSIGNMENT, str(uuid4())), reader)
    except InvalidDocument as invalid:
        raise InvalidDocument([_move(problem, reader.path) for problem in invalid.problems]) from invalid


def _move(problem: Problem, path: str) -> Problem:
    """Return a problem of an assignment's own document as one of the document that holds it."""
    member = problem.target.removeprefix("properties.")
    return problem if member == problem.target else Problem(f"{path}.{member}", problem.message, problem.code)


def _read_scope(text: str, target: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InvalidResourceId as invalid:
        raise InvalidDocument([Problem(target, invalid.message, "InvalidScope")]) from invalid
