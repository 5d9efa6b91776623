from __future__ import annotations

import pytest

from kelp.base.errors import ServiceError
from kelp.identity.directory import Account, Directory
from kelp.identity.sessions import (
    COOKIE_NAME,
    Sessions,
    ended_session_cookie,
    read_session_id,
    session_cookie,
)
from kelp.resources.database import Database
from tests.unit.resources.doubles import TurnedClock


@pytest.fixture
def sessions(database: Database, directory: Directory, clock: TurnedClock) -> Sessions:
    return Sessions(database, directory, clock)


def test_a_session_lasts_while_it_is_used(sessions: Sessions, user: Account, clock: TurnedClock) -> None:
    session_id = sessions.begin(user.object_id)
    for _ in range(20):
        clock.turn(minutes=28)
        principal = sessions.find_principal(session_id)
        assert principal is not None
        assert principal.object_id == user.object_id
    clock.turn(minutes=30)
    assert sessions.find_principal(session_id) is None


def test_a_session_ends_after_twelve_hours_at_the_latest(
    sessions: Sessions, user: Account, clock: TurnedClock
) -> None:
    session_id = sessions.begin(user.object_id)
    for _ in range(47):
        clock.turn(minutes=15)
        assert sessions.find_principal(session_id) is not None
    clock.turn(minutes=15)
    assert sessions.find_principal(session_id) is None


def test_sign_out_ends_one_session_and_a_new_password_all(sessions: Sessions, user: Account) -> None:
    first, second, third = (sessions.begin(user.object_id) for _ in range(3))
    sessions.end(first)
    assert sessions.find_principal(first) is None
    assert sessions.find_principal(second) is not None
    sessions.end_all(user.object_id)
    assert [sessions.find_principal(session_id) for session_id in (second, third)] == [None, None]


def test_a_disabled_account_has_no_session(sessions: Sessions, directory: Directory, user: Account) -> None:
    session_id = sessions.begin(user.object_id)
    directory.set_enabled(user.object_id, is_enabled=False)
    assert sessions.find_principal(session_id) is None


def test_an_invented_id_is_no_session(sessions: Sessions) -> None:
    assert sessions.find_principal("invented") is None


def test_a_session_acts_where_it_has_entered_and_as_its_own_user(
    sessions: Sessions, directory: Directory, user: Account
) -> None:
    host = directory.create_tenant("Fabrikam", "fabrikam.local")
    other = directory.create_user(host.id, "bo@fabrikam.local", "Bo", "a rather long password")
    directory.guests.invite(host, user.user_name or "")
    guest = directory.guests.find_or_redeem(host, user)
    assert guest is not None
    session_id = sessions.begin(user.object_id)
    for name in (host.domain, "no.such.tenant"):
        with pytest.raises(ServiceError, match="has not entered"):
            sessions.find(session_id, name)
    with pytest.raises(ValueError, match="its own user"):
        sessions.enter(session_id, other)
    assert [sessions.enter(session_id, guest) for _ in range(2)] == [True, False]
    found = sessions.find(session_id, host.domain)
    assert found is not None
    assert found[1].object_id == found[0].object_id == guest.object_id
    directory.set_enabled(guest.object_id, is_enabled=False)
    assert sessions.find(session_id, host.domain) is None
    directory.delete_account(guest.object_id)
    with pytest.raises(ServiceError, match="has not entered"):
        sessions.find(session_id, host.domain)
    assert sessions.find_principal(session_id) is not None


def test_cookies_are_for_this_host_over_tls_and_not_for_scripts() -> None:
    cookie = session_cookie("abc")
    assert COOKIE_NAME.startswith("__Host-")
    for attribute in ("Path=/", "HttpOnly", "Secure", "SameSite=Strict"):
        assert attribute in cookie
        assert attribute in ended_session_cookie()
    assert "Max-Age=0" in ended_session_cookie()


@pytest.mark.parametrize(
    "header, expected",
    [
        (f"theme=dark; {COOKIE_NAME}=abc-_1", "abc-_1"),
        ("theme=dark", None),
        ("", None),
        ("\x00;;=", None),
    ],
)
def test_the_id_is_read_from_the_cookie_header(header: str, expected: str | None) -> None:
    assert read_session_id(header) == expected
