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

from sqlalchemy import Connection, Row, insert, select

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
) -> int:
    """Add a record at the end of the chain and return its number; the caller holds a writing transaction.

    `tenant_id` is the owner of the resource, the author's tenant unless it is named.
    """
    last = connection.execute(
        select(AUDIT.c.sequence, AUDIT.c.digest).order_by(AUDIT.c.sequence.desc()).limit(1)
    ).first()
    sequence, previous = (last.sequence + 1, last.digest) if last else (1, _FIRST_DIGEST)
    owner = tenant_id or author.tenant_id
    record = AuditRecord(sequence, at, str(resource_id), action, outcome, code, author, owner)
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
            digest=_digest(previous, record),
        )
    )
    return sequence


def iter_records(connection: Connection, tenant_id: UUID) -> Iterator[AuditRecord]:
    """Yield a tenant's records, oldest first."""
    statement = select(AUDIT).where(AUDIT.c.tenant_id == tenant_id).order_by(AUDIT.c.sequence)
    for row in connection.execute(statement):
        yield _read(row)


def find_broken_record(connection: Connection) -> int | None:
    """Return the sequence of the first record that does not follow from those before it; None if all do."""
    previous, expected = _FIRST_DIGEST, 1
    for row in connection.execute(select(AUDIT).order_by(AUDIT.c.sequence)):
        if row.sequence != expected or row.digest != _digest(previous, _read(row)):
            return expected
        previous, expected = row.digest, expected + 1
    return None


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
    # Each member is preceded by its length, so that no two records have the same text.
    text = "".join(f"{len(member)}:{member}" for member in members)
    return hashlib.sha256(previous + text.encode()).digest()
