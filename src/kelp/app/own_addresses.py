"""Under which names this machine's settings have it reached."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from kelp.identity.addresses import Addresses
from kelp.identity.certificates import certified_names

if TYPE_CHECKING:
    from kelp.base.settings import Settings


def addresses_of(settings: Settings) -> Addresses:
    """Return the names that the server is certified for, and the address that clients are told."""
    server = settings.server
    base_url = server.public_url or f"https://{server.host}:{server.port}"
    return Addresses(base_url, certified_names(server.host, socket.gethostname()))
