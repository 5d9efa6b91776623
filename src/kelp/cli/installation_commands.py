"""`kelp init` and `kelp serve`: a data folder made, and served."""

from __future__ import annotations

import asyncio
from contextlib import closing
from typing import TYPE_CHECKING

from kelp.app.installation import Installation, initialize_folder
from kelp.app.server import serve
from kelp.cli.installation_text import describe_first_queries, describe_report, describe_return

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.app.installation import InitializedFolder
    from kelp.base.settings import Settings


def initialize(settings: Settings, *, new_secrets: bool = False) -> InitializedFolder:
    """Make the data folder, or find it made; with `new_secrets` its owners get new ones. Raises `ServiceError`."""
    return initialize_folder(settings.data, settings.server, new_secrets=new_secrets)


async def serve_folder(settings: Settings, write: Callable[[str], None], *, local_logs: bool) -> None:
    """Serve until SIGTERM or SIGINT, and return when all is drained. Raises `ServiceError`, `OSError`.

    An empty folder is made ready first; `write` gets what a new user needs, and then the line that says `ready`.
    """
    is_first_start = False
    if not await asyncio.to_thread(Installation.exists, settings.data):
        made = await asyncio.to_thread(initialize, settings)
        write(f"{describe_report(made, endpoint_of(settings))}\n\n{describe_first_queries()}\n")
        is_first_start = True
    installation = await asyncio.to_thread(Installation.open, settings.data)
    with closing(installation):
        names = installation.find_names()
        if names is not None and not is_first_start:
            write(f"{describe_return(names, endpoint_of(settings), settings.data)}\n")
        await serve(installation, settings, lambda address: write(f"ready {address}"), local_logs=local_logs)


def endpoint_of(settings: Settings) -> str:
    """Return the address that clients are told before the service listens."""
    return settings.server.public_url or f"https://{settings.server.host}:{settings.server.port}"
