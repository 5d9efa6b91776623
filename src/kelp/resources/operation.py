"""Long-running management operations: what a client polls after a 202."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, insert, select, update

from kelp.base.clock import as_utc
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.schema import OPERATION


class OperationStatus(StrEnum):
    """How far the operation is."""

    IN_PROGRESS = "InProgress"
    SUCCEEDED = "Succeeded"
    FAILED = "Failed"
    CANCELED = "Canceled"


@dataclass(frozen=True, slots=True)
class Operation:
    """`error_code` and `error_message` are set when it failed."""

    id: UUID
    tenant_id: UUID
    resource_id: ResourceId
    location: str
    action: str
    status: OperationStatus
    started_at: datetime
    ended_at: datetime | None = None
    error_code: str | None = None
    error_message: str | None = None


def start_operation(
    connection: Connection,
    tenant_id: UUID,
    resource_id: ResourceId,
    *,
    location: str,
    action: str,
    now: datetime,
) -> Operation:
    """Record that work on a resource has begun; the caller holds a writing transaction."""
    operation = Operation(uuid4(), tenant_id, resource_id, location, action, OperationStatus.IN_PROGRESS, now)
    connection.execute(
        insert(OPERATION).values(
            id=operation.id,
            tenant_id=tenant_id,
            subscription_id=resource_id.subscription_id or "",
            location=location,
            resource_id=str(resource_id),
            action=action,
            status=operation.status,
            started_at=now,
        )
    )
    return operation


def end_operation(
    connection: Connection, operation: Operation, now: datetime, error: ServiceError | None = None
) -> Operation:
    """Record how the operation ended; without an error it succeeded."""
    ended = replace(
        operation,
        status=OperationStatus.SUCCEEDED if error is None else OperationStatus.FAILED,
        ended_at=now,
        error_code=error.code if error else None,
        error_message=error.message if error else None,
    )
    connection.execute(
        update(OPERATION)
        .where(OPERATION.c.id == operation.id)
        .values(
            status=ended.status,
            ended_at=now,
            error_code=ended.error_code,
            error_message=ended.error_message,
        )
    )
    return ended


def find_operation(
    connection: Connection, operation_id: UUID, *, subscription_id: str | None = None
) -> Operation | None:
    """Return an operation; with a subscription only one of that."""
    statement = select(OPERATION).where(OPERATION.c.id == operation_id)
    if subscription_id is not None:
        statement = statement.where(OPERATION.c.subscription_id == subscription_id.lower())
    row = connection.execute(statement).first()
    return None if row is None else _read(row)


def iter_open_operations(connection: Connection, action: str) -> Iterator[Operation]:
    """Yield the operations of this action, of all tenants, that have not ended."""
    statement = select(OPERATION).where(
        OPERATION.c.action == action, OPERATION.c.status == OperationStatus.IN_PROGRESS
    )
    for row in connection.execute(statement):
        yield _read(row)


def _read(row: Row[Any]) -> Operation:
    return Operation(
        row.id,
        row.tenant_id,
        ResourceId.parse(row.resource_id),
        row.location,
        row.action,
        OperationStatus(row.status),
        as_utc(row.started_at),
        as_utc(row.ended_at) if row.ended_at else None,
        row.error_code,
        row.error_message,
    )
