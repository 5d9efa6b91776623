"""A second factor: codes of an authenticator application (TOTP, RFC 6238), and recovery codes for when it is lost.

Secrets lie wrapped by the key provider; recovery codes, which are random, as digests. A time step is good once.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from kelp.base.clock import Clock
from kelp.base.errors import Category, ServiceError
from kelp.base.keys import KeyProvider
from kelp.identity.accounts import Account, Connections
from kelp.identity.schema import RECOVERY_CODE, SECOND_FACTOR

STEP = timedelta(seconds=30)
DIGITS = 6
RECOVERY_CODES = 10
_SECRET_BYTES = 20
_STEPS_AROUND = 1
"""An authenticator's clock may be a step away."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What a user brings to the authenticator: the secret in base 32, or the address that a QR code holds."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


class SecondFactors:
    """Enrols, checks and removes second factors. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections, keys: KeyProvider, clock: Clock) -> None:
        self._connections = connections
        self._keys = keys
        self._clock = clock

    def is_enrolled(self, object_id: UUID) -> bool:
        """Tell whether the account signs in with a second factor."""
        with self._connections.read() as connection:
            confirmed = connection.execute(
                select(SECOND_FACTOR.c.confirmed_at).where(SECOND_FACTOR.c.object_id == object_id)
            ).scalar()
        return confirmed is not None

    def enrol(self, account: Account) -> Enrolment:
        """Give an account a secret, which counts once `confirm` has seen a code made with it.

        Raises `ServiceError` (conflict) when the account has a second factor already.
        """
        if self.is_enrolled(account.object_id):
            raise ServiceError(
                Category.CONFLICT,
                "SecondFactorExists",
                "The account has a second factor; remove it before another is enrolled.",
            )
        secret = secrets.token_bytes(_SECRET_BYTES)
        wrapped = self._keys.wrap(_purpose(account.object_id), secret)
        with self._connections.write() as connection:
            connection.execute(delete(SECOND_FACTOR).where(SECOND_FACTOR.c.object_id == account.object_id))
            connection.execute(
                insert(SECOND_FACTOR).values(object_id=account.object_id, wrapped=wrapped, last_step=0)
            )
        shown = base64.b32encode(secret).decode()
        parameters = urlencode({"secret": shown, "issuer": "Kelp", "digits": DIGITS, "period": 30})
        return Enrolment(shown, f"otpauth://totp/Kelp:{quote(account.shown_name)}?{parameters}")

    def confirm(self, object_id: UUID, code: str) -> tuple[str, ...] | None:
        """Have the second factor count, and return the recovery codes; None for a wrong code.

        Raises `ServiceError` (not_found) when nothing is enrolled and waits.
        """
        if self.is_enrolled(object_id) or not self._has_secret(object_id):
            raise ServiceError(
                Category.NOT_FOUND, "SecondFactorNotFound", "No second factor is waiting to be confirmed."
            )
        if not self._accept_step(object_id, code):
            return None
        made = tuple(_new_recovery_code() for _ in range(RECOVERY_CODES))
        with self._connections.write() as connection:
            connection.execute(
                update(SECOND_FACTOR)
                .where(SECOND_FACTOR.c.object_id == object_id)
                .values(confirmed_at=self._clock.now())
            )
            connection.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.object_id == object_id))
            rows = [{"digest": _digest(object_id, one), "object_id": object_id} for one in made]
            connection.execute(insert(RECOVERY_CODE), rows)
        return made

    def verify(self, object_id: UUID, code: str) -> bool:
        """Accept a code of the authenticator or a recovery code, each once."""
        cleaned = "".join(code.split()).replace("-", "")
        if cleaned.isdecimal() and len(cleaned) == DIGITS:
            return self.is_enrolled(object_id) and self._accept_step(object_id, cleaned)
        with self._connections.write() as connection:
            used = delete(RECOVERY_CODE).where(RECOVERY_CODE.c.digest == _digest(object_id, cleaned))
            return connection.execute(used).rowcount == 1

    def remove(self, object_id: UUID) -> bool:
        """Have the account sign in without a second factor; false when it had none."""
        with self._connections.write() as connection:
            connection.execute(delete(RECOVERY_CODE).where(RECOVERY_CODE.c.object_id == object_id))
            removed = delete(SECOND_FACTOR).where(SECOND_FACTOR.c.object_id == object_id)
            return connection.execute(removed).rowcount == 1

    def rewrap(self) -> int:
        """Wrap every secret anew with the installation's newest key; return how many there were."""
        with self._connections.write() as connection:
            rows = connection.execute(select(SECOND_FACTOR)).all()
            for row in rows:
                purpose = _purpose(row.object_id)
                wrapped = self._keys.wrap(purpose, self._keys.unwrap(purpose, row.wrapped))
                chosen = SECOND_FACTOR.c.object_id == row.object_id
                connection.execute(update(SECOND_FACTOR).where(chosen).values(wrapped=wrapped))
        return len(rows)

    def _has_secret(self, object_id: UUID) -> bool:
        with self._connections.read() as connection:
            found = select(SECOND_FACTOR.c.object_id).where(SECOND_FACTOR.c.object_id == object_id)
            return connection.execute(found).first() is not None

    def _accept_step(self, object_id: UUID, code: str) -> bool:
        code = "".join(code.split())
        present = int(self._clock.now().timestamp() // STEP.total_seconds())
        chosen = SECOND_FACTOR.c.object_id == object_id
        with self._connections.write() as connection:
            row = connection.execute(select(SECOND_FACTOR).where(chosen)).first()
            if row is None:
                return False
            secret = self._keys.unwrap(_purpose(object_id), row.wrapped)
            steps = range(present - _STEPS_AROUND, present + _STEPS_AROUND + 1)
            matching = [step for step in steps if hmac.compare_digest(code_of(secret, step), code)]
            fresh = [step for step in matching if step > row.last_step]
            if not fresh:
                return False
            connection.execute(update(SECOND_FACTOR).where(chosen).values(last_step=fresh[0]))
        return True


def code_of(secret: bytes, step: int) -> str:
    """Return the code of a time step (RFC 4226, 5.3)."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    at = digest[-1] & 0x0F
    number = int.from_bytes(digest[at : at + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def _new_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _digest(object_id: UUID, code: str) -> bytes:
    return hashlib.sha256(f"{object_id} {''.join(code.split()).replace('-', '').lower()}".encode()).digest()


def _purpose(object_id: UUID) -> str:
    return f"second-factor/{object_id}"
