"""Counts failed sign-ins, so that guessing gets slow and honest mistakes don't.

Counts lie in memory; what is locked is also written down, so that a restart doesn't let a guesser go on.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, insert, select

from kelp.base.clock import Clock, as_utc
from kelp.identity.accounts import Connections
from kelp.identity.schema import FAILED_SIGN_IN

_FREE_FAILURES = 10
_FREE_FAILURES_OF_AN_ADDRESS = 300
"""Guesses at many accounts from one place; people behind one address make mistakes too."""
_FIRST_LOCK = timedelta(seconds=60)
_LONGEST_LOCK = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(hours=1)
_MAXIMUM_REMEMBERED = 50_000
_ANY_ACCOUNT = "*"
_LONGEST_NAME, _LONGEST_ADDRESS = 320, 64


@dataclass(frozen=True, slots=True)
class _Failures:
    count: int
    last_at: datetime
    locked_until: datetime | None


class Attempts:
    """Failures by whom they concern and where they came from. Safe for concurrent use; belongs on a worker thread.

    The tenth failure in a row locks the pair for a minute, each one after it for twice as long, up to a quarter of an
    hour. An address is locked in the same way after some hundreds, whatever accounts they were for.
    """

    def __init__(self, clock: Clock, connections: Connections) -> None:
        self._clock = clock
        self._connections = connections
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], _Failures] = OrderedDict(self._load())

    def locked_seconds(self, account: str, address: str) -> int:
        """Return for how many more seconds the pair or the address is locked, 0 when neither is."""
        now = self._clock.now()
        with self._lock:
            known = [self._failures.get(key) for key in _keys(account, address)]
        ends = [failures.locked_until for failures in known if failures and failures.locked_until]
        seconds = max(((end - now).total_seconds() for end in ends), default=0)
        return max(1, round(seconds)) if seconds > 0 else 0

    def record_failure(self, account: str, address: str) -> None:
        """Count a wrong secret."""
        now = self._clock.now()
        for key in _keys(account, address):
            with self._lock:
                before = self._failures.pop(key, None)
                count = before.count + 1 if before and now - before.last_at < _FORGOTTEN_AFTER else 1
                free = _FREE_FAILURES_OF_AN_ADDRESS if key[0] == _ANY_ACCOUNT else _FREE_FAILURES
                doublings = min(count - free, 10)
                locked_until = (
                    now + min(_FIRST_LOCK * 2**doublings, _LONGEST_LOCK) if doublings >= 0 else None
                )
                self._failures[key] = _Failures(count, now, locked_until)
                if len(self._failures) > _MAXIMUM_REMEMBERED:
                    self._failures.popitem(last=False)
                if locked_until is not None:
                    self._write(key, count, now, locked_until)

    def record_success(self, account: str, address: str) -> None:
        """Forget the failures of the pair."""
        key = _keys(account, address)[0]
        with self._lock:
            before = self._failures.pop(key, None)
            if before is not None and before.locked_until is not None:
                with self._connections.write() as connection:
                    connection.execute(delete(FAILED_SIGN_IN).where(_is_of(key)))

    def _write(self, key: tuple[str, str], count: int, now: datetime, locked_until: datetime) -> None:
        account, address = key
        with self._connections.write() as connection:
            old = FAILED_SIGN_IN.c.last_at < now - _FORGOTTEN_AFTER
            connection.execute(delete(FAILED_SIGN_IN).where(_is_of(key) | old))
            connection.execute(
                insert(FAILED_SIGN_IN).values(
                    account=account, address=address, count=count, last_at=now, locked_until=locked_until
                )
            )

    def _load(self) -> dict[tuple[str, str], _Failures]:
        with self._connections.read() as connection:
            table = FAILED_SIGN_IN.c
            chosen = select(table.account, table.address, table.count, table.last_at, table.locked_until)
            rows = connection.execute(chosen.order_by(table.last_at)).all()
        return {
            (account, address): _Failures(count, as_utc(last_at), as_utc(locked_until))
            for account, address, count, last_at, locked_until in rows
        }


def _keys(account: str, address: str) -> tuple[tuple[str, str], ...]:
    """Return what is counted: the pair and, where there is an address, all that comes from it."""
    pair = (account[:_LONGEST_NAME], address[:_LONGEST_ADDRESS])
    return (pair, (_ANY_ACCOUNT, pair[1])) if address else (pair,)


def _is_of(key: tuple[str, str]) -> ColumnElement[bool]:
    table = FAILED_SIGN_IN.c
    return (table.account == key[0]) & (table.address == key[1])
