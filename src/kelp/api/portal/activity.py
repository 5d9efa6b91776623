"""`/portal/api/activity`: whether the audit is as it was written, and what a change changed."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kelp.api.management.call import Answer
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.change import decode_change

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kelp.api.portal.call import PortalCall, Work
    from kelp.base.clock import Clock
    from kelp.identity.principal import Principal
    from kelp.resources.access import Access
    from kelp.resources.audit import AuditHead, AuditRecord, Break
    from kelp.resources.change import MemberChange
    from kelp.resources.store import ResourceStore

_READ = "Microsoft.Insights/eventtypes/values/read"
_KEPT_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Look:
    """What walking the whole chain found, and when that began."""

    at: datetime
    head: AuditHead | None
    broken: Break | None


class ActivityRoutes:
    """The routes. Safe for concurrent use; belongs on worker threads."""

    def __init__(self, store: ResourceStore, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock
        self._lock = threading.Lock()
        self._last: _Look | None = None

    def works(self) -> Mapping[tuple[str, str], Work]:
        """Return the functions by method and path."""
        return {
            ("POST", "/activity/verify"): self.verify,
            ("GET", "/activity/{event}/change"): self.show_change,
        }

    def verify(self, call: PortalCall) -> Answer:
        """Tell whether every record of the audit follows from the one before, as of the last ten minutes.

        With `again` the chain is walked anew. Of a record of another tenant only the number is told.
        """
        if not self._access.allows_somewhere(call.principal, _READ):
            self._access.require(call.principal, _READ, ResourceId())
        reader = call.reader()
        with reader.reporting():
            again = reader.find_boolean("again")
        look = self._look(again=bool(again))
        return Answer(
            200,
            {
                "state": "broken" if look.broken is not None else "verified",
                "checkedAt": look.at,
                "records": look.head.sequence if look.head is not None else 0,
                "headDigest": look.head.digest.hex() if look.head is not None else "",
                "broken": self._encode_break(call.principal, look.broken),
            },
        )

    def show_change(self, call: PortalCall) -> Answer:
        """Tell what a recorded write changed, member by member, to who may read both the event and the resource."""
        record = self._find_event(call)
        change = decode_change(record.change)
        resource_id = _parse(record.resource_id)
        if change.members:
            self._access.require(call.principal, f"{resource_id.type}/read", resource_id)
        return Answer(
            200,
            {
                "isRecorded": bool(change.members),
                "members": [_encode_member(one) for one in change.members],
                "more": change.more,
            },
        )

    def _look(self, *, again: bool) -> _Look:
        asked_at = self._clock.now()
        with self._lock:
            # One walk at a time: what began after the question answers it.
            oldest = asked_at if again else asked_at - _KEPT_FOR
            if self._last is None or self._last.at < oldest:
                began_at = self._clock.now()
                self._last = _Look(began_at, *self._store.verify_audit())
            return self._last

    def _encode_break(self, principal: Principal, broken: Break | None) -> dict[str, Any] | None:
        if broken is None:
            return None
        record = self._store.find_audit_record(broken.sequence)
        is_foreign = record is not None and record.tenant_id != principal.tenant_id
        reason = "it is of another tenant" if is_foreign else broken.reason
        return {"sequence": broken.sequence, "reason": reason}

    def _find_event(self, call: PortalCall) -> AuditRecord:
        """Return the record that the path names. Raises `ServiceError` (not_found) also for what isn't the caller's."""
        name = call.parameters["event"]
        record = self._store.find_audit_record(int(name)) if name.isdecimal() and len(name) < 10 else None
        if record is None or not self._may_read(call.principal, record):
            message = f"There is no event '{name[:50]}' that you may read."
            raise ServiceError(Category.NOT_FOUND, "EventNotFound", message, target="event")
        return record

    def _may_read(self, principal: Principal, record: AuditRecord) -> bool:
        subscription = _parse(record.resource_id).subscription_id
        if subscription is None:
            is_own = record.tenant_id == principal.tenant_id
            return is_own and self._access.decide(principal, _READ, ResourceId()).allowed
        scope = ResourceId.parse(f"/subscriptions/{subscription}")
        return self._access.decide(principal, _READ, scope).allowed


def _encode_member(member: MemberChange) -> dict[str, Any]:
    return {
        "path": member.path,
        "before": member.before,
        "after": member.after,
        "isSecret": member.is_secret,
    }


def _parse(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InvalidResourceId:
        return ResourceId()
