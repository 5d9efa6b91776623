"""The HTTPS listener: uvicorn with our certificate, our signals and our word when it is ready."""

from __future__ import annotations

import asyncio
import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

    from kelp.base.settings import ServerSettings
    from kelp.identity.certificates import ServerCertificate

_BACKLOG = 2048
_IDLE_SECONDS = 75
"""Agents send every few seconds to a minute. To open a connection anew costs more than to keep one, and one that is
closed just as it is used again looks like a failure."""
_GOODBYE_SECONDS = 0.5


class Listener(uvicorn.Server):
    """Serves an application until SIGTERM or SIGINT, then finishes what is under way."""

    def __init__(
        self,
        application: ASGIApp,
        settings: ServerSettings,
        certificate: ServerCertificate,
        announce: Callable[[int], None],
    ) -> None:
        """`announce` is called with the port once requests are accepted."""
        super().__init__(
            uvicorn.Config(
                application,
                host=settings.host,
                port=settings.port,
                ssl_certfile=certificate.certificate_file,
                ssl_keyfile=certificate.key_file,
                ssl_keyfile_password=certificate.passphrase,
                loop="uvloop",
                http="httptools",
                ws="none",
                lifespan="off",
                backlog=_BACKLOG,
                timeout_keep_alive=_IDLE_SECONDS,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                log_config=None,
                timeout_graceful_shutdown=round(settings.drain_seconds),
            )
        )
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self._announce(self.servers[0].sockets[0].getsockname()[1])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, finish what is under way, and cut connections that have nothing to say.

        An idle client does not read, so it would not return TLS's goodbye, and the process would wait for it.
        """
        cutting = asyncio.create_task(self._cut_idle_connections())
        try:
            await super().shutdown(sockets)
        finally:
            cutting.cancel()

    async def _cut_idle_connections(self) -> None:
        while True:
            await asyncio.sleep(_GOODBYE_SECONDS)
            for connection in list(self.server_state.connections):
                cycle = getattr(connection, "cycle", None)
                transport = getattr(connection, "transport", None)
                if transport is not None and (cycle is None or cycle.response_complete):
                    transport.abort()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order on the first signal, and don't die of it afterwards: a drained exit is a success."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(number)
