"""The record of a workspace's destruction: what was there, which keys were erased, when; proved by the audit chain.

It is begun before anything is removed and completed after everything is, so that a crash in between can't lose what
the proof has to say. The digest of a completed record stands in the audit record of the act.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy import insert, select, update

from kelp.resources.schema import DESTRUCTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Row

PROOF_ALGORITHM = "sha256"


@dataclass(frozen=True, slots=True)
class Destruction:
    """`tables` to `journal_frames` count what was found when it began; all of it is gone when it is completed.

    `keys` are the versions of the workspace's data key that were erased with its disk key, which their cluster wrapped.
    """

    workspace_id: UUID
    tenant_id: UUID
    resource_id: str
    closed_at: datetime
    began_at: datetime
    cluster_id: str
    keys: tuple[int, ...]
    tables: int
    rows: int
    blobs: int
    journal_frames: int
    completed_at: datetime | None = None
    audit_sequence: int | None = None

    @property
    def proof(self) -> str:
        """The digest that the audit record bears: of everything above but the record's own number."""
        proved = asdict(replace(self, audit_sequence=None))
        text = msgspec.json.encode(proved, order="sorted")
        return f"{PROOF_ALGORITHM}:{hashlib.sha256(text).hexdigest()}"


def find_destruction(connection: Connection, workspace_id: UUID) -> Destruction | None:
    """Return what is recorded of a workspace's destruction."""
    row = connection.execute(
        select(DESTRUCTION).where(DESTRUCTION.c.workspace_id == workspace_id)
    ).one_or_none()
    return None if row is None else _read(row)


def iter_destructions(connection: Connection, tenant_id: UUID) -> Iterator[Destruction]:
    """Yield those of a tenant, in the order in which they began."""
    statement = select(DESTRUCTION).where(DESTRUCTION.c.tenant_id == tenant_id)
    for row in connection.execute(statement.order_by(DESTRUCTION.c.began_at)):
        yield _read(row)


def put_destruction(connection: Connection, destruction: Destruction) -> None:
    """Record it, or what has become of it."""
    values = {"tenant_id": destruction.tenant_id, "began_at": destruction.began_at}
    values |= {"record": msgspec.json.encode(destruction).decode()}
    own = DESTRUCTION.c.workspace_id == destruction.workspace_id
    changed = connection.execute(update(DESTRUCTION).where(own).values(values))
    if not changed.rowcount:
        values |= {"workspace_id": destruction.workspace_id}
        connection.execute(insert(DESTRUCTION).values(values))


def _read(row: Row[tuple[object, ...]]) -> Destruction:
    return msgspec.json.decode(row.record, type=Destruction)
