"""What a client asks of the authorization endpoint, and how it is answered: by way of the browser (RFC 6749, 4.1.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlunsplit

from starlette.responses import RedirectResponse, Response

from kelp.api.identity.pages import posting_page
from kelp.base.errors import Category
from kelp.identity.addresses import split_url
from kelp.identity.authorization_codes import CodeRequest
from kelp.identity.errors import SignInFailed
from kelp.identity.redirect_uris import is_loopback, matches_redirect

if TYPE_CHECKING:
    from kelp.identity.accounts import Account
    from kelp.identity.services import IdentityServices
    from kelp.identity.sign_in import Attempt

KEPT = (
    "client_id",
    "redirect_uri",
    "response_type",
    "response_mode",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)
"""The parameters that a page carries on."""
_MODES = ("query", "fragment", "form_post")


@dataclass(frozen=True, slots=True)
class Authorization:
    """A request whose client and reply address are known to belong together. `parameters` are those of `KEPT`."""

    client: Account | None
    redirect_uri: str
    response_mode: str
    parameters: Mapping[str, str] = field(repr=False)

    @property
    def code_request(self) -> CodeRequest:
        """For what the code is given."""
        given = self.parameters
        return CodeRequest(
            given["client_id"],
            self.redirect_uri,
            given.get("scope", ""),
            given.get("nonce", ""),
            given.get("code_challenge", ""),
        )

    def find_problem(self) -> tuple[str, str] | None:
        """Return the OAuth error that the client must be told, with a description."""
        given = self.parameters
        if given.get("response_type") != "code":
            return "unsupported_response_type", "The only response_type offered is 'code'."
        if given.get("response_mode", "query") not in _MODES:
            return "invalid_request", f"The response_mode is one of {', '.join(_MODES)}."
        if not given.get("scope"):
            return "invalid_request", "The parameter 'scope' is missing."
        challenge, method = given.get("code_challenge", ""), given.get("code_challenge_method", "")
        if challenge and method != "S256":
            return "invalid_request", "The only code_challenge_method offered is 'S256'."
        if not challenge and (self.client is None or is_loopback(self.redirect_uri)):
            return "invalid_request", "Public clients must send a code_challenge (PKCE, RFC 7636)."
        return None

    def reply(self, **answer: str) -> Response:
        """Send the browser back to the client with an answer."""
        state = self.parameters.get("state")
        given = answer | ({"state": state} if state is not None else {})
        if self.response_mode == "form_post":
            return posting_page(self.redirect_uri, given)
        parts = split_url(self.redirect_uri)
        text = urlencode(given)
        if self.response_mode == "fragment":
            target = urlunsplit(parts._replace(fragment=text))
        else:
            target = urlunsplit(parts._replace(query=f"{parts.query}&{text}" if parts.query else text))
        return RedirectResponse(target, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})


def read_authorization(
    identity: IdentityServices, attempt: Attempt, given: Mapping[str, str]
) -> Authorization:
    """Return what is asked. Raises `SignInFailed` where the browser must not be sent on: to whom is not sure."""
    identity.sign_in.find_tenant(attempt.tenant_name)
    client_id, redirect_uri = given.get("client_id", ""), given.get("redirect_uri", "")
    for name, value in (("client_id", client_id), ("redirect_uri", redirect_uri)):
        if not value:
            raise SignInFailed(
                Category.INVALID, "invalid_request", 900144, f"The parameter '{name}' is missing."
            )
    client = identity.sign_in.find_client(attempt, client_id)
    if client is None:
        is_known = is_loopback(redirect_uri)
    else:
        known = identity.redirect_uris.read([client.object_id])[client.object_id]
        is_known = any(matches_redirect(one.uri, redirect_uri) for one in known)
    if not is_known:
        raise SignInFailed(
            Category.INVALID,
            "invalid_request",
            50011,
            f"The redirect URI '{redirect_uri}' does not match the redirect URIs configured for the application "
            f"'{client_id}'.",
        )
    mode = given.get("response_mode", "query")
    kept = {name: given[name] for name in KEPT if name in given}
    return Authorization(client, redirect_uri, mode if mode in _MODES else "query", kept)
