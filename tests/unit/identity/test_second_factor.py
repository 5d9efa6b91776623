from __future__ import annotations

import base64
from pathlib import Path

import pytest

from kelp.base.errors import ServiceError
from kelp.identity.accounts import Account
from kelp.identity.second_factor import SecondFactors, code_of
from kelp.identity.services import IdentityServices
from kelp.resources.database import Database
from tests.unit.resources.doubles import TurnedClock


@pytest.fixture
def factors(identity: IdentityServices) -> SecondFactors:
    return identity.second_factors


def current(secret: str, clock: TurnedClock, steps: int = 0) -> str:
    return code_of(base64.b32decode(secret), int(clock.now().timestamp() // 30) + steps)


@pytest.mark.parametrize(
    "seconds, code",
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """RFC 6238, appendix B, SHA-1, the last six digits."""
    assert code_of(b"12345678901234567890", seconds // 30) == code


def test_it_counts_once_it_is_confirmed(factors: SecondFactors, user: Account, clock: TurnedClock) -> None:
    enrolment = factors.enrol(user)
    assert enrolment.address.startswith("otpauth://totp/Kelp:ada%40contoso.local?secret=")
    assert not factors.is_enrolled(user.object_id)
    assert not factors.verify(user.object_id, current(enrolment.secret, clock))
    assert factors.confirm(user.object_id, "000000") is None
    codes = factors.confirm(user.object_id, current(enrolment.secret, clock))
    assert codes is not None
    assert len(set(codes)) == 10
    assert factors.is_enrolled(user.object_id)
    with pytest.raises(ServiceError, match="has a second factor"):
        factors.enrol(user)


def test_each_step_opens_once_and_its_neighbours_too(
    factors: SecondFactors, user: Account, clock: TurnedClock
) -> None:
    secret = factors.enrol(user).secret
    factors.confirm(user.object_id, current(secret, clock))
    assert not factors.verify(user.object_id, current(secret, clock))
    assert not factors.verify(user.object_id, current(secret, clock, 2))
    assert factors.verify(user.object_id, current(secret, clock, 1))
    assert not factors.verify(user.object_id, current(secret, clock, 1))
    clock.turn(seconds=60)
    shown = current(secret, clock)
    assert factors.verify(user.object_id, f"{shown[:3]} {shown[3:]}")


def test_a_recovery_code_opens_once(
    factors: SecondFactors, user: Account, clock: TurnedClock, database: Database
) -> None:
    codes = factors.confirm(user.object_id, current(factors.enrol(user).secret, clock))
    assert codes is not None
    assert factors.verify(user.object_id, codes[3].upper())
    assert not factors.verify(user.object_id, codes[3])
    assert not factors.verify(user.object_id, "abcd-abcd-abcd-abcd")
    assert factors.remove(user.object_id)
    assert not factors.remove(user.object_id)
    assert not factors.verify(user.object_id, codes[4])


def test_neither_secret_nor_codes_lie_readable(
    factors: SecondFactors, user: Account, clock: TurnedClock, database: Database
) -> None:
    secret = factors.enrol(user).secret
    codes = factors.confirm(user.object_id, current(secret, clock))
    database.close()
    path = Path(database.engine.url.database or "")
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert base64.b32decode(secret) not in stored
    assert codes is not None
    assert not any(code.encode() in stored or code.replace("-", "").encode() in stored for code in codes)
