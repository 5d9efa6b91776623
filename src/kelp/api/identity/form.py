"""Forms, as browsers and OAuth clients send them: each parameter once."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl, unquote

from kelp.base.errors import Category
from kelp.identity.errors import SignInFailed

MAXIMUM_FORM_BYTES = 64 * 1024
_MAXIMUM_FIELDS = 64


def parse_form(body: bytes, authorization: str = "") -> dict[str, str]:
    """Return the parameters of a form; client credentials may come by the Basic scheme instead (RFC 6749, 2.3.1).

    Raises `SignInFailed` when a parameter is repeated or the body is no form.
    """
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAXIMUM_FIELDS)
    except (ValueError, UnicodeDecodeError) as error:
        raise SignInFailed(
            Category.INVALID, "invalid_request", 9000410, "Malformed form: the body can't be read."
        ) from error
    form = dict(pairs)
    if len(form) != len(pairs):
        raise SignInFailed(
            Category.INVALID,
            "invalid_request",
            9000411,
            "The request is not properly formatted: a parameter is repeated.",
        )
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise SignInFailed(
                Category.INVALID, "invalid_request", 9000410, "The Authorization header is malformed."
            ) from error
        form = {"client_id": unquote(name), "client_secret": unquote(secret)} | form
    return form


def missing_parameter(name: str) -> SignInFailed:
    """Return the refusal of a form that lacks a parameter."""
    return SignInFailed(
        Category.INVALID,
        "invalid_request",
        900144,
        f"The request body must contain the following parameter: '{name}'.",
    )
