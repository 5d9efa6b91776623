"""What the log of a tenant is told of those who enter the portal."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from kelp.api.portal.entrance import CodeNeeded, Entered, Entrance, Visitor
from kelp.base.errors import ServiceError
from kelp.identity.directory import Account, Directory, Tenant
from kelp.identity.events import DirectoryEvent, SignInEvent
from kelp.identity.second_factor import code_of
from kelp.identity.services import IdentityServices
from kelp.identity.sign_in import Attempt
from tests.unit.identity.conftest import PASSWORD
from tests.unit.resources.doubles import TurnedClock

VISITOR = Visitor(Attempt("organizations", "192.0.2.1"), {}, "correlation", "a browser")


@pytest.fixture
def events() -> list[SignInEvent | DirectoryEvent]:
    return []


@pytest.fixture
def entrance(identity: IdentityServices, events: list[SignInEvent | DirectoryEvent]) -> Entrance:
    return Entrance(replace(identity, tell=events.append))


def told(events: list[SignInEvent | DirectoryEvent]) -> list[tuple[str, int]]:
    return [(event.protocol, event.number) for event in events if isinstance(event, SignInEvent)]


def test_a_sign_in_and_a_wrong_password_are_told(
    entrance: Entrance, user: Account, events: list[SignInEvent | DirectoryEvent]
) -> None:
    with pytest.raises(ServiceError, match="is wrong"):
        entrance.begin(VISITOR, user.user_name or "", "wrong")
    assert isinstance(entrance.begin(VISITOR, user.user_name or "", PASSWORD), Entered)
    assert told(events) == [("portal", 50126), ("portal", 0)]


def test_who_stops_at_the_second_factor_is_told(
    entrance: Entrance,
    identity: IdentityServices,
    user: Account,
    clock: TurnedClock,
    events: list[SignInEvent | DirectoryEvent],
) -> None:
    secret = base64.b32decode(identity.second_factors.enrol(user).secret)
    step = int(clock.now().timestamp() // 30)
    identity.second_factors.confirm(user.object_id, code_of(secret, step))
    asked = entrance.begin(VISITOR, user.user_name or "", PASSWORD)
    assert isinstance(asked, CodeNeeded)
    with pytest.raises(ServiceError, match="was used already"):
        entrance.complete(VISITOR, asked.ticket, code_of(secret, step))
    clock.turn(seconds=30)
    entered = entrance.complete(VISITOR, asked.ticket, code_of(secret, step + 1))
    assert told(events) == [("portal", 50074), ("portal", 500121), ("portal", 0)]
    assert identity.sessions.find_principal(entered.session_id) is not None
    last = events[-1]
    assert isinstance(last, SignInEvent)
    assert last.used_second_factor


def test_entering_another_tenant_is_told_there_once_as_a_sign_in(
    entrance: Entrance,
    identity: IdentityServices,
    directory: Directory,
    tenant: Tenant,
    user: Account,
    events: list[SignInEvent | DirectoryEvent],
) -> None:
    host = directory.create_tenant("Fabrikam", "fabrikam.local")
    guest = directory.guests.invite(host, user.user_name or "").guest
    guest = directory.guests.find_or_redeem(host, user) or guest
    entered = entrance.begin(VISITOR, user.user_name or "", PASSWORD)
    assert isinstance(entered, Entered)
    for _ in range(2):
        entrance.enter_as(VISITOR, entered.session_id, user, guest)
    assert told(events) == [("portal", 0)] * 2
    last = events[-1]
    assert isinstance(last, SignInEvent)
    assert (last.tenant_id, last.home_tenant_id, last.is_guest) == (host.id, tenant.id, True)
    acting = [identity.sessions.find(entered.session_id, name) for name in ("", host.domain, str(tenant.id))]
    assert [found and found[1].tenant_id for found in acting] == [tenant.id, host.id, tenant.id]
    directory.set_password(user.object_id, "another long password")
    assert identity.sessions.find_principal(entered.session_id) is None
