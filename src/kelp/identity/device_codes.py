"""Signing in for a device that has no browser: it shows a code, which somebody enters on our page. Cf. RFC 8628."""

from __future__ import annotations

import hashlib
import secrets
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from kelp.base.clock import Clock, as_utc
from kelp.base.errors import Category
from kelp.identity.accounts import Connections
from kelp.identity.errors import SignInFailed
from kelp.identity.schema import DEVICE_CODE

LIFETIME = timedelta(minutes=15)
INTERVAL = timedelta(seconds=5)
_TOLERATED_INTERVAL = timedelta(seconds=4)
"""Clients that wait for the interval may arrive a little early."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""Neither vowels nor letters that look like digits: a code is no word and is read without mistakes."""
_USER_CODE_LETTERS = 9
_MAXIMUM_WAITING = 10_000
_MAXIMUM_OF_AN_ADDRESS = 100
"""Codes that one place may ask for in the lifetime of a code, so that it can't take all there are."""


class State(StrEnum):
    """How far a device's sign-in is."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    REDEEMED = "redeemed"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What a device gets: the code it asks again with, and the one it shows."""

    device_code: str = field(repr=False)
    user_code: str


@dataclass(frozen=True, slots=True)
class WaitingDevice:
    """What somebody signs in for who enters a code."""

    user_code: str
    client_id: str
    tenant_name: str


@dataclass(frozen=True, slots=True)
class ApprovedDevice:
    """Who signed in for a device, and what it asked for."""

    object_id: UUID
    tenant_name: str
    scope: str


class DeviceCodes:
    """Gives codes and waits for somebody to enter them. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, clock: Clock) -> None:
        self._connections = connections
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: dict[str, tuple[datetime, int]] = {}

    def begin(self, client_id: str, tenant_name: str, scope: str, address: str = "") -> DeviceCode:
        """Return the codes for a device. Raises `SignInFailed` while too many wait, or the address asks too often."""
        codes = DeviceCode(secrets.token_urlsafe(32), _new_user_code())
        now = self._clock.now()
        self._count(address, now)
        with self._connections.write() as connection:
            # Those that expired stay for as long again, so that their devices are told so.
            connection.execute(delete(DEVICE_CODE).where(DEVICE_CODE.c.expires_at <= now - LIFETIME))
            if len(connection.execute(select(DEVICE_CODE.c.digest)).all()) >= _MAXIMUM_WAITING:
                raise _refuse_more("Too many devices wait to be signed in.")
            connection.execute(
                insert(DEVICE_CODE).values(
                    digest=_digest(codes.device_code),
                    user_code=codes.user_code,
                    client_id=client_id.lower(),
                    tenant_name=tenant_name,
                    scope=scope,
                    state=State.PENDING,
                    expires_at=now + LIFETIME,
                )
            )
        return codes

    def find_waiting(self, user_code: str) -> WaitingDevice | None:
        """Return what a code was shown for, in any case and spacing; None when none is waiting under it."""
        code = "".join(user_code.split()).replace("-", "").upper()
        with self._connections.read() as connection:
            row = connection.execute(select(DEVICE_CODE).where(DEVICE_CODE.c.user_code == code)).first()
        if row is None or row.state != State.PENDING or as_utc(row.expires_at) <= self._clock.now():
            return None
        return WaitingDevice(row.user_code, row.client_id, row.tenant_name)

    def approve(self, device: WaitingDevice, object_id: UUID) -> bool:
        """Let the device act for who signed in; false when it waits no longer."""
        return self._settle(device, State.APPROVED, object_id)

    def decline(self, device: WaitingDevice) -> bool:
        """Send the device away; false when it waits no longer."""
        return self._settle(device, State.DECLINED, None)

    def redeem(self, device_code: str, client_id: str) -> ApprovedDevice:
        """Return who signed in for a device, once. Raises `SignInFailed`: what the device must know until then."""
        now = self._clock.now()
        with self._connections.write() as connection:
            chosen = DEVICE_CODE.c.digest == _digest(device_code)
            row = connection.execute(select(DEVICE_CODE).where(chosen)).first()
            if row is not None:
                connection.execute(update(DEVICE_CODE).where(chosen).values(polled_at=now))
            if row is not None and row.client_id == client_id.lower() and row.state == State.APPROVED:
                connection.execute(update(DEVICE_CODE).where(chosen).values(state=State.REDEEMED))
        if row is None or row.client_id != client_id.lower():
            raise _refuse("invalid_grant", 70000, "The device code is not known for this client.")
        if as_utc(row.expires_at) <= now:
            raise _refuse("expired_token", 70020, "The code expired before anybody signed in. Begin again.")
        return self._answer(row)

    def _count(self, address: str, now: datetime) -> None:
        with self._lock:
            if len(self._begun) >= _MAXIMUM_WAITING:
                self._begun.clear()
            first_at, count = self._begun.get(address, (now, 0))
            if now - first_at >= LIFETIME:
                first_at, count = now, 0
            if count >= _MAXIMUM_OF_AN_ADDRESS:
                raise _refuse_more("Too many codes for devices were asked for from this address.")
            self._begun[address] = (first_at, count + 1)

    def _answer(self, row: Row[tuple[object, ...]]) -> ApprovedDevice:
        state = State(row.state)
        match state:
            case State.APPROVED:
                return ApprovedDevice(row.object_id, row.tenant_name, row.scope)
            case State.REDEEMED:
                raise _refuse("invalid_grant", 54005, "The device code was used already.")
            case State.DECLINED:
                raise _refuse("authorization_declined", 70018, "The sign-in was declined.")
            case State.PENDING:
                early = row.polled_at and self._clock.now() - as_utc(row.polled_at) < _TOLERATED_INTERVAL
                if early:
                    raise _refuse("slow_down", 70016, "Ask more slowly: wait five more seconds each time.")
                raise _refuse(
                    "authorization_pending", 70016, "Nobody has signed in with the code yet. Ask again."
                )
            case _ as unreachable:
                assert_never(unreachable)

    def _settle(self, device: WaitingDevice, state: State, object_id: UUID | None) -> bool:
        table = DEVICE_CODE.c
        chosen = (table.user_code == device.user_code) & (table.state == State.PENDING)
        with self._connections.write() as connection:
            settled = update(DEVICE_CODE).where(chosen).values(state=state, object_id=object_id)
            return connection.execute(settled).rowcount == 1


def _new_user_code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_USER_CODE_LETTERS))


def _digest(device_code: str) -> bytes:
    return hashlib.sha256(device_code.encode()).digest()


def _refuse_more(message: str) -> SignInFailed:
    return SignInFailed(Category.THROTTLED, "temporarily_unavailable", 90055, message, retry_after_seconds=60)


def _refuse(code: str, number: int, message: str) -> SignInFailed:
    return SignInFailed(Category.INVALID, code, number, message)
