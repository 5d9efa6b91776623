from __future__ import annotations

from uuid import UUID

from kelp.ingest.key_uses import MAXIMUM_SENDERS, KeyUses
from kelp.resources.shared_keys import KeySlot
from tests.unit.ingest.samples import TurnedClock

ONE, OTHER = UUID(int=1), UUID(int=2)


def test_senders_are_told_apart_by_key_and_address_the_last_first() -> None:
    clock = TurnedClock()
    uses = KeyUses(clock)
    uses.note(ONE, KeySlot.PRIMARY, "10.0.0.1")
    uses.note(OTHER, KeySlot.PRIMARY, "10.0.0.9")
    first_at = clock.now()
    clock.turn(60)
    uses.note(ONE, KeySlot.SECONDARY, "10.0.0.1")
    uses.note(ONE, KeySlot.PRIMARY, "10.0.0.1")
    found = uses.list_of(ONE)
    assert [(use.slot, use.address, use.requests) for use in found] == [
        (KeySlot.PRIMARY, "10.0.0.1", 2),
        (KeySlot.SECONDARY, "10.0.0.1", 1),
    ]
    assert (found[0].first_at, found[0].last_at) == (first_at, clock.now())
    assert uses.since == first_at


def test_what_is_older_than_a_day_is_forgotten_and_counted_anew() -> None:
    clock = TurnedClock()
    uses = KeyUses(clock)
    uses.note(ONE, KeySlot.PRIMARY, "10.0.0.1")
    clock.turn(24 * 3600 + 1)
    assert uses.list_of(ONE) == ()
    uses.note(ONE, KeySlot.PRIMARY, "10.0.0.1")
    assert [use.requests for use in uses.list_of(ONE)] == [1]


def test_no_more_senders_are_remembered_than_the_limit() -> None:
    uses = KeyUses(TurnedClock())
    for number in range(MAXIMUM_SENDERS + 5):
        uses.note(ONE, KeySlot.PRIMARY, f"10.0.0.{number}")
    found = uses.list_of(ONE)
    assert len(found) == MAXIMUM_SENDERS
    assert found[0].address == f"10.0.0.{MAXIMUM_SENDERS + 4}"
