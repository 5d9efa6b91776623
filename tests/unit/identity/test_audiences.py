from __future__ import annotations

import pytest

from kelp.identity.addresses import Addresses
from kelp.identity.audiences import Audience, RequestedScope, find_audience, parse_scope


@pytest.mark.parametrize(
    "text, expected",
    [
        ("https://management.azure.com", Audience.MANAGEMENT),
        ("https://management.azure.com/", Audience.MANAGEMENT),
        ("https://management.azure.com//", Audience.MANAGEMENT),
        ("https://management.core.windows.net/", Audience.MANAGEMENT),
        ("HTTPS://Management.Azure.com", Audience.MANAGEMENT),
        ("https://api.loganalytics.io", Audience.LOG_ANALYTICS),
        ("https://api.loganalytics.azure.com/", Audience.LOG_ANALYTICS),
        ("https://monitor.azure.com/", Audience.MONITOR),
        ("https://kusto.kusto.windows.net", Audience.KUSTO),
        ("https://localhost:8443", Audience.OURSELVES),
        ("https://127.0.0.1:8443/", Audience.OURSELVES),
        ("https://kelp.example/v1", Audience.OURSELVES),
        ("https://evil.example", None),
        ("https://management.azure.com.evil.example", None),
        ("", None),
    ],
)
def test_the_spellings_of_a_service_are_one(
    addresses: Addresses, text: str, expected: Audience | None
) -> None:
    assert find_audience(text, addresses) is expected


@pytest.mark.parametrize(
    "text, expected",
    [
        (
            "https://management.azure.com/.default",
            RequestedScope("https://management.azure.com", True, False),
        ),
        (
            "https://management.azure.com//.default",
            RequestedScope("https://management.azure.com", True, False),
        ),
        (
            "openid profile offline_access https://monitor.azure.com/.default",
            RequestedScope("https://monitor.azure.com", True, True),
        ),
        (
            "https://management.azure.com/user_impersonation",
            RequestedScope("https://management.azure.com", False, False),
        ),
        ("https://a.example/.default https://b.example/.default", None),
        ("openid", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_scope_names_one_resource(text: str, expected: RequestedScope | None) -> None:
    assert parse_scope(text) == expected
