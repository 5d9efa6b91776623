"""The record of who did what to which resource, chained by digests.

A record that was altered, inserted or taken out shows; records cut off the end show only against a digest kept
elsewhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Connection, Row, insert, or_, select

from kelp.base.clock import as_utc
from kelp.base.ids import ResourceId
from kelp.resources.author import Author, AuthorKind
from kelp.resources.schema import AUDIT

_FIRST_DIGEST = bytes(32)


class Outcome(StrEnum):
    """How the action ended."""

    SUCCEEDED = "Succeeded"
    FAILED = "Failed"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One action. `code` is the code of the error that the caller got; of a success the proof of it, mostly empty.

    `tenant_id` is the tenant whose resource it was; the author's is another where a provider acts on what was
    delegated to it.
    """

    sequence: int
    at: datetime
    resource_id: str
    action: str
    outcome: Outcome
    code: str
    author: Author
    tenant_id: UUID
    change: str = ""
    """What `change.encode_change` made of the resource before and after; empty where nothing is told."""


def append_record(
    connection: Connection,
    author: Author,
    resource_id: ResourceId,
    action: str,
    at: datetime,
    *,
    outcome: Outcome = Outcome.SUCCEEDED,
    code: str = "",
    tenant_id: UUID | None = None,
    change: str = "",
) -> int:
    """Add a record at the end of the chain and return its number; the caller holds a writing transaction.

    `tenant_id` is the owner of the resource, the author's tenant unless it is named.
    """
    last = connection.execute(
        select(AUDIT.c.sequence, AUDIT.c.digest).order_by(AUDIT.c.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (last.sequence + 1, last.digest) if last else (1, _FIRST_DIGEST)
    owner = tenant_id or author.tenant_id
    record = AuditRecord(sequence, at, str(resource_id), action, outcome, code, author, owner, change)
    connection.execute(
        insert(AUDIT).values(
            sequence=sequence,
            at=at,
            tenant_id=owner,
            caller_tenant_id=None if owner == author.tenant_id else author.tenant_id,
            resource_id=record.resource_id,
            action=action,
            outcome=outcome,
            code=code,
            caller_id=author.object_id,
            caller_name=author.name,
            caller_kind=author.kind,
            client_address=author.client_address,
            correlation_id=author.correlation_id,
            change=change,
            digest=_digest(previous, record),
        )
    )
    return sequence


def iter_records(connection: Connection, tenant_id: UUID) -> Iterator[AuditRecord]:
    """Yield a tenant's records, oldest first."""
    statement = select(AUDIT).where(AUDIT.c.tenant_id == tenant_id).order_by(AUDIT.c.sequence)
    for row in connection.execute(statement):
        yield _read(row)


def iter_after(connection: Connection, sequence: int, limit: int) -> Iterator[AuditRecord]:
    """Yield at most `limit` records of all tenants behind a number, oldest first."""
    statement = select(AUDIT).where(AUDIT.c.sequence > sequence).order_by(AUDIT.c.sequence).limit(limit)
    for row in connection.execute(statement):
        yield _read(row)


def find_record(connection: Connection, sequence: int) -> AuditRecord | None:
    """Return the record of a number."""
    row = connection.execute(select(AUDIT).where(AUDIT.c.sequence == sequence)).first()
    return None if row is None else _read(row)


def list_last(connection: Connection, limit: int) -> list[AuditRecord]:
    """Return the last records of all tenants, oldest first."""
    statement = select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(limit)
    return [_read(row) for row in connection.execute(statement)][::-1]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What was done at or below a scope from `since` on, before `until` and before the record `before`.

    For the root it is what principals of the tenant did outside of subscriptions.
    """

    scope: ResourceId
    tenant_id: UUID
    since: datetime
    until: datetime | None = None
    before: int | None = None


def list_matching(connection: Connection, query: AuditQuery, limit: int) -> list[AuditRecord]:
    """Return at most `limit` records, newest first."""
    statement = select(AUDIT).where(AUDIT.c.at >= query.since.astimezone(UTC))
    if query.until is not None:
        statement = statement.where(AUDIT.c.at <= query.until.astimezone(UTC))
    if query.before is not None:
        statement = statement.where(AUDIT.c.sequence < query.before)
    if query.scope.subscription_id is None:
        outside = AUDIT.c.resource_id.not_like("/subscriptions/%")
        statement = statement.where(AUDIT.c.tenant_id == query.tenant_id, outside)
    else:
        scope = str(query.scope)
        below = AUDIT.c.resource_id.startswith(f"{scope}/", autoescape=True)
        statement = statement.where(or_(AUDIT.c.resource_id == scope, below))
    rows = connection.execute(statement.order_by(AUDIT.c.sequence.desc()).limit(limit))
    return [_read(row) for row in rows]


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of the chain. Kept elsewhere, it shows whether records were cut off the end later."""

    sequence: int
    digest: bytes
    at: datetime | None = None


def find_head(connection: Connection) -> AuditHead | None:
    """Return the last record's number and digest."""
    row = connection.execute(select(AUDIT).order_by(AUDIT.c.sequence.desc()).limit(1)).first()
    return None if row is None else AuditHead(row.sequence, row.digest, as_utc(row.at))


def find_digest(connection: Connection, sequence: int) -> bytes | None:
    """Return the digest of a record."""
    return connection.execute(select(AUDIT.c.digest).where(AUDIT.c.sequence == sequence)).scalar()


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where the chain does not hold."""

    sequence: int
    reason: str


def find_break(connection: Connection) -> Break | None:
    """Return the first record that does not follow from those before it; None if all do."""
    previous, expected = _FIRST_DIGEST, 1
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)):
        if row.sequence != expected:
            return Break(expected, f"it is missing; the next one there is {row.sequence:,}")
        try:
            record = _read(row)
        except ValueError as error:
            return Break(expected, f"it was altered: {error}")
        if row.digest != _digest(previous, record):
            what = f"{record.action} on {record.resource_id} at {record.at.isoformat()}"
            return Break(expected, f"it was altered, or the one before it ({what})")
        previous, expected = row.digest, expected + 1
    return None


def find_broken_record(connection: Connection) -> int | None:
    """Return the sequence of the first record that does not follow from those before it; None if all do."""
    broken = find_break(connection)
    return None if broken is None else broken.sequence


def _read(row: Row[tuple[object, ...]]) -> AuditRecord:
    author = Author(
        row.caller_tenant_id or row.tenant_id,
        row.caller_id,
        row.caller_name,
        AuthorKind(row.caller_kind),
        row.correlation_id,
        row.client_address,
    )
    return AuditRecord(
        row.sequence,
        as_utc(row.at),
        row.resource_id,
        row.action,
        Outcome(row.outcome),
        row.code,
        author,
        row.tenant_id,
        row.change,
    )


def _digest(previous: bytes, record: AuditRecord) -> bytes:
    author = record.author
    members: tuple[str, ...] = (
        str(record.sequence),
        record.at.astimezone(UTC).isoformat(),
        record.resource_id,
        record.action,
        record.outcome,
        record.code,
        str(author.tenant_id),
        str(author.object_id or ""),
        author.name,
        author.kind,
        author.client_address,
        author.correlation_id,
    )
    if record.tenant_id != author.tenant_id:
        members += (str(record.tenant_id),)
    if record.change:
        members += (record.change,)
    # Each member is preceded by its length, so that no two records have the same text.
    text = "".join(f"{len(member)}:{member}" for member in members)
    return hashlib.sha256(previous + text.encode()).digest()
