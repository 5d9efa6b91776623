"""One write of the resource store: reads, changes and their audit records, all kept or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar, cast
from uuid import UUID, uuid4

from sqlalchemy import Connection, delete, insert, select, update

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.base.keys import KeyProvider
from kelp.resources import rows
from kelp.resources.audit import Outcome, append_record
from kelp.resources.author import Author, AuthorKind, Stamp
from kelp.resources.change import Change, encode_change, find_change
from kelp.resources.customer import Customer
from kelp.resources.destruction import Destruction, find_destruction, put_destruction
from kelp.resources.errors import PreconditionFailed
from kelp.resources.kinds import (
    TYPE_OF_KIND,
    Properties,
    SoftDeletable,
    find_recovery_period,
)
from kelp.resources.lock import require_unlocked
from kelp.resources.operation import Operation, end_operation, find_operation, start_operation
from kelp.resources.purge import PurgeFilter, PurgeOrder, complete_order, delete_orders, put_order
from kelp.resources.resource import Resource
from kelp.resources.revision import keep_revision
from kelp.resources.role_assignment import RoleAssignment
from kelp.resources.schema import RESOURCE
from kelp.resources.settings import write_setting
from kelp.resources.shared_keys import KeySlot, delete_keys, write_key
from kelp.resources.snapshot import Snapshot, change_snapshot
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import Workspace

P = TypeVar("P", bound=Properties)
S = TypeVar("S", bound=SoftDeletable)
_ANY = "*"


@dataclass(slots=True)
class Changes:
    """What a transaction did, for the snapshot and for subscribers."""

    removed: list[Resource[Properties]] = field(default_factory=list)
    added: list[Resource[Properties]] = field(default_factory=list)
    rekeyed: set[UUID] = field(default_factory=set)


class Transaction:
    """Made by `ResourceStore.write`, valid inside its block, used by one thread.

    Every change of a resource leaves one audit record with the transaction's author. `now` is the moment of all of it;
    `snapshot` is the state before.
    """

    def __init__(
        self, connection: Connection, author: Author, now: datetime, snapshot: Snapshot, keys: KeyProvider
    ) -> None:
        self.author = author
        self.now = now
        self.snapshot = snapshot
        self.changes = Changes()
        self._connection = connection
        self._keys = keys

    def foresee(self) -> Snapshot:
        """Return the snapshot as it will be if no more is changed."""
        return change_snapshot(
            self.snapshot, self.snapshot.version + 1, self.changes.removed, self.changes.added
        )

    def find(self, kind: type[P], resource_id: ResourceId) -> Resource[P] | None:
        """Return the live resource of that kind and id."""
        return rows.find(self._connection, kind, resource_id)

    def get(self, kind: type[P], resource_id: ResourceId) -> Resource[P]:
        """Return the live resource. Raises `ResourceNotFound` for it, or for what it would lie in."""
        return rows.get(self._connection, kind, resource_id)

    def iter_kind(self, kind: type[P], under: ResourceId) -> Iterator[Resource[P]]:
        """Yield the live resources of a kind at or below another, in the order of their keys."""
        statement = (
            select(RESOURCE)
            .where(RESOURCE.c.type == TYPE_OF_KIND[kind].lower(), rows.is_below(under), rows.IS_LIVE)
            .order_by(RESOURCE.c.key)
        )
        yield from cast("Iterator[Resource[P]]", rows.iter_rows(self._connection, statement))

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        """Return a secret as it may be kept in properties; only who names the same purpose can open it."""
        return self._keys.wrap(purpose, secret)

    def find_deleted(self, kind: type[P], resource_id: ResourceId) -> Resource[P] | None:
        """Return the resource as it was deleted, while it can be recovered."""
        statement = (
            select(RESOURCE)
            .where(RESOURCE.c.key == resource_id.key, RESOURCE.c.purge_at > self.now)
            .order_by(RESOURCE.c.deleted_at.desc())
        )
        found = next(rows.iter_rows(self._connection, statement), None)
        return cast("Resource[P] | None", found)

    def find_by_external_id(self, kind: type[P], external_id: str) -> Resource[P] | None:
        """Return the resource with that second name, also a deleted one that was not purged."""
        statement = select(RESOURCE).where(
            RESOURCE.c.type == TYPE_OF_KIND[kind].lower(), RESOURCE.c.external_id == external_id
        )
        found = next(rows.iter_rows(self._connection, statement), None)
        return cast("Resource[P] | None", found)

    def require_condition(
        self,
        kind: type[P],
        resource_id: ResourceId,
        *,
        if_match: str | None = None,
        if_none_match: str | None = None,
    ) -> None:
        """Refuse when the resource is not in the state that the caller presumes. Raises `PreconditionFailed`.

        Each is an etag; `*` means, of the first, that the resource must exist, of the second that it must not.
        """
        if if_match is None and if_none_match is None:
            return
        existing = self.find(kind, resource_id)
        etags = () if existing is None else (_ANY, existing.etag)
        if if_match is not None and _unquote(if_match) not in etags:
            raise PreconditionFailed(resource_id)
        if if_none_match is not None and _unquote(if_none_match) in etags:
            raise PreconditionFailed(resource_id)

    def list_deleted(self, kind: type[S]) -> tuple[Resource[S], ...]:
        """Return all tenants' resources of the kind that can be recovered."""
        return rows.list_closed(self._connection, kind, RESOURCE.c.purge_at > self.now)

    def require_scope(self, scope: ResourceId) -> UUID:
        """Return the tenant that owns the scope, the author's for the root. Raises `ResourceNotFound`.

        Of a table, which may be a built-in one, and of a resource whose kind the store does not hold only what it lies
        in is looked at.
        """
        rows.require_ancestors(self._connection, scope)
        rows.require_present(self._connection, scope)
        return self._find_tenant(scope)

    def put(self, resource_id: ResourceId, properties: P, *, if_match: str | None = None) -> Resource[P]:
        """Create or replace a resource; `is_new` of the answer tells which.

        `if_match` is as in `require_condition`. Raises `ResourceNotFound` for a missing ancestor, `PreconditionFailed`,
        and `ResourceConflict` for what is locked.
        """
        self._require_unlocked(resource_id)
        self.require_condition(type(properties), resource_id, if_match=if_match)
        existing = self.find(type(properties), resource_id)
        stamp = Stamp(self.now, self.author.name, self.author.kind)
        if existing is None:
            rows.require_ancestors(self._connection, resource_id)
            resource = Resource(
                uid=uuid4(),
                id=resource_id,
                tenant_id=self._find_tenant(resource_id),
                etag=str(uuid4()),
                created=stamp,
                modified=stamp,
                properties=properties,
            )
            self._connection.execute(insert(RESOURCE).values(rows.to_row(resource)))
        else:
            resource = replace(existing, etag=str(uuid4()), modified=stamp, properties=properties)
            self._connection.execute(
                update(RESOURCE).where(RESOURCE.c.uid == resource.uid).values(rows.to_row(resource))
            )
        self._add(resource)
        change = find_change(existing.properties if existing is not None else None, properties)
        self._audit(resource_id, "write", change)
        return replace(resource, is_new=existing is None)

    def keep_revision(self, resource: Resource[Properties], name: str, most: int) -> None:
        """Keep what the resource holds now as its revision of that name, of which there are at most so many."""
        keep_revision(self._connection, resource, name, most)

    def delete(self, resource_id: ResourceId) -> bool:
        """Remove a resource and everything below it; return whether it was there.

        What can be recovered is closed, not removed, and comes back under a group of the same name.
        """
        below = list(rows.iter_below(self._connection, resource_id))
        # In the order of keys the resource comes before what lies in it.
        if not below or below[0].id != resource_id:
            return False
        self._require_unlocked(resource_id, deletes=True)
        for resource in below:
            period = find_recovery_period(resource.properties)
            if period is not None:
                self.close(cast("Resource[SoftDeletable]", resource), self.now + period)
        self._delete_customer_keys(below)
        self._connection.execute(delete(RESOURCE).where(rows.is_below(resource_id), rows.IS_LIVE))
        self.changes.removed += below
        self._audit_removal(below[0])
        return True

    def close(self, resource: Resource[SoftDeletable], purge_at: datetime) -> None:
        """Make a resource and everything below it unreachable at once; its data stays until purged."""
        self._require_unlocked(resource.id, deletes=True)
        self.changes.removed += rows.iter_below(self._connection, resource.id)
        self._connection.execute(
            update(RESOURCE)
            .where(rows.is_below(resource.id), rows.IS_LIVE)
            .values(deleted_at=self.now, purge_at=purge_at)
        )
        self._audit_removal(resource)

    def recover(self, deleted: Resource[SoftDeletable]) -> None:
        """Bring back a closed resource and what was closed with it."""
        self._require_unlocked(deleted.id)
        rows.require_ancestors(self._connection, deleted.id)
        with_it = rows.is_below(deleted.id), RESOURCE.c.deleted_at == deleted.deleted_at
        self._connection.execute(update(RESOURCE).where(*with_it).values(deleted_at=None, purge_at=None))
        for resource in rows.iter_below(self._connection, deleted.id):
            self._add(resource)
        self._audit(deleted.id, "recover/action")

    def move(self, resource: Resource[P], destination: ResourceId) -> None:
        """Give a resource and all below it ids at another place. Roles granted at them are revoked."""
        below = list(rows.iter_below(self._connection, resource.id))
        begin = len(str(resource.id))
        stamp = Stamp(self.now, self.author.name, self.author.kind)
        for one in below:
            if isinstance(one.properties, RoleAssignment):
                self._connection.execute(delete(RESOURCE).where(RESOURCE.c.uid == one.uid))
                continue
            moved_id = ResourceId.parse(f"{destination}{str(one.id)[begin:]}")
            moved = replace(one, id=moved_id, etag=str(uuid4()), modified=stamp)
            values = rows.to_row(moved)
            self._connection.execute(update(RESOURCE).where(RESOURCE.c.uid == one.uid).values(values))
            self._add(moved)
        self.changes.removed += below
        self._audit(resource.id, "move/action")
        self._audit(destination, "write")

    def set_purge_time(self, deleted: Resource[SoftDeletable], purge_at: datetime) -> None:
        """Change when the data of a closed resource becomes due for destruction."""
        with_it = rows.is_below(deleted.id), RESOURCE.c.deleted_at == deleted.deleted_at
        self._connection.execute(update(RESOURCE).where(*with_it).values(purge_at=purge_at))
        self._audit(deleted.id, "delete")

    def purge(self, closed: Resource[SoftDeletable]) -> None:
        """Forget a closed resource and what was closed with it, and a workspace's keys, once its data is destroyed."""
        with_it = rows.is_below(closed.id), RESOURCE.c.deleted_at == closed.deleted_at
        self._delete_customer_keys(rows.iter_rows(self._connection, select(RESOURCE).where(*with_it)))
        self._connection.execute(delete(RESOURCE).where(*with_it))
        if isinstance(closed.properties, Workspace):
            delete_keys(self._connection, closed.properties.workspace_id)
            delete_orders(self._connection, closed.properties.workspace_id)
            self.changes.rekeyed.add(closed.properties.workspace_id)
        self._audit(closed.id, "purge/action")

    def find_destruction(self, workspace_id: UUID) -> Destruction | None:
        """Return what is recorded of a workspace's destruction."""
        return find_destruction(self._connection, workspace_id)

    def begin_destruction(self, closed: Resource[Workspace], destruction: Destruction) -> None:
        """Record what is about to be destroyed. From now on the workspace can't be recovered."""
        put_destruction(self._connection, destruction)
        self._audit(closed.id, "destroy/begin/action")

    def complete_destruction(self, closed: Resource[Workspace], destruction: Destruction) -> Destruction:
        """Forget a closed workspace of which nothing is left, and leave the proof in the audit."""
        completed = replace(destruction, completed_at=self.now)
        self.purge(closed)
        action = f"{closed.id.type}/destroy/action"
        sequence = append_record(
            self._connection, self.author, closed.id, action, self.now, code=completed.proof
        )
        recorded = replace(completed, audit_sequence=sequence)
        put_destruction(self._connection, recorded)
        return recorded

    def request_purge(
        self, workspace: Resource[Workspace], table: str, filters: Sequence[PurgeFilter]
    ) -> PurgeOrder:
        """Record the order to remove rows of a table; without filters all that were received by now."""
        self._require_unlocked(workspace.id)
        owner = workspace.properties.workspace_id, workspace.tenant_id, str(workspace.id)
        return put_order(self._connection, self._keys, owner, table, filters, self.now)

    def complete_purge(self, order: PurgeOrder, rows: int) -> None:
        """Record that the rows are gone."""
        complete_order(self._connection, order, rows, self.now)
        self._audit(ResourceId.parse(order.resource_id), "purge/completed/action")

    def create_shared_keys(self, owner_id: UUID) -> None:
        """Make both access keys of a new workspace or customer."""
        for slot in KeySlot:
            write_key(self._connection, self._keys, owner_id, slot, self.now)

    def regenerate_shared_key(self, workspace: Resource[Workspace], slot: KeySlot) -> None:
        """Replace one access key; the former is worth nothing as soon as the transaction commits."""
        self._require_unlocked(workspace.id)
        self._regenerate_key(workspace.properties.workspace_id, slot)
        self._audit(workspace.id, "regenerateSharedKey/action")

    def regenerate_customer_key(self, customer: Resource[Customer], slot: KeySlot) -> None:
        """Replace one enrollment key; the former is worth nothing as soon as the transaction commits."""
        self._require_unlocked(customer.id)
        self._regenerate_key(customer.properties.customer_id, slot)
        self._audit(customer.id, "regenerateKey/action")

    def start_operation(self, resource: Resource[P], location: str, action: str) -> Operation:
        """Record that long work on the resource has begun."""
        return start_operation(
            self._connection, resource.tenant_id, resource.id, location=location, action=action, now=self.now
        )

    def end_operation(self, operation: Operation, error: ServiceError | None = None) -> Operation:
        """Record how it ended; without an error it succeeded."""
        return end_operation(self._connection, operation, self.now, error)

    def fail_operation(self, operation_id: UUID, error: ServiceError) -> None:
        """Record that an operation that runs can't succeed any more; no matter if there is none of that id."""
        operation = find_operation(self._connection, operation_id)
        if operation is not None:
            end_operation(self._connection, operation, self.now, error)

    def succeed_operation(self, operation_id: UUID) -> None:
        """Record that an operation that runs succeeded; no matter if there is none of that id."""
        operation = find_operation(self._connection, operation_id)
        if operation is not None:
            end_operation(self._connection, operation, self.now)

    def write_setting(self, name: str, value: str) -> None:
        """Note a fact about the store itself."""
        write_setting(self._connection, name, value)

    def record_action(self, resource_id: ResourceId, verb: str) -> None:
        """Leave an audit record of something done that changes no resource, such as `sharedKeys/action`."""
        self._audit(resource_id, verb)

    def record_key_listing(self, resource_id: ResourceId, verb: str) -> None:
        """Leave an audit record of keys that are told. A `ReadOnly` lock forbids it: whoever has them can write."""
        self._require_unlocked(resource_id)
        self._audit(resource_id, verb)

    def record_refusal(self, resource_id: ResourceId, action: str, code: str) -> None:
        """Leave an audit record of something that was asked for and not done."""
        append_record(
            self._connection,
            self.author,
            resource_id,
            action,
            self.now,
            outcome=Outcome.FAILED,
            code=code,
            tenant_id=self._find_owner(resource_id),
        )

    def _require_unlocked(self, resource_id: ResourceId, *, deletes: bool = False) -> None:
        """Refuse what a lock forbids to people; Kelp's own work goes on."""
        if self.author.kind is not AuthorKind.SYSTEM:
            require_unlocked(self.snapshot, resource_id, deletes=deletes)

    def _regenerate_key(self, owner_id: UUID, slot: KeySlot) -> None:
        write_key(self._connection, self._keys, owner_id, slot, self.now)
        self.changes.rekeyed.add(owner_id)

    def _delete_customer_keys(self, resources: Iterable[Resource[Properties]]) -> None:
        """Forget the enrollment keys of those among the resources that are customers."""
        for resource in resources:
            if isinstance(resource.properties, Customer):
                delete_keys(self._connection, resource.properties.customer_id)
                self.changes.rekeyed.add(resource.properties.customer_id)

    def _add(self, resource: Resource[Properties]) -> None:
        self.changes.added.append(resource)

    def _audit_removal(self, resource: Resource[Properties]) -> None:
        self._audit(resource.id, "delete", find_change(resource.properties, None))

    def _audit(self, resource_id: ResourceId, verb: str, change: Change | None = None) -> None:
        append_record(
            self._connection,
            self.author,
            resource_id,
            f"{resource_id.type}/{verb}",
            self.now,
            tenant_id=self._find_owner(resource_id),
            change="" if change is None else encode_change(change),
        )

    def _find_owner(self, resource_id: ResourceId) -> UUID:
        """Return the tenant that the resource belongs to, as far as it is known; else the author's."""
        return self.snapshot.find_tenant_id(resource_id) or self.author.tenant_id

    def _find_tenant(self, resource_id: ResourceId) -> UUID:
        if resource_id.subscription_id is None or resource_id.type == TYPE_OF_KIND[Subscription]:
            return self.author.tenant_id
        subscription_id = ResourceId.parse(f"/subscriptions/{resource_id.subscription_id}")
        return self.get(Subscription, subscription_id).tenant_id


def _unquote(etag: str) -> str:
    return etag.strip().removeprefix("W/").strip('"')
