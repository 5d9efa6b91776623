"""Who called, where a trusted proxy stands between: the address that it says it forwards for.

Cf. the `X-Forwarded-For` header. A word of anybody else than a trusted proxy counts for nothing.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import Scope


class TrustedProxies:
    """Ranges of addresses of proxies. Safe for concurrent use."""

    def __init__(self, ranges: Iterable[str] = ()) -> None:
        """Raises `ValueError` for what is no range."""
        self._ranges = tuple(ipaddress.ip_network(text, strict=False) for text in ranges)

    def name_caller(self, scope: Scope) -> None:
        """Put the caller's address in place of the proxy's: the header is read from its end to the first stranger."""
        client = scope.get("client")
        if not self._ranges or not client or not self._is_trusted(str(client[0])):
            return
        named = [
            part.strip()
            for key, value in scope["headers"]
            if key == b"x-forwarded-for"
            for part in value.decode("latin-1").split(",")
        ]
        for address in reversed(named):
            if not _is_address(address):
                return
            scope["client"] = (address, 0)
            if not self._is_trusted(address):
                return

    def _is_trusted(self, address: str) -> bool:
        if not _is_address(address):
            return False
        found = ipaddress.ip_address(address)
        return any(found in one for one in self._ranges if one.version == found.version)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
