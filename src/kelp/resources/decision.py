"""A decision on access, and the roles that it was made from: what each of them gives, and why not more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.resources.role_condition import ALWAYS, NEVER, Condition

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.base.ids import ResourceId
    from kelp.resources.held_roles import Caller, HeldRole
    from kelp.resources.role_definition import Match


@dataclass(frozen=True, slots=True)
class Question:
    """Whether a caller may perform an action at a scope, which belongs to the tenant `owner`."""

    caller: Caller
    action: str
    scope: ResourceId
    is_data: bool
    owner: UUID | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """A role that was looked at: by which patterns it grants the action, and for which records (`left`)."""

    held: HeldRole
    match: Match
    left: Condition


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the action is allowed, and the sentence that explains it to an administrator.

    Where `limits` are given, the action is the reading of a table, and allowed for the records for which any of them
    holds. `granted_by` names the assignment that decided, when one did.
    """

    allowed: bool
    reason: str
    limits: tuple[Condition, ...] = ()
    granted_by: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """A decision with every role that was looked at, the nearest first, also those that it did not need.

    `temporary` is the sentence that explains leave that was given for a time, where that decided.
    """

    decision: Decision
    weighed: tuple[Weighed, ...]
    temporary: str | None = None


def conclude(question: Question, weighed: Iterable[Weighed]) -> Decision:
    """Decide by the roles held, the nearest first; looks at no more of them than it needs."""
    caller, scope = question.caller, question.scope
    if question.owner is None:
        return Decision(False, f"The subscription of '{scope}' is not known.")
    what = f"the {'data action' if question.is_data else 'action'} '{question.action}'"
    considered, limited = [], list[Weighed]()
    for one in weighed:
        if one.left == ALWAYS:
            reason = f"{one.held.describe(caller)} grants {what}."
            return Decision(True, reason, granted_by=one.held.assignment_id)
        if one.left == NEVER:
            considered.append(one.held.describe(caller))
        else:
            limited.append(one)
    if limited:
        roles = "; ".join(one.held.describe(caller) for one in limited)
        limits = tuple(dict.fromkeys(one.left for one in limited))
        reason = f"{roles} grants {what} on the records for which the condition holds."
        return Decision(True, reason, limits, limited[0].held.assignment_id)
    if considered:
        return Decision(False, f"None of these grants {what}: {'; '.join(considered)}.")
    if question.owner != caller.tenant_id:
        reason = (
            f"'{scope}' belongs to tenant {question.owner}, the caller to tenant {caller.tenant_id}, to which nothing "
            "is delegated there for the caller."
        )
        return Decision(False, reason)
    return Decision(False, f"The caller has no role at '{scope}' or above it.")
