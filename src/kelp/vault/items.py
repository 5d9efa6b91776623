"""The keys and secrets of all vaults, their versions and their ends; secrets only wrapped.

Who may do what is decided before; this module knows no caller. Vaults are known by the uid of their resource, so that
one made anew under an old name has nothing of the former.
"""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from sqlalchemy import Connection, Row, and_, delete, func, insert, select, update

from kelp.base.clock import as_utc
from kelp.vault.errors import ItemConflict, ItemNotFound
from kelp.vault.item import DeletedItem, ItemKind, ItemVersion, Usage, check_item_name, check_tags
from kelp.vault.rotation_policy import RotationPolicy
from kelp.vault.schema import VAULT_ITEM, VAULT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta
    from uuid import UUID

    from sqlalchemy import ColumnElement, Select

    from kelp.base.clock import Clock
    from kelp.base.keys import KeyProvider


class Connections(Protocol):
    """Where the tables of vaults lie."""

    def read(self) -> AbstractContextManager[Connection]:
        """Lend a connection for reading."""
        ...

    def write(self) -> AbstractContextManager[Connection]:
        """Lend a connection in a transaction that commits when its block ends well."""
        ...


class VaultItems:
    """Safe for concurrent use; reads and writes the disk, so for worker threads."""

    def __init__(self, connections: Connections, keys: KeyProvider, clock: Clock) -> None:
        self._connections = connections
        self.keys = keys
        self.clock = clock

    def add(
        self,
        place: tuple[UUID, ItemKind, str],
        secret: bytes,
        details: Mapping[str, Any],
        usage: Usage,
        tags: Mapping[str, Any],
    ) -> ItemVersion:
        """Make a new version, also the first. Raises `BadParameter`, `ItemConflict` (a deleted one is there)."""
        vault_uid, kind, name = place
        check_item_name(name)
        now = self.clock.now().replace(microsecond=0)
        checked = check_tags(tags)
        with self._connections.write() as connection:
            known = self._find_item(connection, place)
            if known is not None and known.deleted_at is not None:
                self._require_gone(connection, place, known)
                known = None
            if known is None:
                values = {"vault_uid": vault_uid, "kind": kind, "name_key": name.lower(), "name": name}
                connection.execute(insert(VAULT_ITEM).values(values))
            item = ItemVersion(
                vault_uid,
                kind,
                known.name if known else name,
                secrets.token_hex(16),
                usage,
                now,
                now,
                details,
                checked,
            )
            item = replace(item, wrapped=self.keys.wrap(item.purpose, secret))
            self._insert(connection, item)
        return item

    def open(self, item: ItemVersion) -> bytes:
        """Return the secret of a version."""
        return self.keys.unwrap(item.purpose, item.wrapped)

    def read_secret(self, vault_uid: UUID, name: str, version: str = "") -> str:
        """Return the text of a secret that may be used now. Raises `ItemNotFound`, `ItemForbidden`."""
        item = self.get((vault_uid, ItemKind.SECRET, name), version)
        item.require_usable(self.clock.now())
        return self.open(item).decode()

    def get(self, place: tuple[UUID, ItemKind, str], version: str = "") -> ItemVersion:
        """Return a version, the newest unless one is named. Raises `ItemNotFound`."""
        with self._connections.read() as connection:
            item = self._find_item(connection, place)
            if item is None or item.deleted_at is not None:
                raise _not_found(place)
            return self._get_version(connection, place, version)

    def find_vault(self, kind: ItemKind, name: str, version: str) -> UUID | None:
        """Return the vault that a version lies in; versions are random, so that there is one at most."""
        statement = select(VAULT_VERSION.c.vault_uid).where(
            VAULT_VERSION.c.version == version.lower(),
            VAULT_VERSION.c.kind == kind,
            VAULT_VERSION.c.name_key == name.lower(),
        )
        with self._connections.read() as connection:
            found = connection.execute(statement).scalars().all()
        return found[0] if len(found) == 1 else None

    def change(
        self,
        item: ItemVersion,
        *,
        usage: Usage | None = None,
        tags: Mapping[str, Any] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> ItemVersion:
        """Change what is not secret of a version."""
        changed = replace(
            item,
            usage=item.usage if usage is None else usage,
            tags=item.tags if tags is None else check_tags(tags),
            details=item.details if details is None else details,
            updated_at=self.clock.now().replace(microsecond=0),
        )
        with self._connections.write() as connection:
            place = (item.vault_uid, item.kind, item.name)
            connection.execute(
                update(VAULT_VERSION)
                .where(_is_at(VAULT_VERSION, place), VAULT_VERSION.c.version == item.version)
                .values(_to_row(changed))
            )
        return changed

    def list_newest(self, vault_uid: UUID, kind: ItemKind, after: str, limit: int) -> list[ItemVersion]:
        """Return the newest version of at most `limit` live items, by name, from behind the name `after`."""
        live = VAULT_ITEM.c.deleted_at.is_(None)
        return [item for item, _ in self._list(vault_uid, kind, after, limit, live)]

    def list_deleted(self, vault_uid: UUID, kind: ItemKind, after: str, limit: int) -> list[DeletedItem]:
        """Return what was deleted and can be recovered."""
        can_be = VAULT_ITEM.c.purge_at > self.clock.now()
        found = self._list(vault_uid, kind, after, limit, can_be)
        return [DeletedItem(item, as_utc(row.deleted_at), as_utc(row.purge_at)) for item, row in found]

    def list_versions(self, place: tuple[UUID, ItemKind, str], after: str, limit: int) -> list[ItemVersion]:
        """Return at most `limit` versions, by their names, from behind `after`. Raises `ItemNotFound`."""
        newest = self.get(place)
        statement = (
            select(VAULT_VERSION)
            .where(_is_at(VAULT_VERSION, place), VAULT_VERSION.c.version > after)
            .order_by(VAULT_VERSION.c.version)
            .limit(limit)
        )
        with self._connections.read() as connection:
            return [_from_row(row, newest.name) for row in connection.execute(statement)]

    def delete(self, place: tuple[UUID, ItemKind, str], recovery: timedelta | None) -> DeletedItem:
        """Delete an item with all its versions; it can be recovered for that long. Raises `ItemNotFound`."""
        now = self.clock.now().replace(microsecond=0)
        with self._connections.write() as connection:
            item = self._find_item(connection, place)
            if item is None or item.deleted_at is not None:
                raise _not_found(place)
            newest = self._get_version(connection, place, "")
            if recovery is None:
                self._purge(connection, place)
                return DeletedItem(newest, now, now)
            gone = {"deleted_at": now, "purge_at": now + recovery}
            connection.execute(update(VAULT_ITEM).where(_is_at(VAULT_ITEM, place)).values(gone))
            return DeletedItem(newest, now, now + recovery)

    def get_deleted(self, place: tuple[UUID, ItemKind, str]) -> DeletedItem:
        """Return what was deleted and can be recovered. Raises `ItemNotFound`."""
        with self._connections.read() as connection:
            item = self._find_item(connection, place)
            if item is None or item.deleted_at is None or as_utc(item.purge_at) <= self.clock.now():
                raise _not_found(place, "deleted ")
            newest = self._get_version(connection, place, "")
            return DeletedItem(newest, as_utc(item.deleted_at), as_utc(item.purge_at))

    def recover(self, place: tuple[UUID, ItemKind, str]) -> ItemVersion:
        """Bring back what was deleted, all versions. Raises `ItemNotFound`."""
        deleted = self.get_deleted(place)
        with self._connections.write() as connection:
            back = {"deleted_at": None, "purge_at": None}
            connection.execute(update(VAULT_ITEM).where(_is_at(VAULT_ITEM, place)).values(back))
        return deleted.newest

    def purge(self, place: tuple[UUID, ItemKind, str]) -> None:
        """Destroy what was deleted: what it wrapped can't be opened any more. Raises `ItemNotFound`."""
        self.get_deleted(place)
        with self._connections.write() as connection:
            self._purge(connection, place)

    def purge_vault(self, vault_uid: UUID) -> None:
        """Destroy everything of a vault."""
        with self._connections.write() as connection:
            for table in (VAULT_VERSION, VAULT_ITEM):
                connection.execute(delete(table).where(table.c.vault_uid == vault_uid))

    def list_vaults(self) -> set[UUID]:
        """Return the vaults that hold anything, live or deleted."""
        with self._connections.read() as connection:
            return set(connection.execute(select(VAULT_ITEM.c.vault_uid).distinct()).scalars())

    def purge_due(self) -> int:
        """Destroy what was deleted and can't be recovered any more; return how many items there were."""
        with self._connections.write() as connection:
            due = connection.execute(
                select(VAULT_ITEM).where(VAULT_ITEM.c.purge_at <= self.clock.now())
            ).all()
            for item in due:
                self._purge(connection, (item.vault_uid, ItemKind(item.kind), item.name_key))
        return len(due)

    def find_policy(self, place: tuple[UUID, ItemKind, str]) -> RotationPolicy | None:
        """Return when a key rotates by itself; None if it does not."""
        with self._connections.read() as connection:
            item = self._find_item(connection, place)
        return None if item is None or item.policy is None else _read_policy(item.policy)

    def set_policy(self, place: tuple[UUID, ItemKind, str], policy: RotationPolicy) -> RotationPolicy:
        """Decide when a key rotates by itself. Raises `BadParameter`, `ItemNotFound`."""
        policy.check()
        self.get(place)
        now = self.clock.now().replace(microsecond=0)
        before = self.find_policy(place)
        created_at = before.created_at if before is not None and before.created_at is not None else now
        policy = replace(policy, created_at=created_at, updated_at=now)
        with self._connections.write() as connection:
            text = msgspec.json.encode(policy).decode()
            connection.execute(update(VAULT_ITEM).where(_is_at(VAULT_ITEM, place)).values(policy=text))
        return policy

    def iter_policies(self) -> Iterator[tuple[tuple[UUID, ItemKind, str], RotationPolicy]]:
        """Yield the live keys that have a policy."""
        statement = select(VAULT_ITEM).where(
            VAULT_ITEM.c.policy.is_not(None), VAULT_ITEM.c.deleted_at.is_(None)
        )
        with self._connections.read() as connection:
            rows = connection.execute(statement).all()
        for row in rows:
            yield (row.vault_uid, ItemKind(row.kind), row.name), _read_policy(row.policy)

    def all_versions(self, place: tuple[UUID, ItemKind, str]) -> list[ItemVersion]:
        """Return every version, oldest first. Raises `ItemNotFound`."""
        name = self.get(place).name
        statement = (
            select(VAULT_VERSION).where(_is_at(VAULT_VERSION, place)).order_by(VAULT_VERSION.c.sequence)
        )
        with self._connections.read() as connection:
            return [_from_row(row, name) for row in connection.execute(statement)]

    def restore(
        self, place: tuple[UUID, ItemKind, str], versions: list[tuple[ItemVersion, bytes]]
    ) -> ItemVersion:
        """Put back an item out of a backup, oldest version first. Raises `ItemConflict` where one of its name is."""
        vault_uid, kind, name = place
        with self._connections.write() as connection:
            if self._find_item(connection, place) is not None:
                message = f"A {kind} named '{name}' is in the vault, or was deleted and can be recovered."
                raise ItemConflict("ObjectAlreadyExists", message)
            values = {"vault_uid": vault_uid, "kind": kind, "name_key": name.lower(), "name": name}
            connection.execute(insert(VAULT_ITEM).values(values))
            for version, secret in versions:
                item = replace(version, vault_uid=vault_uid, kind=kind, name=name)
                item = replace(item, wrapped=self.keys.wrap(item.purpose, secret))
                self._insert(connection, item)
        return item

    def rewrap(self) -> int:
        """Wrap every secret anew with the newest key of the installation; return how many there were."""
        with self._connections.write() as connection:
            rows = connection.execute(
                select(VAULT_VERSION, VAULT_ITEM.c.name).join(VAULT_ITEM, _BELONGS)
            ).all()
            for row in rows:
                item = _from_row(row, row.name)
                wrapped = self.keys.wrap(item.purpose, self.open(item))
                place = (item.vault_uid, item.kind, item.name)
                connection.execute(
                    update(VAULT_VERSION)
                    .where(_is_at(VAULT_VERSION, place), VAULT_VERSION.c.version == item.version)
                    .values(wrapped=wrapped)
                )
        return len(rows)

    def _list(
        self, vault_uid: UUID, kind: ItemKind, after: str, limit: int, condition: ColumnElement[bool]
    ) -> list[tuple[ItemVersion, Row[Any]]]:
        newest = (
            select(VAULT_VERSION.c.name_key, func.max(VAULT_VERSION.c.sequence).label("sequence"))
            .where(VAULT_VERSION.c.vault_uid == vault_uid, VAULT_VERSION.c.kind == kind)
            .group_by(VAULT_VERSION.c.name_key)
            .subquery()
        )
        statement = (
            select(VAULT_VERSION, VAULT_ITEM.c.name, VAULT_ITEM.c.deleted_at, VAULT_ITEM.c.purge_at)
            .join(VAULT_ITEM, _BELONGS)
            .join(
                newest,
                and_(
                    newest.c.name_key == VAULT_VERSION.c.name_key,
                    newest.c.sequence == VAULT_VERSION.c.sequence,
                ),
            )
            .where(VAULT_ITEM.c.vault_uid == vault_uid, VAULT_ITEM.c.kind == kind, condition)
            .where(VAULT_ITEM.c.name_key > after)
            .order_by(VAULT_ITEM.c.name_key)
            .limit(limit)
        )
        with self._connections.read() as connection:
            return [(_from_row(row, row.name), row) for row in connection.execute(statement)]

    @staticmethod
    def _find_item(connection: Connection, place: tuple[UUID, ItemKind, str]) -> Row[Any] | None:
        return connection.execute(select(VAULT_ITEM).where(_is_at(VAULT_ITEM, place))).first()

    @staticmethod
    def _get_version(connection: Connection, place: tuple[UUID, ItemKind, str], version: str) -> ItemVersion:
        statement: Select[Any] = select(VAULT_VERSION, VAULT_ITEM.c.name).join(VAULT_ITEM, _BELONGS)
        statement = statement.where(_is_at(VAULT_VERSION, place)).order_by(VAULT_VERSION.c.sequence.desc())
        if version:
            statement = statement.where(VAULT_VERSION.c.version == version.lower())
        row = connection.execute(statement.limit(1)).first()
        if row is None:
            raise _not_found(place, version=version)
        return _from_row(row, row.name)

    def _require_gone(
        self, connection: Connection, place: tuple[UUID, ItemKind, str], item: Row[Any]
    ) -> None:
        if as_utc(item.purge_at) > self.clock.now():
            kind, name = place[1:]
            raise ItemConflict(
                "ObjectIsDeletedButRecoverable",
                f"A {kind} named '{name}' was deleted and can be recovered. Its name can't be used again before it is "
                "recovered or purged.",
            )
        self._purge(connection, place)

    @staticmethod
    def _purge(connection: Connection, place: tuple[UUID, ItemKind, str]) -> None:
        for table in (VAULT_VERSION, VAULT_ITEM):
            connection.execute(delete(table).where(_is_at(table, place)))

    @staticmethod
    def _insert(connection: Connection, item: ItemVersion) -> None:
        place = (item.vault_uid, item.kind, item.name)
        last = connection.execute(
            select(func.max(VAULT_VERSION.c.sequence)).where(_is_at(VAULT_VERSION, place))
        ).scalar()
        connection.execute(insert(VAULT_VERSION).values(sequence=(last or 0) + 1, **_to_row(item)))


_BELONGS = and_(
    VAULT_ITEM.c.vault_uid == VAULT_VERSION.c.vault_uid,
    VAULT_ITEM.c.kind == VAULT_VERSION.c.kind,
    VAULT_ITEM.c.name_key == VAULT_VERSION.c.name_key,
)


def _is_at(table: Any, place: tuple[UUID, ItemKind, str]) -> ColumnElement[bool]:
    vault_uid, kind, name = place
    return and_(table.c.vault_uid == vault_uid, table.c.kind == kind, table.c.name_key == name.lower())


def _to_row(item: ItemVersion) -> dict[str, Any]:
    return {
        "vault_uid": item.vault_uid,
        "kind": item.kind,
        "name_key": item.name.lower(),
        "version": item.version,
        "is_enabled": item.usage.is_enabled,
        "not_before_at": item.usage.not_before_at,
        "expires_at": item.usage.expires_at,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "tags": msgspec.json.encode(dict(item.tags)).decode(),
        "details": msgspec.json.encode(dict(item.details)).decode(),
        "wrapped": item.wrapped,
    }


def _from_row(row: Row[Any], name: str) -> ItemVersion:
    return ItemVersion(
        vault_uid=row.vault_uid,
        kind=ItemKind(row.kind),
        name=name,
        version=row.version,
        usage=Usage(row.is_enabled, _as_utc(row.not_before_at), _as_utc(row.expires_at)),
        created_at=as_utc(row.created_at),
        updated_at=as_utc(row.updated_at),
        details=msgspec.json.decode(row.details),
        tags=msgspec.json.decode(row.tags),
        wrapped=row.wrapped,
    )


def _as_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else as_utc(moment)


def _read_policy(text: str) -> RotationPolicy:
    return msgspec.json.decode(text, type=RotationPolicy)


def _not_found(place: tuple[UUID, ItemKind, str], deleted: str = "", version: str = "") -> ItemNotFound:
    _, kind, name = place
    what = f"A {deleted}{kind} with (name/id) {name}{'/' + version if version else ''}"
    return ItemNotFound(f"{kind.capitalize()}NotFound", f"{what} was not found in this key vault.")
