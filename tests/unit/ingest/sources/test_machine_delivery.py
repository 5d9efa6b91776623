from __future__ import annotations

import json

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.ingest.sources.machine.delivery import MAXIMUM_BODY_BYTES, RowSender, iter_bodies


class Receiver:
    """Accepts bodies; refuses with the errors it was given, in turn, before it does."""

    def __init__(self, *errors: ServiceError) -> None:
        self.errors = list(errors)
        self.bodies: list[tuple[str, list[dict[str, object]]]] = []
        self.waits: list[float] = []

    async def send(self, table: str, body: bytes) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.bodies.append((table, json.loads(body)))

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)


def _later(seconds: int | None = None) -> ServiceError:
    return ServiceError(Category.THROTTLED, "TooManyRequests", "Later.", retry_after_seconds=seconds)


async def test_rows_arrive_as_one_array() -> None:
    receiver = Receiver()
    await RowSender(receiver.send, receiver.sleep).send_rows("Syslog", [{"a": 1}, {"a": "ü"}])
    assert receiver.bodies == [("Syslog", [{"a": 1}, {"a": "ü"}])]


async def test_no_rows_send_nothing() -> None:
    receiver = Receiver()
    await RowSender(receiver.send, receiver.sleep).send_rows("Syslog", [])
    assert receiver.bodies == []


def test_bodies_stay_below_the_limit_and_lose_nothing() -> None:
    rows = [{"n": n, "text": "x" * 10_000} for n in range(300)]
    bodies = list(iter_bodies(rows))
    assert len(bodies) > 1
    assert all(len(body) <= MAXIMUM_BODY_BYTES for body in bodies)
    assert [row for body in bodies for row in json.loads(body)] == rows


def test_a_row_above_the_limit_goes_alone() -> None:
    bodies = list(iter_bodies([{"a": 1}, {"a": "x" * MAXIMUM_BODY_BYTES}, {"a": 2}]))
    assert [len(json.loads(body)) for body in bodies] == [1, 1, 1]


async def test_it_waits_as_long_as_it_is_told_and_longer_each_time_when_it_is_not() -> None:
    receiver = Receiver(_later(7), _later(), _later(), ServiceError(Category.UNAVAILABLE, "Busy", "Busy."))
    await RowSender(receiver.send, receiver.sleep).send_rows("Perf", [{"a": 1}])
    assert receiver.waits == [7, 2.0, 4.0, 8.0]
    assert receiver.bodies == [("Perf", [{"a": 1}])]


async def test_a_refusal_that_time_does_not_cure_is_raised() -> None:
    receiver = Receiver(ServiceError(Category.INVALID, "InvalidPayload", "No."))
    with pytest.raises(ServiceError, match=r"No\."):
        await RowSender(receiver.send, receiver.sleep).send_rows("Perf", [{"a": 1}])
    assert receiver.waits == []
