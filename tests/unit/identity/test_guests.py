from __future__ import annotations

from collections.abc import Callable

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.identity.directory import Account, Directory, Tenant
from kelp.identity.errors import SignInFailed
from kelp.identity.guests import INVITATION_LIFETIME
from kelp.identity.sign_in import Attempt, SignIn
from tests.unit.resources.doubles import TurnedClock

from .conftest import PASSWORD

CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


@pytest.fixture
def host(directory: Directory) -> Tenant:
    return directory.create_tenant("Fabrikam", "fabrikam.local")


def enter(sign_in: SignIn, tenant: str, user_name: str = "ada@contoso.local") -> Account:
    return sign_in.sign_in_user(Attempt(tenant), CLI, user_name, PASSWORD)


def refusal_of(sign_in: SignIn, tenant: str, user_name: str = "ada@contoso.local") -> int:
    with pytest.raises(SignInFailed) as refusal:
        enter(sign_in, tenant, user_name)
    return refusal.value.number


def category_of(make: Callable[[], object]) -> Category:
    with pytest.raises(ServiceError) as refusal:
        make()
    return refusal.value.category


def test_signing_in_with_the_invited_name_redeems(
    sign_in: SignIn, directory: Directory, host: Tenant, user: Account
) -> None:
    assert refusal_of(sign_in, "fabrikam.local") == 50020
    guest = directory.guests.invite(host, "Ada@contoso.local", "Ada of Contoso").guest
    assert (guest.is_guest, guest.home_object_id) == (True, None)
    entered = enter(sign_in, "fabrikam.local")
    assert (entered.object_id, entered.tenant_id, entered.home_object_id) == (
        guest.object_id,
        host.id,
        user.object_id,
    )
    assert entered.shown_name == "ada@contoso.local"
    assert enter(sign_in, str(host.id)).object_id == guest.object_id
    assert enter(sign_in, "common") == user


def test_a_link_redeems_for_whoever_follows_it_once(
    directory: Directory, host: Tenant, user: Account, tenant: Tenant
) -> None:
    invitation = directory.guests.invite(host, "someone@outside.example", redirect_url="https://there/")
    assert directory.guests.find_guest_of(invitation.token) == invitation.guest
    guest, target = directory.guests.redeem(invitation.token, user)
    assert (guest.home_object_id, target) == (user.object_id, "https://there/")
    assert directory.guests.find_guest_of(invitation.token) is None
    bob = directory.create_user(tenant.id, "bob@contoso.local", "Bob", PASSWORD)
    assert category_of(lambda: directory.guests.redeem(invitation.token, bob)) is Category.NOT_FOUND


def test_a_link_is_good_for_a_month_and_until_a_newer_one(
    directory: Directory, host: Tenant, user: Account, clock: TurnedClock
) -> None:
    first = directory.guests.invite(host, "someone@outside.example")
    second = directory.guests.invite(host, "someone@outside.example")
    assert first.guest == second.guest
    assert directory.guests.find_guest_of(first.token) is None
    clock.moment += INVITATION_LIFETIME
    assert directory.guests.find_guest_of(second.token) is None
    assert category_of(lambda: directory.guests.redeem(second.token, user)) is Category.NOT_FOUND


def test_an_invitation_is_for_nobody_else(
    sign_in: SignIn, directory: Directory, host: Tenant, tenant: Tenant, user: Account
) -> None:
    directory.create_user(tenant.id, "bob@contoso.local", "Bob", PASSWORD)
    directory.guests.invite(host, "ada@contoso.local")
    assert refusal_of(sign_in, "fabrikam.local", "bob@contoso.local") == 50020
    # A name of somebody else's domain can't be had.
    thief = directory.create_tenant("Thief", "thief.local")
    assert (
        category_of(lambda: directory.create_user(thief.id, "eve@contoso.local", "Eve", PASSWORD))
        is Category.INVALID
    )
    eve = directory.create_user(thief.id, "eve@thief.local", "Eve", PASSWORD)
    directory.update_account(eve.object_id, mail="ada@contoso.local")
    assert refusal_of(sign_in, "fabrikam.local", "eve@thief.local") == 50020


def test_who_can_be_no_guest(directory: Directory, host: Tenant, user: Account, tenant: Tenant) -> None:
    guests = directory.guests
    assert category_of(lambda: guests.invite(tenant, "new@contoso.local")) is Category.CONFLICT
    assert category_of(lambda: guests.invite(host, "no address")) is Category.INVALID
    own = guests.invite(tenant, "x@outside.example")
    assert category_of(lambda: guests.redeem(own.token, user)) is Category.CONFLICT
    guest, _ = guests.redeem(guests.invite(host, "y@outside.example").token, user)
    third = directory.create_tenant("Third", "third.local")
    again = guests.invite(third, "z@outside.example")
    assert category_of(lambda: guests.redeem(again.token, guest)) is Category.CONFLICT
    assert category_of(lambda: guests.invite(host, "y@outside.example")) is Category.CONFLICT


def test_a_guest_is_out_with_its_home_account_or_by_itself(
    sign_in: SignIn, directory: Directory, host: Tenant, user: Account
) -> None:
    directory.guests.invite(host, "ada@contoso.local")
    guest = enter(sign_in, "fabrikam.local")
    directory.set_enabled(user.object_id, is_enabled=False)
    assert directory.find_live_account(guest.object_id) is None
    assert refusal_of(sign_in, "fabrikam.local") == 50057
    directory.set_enabled(user.object_id, is_enabled=True)
    directory.set_enabled(guest.object_id, is_enabled=False)
    assert refusal_of(sign_in, "fabrikam.local") == 50057
    assert enter(sign_in, "contoso.local") == user
    directory.delete_account(guest.object_id)
    assert refusal_of(sign_in, "fabrikam.local") == 50020
