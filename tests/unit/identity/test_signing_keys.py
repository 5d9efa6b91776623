from __future__ import annotations

from pathlib import Path

from kelp.identity.signing_keys import SigningKeys
from kelp.resources.database import Database
from tests.unit.resources.doubles import OwnKeys, TurnedClock


def test_keys_change_after_ninety_days_and_the_former_is_published_for_two_more(
    database: Database, keys: OwnKeys, clock: TurnedClock
) -> None:
    signing_keys = SigningKeys(database, keys, clock)
    first = signing_keys.current()
    clock.turn(days=89)
    assert signing_keys.current().kid == first.kid
    clock.turn(days=1)
    second = signing_keys.current()
    assert second.kid != first.kid
    assert [document["kid"] for document in signing_keys.public_documents()] == [first.kid, second.kid]
    assert signing_keys.find_public_key(first.kid) is not None
    clock.turn(days=2)
    assert [document["kid"] for document in signing_keys.public_documents()] == [second.kid]
    assert signing_keys.find_public_key(first.kid) is None


def test_keys_survive_a_restart_and_reach_other_processes(
    database: Database, keys: OwnKeys, clock: TurnedClock
) -> None:
    signing_keys = SigningKeys(database, keys, clock)
    other = SigningKeys(database, keys, clock)
    kid = signing_keys.current().kid
    assert SigningKeys(database, keys, clock).current().kid == kid
    assert other.find_public_key(kid) is None
    other.refresh()
    assert other.find_public_key(kid) is not None


def test_private_keys_lie_wrapped(database: Database, keys: OwnKeys, clock: TurnedClock) -> None:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = SigningKeys(database, keys, clock).current().private_key
    der = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    database.close()
    path = Path(database.engine.url.database or "")
    assert der[100:200] not in b"".join(file.read_bytes() for file in path.parent.iterdir())


def test_published_documents_hold_no_private_member(
    database: Database, keys: OwnKeys, clock: TurnedClock
) -> None:
    signing_keys = SigningKeys(database, keys, clock)
    signing_keys.current()
    (document,) = signing_keys.public_documents()
    assert set(document) == {"kty", "use", "alg", "kid", "x5t", "n", "e"}
