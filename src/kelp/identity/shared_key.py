"""Checking the signature of the HTTP Data Collector API.

Cf. "Azure Monitor HTTP Data Collector API", Authorization: `SharedKey <workspace id>:<signature>`, the signature being
the base64 of the HMAC-SHA256, under the decoded key, of method, length, content type, date header and path.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from uuid import UUID

from kelp.base.clock import as_utc
from kelp.identity.errors import InvalidSharedKey

MAXIMUM_SKEW = timedelta(minutes=15)
_SCHEME = "sharedkey"


@dataclass(frozen=True, slots=True)
class Signature:
    """The parts of an `Authorization` header."""

    workspace_id: UUID
    digest: bytes


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """What a client signs: the body's length as it came, and the texts of the headers."""

    method: str
    length_bytes: int
    content_type: str
    date: str
    path: str


def parse_authorization(header: str) -> Signature:
    """Read an `Authorization` header. Raises `InvalidSharedKey`."""
    scheme, _, rest = header.strip().partition(" ")
    name, colon, encoded = rest.strip().partition(":")
    if scheme.lower() != _SCHEME or not colon:
        raise InvalidSharedKey("The Authorization header is not 'SharedKey <workspace id>:<signature>'.")
    try:
        return Signature(UUID(name), base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error) as error:
        raise InvalidSharedKey(
            "The Authorization header holds no workspace id or no base64 signature."
        ) from error


def sign_request(request: SignedRequest, key: str) -> bytes:
    """Return the signature of a request under a base64 key."""
    lines = (
        request.method,
        str(request.length_bytes),
        request.content_type,
        f"x-ms-date:{request.date}",
        request.path,
    )
    return hmac.digest(base64.b64decode(key), "\n".join(lines).encode(), "sha256")


def verify_shared_key(
    request: SignedRequest, signature: Signature, keys: Iterable[str], now: datetime
) -> int:
    """Accept a request signed with one of the keys not more than 15 minutes away from `now`; return which, from 0.

    Raises `InvalidSharedKey`. Takes the same time whichever key or byte is wrong.
    """
    matches = [hmac.compare_digest(sign_request(request, key), signature.digest) for key in keys]
    if not any(matches):
        raise InvalidSharedKey(
            "An invalid signature was specified in the Authorization header: it was not made with a key of this "
            "workspace over this request."
        )
    try:
        sent_at = as_utc(parsedate_to_datetime(request.date))
    except (ValueError, OverflowError) as error:
        raise InvalidSharedKey("The x-ms-date header is no date in RFC 1123 form.") from error
    if abs(now - sent_at) > MAXIMUM_SKEW:
        raise InvalidSharedKey(
            f"The x-ms-date header '{request.date}' is more than 15 minutes away from the server's time."
        )
    return matches.index(True)
