"""Lockbox: an operator of the installation asks a customer for access to a workspace, for a time and with a reason.

Operators have no role in customers' tenants. What a customer approves is reading, of one workspace, by the one who
asked, until its time is over; it ends by the clock and by the customer's word, whichever is first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID, uuid4

from kelp.base.ids import ResourceId
from kelp.resources.errors import InvalidDocument, Problem, ResourceConflict, refuse_if_any

if TYPE_CHECKING:
    from collections.abc import Hashable

    from kelp.base.clock import Clock
    from kelp.resources.held_roles import Caller
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.transaction import Transaction
    from kelp.resources.workspace import Workspace

REQUEST_TYPE = "Microsoft.CustomerLockbox/requests"
REQUEST_ACTION = f"{REQUEST_TYPE}/request/action"
"""Asking for access: for roles at the root of the operators' tenant."""
APPROVE_ACTION = f"{REQUEST_TYPE}/UpdateApproval/action"
LONGEST_ACCESS = timedelta(hours=24)
ANSWER_PERIOD = timedelta(days=4)
"""How long a request waits for an answer."""
_READING = (
    "microsoft.operationalinsights/workspaces/read",
    "microsoft.operationalinsights/workspaces/query/read",
)
_READING_TABLES = "microsoft.operationalinsights/workspaces/query/"


class LockboxStatus(StrEnum):
    """How far a request is."""

    PENDING = "Pending"
    APPROVED = "Approved"
    DENIED = "Denied"
    EXPIRED = "Expired"
    REVOKED = "Revoked"
    COMPLETED = "Completed"


@dataclass(frozen=True, slots=True)
class LockboxRequest:
    """`status` is what was last decided; `status_at` tells what became of it by the clock."""

    workspace: str
    justification: str
    duration: timedelta
    requested_at: datetime
    operator_tenant_id: UUID
    operator_id: UUID
    operator_name: str
    status: LockboxStatus = LockboxStatus.PENDING
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""

    @property
    def ends_at(self) -> datetime:
        """When the access ends, or the waiting for an answer."""
        if self.status is LockboxStatus.PENDING or self.decided_at is None:
            return self.requested_at + ANSWER_PERIOD
        return self.decided_at + self.duration

    def status_at(self, now: datetime) -> LockboxStatus:
        """Return how far the request is then."""
        if now < self.ends_at:
            return self.status
        ended = {
            LockboxStatus.PENDING: LockboxStatus.EXPIRED,
            LockboxStatus.APPROVED: LockboxStatus.COMPLETED,
        }
        return ended.get(self.status, self.status)


class TemporaryGrants(Protocol):
    """Leave that is given for a time, beside roles. Answers from memory."""

    def find_grant(self, caller: Caller, action: str, scope: ResourceId) -> str | None:
        """Return the sentence that explains the leave to perform an action now; None where there is none."""
        ...

    def key_of(self, caller: Caller) -> Hashable:
        """Stands for what the caller is given now: changes when something is given, ends, or is taken back."""
        ...


class LockboxGrants:
    """The `TemporaryGrants` of approved requests. Safe for concurrent use, also from an event loop."""

    def __init__(self, store: ResourceStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def find_grant(self, caller: Caller, action: str, scope: ResourceId) -> str | None:
        lower = action.lower()
        reads = lower in _READING or (lower.startswith(_READING_TABLES) and lower.endswith("/read"))
        if not reads:
            return None
        found = self.find_request(caller, scope)
        if found is None:
            return None
        request = found.properties
        return (
            f"lockbox request {found.id.name}, approved by {request.decided_by}, lets the caller read until "
            f"{request.ends_at:%Y-%m-%d %H:%M:%SZ}."
        )

    def find_request(self, caller: Caller, scope: ResourceId) -> Resource[LockboxRequest] | None:
        """Return the approved request by which a caller reads at the scope now."""
        for found in self._iter_approved(caller):
            if ResourceId.parse(found.properties.workspace).contains(scope):
                return found
        return None

    def has_asked(self, caller: Caller, scope: ResourceId) -> bool:
        """Tell whether the caller ever asked for access there."""
        asked = self._store.snapshot.lockbox_requests.get(caller.object_id, ())
        return any(ResourceId.parse(found.properties.workspace).contains(scope) for found in asked)

    def key_of(self, caller: Caller) -> Hashable:
        return tuple(found.etag for found in self._iter_approved(caller))

    def _iter_approved(self, caller: Caller) -> list[Resource[LockboxRequest]]:
        asked = self._store.snapshot.lockbox_requests.get(caller.object_id, ())
        if not asked:
            return []
        now = self._clock.now()
        return [
            found
            for found in asked
            if found.properties.operator_tenant_id == caller.tenant_id
            and found.properties.status_at(now) is LockboxStatus.APPROVED
        ]


def request_access(
    transaction: Transaction,
    workspace: Resource[Workspace],
    operator: Caller,
    justification: str,
    duration: timedelta,
) -> Resource[LockboxRequest]:
    """Ask a workspace's owner for access. Raises `InvalidDocument`, `ResourceConflict` (it is the operator's own)."""
    problems = []
    if not justification.strip():
        message = "The customer is told why access is needed: 'justification' is required."
        problems.append(Problem("properties.justification", message))
    if not timedelta(0) < duration <= LONGEST_ACCESS:
        message = (
            f"Access lasts from a minute to {LONGEST_ACCESS // timedelta(hours=1)} hours, not {duration}."
        )
        problems.append(Problem("properties.duration", message))
    refuse_if_any(problems)
    if workspace.tenant_id == operator.tenant_id:
        raise ResourceConflict(
            "LockboxNotNeeded",
            f"The workspace '{workspace.id.name}' belongs to your own tenant: access to it is given by roles.",
            target=str(workspace.id),
        )
    request = LockboxRequest(
        workspace=str(workspace.id),
        justification=justification.strip(),
        duration=duration,
        requested_at=transaction.now,
        operator_tenant_id=operator.tenant_id,
        operator_id=operator.object_id,
        operator_name=operator.name,
    )
    subscription = ResourceId.parse(f"/subscriptions/{workspace.id.subscription_id}")
    return transaction.put(subscription.child(REQUEST_TYPE, str(uuid4())), request)


def answer_request(
    transaction: Transaction,
    request_id: ResourceId,
    *,
    approve: bool,
    by: str,
    reason: str,
    duration: timedelta | None = None,
) -> Resource[LockboxRequest]:
    """Approve or deny a request; denying an approved one ends the access. Without a duration it is as asked for.

    Raises `ResourceConflict` once it is over, `InvalidDocument` for more time than was asked for.
    """
    found = transaction.get(LockboxRequest, request_id)
    granted = found.properties.duration if duration is None else duration
    if not timedelta(0) < granted <= found.properties.duration:
        message = (
            f"Access is given for at most what was asked for, {found.properties.duration}, not {granted}."
        )
        raise InvalidDocument([Problem("duration", message)])
    status = found.properties.status_at(transaction.now)
    if status is LockboxStatus.PENDING:
        answer = LockboxStatus.APPROVED if approve else LockboxStatus.DENIED
    elif status is LockboxStatus.APPROVED and not approve:
        answer = LockboxStatus.REVOKED
    else:
        raise ResourceConflict(
            "LockboxRequestEnded",
            f"The request '{request_id.name}' is {status}; one that is Pending is approved or denied, and one that is "
            "Approved is ended by denying it.",
            target=str(request_id),
        )
    return transaction.put(
        request_id,
        replace(
            found.properties,
            status=answer,
            decided_at=transaction.now,
            decided_by=by,
            reason=reason.strip(),
            duration=granted,
        ),
    )
