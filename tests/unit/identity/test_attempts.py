from __future__ import annotations

from kelp.identity.attempts import Attempts
from kelp.resources.database import Database
from tests.unit.resources.doubles import TurnedClock


def test_ten_failures_lock_for_a_minute_and_more_for_longer(clock: TurnedClock, database: Database) -> None:
    attempts = Attempts(clock, database)
    for _ in range(9):
        attempts.record_failure("ada", "192.0.2.1")
    assert attempts.locked_seconds("ada", "192.0.2.1") == 0
    attempts.record_failure("ada", "192.0.2.1")
    assert attempts.locked_seconds("ada", "192.0.2.1") == 60
    clock.turn(seconds=60)
    assert attempts.locked_seconds("ada", "192.0.2.1") == 0
    attempts.record_failure("ada", "192.0.2.1")
    assert attempts.locked_seconds("ada", "192.0.2.1") == 120
    for _ in range(50):
        attempts.record_failure("ada", "192.0.2.1")
    assert attempts.locked_seconds("ada", "192.0.2.1") == 900


def test_one_address_does_not_lock_out_another(clock: TurnedClock, database: Database) -> None:
    attempts = Attempts(clock, database)
    for _ in range(20):
        attempts.record_failure("ada", "203.0.113.9")
    assert attempts.locked_seconds("ada", "192.0.2.1") == 0


def test_success_and_time_forgive(clock: TurnedClock, database: Database) -> None:
    attempts = Attempts(clock, database)
    for account in ("ada", "bob"):
        for _ in range(9):
            attempts.record_failure(account, "")
    attempts.record_success("ada", "")
    attempts.record_failure("ada", "")
    assert attempts.locked_seconds("ada", "") == 0
    clock.turn(hours=1)
    attempts.record_failure("bob", "")
    assert attempts.locked_seconds("bob", "") == 0


def test_what_is_locked_stays_locked_over_a_restart(clock: TurnedClock, database: Database) -> None:
    attempts = Attempts(clock, database)
    for account in ("ada", "bob"):
        for _ in range(10):
            attempts.record_failure(account, "192.0.2.1")
    attempts.record_success("bob", "192.0.2.1")
    again = Attempts(clock, database)
    assert again.locked_seconds("ada", "192.0.2.1") == 60
    assert again.locked_seconds("bob", "192.0.2.1") == 0
    clock.turn(seconds=60)
    again.record_failure("ada", "192.0.2.1")
    assert again.locked_seconds("ada", "192.0.2.1") == 120


def test_an_address_that_guesses_at_everybody_is_slowed_down(clock: TurnedClock, database: Database) -> None:
    attempts = Attempts(clock, database)
    for number in range(300):
        attempts.record_failure(f"user{number}", "203.0.113.9")
    assert attempts.locked_seconds("another", "203.0.113.9") == 60
    assert attempts.locked_seconds("another", "192.0.2.1") == 0
