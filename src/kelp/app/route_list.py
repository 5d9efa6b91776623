"""The routes of a server that serves nobody: for what is told about them."""

from __future__ import annotations

import tempfile
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

from kelp.app.installation import Installation
from kelp.app.metering import make_metering
from kelp.app.server import build_routes
from kelp.app.services import open_storage, surroundings_of
from kelp.base.settings import Settings
from kelp.identity.addresses import Addresses
from kelp.ingest.ingestion import open_ingestion
from kelp.jobs.schedule import Schedule

if TYPE_CHECKING:
    from kelp.api.asgi import Route


async def list_routes() -> list[Route]:
    """Return the routes of a server over a new installation in a folder that is gone by then; call none of them.

    There is one engine to a process, so it must not have another at that time.
    """
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder, closing(Installation.create(Path(folder))) as installation:
        installation.initialize(settings.server)
        async with AsyncExitStack() as stack:
            storage = await stack.enter_async_context(open_storage(installation, settings))
            surroundings = surroundings_of(installation, storage)
            ingestion = await stack.enter_async_context(open_ingestion(surroundings, settings.ingest))
            addresses = Addresses("https://localhost:8443", frozenset({"localhost"}))
            schedule = Schedule((), installation.clock)
            metering = make_metering(installation, storage, ingestion, settings)
            return build_routes(installation, storage, ingestion, metering, settings, addresses, schedule)
