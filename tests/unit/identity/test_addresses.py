from __future__ import annotations

import pytest

from kelp.identity.addresses import Addresses

from .conftest import BASE_URL


@pytest.mark.parametrize(
    "host, expected",
    [
        ("127.0.0.1:8443", "https://127.0.0.1:8443"),
        ("[::1]:8443", "https://[::1]:8443"),
        ("KELP.example", "https://KELP.example"),
        ("1a2b.ods.localhost:8443", "https://1a2b.ods.localhost:8443"),
        ("evil.example", BASE_URL),
        ("localhost:8443/evil", BASE_URL),
        ("localhost:8443@evil.example", BASE_URL),
        ("", BASE_URL),
        (None, BASE_URL),
    ],
)
def test_documents_lead_back_by_the_name_the_client_used_if_it_is_ours(
    addresses: Addresses, host: str | None, expected: str
) -> None:
    assert addresses.base_url_for(host) == expected


@pytest.mark.parametrize(
    "url, ours",
    [
        ("https://localhost:8443", True),
        ("https://kelp.example/v1", True),
        ("https://ws.ods.kelp.example:1/", True),
        ("http://localhost:8443", False),
        ("https://localhost.evil.example", False),
        ("https://evil.example/localhost", False),
        ("localhost", False),
        ("https://", False),
    ],
)
def test_urls_are_told_apart_by_host(addresses: Addresses, url: str, ours: bool) -> None:
    assert addresses.is_ours(url) is ours


@pytest.mark.parametrize(
    "text", ["https://[", "https://localhost:port/", "https://localhost:99999/", "", "\0"]
)
def test_what_is_no_address_is_not_ours(addresses: Addresses, text: str) -> None:
    assert not addresses.is_ours(text)
