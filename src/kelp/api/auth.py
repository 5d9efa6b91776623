"""Who is calling: turns the `Authorization` header of any route into a `Principal`.

A browser has a session instead; who it is was found out before the route (`api.portal.browser`), on the routes that
let browsers in.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from starlette.types import Scope

from kelp.api.http import client_address, find_header
from kelp.identity.audiences import Audience
from kelp.identity.errors import InvalidToken
from kelp.identity.principal import Principal
from kelp.identity.tokens import TokenService

MANAGEMENT_AUDIENCES = frozenset({Audience.MANAGEMENT, Audience.OURSELVES})
QUERY_AUDIENCES = frozenset(
    {Audience.LOG_ANALYTICS, Audience.APPLICATION_INSIGHTS, Audience.MANAGEMENT, Audience.OURSELVES}
)
INGESTION_AUDIENCES = frozenset({Audience.MONITOR, Audience.OURSELVES})
GRAPH_AUDIENCES = frozenset({Audience.GRAPH, Audience.OURSELVES})
KEY_VAULT_AUDIENCES = frozenset({Audience.KEY_VAULT, Audience.OURSELVES})
KUSTO_AUDIENCES = frozenset({Audience.KUSTO, Audience.LOG_ANALYTICS, Audience.OURSELVES})
"""For whom a token must be meant to be accepted by each plane."""

SIGNED_IN = "kelp.signed_in"
"""Where in a request's scope the caller stands whom a browser's session named."""


class Authenticator:
    """Checks bearer tokens. Safe for concurrent use; answers from memory, so that an event loop may call it."""

    def __init__(self, tokens: TokenService) -> None:
        self._tokens = tokens

    def authenticate(self, scope: Scope, accepted: Collection[Audience]) -> Principal:
        """Return the caller of an HTTP request. Raises `InvalidToken` without a token that is good for the audience."""
        scheme, _, token = find_header(scope, b"authorization").partition(" ")
        if not scheme:
            signed_in: Principal | None = scope.get(SIGNED_IN)
            if signed_in is not None:
                return signed_in
            raise InvalidToken(
                "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing."
            )
        if scheme.lower() != "bearer" or not token.strip():
            raise InvalidToken(
                "AuthenticationFailed",
                "Authentication failed. The 'Authorization' header is not 'Bearer <token>'.",
            )
        return replace(self._tokens.validate(token.strip(), accepted), address=client_address(scope))
