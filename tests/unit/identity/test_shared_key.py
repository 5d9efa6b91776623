from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from kelp.identity.errors import InvalidSharedKey
from kelp.identity.shared_key import (
    Signature,
    SignedRequest,
    parse_authorization,
    sign_request,
    verify_shared_key,
)

NOW = datetime(2016, 4, 4, 8, 0, 0, tzinfo=UTC)
PRIMARY, SECONDARY = (base64.b64encode(bytes([byte]) * 64).decode() for byte in (1, 2))
REQUEST = SignedRequest("POST", 1024, "application/json", "Mon, 04 Apr 2016 08:00:00 GMT", "/api/logs")


def sign(request: SignedRequest, key: str) -> Signature:
    return Signature(UUID(int=1), sign_request(request, key))


def test_the_signature_is_that_of_the_documented_text() -> None:
    # printf 'POST\n1024\n...' | openssl dgst -sha256 -mac HMAC, with a key of 64 bytes 01
    expected = "eVWtpt/99FgBxie44GpblY2u3+g6cLzgW5HARo4KbOw="
    assert base64.b64encode(sign_request(REQUEST, PRIMARY)).decode() == expected


@pytest.mark.parametrize("key", [PRIMARY, SECONDARY])
def test_either_key_signs(key: str) -> None:
    keys = (PRIMARY, SECONDARY)
    assert keys[verify_shared_key(REQUEST, sign(REQUEST, key), keys, NOW)] == key


@pytest.mark.parametrize(
    "sent",
    [
        replace(REQUEST, method="PUT"),
        replace(REQUEST, length_bytes=1025),
        replace(REQUEST, content_type="application/json; charset=utf-8"),
        replace(REQUEST, date="Mon, 04 Apr 2016 08:00:01 GMT"),
        replace(REQUEST, path="/api/Logs"),
    ],
)
def test_whatever_is_signed_must_be_what_is_sent(sent: SignedRequest) -> None:
    with pytest.raises(InvalidSharedKey, match="signature"):
        verify_shared_key(sent, sign(REQUEST, PRIMARY), (PRIMARY, SECONDARY), NOW)


def test_the_key_of_another_workspace_does_not_sign() -> None:
    other = base64.b64encode(bytes(64)).decode()
    with pytest.raises(InvalidSharedKey):
        verify_shared_key(REQUEST, sign(REQUEST, other), (PRIMARY, SECONDARY), NOW)


@pytest.mark.parametrize("minutes, accepted", [(15, True), (-15, True), (15.1, False), (-15.1, False)])
def test_the_date_may_be_fifteen_minutes_off(minutes: float, accepted: bool) -> None:
    request = replace(REQUEST, date=format_datetime(NOW, usegmt=True))
    now = NOW + timedelta(minutes=minutes)
    if accepted:
        verify_shared_key(request, sign(request, PRIMARY), (PRIMARY,), now)
    else:
        with pytest.raises(InvalidSharedKey, match="15 minutes"):
            verify_shared_key(request, sign(request, PRIMARY), (PRIMARY,), now)


def test_a_signed_date_that_is_none_is_refused() -> None:
    request = replace(REQUEST, date="yesterday")
    with pytest.raises(InvalidSharedKey, match="no date"):
        verify_shared_key(request, sign(request, PRIMARY), (PRIMARY,), NOW)


def test_the_header_is_read() -> None:
    header = f"SharedKey {UUID(int=1)}:{base64.b64encode(b'x' * 32).decode()}"
    assert parse_authorization(header) == Signature(UUID(int=1), b"x" * 32)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "SharedKey",
        "SharedKey nonsense",
        "Bearer abc",
        f"SharedKey {UUID(int=1)}",
        "SharedKey no-guid:eA==",
        f"SharedKey {UUID(int=1)}:***",
    ],
)
def test_another_header_is_refused(header: str) -> None:
    with pytest.raises(InvalidSharedKey):
        parse_authorization(header)
