"""Nobody takes from themselves the last right to give access: nothing that they could do would bring it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.resources.access import GIVE_ACCESS
from kelp.resources.errors import ResourceConflict

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from kelp.base.ids import ResourceId
    from kelp.resources.access import Access
    from kelp.resources.held_roles import Caller
    from kelp.resources.transaction import Transaction


def require_own_right(
    transaction: Transaction, access: Access, caller: Caller, scopes: Iterable[ResourceId]
) -> None:
    """Refuse what was changed so far if the caller could not give access any more at a scope where it can now.

    Raises `ResourceConflict`.
    """
    before = access.suppose(transaction.snapshot)
    held = [scope for scope in scopes if before.decide(caller, GIVE_ACCESS, scope).allowed]
    if not held:
        return
    after = access.suppose(transaction.foresee())
    for scope in held:
        if not after.decide(caller, GIVE_ACCESS, scope).allowed:
            raise ResourceConflict(
                "CannotDeleteLastRbacAdminAssignment",
                f"This is the last right of '{caller.name}' to give access at '{scope}', and nobody takes that from "
                "themselves. Somebody else who may give access there can take it away.",
                target=str(scope),
            )


def is_own(caller: Caller, principal_id: UUID) -> bool:
    """Tell whether what a principal is granted is the caller's, by itself or through a group."""
    return principal_id == caller.object_id or principal_id in caller.group_ids
