from __future__ import annotations

import pytest

from kelp.identity.redirect_uris import find_redirect_problem, is_loopback, matches_redirect


@pytest.mark.parametrize(
    "uri, is_good",
    [
        ("https://site.example/back?a=1", True),
        ("http://localhost:3000/", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:8080/x", True),
        ("http://site.example/back", False),
        ("https://site.example/#part", False),
        ("https://user@site.example/", False),
        ("https://a;b/", False),
        ("https://a b/", False),
        ("javascript:alert(1)", False),
        ("/relative", False),
        ("", False),
    ],
)
def test_where_browsers_may_be_sent(uri: str, is_good: bool) -> None:
    assert (find_redirect_problem(uri) is None) is is_good


@pytest.mark.parametrize(
    "uri, is_ours",
    [
        ("http://localhost:1234/", True),
        ("https://localhost/", False),
        ("http://localhost.evil.example/", False),
        ("http://x;script-src 'unsafe-inline'@localhost/", False),
        ("http://evil.example@localhost/", False),
    ],
)
def test_what_is_the_users_own_machine(uri: str, is_ours: bool) -> None:
    assert is_loopback(uri) is is_ours


def test_the_port_of_the_users_own_machine_does_not_matter() -> None:
    assert matches_redirect("http://localhost", "http://localhost:4711/")
    assert not matches_redirect("http://localhost/a", "http://localhost:4711/b")
    assert not matches_redirect("http://localhost", "http://127.0.0.1")
    assert not matches_redirect("https://site.example/a", "https://site.example:444/a")
