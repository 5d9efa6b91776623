"""All sources of this machine together: what `--local-logs` switches on."""

from __future__ import annotations

import asyncio
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

import structlog

from kelp.base.durable_file import make_directory_durably
from kelp.base.errors import ServiceError
from kelp.ingest.sources.machine.delivery import RowSender
from kelp.ingest.sources.machine.heartbeat import HeartbeatSource
from kelp.ingest.sources.machine.host import describe_host
from kelp.ingest.sources.machine.journald import COMMAND, JournalSource, has_journal
from kelp.ingest.sources.machine.performance import PerformanceSource
from kelp.ingest.sources.machine.text_logs import LOG_FOLDER, TextLogSource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kelp.base.clock import Clock
    from kelp.ingest.sources.machine.delivery import Send, Sleep

_RESTART_SECONDS = 60.0


class Source(Protocol):
    """Something that sends rows until it is cancelled or fails."""

    async def run(self) -> None:
        """Send. Raises `ServiceError` or `OSError` when it can't go on."""
        ...


async def collect_machine_logs(
    send: Send,
    state_folder: Path,
    clock: Clock,
    *,
    journal_command: Sequence[str] = COMMAND,
    log_folder: Path = LOG_FOLDER,
    sleep: Sleep = asyncio.sleep,
) -> None:
    """Collect this machine's logs, counters and heartbeat until cancelled; positions are kept in `state_folder`.

    The journal is read where there is one, the text logs of `log_folder` otherwise. A source that fails is started
    again after a minute and does not concern the others.
    """
    await asyncio.to_thread(make_directory_durably, state_folder)
    host = await asyncio.to_thread(describe_host)
    sender = RowSender(send, sleep)
    sources: dict[str, Source] = {
        "heartbeat": HeartbeatSource(sender, host, clock, version=version("kelp-logs"), sleep=sleep),
        "performance": PerformanceSource(sender, host, clock, sleep=sleep),
    }
    if await has_journal(journal_command):
        cursor_file = state_folder / "journal-cursor"
        sources["journal"] = JournalSource(sender, host, cursor_file, command=journal_command)
    else:
        sources["text logs"] = TextLogSource(
            sender, host, clock, state_folder / "text-logs.json", folder=log_folder, sleep=sleep
        )
    async with asyncio.TaskGroup() as group:
        for name, source in sources.items():
            group.create_task(_keep_running(name, source, sleep), name=f"source {name}")


async def _keep_running(name: str, source: Source, sleep: Sleep) -> None:
    log = structlog.get_logger("kelp.machine")
    while True:
        try:
            await source.run()
        except (ServiceError, OSError) as error:
            log.warning("source_failed", source=name, error=str(error), restart_seconds=_RESTART_SECONDS)
        await sleep(_RESTART_SECONDS)
