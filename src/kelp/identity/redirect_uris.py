"""Where an application may have its users' browsers sent after they signed in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, insert, select

from kelp.identity.accounts import Connections
from kelp.identity.addresses import split_url
from kelp.identity.schema import REDIRECT_URI

WEB, PUBLIC_CLIENT, SINGLE_PAGE = "web", "publicClient", "spa"
PLATFORMS = (WEB, PUBLIC_CLIENT, SINGLE_PAGE)
_PLACE = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
"""Host and port and nothing else: an address becomes part of headers."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class RedirectUri:
    """An address and the kind of application that it is for."""

    uri: str
    platform: str


def find_redirect_problem(uri: str) -> str | None:
    """Return what is wrong with an address; None when browsers may be sent there."""
    parts = split_url(uri)
    if parts.fragment or not parts.hostname or not _PLACE.fullmatch(parts.netloc):
        return f"'{uri}' is no address of a page, or has a fragment."
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return None
    return f"'{uri}' must begin with https://, or with http:// on this machine (localhost)."


def is_loopback(uri: str) -> bool:
    """Tell whether an address leads to the user's own machine, as those of command-line tools do (RFC 8252, 7.3)."""
    parts = split_url(uri)
    is_plain = _PLACE.fullmatch(parts.netloc) is not None and not parts.fragment
    return parts.scheme == "http" and parts.hostname in _LOOPBACK and is_plain


def matches_redirect(registered: str, asked: str) -> bool:
    """Tell whether an address is the registered one; on the user's own machine the port does not matter."""
    if registered == asked:
        return True
    if not (is_loopback(registered) and is_loopback(asked)):
        return False
    one, other = split_url(registered), split_url(asked)
    return (one.hostname, one.path.rstrip("/"), one.query) == (
        other.hostname,
        other.path.rstrip("/"),
        other.query,
    )


class RedirectUris:
    """Keeps the addresses of applications. Safe for concurrent use; belongs on a worker thread."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def read(self, object_ids: Collection[UUID]) -> Mapping[UUID, tuple[RedirectUri, ...]]:
        """Return the addresses of each of the applications."""
        found: dict[UUID, tuple[RedirectUri, ...]] = dict.fromkeys(object_ids, ())
        chosen = select(REDIRECT_URI).where(REDIRECT_URI.c.object_id.in_(list(object_ids)))
        with self._connections.read() as connection:
            for row in connection.execute(chosen.order_by(REDIRECT_URI.c.uri)):
                found[row.object_id] += (RedirectUri(row.uri, row.platform),)
        return found

    def replace(self, object_id: UUID, platform: str, uris: Iterable[str]) -> None:
        """Give an application these addresses of a platform instead of those it had; each was checked."""
        rows = [{"object_id": object_id, "uri": uri, "platform": platform} for uri in dict.fromkeys(uris)]
        table = REDIRECT_URI.c
        with self._connections.write() as connection:
            connection.execute(
                delete(REDIRECT_URI).where(
                    (table.object_id == object_id)
                    & ((table.platform == platform) | table.uri.in_([row["uri"] for row in rows]))
                )
            )
            if rows:
                connection.execute(insert(REDIRECT_URI), rows)
