from __future__ import annotations

from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.resources.operation import OperationStatus
from kelp.resources.store import ResourceStore
from kelp.resources.workspace import Workspace

from .conftest import AUTHOR, WORKSPACE
from .doubles import TurnedClock

SUBSCRIPTION_ID = str(UUID(int=2))


def test_an_operation_can_be_polled_until_it_ends(store: ResourceStore, clock: TurnedClock) -> None:
    started_at = clock.now()
    with store.write(AUTHOR) as transaction:
        workspace = transaction.get(Workspace, WORKSPACE)
        operation = transaction.start_operation(workspace, "local", "failover")
    found = store.find_operation(SUBSCRIPTION_ID, operation.id)
    assert found == operation
    assert found.status is OperationStatus.IN_PROGRESS
    clock.turn(minutes=1)
    with store.write(AUTHOR) as transaction:
        transaction.end_operation(operation, ServiceError(Category.INTERNAL, "Broken", "It broke."))
    ended = store.find_operation(SUBSCRIPTION_ID, operation.id)
    assert ended is not None
    assert (ended.status, ended.error_code, ended.error_message) == (
        OperationStatus.FAILED,
        "Broken",
        "It broke.",
    )
    assert (ended.started_at, ended.ended_at) == (started_at, clock.now())


def test_an_operation_of_another_subscription_is_not_found(store: ResourceStore) -> None:
    with store.write(AUTHOR) as transaction:
        operation = transaction.start_operation(transaction.get(Workspace, WORKSPACE), "local", "failover")
    assert store.find_operation(str(UUID(int=3)), operation.id) is None
