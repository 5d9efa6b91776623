"""A row each minute that says: this machine is up. Table `Heartbeat`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from kelp.ingest.sources.machine.rows import format_time

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.ingest.sources.machine.delivery import Row, RowSender, Sleep
    from kelp.ingest.sources.machine.host import Host

INTERVAL_SECONDS = 60.0


class HeartbeatSource:
    """Sends the first heartbeat at once and one each minute after it."""

    def __init__(
        self, sender: RowSender, host: Host, clock: Clock, *, version: str, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._sender = sender
        self._host = host
        self._version = version
        self._clock = clock
        self._sleep = sleep

    async def run(self) -> None:
        """Send until cancelled. Raises `ServiceError` when the receiver refuses."""
        while True:
            await self._sender.send_rows("Heartbeat", [self._make_row()])
            await self._sleep(INTERVAL_SECONDS)

    def _make_row(self) -> Row:
        host = self._host
        return {
            "TimeGenerated": format_time(self._clock.now()),
            "SourceSystem": host.system,
            "Computer": host.name,
            "ComputerIP": host.address,
            "ComputerPrivateIPs": list(host.addresses),
            "SourceComputerId": str(host.identifier),
            "Category": "Direct Agent",
            "SCAgentChannel": "Direct",
            "Version": self._version,
            "OSType": host.system,
            "OSName": host.system_name,
            "OSMajorVersion": host.major_version,
            "OSMinorVersion": host.minor_version,
            "ComputerEnvironment": "Non-Azure",
            "IsGatewayInstalled": False,
        }
