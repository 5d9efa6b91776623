from __future__ import annotations

import pytest

from kelp.base.errors import Category
from kelp.identity.accounts import Account
from kelp.identity.errors import SignInFailed
from kelp.identity.services import IdentityServices
from tests.unit.resources.doubles import TurnedClock

CLIENT = "04B07795-8ddb-461a-bbee-02f9e1bf7b46"


def test_one_place_can_not_take_all_codes(identity: IdentityServices, clock: TurnedClock) -> None:
    codes = identity.device_codes
    for _ in range(100):
        codes.begin(CLIENT, "common", "openid", "203.0.113.9")
    with pytest.raises(SignInFailed) as refusal:
        codes.begin(CLIENT, "common", "openid", "203.0.113.9")
    assert refusal.value.category is Category.THROTTLED
    codes.begin(CLIENT, "common", "openid", "192.0.2.1")
    clock.turn(minutes=15)
    codes.begin(CLIENT, "common", "openid", "203.0.113.9")


def test_a_code_is_redeemed_once_by_its_client(identity: IdentityServices, user: Account) -> None:
    codes = identity.device_codes
    begun = codes.begin(CLIENT, "contoso.local", "openid")
    shown = begun.user_code
    waiting = codes.find_waiting(f" {shown[:4].lower()}-{shown[4:]} ")
    assert waiting is not None
    assert codes.approve(waiting, user.object_id)
    assert not codes.approve(waiting, user.object_id)
    assert codes.find_waiting(shown) is None
    with pytest.raises(SignInFailed, match="not known for this client"):
        codes.redeem(begun.device_code, "another")
    approved = codes.redeem(begun.device_code, CLIENT.lower())
    assert (approved.object_id, approved.tenant_name) == (user.object_id, "contoso.local")
    with pytest.raises(SignInFailed, match="used already"):
        codes.redeem(begun.device_code, CLIENT)
