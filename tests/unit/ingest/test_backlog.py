"""A workspace that sends too much, or whose records wait too long, is put off; the others are not."""

from __future__ import annotations

from uuid import UUID

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.ingest.journal.backlog import FRAME_ALLOWANCE_BYTES, Backlog, BacklogLedger, BacklogLimits
from kelp.ingest.journal.frame import to_microseconds
from tests.unit.ingest.samples import OTHER_WORKSPACE, START, WORKSPACE, TurnedClock

NOW_US = to_microseconds(START)
KILO = 1000 - FRAME_ALLOWANCE_BYTES
"""A body that counts for 1,000 bytes."""


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def ledger(clock: TurnedClock) -> BacklogLedger:
    return BacklogLedger(
        BacklogLimits(total_bytes=12_000, workspace_bytes=8_000, workspace_age_seconds=600), clock
    )


def charge(ledger: BacklogLedger, workspace_id: UUID, frames: int) -> None:
    for _ in range(frames):
        ledger.charge(workspace_id, KILO, NOW_US)


def is_refused(ledger: BacklogLedger, workspace_id: UUID, body_bytes: int = KILO) -> bool:
    try:
        ledger.check(workspace_id, body_bytes)
    except ServiceError as error:
        return error.category is Category.THROTTLED and bool(error.retry_after_seconds)
    return False


def test_an_empty_backlog_takes_one_body_of_any_size(ledger: BacklogLedger) -> None:
    assert not is_refused(ledger, WORKSPACE, 8_500)
    assert is_refused(ledger, WORKSPACE, 12_000)


def test_a_full_workspace_is_put_off_and_others_are_not(ledger: BacklogLedger) -> None:
    charge(ledger, WORKSPACE, 8)
    assert is_refused(ledger, WORKSPACE)
    assert not is_refused(ledger, OTHER_WORKSPACE)
    ledger.discharge(WORKSPACE, KILO, NOW_US)
    assert not is_refused(ledger, WORKSPACE)


def test_under_pressure_everybody_gets_an_equal_share(ledger: BacklogLedger) -> None:
    charge(ledger, WORKSPACE, 7)
    charge(ledger, OTHER_WORKSPACE, 2)
    assert is_refused(ledger, WORKSPACE)
    assert not is_refused(ledger, OTHER_WORKSPACE)
    charge(ledger, OTHER_WORKSPACE, 3)
    assert is_refused(ledger, WORKSPACE, 1)
    assert is_refused(ledger, OTHER_WORKSPACE)


def test_a_full_node_takes_nothing(ledger: BacklogLedger) -> None:
    for number in range(12):
        charge(ledger, UUID(int=number), 1)
    assert is_refused(ledger, WORKSPACE, 0)


def test_records_that_wait_too_long_put_their_workspace_off(
    ledger: BacklogLedger, clock: TurnedClock
) -> None:
    charge(ledger, WORKSPACE, 1)
    clock.turn(600)
    ledger.charge(WORKSPACE, KILO, to_microseconds(clock.now()))
    assert not is_refused(ledger, WORKSPACE)
    clock.turn(20)
    assert is_refused(ledger, WORKSPACE)
    assert not is_refused(ledger, OTHER_WORKSPACE)
    ledger.discharge(WORKSPACE, KILO, NOW_US)
    assert not is_refused(ledger, WORKSPACE)


def test_what_is_counted_is_measured(ledger: BacklogLedger, clock: TurnedClock) -> None:
    charge(ledger, WORKSPACE, 2)
    charge(ledger, OTHER_WORKSPACE, 1)
    own, total = ledger.measure(WORKSPACE), ledger.measure()
    assert (own.frames, own.size_bytes, total.frames, total.size_bytes) == (2, 2_000, 3, 3_000)
    assert own.oldest_at is not None
    assert 0 <= (clock.now() - own.oldest_at).total_seconds() < 10
    for workspace_id in (WORKSPACE, WORKSPACE, OTHER_WORKSPACE):
        ledger.discharge(workspace_id, KILO, NOW_US)
    assert ledger.measure() == ledger.measure(WORKSPACE) == Backlog(0, 0, None)
