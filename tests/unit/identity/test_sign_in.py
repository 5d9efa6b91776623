from __future__ import annotations

from datetime import timedelta

import pytest

from kelp.base.errors import Category
from kelp.identity.directory import Account, Directory, Tenant
from kelp.identity.errors import SignInFailed
from kelp.identity.sign_in import Attempt, SignIn
from tests.unit.resources.doubles import TurnedClock

from .conftest import PASSWORD

CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def client_id(application: Account) -> str:
    return str(application.application_id)


@pytest.mark.parametrize("name", ["contoso.local", "common", "organizations", "adfs"])
def test_a_secret_opens_under_each_name_of_the_tenant(
    sign_in: SignIn, directory: Directory, application: Account, name: str
) -> None:
    secret = directory.add_secret(application.object_id)
    assert sign_in.sign_in_application(Attempt(name), client_id(application), secret) == application


def test_a_password_opens(sign_in: SignIn, user: Account) -> None:
    assert sign_in.sign_in_user(Attempt("contoso.local"), CLI, "ADA@contoso.local", PASSWORD) == user


def refusal_number(sign_in: SignIn, tenant: str, client: str, secret: str) -> tuple[int, str, Category]:
    with pytest.raises(SignInFailed) as refusal:
        sign_in.sign_in_application(Attempt(tenant), client, secret)
    return refusal.value.number, refusal.value.code, refusal.value.category


def test_applications_are_refused_in_azures_words(
    sign_in: SignIn, directory: Directory, tenant: Tenant, application: Account, clock: TurnedClock
) -> None:
    own = client_id(application)
    other = directory.create_tenant("Fabrikam", "fabrikam.local")
    secret = directory.add_secret(application.object_id, timedelta(days=1))
    assert refusal_number(sign_in, "nowhere.local", own, secret) == (
        90002,
        "invalid_request",
        Category.INVALID,
    )
    assert refusal_number(sign_in, str(tenant.id), str(other.id), secret) == (
        700016,
        "unauthorized_client",
        Category.INVALID,
    )
    assert refusal_number(sign_in, str(tenant.id), "no-guid", secret) == (
        700016,
        "unauthorized_client",
        Category.INVALID,
    )
    assert refusal_number(sign_in, "fabrikam.local", own, secret) == (
        700016,
        "unauthorized_client",
        Category.INVALID,
    )
    assert refusal_number(sign_in, str(tenant.id), own, "wrong") == (
        7000215,
        "invalid_client",
        Category.UNAUTHENTICATED,
    )
    directory.set_enabled(application.object_id, is_enabled=False)
    assert refusal_number(sign_in, str(tenant.id), own, secret)[0] == 7000112
    clock.turn(days=2)
    assert refusal_number(sign_in, str(tenant.id), own, secret)[0] == 7000222


@pytest.mark.parametrize(
    "user_name, tenant_name",
    [
        ("ada@contoso.local", "contoso.local"),
        ("nobody@contoso.local", "contoso.local"),
    ],
)
def test_a_wrong_user_and_a_wrong_password_look_alike(
    sign_in: SignIn, user: Account, user_name: str, tenant_name: str
) -> None:
    with pytest.raises(SignInFailed) as refusal:
        sign_in.sign_in_user(Attempt(tenant_name), CLI, user_name, "wrong")
    assert (refusal.value.number, refusal.value.code) == (50126, "invalid_grant")


def test_guessing_is_slowed_down_and_the_right_secret_waits_too(
    sign_in: SignIn, directory: Directory, application: Account, clock: TurnedClock
) -> None:
    secret = directory.add_secret(application.object_id)
    own = client_id(application)
    for written in (own, own.upper(), own.replace("-", ""), f"{{{own}}}", own) * 2:
        assert refusal_number(sign_in, "common", written, "wrong")[0] == 7000215
    assert refusal_number(sign_in, "common", own, secret) == (
        50053,
        "temporarily_unavailable",
        Category.THROTTLED,
    )
    clock.turn(minutes=1)
    assert sign_in.sign_in_application(Attempt("common"), own, secret) == application


def test_a_disabled_user_is_kept_out(sign_in: SignIn, directory: Directory, user: Account) -> None:
    directory.set_enabled(user.object_id, is_enabled=False)
    with pytest.raises(SignInFailed) as refusal:
        sign_in.sign_in_user(Attempt("common"), CLI, "ada@contoso.local", PASSWORD)
    assert refusal.value.number == 50057


def test_through_an_application_only_its_own_tenant_is_entered(
    sign_in: SignIn, directory: Directory, user: Account
) -> None:
    """Whoever runs an application gets the tokens of those who sign in: only for the tenant that let it in."""
    fabrikam = directory.create_tenant("Fabrikam", "fabrikam.local")
    theirs = client_id(directory.create_application(fabrikam.id, "theirs"))
    for tenant, number in (("common", 50020), ("contoso.local", 700016)):
        with pytest.raises(SignInFailed) as refusal:
            sign_in.sign_in_user(Attempt(tenant), theirs, "ada@contoso.local", PASSWORD)
        assert refusal.value.number == number
    guest = directory.guests.invite(fabrikam, "ada@contoso.local").guest
    entered = sign_in.sign_in_user(Attempt("common"), theirs, "ada@contoso.local", PASSWORD)
    assert (entered.object_id, entered.tenant_id) == (guest.object_id, fabrikam.id)


def test_nobody_signs_in_through_a_disabled_application(
    sign_in: SignIn, directory: Directory, application: Account, user: Account
) -> None:
    directory.set_enabled(application.object_id, is_enabled=False)
    with pytest.raises(SignInFailed) as refusal:
        sign_in.sign_in_user(Attempt("common"), client_id(application), "ada@contoso.local", PASSWORD)
    assert refusal.value.number == 7000112
