"""The journal of systemd, followed with `journalctl`. Table `Syslog`.

The cursor of the last accepted entry is kept in a file, so that a restart goes on where the last run stopped. An entry
may be sent twice if Kelp dies between its acceptance and the writing of the cursor.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from kelp.base.durable_file import write_durably
from kelp.base.errors import Category, ServiceError
from kelp.ingest.sources.machine.rows import FACILITIES, SEVERITIES, format_time

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from kelp.ingest.sources.machine.delivery import Row, RowSender
    from kelp.ingest.sources.machine.host import Host

COMMAND = ("journalctl",)
FIRST_RUN_ENTRIES = 5_000
"""How far back the first run begins."""

_FIELDS = "MESSAGE,PRIORITY,SYSLOG_FACILITY,SYSLOG_IDENTIFIER,SYSLOG_PID,_PID,_COMM,_HOSTNAME"
_MAXIMUM_LINE_BYTES = 16 * 1024 * 1024
_MAXIMUM_ENTRIES = 1_000
_GATHER_SECONDS = 0.5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_Value: TypeAlias = str | list[int | str] | None


class JournalUnavailable(ServiceError):
    """`journalctl` ended; the message says what it said."""

    def __init__(self, message: str) -> None:
        super().__init__(
            Category.UNAVAILABLE, "JournalUnavailable", f"journalctl ended: {message or 'no reason given'}"
        )


async def has_journal(command: Sequence[str] = COMMAND) -> bool:
    """Tell whether this machine has a journal with entries that we may read."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            "--output=json",
            "--lines=1",
            "--quiet",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    output, _ = await process.communicate()
    return process.returncode == 0 and output.startswith(b"{")


class JournalSource:
    """Follows the journal from the kept cursor on, or from its last entries when there is none."""

    def __init__(
        self, sender: RowSender, host: Host, cursor_file: Path, *, command: Sequence[str] = COMMAND
    ) -> None:
        self._sender = sender
        self._host = host
        self._cursor_file = cursor_file
        self._command = tuple(command)

    async def run(self) -> None:
        """Send until cancelled.

        Raises `JournalUnavailable` when `journalctl` ends, other `ServiceError` when rows are refused.
        """
        process = await asyncio.create_subprocess_exec(
            *self._command,
            *self._make_arguments(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_MAXIMUM_LINE_BYTES,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            while lines := await _read_lines(process.stdout):
                await self._send_entries(lines)
            complaint = (await process.stderr.read()).decode("utf-8", "replace").strip()
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        # A cursor that journalctl refuses would be refused for ever.
        if process.returncode != 0 and "cursor" in complaint:
            self._cursor_file.unlink(missing_ok=True)
        raise JournalUnavailable(complaint)

    def _make_arguments(self) -> list[str]:
        arguments = ["--output=json", "--all", "--follow", "--quiet", f"--output-fields={_FIELDS}"]
        try:
            cursor = self._cursor_file.read_text("utf-8").strip()
        except FileNotFoundError:
            return [*arguments, f"--lines={FIRST_RUN_ENTRIES}"]
        return [*arguments, "--no-tail", f"--after-cursor={cursor}"]

    async def _send_entries(self, lines: Sequence[bytes]) -> None:
        entries = [msgspec.json.decode(line, type=dict[str, _Value]) for line in lines]
        await self._sender.send_rows("Syslog", [make_row(entry, self._host) for entry in entries])
        if isinstance(cursor := entries[-1].get("__CURSOR"), str):
            await asyncio.to_thread(write_durably, self._cursor_file, cursor.encode())


async def _read_lines(stream: asyncio.StreamReader) -> list[bytes]:
    """Wait for a line, then take what follows within moments; no line at all means the end."""
    first = await stream.readline()
    lines = [first] if first else []
    deadline = asyncio.get_running_loop().time() + _GATHER_SECONDS
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout_at(deadline):
            while lines and len(lines) < _MAXIMUM_ENTRIES and (line := await stream.readline()):
                lines.append(line)
    return lines


def make_row(entry: dict[str, _Value], host: Host) -> Row:
    """Return the `Syslog` row of a journal entry in `journalctl --output=json` form (systemd.journal-fields(7))."""
    moment = _EPOCH + timedelta(microseconds=_read_number(entry, "__REALTIME_TIMESTAMP") or 0)
    priority = _read_number(entry, "PRIORITY")
    facility = _read_number(entry, "SYSLOG_FACILITY")
    process_id = _read_number(entry, "_PID")
    sender = _read_text(entry, "_HOSTNAME") or host.name
    return {
        "TimeGenerated": format_time(moment),
        "EventTime": format_time(moment),
        "SourceSystem": host.system,
        "Computer": sender,
        "HostName": sender,
        "HostIP": host.address,
        "CollectorHostName": host.name,
        # The kernel's own messages and those of services that log to the journal directly carry no facility.
        "Facility": _name(FACILITIES, facility, "daemon"),
        "SeverityLevel": _name(SEVERITIES, priority, "info"),
        "ProcessName": _read_text(entry, "SYSLOG_IDENTIFIER") or _read_text(entry, "_COMM"),
        "ProcessID": process_id if process_id is not None else _read_number(entry, "SYSLOG_PID"),
        "SyslogMessage": _read_text(entry, "MESSAGE"),
    }


def _read_text(entry: dict[str, _Value], field: str) -> str:
    """A field is text, the numbers of bytes that are no UTF-8, several values of which we take the first, or null."""
    match entry.get(field):
        case str(text):
            return text
        case [str(text), *_]:
            return text
        case list(numbers):
            return bytes(number for number in numbers if isinstance(number, int)).decode("utf-8", "replace")
        case _:
            return ""


def _read_number(entry: dict[str, _Value], field: str) -> int | None:
    text = _read_text(entry, field)
    return int(text) if text.isascii() and text.isdigit() else None


def _name(names: Sequence[str], number: int | None, default: str) -> str:
    return names[number] if number is not None and number < len(names) else default
