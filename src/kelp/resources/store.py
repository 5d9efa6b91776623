"""The resource store: desired state in a database, and a snapshot of it in memory.

Synchronous: a write takes a few milliseconds of disk and belongs on a worker thread; `snapshot` and `shared_keys` of
a known workspace answer from memory and may be called from an event loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar, cast
from uuid import UUID

from sqlalchemy import Connection, select

from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.base.keys import KeyProvider
from kelp.resources import audit, rows
from kelp.resources.author import Author
from kelp.resources.cluster import Cluster
from kelp.resources.database import Database
from kelp.resources.deployment import Deployment
from kelp.resources.destruction import Destruction, iter_destructions
from kelp.resources.kinds import TYPE_OF_KIND, Properties, SoftDeletable
from kelp.resources.operation import Operation, find_operation, iter_open_operations
from kelp.resources.purge import PurgeFilter, PurgeOrder, iter_orders, open_filters
from kelp.resources.resource import Page, Resource
from kelp.resources.revision import find_revision, iter_revisions
from kelp.resources.schema import RESOURCE
from kelp.resources.settings import read_setting, write_setting
from kelp.resources.shared_keys import KeySlot, SharedKeys, read_key_times, read_keys, rewrap_keys
from kelp.resources.snapshot import Snapshot, change_snapshot
from kelp.resources.table import Table
from kelp.resources.transaction import Changes, Transaction
from kelp.resources.workspace import Workspace

P = TypeVar("P", bound=Properties)
S = TypeVar("S", bound=SoftDeletable)
_VERSION = "version"


@dataclass(frozen=True, slots=True)
class EngineChange:
    """Workspaces, clusters or tables were made, changed or removed; the engine should be brought to agree."""

    version: int
    resource_ids: tuple[ResourceId, ...]


Subscriber: TypeAlias = Callable[[EngineChange], None]


class ResourceStore:
    """Reads and writes resources of all tenants. Safe for concurrent use; one instance a process and database."""

    def __init__(self, database: Database, clock: Clock, keys: KeyProvider) -> None:
        """Load the snapshot; the database's schema must be the newest (`Database.migrate`)."""
        self._database = database
        self._clock = clock
        self._keys = keys
        self._write_lock = threading.Lock()
        self._keys_lock = threading.Lock()
        self._subscribers: tuple[Subscriber, ...] = ()
        self._shared_keys: dict[UUID, SharedKeys] = {}
        self._snapshot = Snapshot()
        self.refresh()

    @property
    def snapshot(self) -> Snapshot:
        """The present state, as of the last write of this process or `refresh`."""
        return self._snapshot

    def subscribe(self, callback: Subscriber) -> None:
        """Have `callback` called after each write that the engine should follow.

        It is called on the writer's thread, after the commit, in the order of versions; it must be quick, must not
        raise and must not write to the store.
        """
        with self._write_lock:
            self._subscribers = (*self._subscribers, callback)

    @contextmanager
    def write(self, author: Author) -> Iterator[Transaction]:
        """Lend a transaction; it commits, and the snapshot follows, unless an exception leaves the block."""
        with self._write_lock:
            with self._database.write() as connection:
                transaction = Transaction(connection, author, self._clock.now(), self._snapshot, self._keys)
                yield transaction
                version = _bump_version(connection)
            self._apply(transaction.changes, version)

    def rehearse(self, author: Author, changes: Iterable[Callable[[Transaction], object]]) -> Snapshot:
        """Return the snapshot that there would be after changes, one upon the other, none of which is kept.

        Raises what they raise.
        """
        with self._write_lock, self._database.rehearse() as connection:
            snapshot = self._snapshot
            for change in changes:
                transaction = Transaction(connection, author, self._clock.now(), snapshot, self._keys)
                change(transaction)
                snapshot = transaction.foresee()
            return snapshot

    def refresh(self) -> None:
        """Take over what other processes wrote; does nothing when the version is the snapshot's."""
        with self._write_lock, self._database.read() as connection:
            version = _read_version(connection)
            if version != self._snapshot.version:
                live = rows.iter_rows(connection, select(RESOURCE).where(rows.IS_LIVE))
                self._snapshot = change_snapshot(Snapshot(), version, (), live)
                with self._keys_lock:
                    self._shared_keys.clear()

    def find(self, kind: type[P], resource_id: ResourceId) -> Resource[P] | None:
        """Return the live resource of that kind and id."""
        with self._database.read() as connection:
            return rows.find(connection, kind, resource_id)

    def get(self, kind: type[P], resource_id: ResourceId) -> Resource[P]:
        """Return the live resource. Raises `ResourceNotFound` for it, or for what it would lie in."""
        with self._database.read() as connection:
            return rows.get(connection, kind, resource_id)

    def list_revisions(self, resource: Resource[P]) -> tuple[Resource[P], ...]:
        """Return the resource as it was at each of its revisions, newest first."""
        with self._database.read() as connection:
            return tuple(iter_revisions(connection, resource))

    def find_revision(self, resource: Resource[P], name: str) -> Resource[P] | None:
        """Return the resource as it was at the revision of that name."""
        with self._database.read() as connection:
            return find_revision(connection, resource, name)

    def require_present(self, resource_id: ResourceId) -> None:
        """Raise `ResourceNotFound` for the outermost of the resource and what it lies in that does not exist.

        A kind that the store does not hold may exist, and so may a table, which can be a built-in one.
        """
        with self._database.read() as connection:
            rows.require_ancestors(connection, resource_id)
            rows.require_present(connection, resource_id)

    def page(
        self, kind: type[P], under: ResourceId, *, tenant_id: UUID, after_key: str = "", limit: int = 100
    ) -> Page[P]:
        """Return at most `limit` of a tenant's live resources of a kind at or below `under`, in the order of keys."""
        statement = (
            select(RESOURCE)
            .where(
                RESOURCE.c.type == TYPE_OF_KIND[kind].lower(),
                RESOURCE.c.tenant_id == tenant_id,
                RESOURCE.c.key > after_key,
                rows.is_below(under),
                rows.IS_LIVE,
            )
            .order_by(RESOURCE.c.key)
            .limit(limit + 1)
        )
        with self._database.read() as connection:
            found = cast("list[Resource[P]]", list(rows.iter_rows(connection, statement)))
        items = tuple(found[:limit])
        return Page(items, items[-1].id.key if len(found) > limit else None)

    def page_in_groups(
        self, under: ResourceId, *, tenant_id: UUID, after_key: str = "", limit: int = 100
    ) -> Page[Properties]:
        """Return at most `limit` of a tenant's live resources of any kind that lie directly in a group, by their keys.

        Deployments are none of them, nor is what extends a resource.
        """
        statement = (
            select(RESOURCE)
            .where(
                RESOURCE.c.tenant_id == tenant_id,
                RESOURCE.c.key > after_key,
                # One provider and one pair behind the group's own.
                RESOURCE.c.key.like("/subscriptions/%/resourcegroups/%/providers/%/%/%"),
                RESOURCE.c.key.not_like("/subscriptions/%/resourcegroups/%/providers/%/%/%/%"),
                RESOURCE.c.type != TYPE_OF_KIND[Deployment].lower(),
                rows.is_below(under),
                rows.IS_LIVE,
            )
            .order_by(RESOURCE.c.key)
            .limit(limit + 1)
        )
        with self._database.read() as connection:
            found = list(rows.iter_rows(connection, statement))
        items = tuple(found[:limit])
        return Page(items, items[-1].id.key if len(found) > limit else None)

    def list_in_group(self, group_id: ResourceId) -> tuple[Resource[Properties], ...]:
        """Return what lies directly in a resource group: no children, no extensions, no deployments."""
        below = select(RESOURCE).where(rows.is_below(group_id), rows.IS_LIVE).order_by(RESOURCE.c.key)
        with self._database.read() as connection:
            found = tuple(rows.iter_rows(connection, below))
        deployments = TYPE_OF_KIND[Deployment]
        return tuple(one for one in found if one.id.parent == group_id and one.id.type != deployments)

    def list_closed(self, kind: type[S]) -> tuple[Resource[S], ...]:
        """Return all tenants' resources of the kind that are deleted and not purged."""
        with self._database.read() as connection:
            return rows.list_closed(connection, kind)

    def list_kind(self, kind: type[P]) -> tuple[Resource[P], ...]:
        """Return all tenants' live resources of a kind, in the order of keys."""
        statement = (
            select(RESOURCE)
            .where(RESOURCE.c.type == TYPE_OF_KIND[kind].lower(), rows.IS_LIVE)
            .order_by(RESOURCE.c.key)
        )
        with self._database.read() as connection:
            return cast("tuple[Resource[P], ...]", tuple(rows.iter_rows(connection, statement)))

    def shared_keys(self, workspace_id: WorkspaceId) -> SharedKeys:
        """Return the access keys of a live workspace. Raises `ServiceError` (not_found) for any other."""
        if workspace_id not in self._snapshot.workspaces:
            raise ServiceError(
                Category.NOT_FOUND, "WorkspaceNotFound", f"The workspace '{workspace_id}' was not found."
            )
        return self._find_keys(workspace_id)

    def shared_key_times(self, workspace_id: WorkspaceId) -> dict[KeySlot, datetime]:
        """Return when each access key of a workspace was made."""
        with self._database.read() as connection:
            return read_key_times(connection, workspace_id)

    def customer_keys(self, customer_id: UUID) -> SharedKeys:
        """Return the enrollment keys of a live customer. Raises `ServiceError` (not_found) for any other."""
        if customer_id not in self._snapshot.customers:
            raise ServiceError(
                Category.NOT_FOUND, "CustomerNotFound", f"The customer '{customer_id}' was not found."
            )
        return self._find_keys(customer_id)

    def rewrap_shared_keys(self) -> int:
        """Wrap the access keys of all owners anew with the newest key; return how many there were."""
        with self._keys_lock, self._database.write() as connection:
            return rewrap_keys(connection, self._keys)

    def find_operation(self, subscription_id: str, operation_id: UUID) -> Operation | None:
        """Return a long-running operation of a subscription."""
        with self._database.read() as connection:
            return find_operation(connection, operation_id, subscription_id=subscription_id)

    def list_destructions(self, tenant_id: UUID) -> tuple[Destruction, ...]:
        """Return the workspaces of a tenant that were destroyed, or are being, oldest first."""
        with self._database.read() as connection:
            return tuple(iter_destructions(connection, tenant_id))

    def list_open_operations(self, action: str) -> tuple[Operation, ...]:
        """Return the long-running operations of this action, of all tenants, that have not ended."""
        with self._database.read() as connection:
            return tuple(iter_open_operations(connection, action))

    def list_purges(self, workspace_id: WorkspaceId | None = None) -> tuple[PurgeOrder, ...]:
        """Return the orders to remove rows of a workspace, or those of all that are pending, oldest first."""
        with self._database.read() as connection:
            return tuple(iter_orders(connection, workspace_id))

    def open_purge(self, order: PurgeOrder) -> tuple[PurgeFilter, ...]:
        """Return the filters of an order. Raises what the key provider raises."""
        return open_filters(order, self._keys)

    def audit_records(self, tenant_id: UUID) -> tuple[audit.AuditRecord, ...]:
        """Return a tenant's audit records, oldest first."""
        with self._database.read() as connection:
            return tuple(audit.iter_records(connection, tenant_id))

    def audit_after(self, sequence: int, limit: int) -> tuple[audit.AuditRecord, ...]:
        """Return at most `limit` audit records of all tenants behind a number, oldest first."""
        with self._database.read() as connection:
            return tuple(audit.iter_after(connection, sequence, limit))

    def find_audit_records(self, query: audit.AuditQuery, limit: int) -> list[audit.AuditRecord]:
        """Return at most `limit` audit records that match, newest first."""
        with self._database.read() as connection:
            return audit.list_matching(connection, query, limit)

    def find_audit_record(self, sequence: int) -> audit.AuditRecord | None:
        """Return the audit record of a number, whosever it is."""
        with self._database.read() as connection:
            return audit.find_record(connection, sequence)

    def verify_audit(self) -> tuple[audit.AuditHead | None, audit.Break | None]:
        """Walk the whole audit; return its last record's number and digest, and the first that does not follow."""
        with self._database.read() as connection:
            return audit.find_head(connection), audit.find_break(connection)

    def find_broken_audit_record(self) -> int | None:
        """Return the number of the first audit record that was tampered with; None if none was."""
        with self._database.read() as connection:
            return audit.find_broken_record(connection)

    def find_setting(self, name: str) -> str | None:
        """Return a fact about the store itself."""
        with self._database.read() as connection:
            return read_setting(connection, name)

    def note_setting(self, name: str, value: str) -> None:
        """Note a fact about the store that changes nothing which snapshots hold."""
        with self._database.write() as connection:
            write_setting(connection, name, value)

    def _find_keys(self, owner_id: UUID) -> SharedKeys:
        known = self._shared_keys.get(owner_id)
        if known is not None:
            return known
        # Read and remembered under one lock, so that keys replaced meanwhile are forgotten after, never before.
        with self._keys_lock, self._database.read() as connection:
            keys = self._shared_keys[owner_id] = read_keys(connection, self._keys, owner_id)
            return keys

    def _apply(self, changes: Changes, version: int) -> None:
        self._snapshot = change_snapshot(self._snapshot, version, changes.removed, changes.added)
        with self._keys_lock:
            for owner_id in changes.rekeyed:
                self._shared_keys.pop(owner_id, None)
        touched = {
            resource.id: None
            for resource in (*changes.removed, *changes.added)
            if isinstance(resource.properties, Workspace | Cluster | Table)
        }
        if touched:
            change = EngineChange(version, tuple(touched))
            for subscriber in self._subscribers:
                subscriber(change)


def _read_version(connection: Connection) -> int:
    return int(read_setting(connection, _VERSION) or 0)


def _bump_version(connection: Connection) -> int:
    version = _read_version(connection) + 1
    write_setting(connection, _VERSION, str(version))
    return version
