"""The text logs under /var/log, for machines without a journal. Table `Syslog`.

Each file is read from the offset where the last run stopped, recognised by its inode, so that a rotated file is read
to its end and its successor from its beginning. A line may be sent twice if Kelp dies between its acceptance and the
writing of the offsets. Files that the user may not read are left out.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kelp.base.durable_file import write_durably
from kelp.ingest.sources.machine.rows import format_time
from kelp.ingest.sources.machine.syslog_text import parse_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import tzinfo

    from kelp.base.clock import Clock
    from kelp.ingest.sources.machine.delivery import Row, RowSender, Sleep
    from kelp.ingest.sources.machine.host import Host

LOG_FOLDER = Path("/var/log")
POLL_SECONDS = 1.0
FIRST_RUN_BYTES = 256 * 1024
"""How far before its end the first run begins to read a file."""

_READ_BYTES = 256 * 1024
_EVERYTHING = ("syslog", "messages")
# What syslog daemons write a second time into files of their own when one of `_EVERYTHING` exists.
_SPLITS = frozenset(
    {"cron", "cron.log", "daemon.log", "debug", "kern.log", "lpr.log", "mail.log", "maillog", "user.log"}
)
_FACILITY_OF_FILE = {
    "auth.log": "authpriv",
    "cron": "cron",
    "cron.log": "cron",
    "daemon.log": "daemon",
    "kern.log": "kern",
    "lpr.log": "lpr",
    "mail.log": "mail",
    "maillog": "mail",
    "secure": "authpriv",
}
# RFC 3164, section 4.3.3: a message without a priority counts as user.notice.
_DEFAULT_FACILITY, _DEFAULT_SEVERITY = "user", "notice"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a file was read."""

    inode: int
    offset: int


def find_log_files(folder: Path) -> list[Path]:
    """Return the text logs directly in the folder, without those that repeat what another holds."""
    names = {path.name for path in folder.iterdir() if path.is_file()}
    wanted = {name for name in names if name.endswith(".log") or name in _SPLITS or name == "secure"}
    everything = names.intersection(_EVERYTHING)
    if everything:
        wanted = (wanted - _SPLITS) | everything
    return [folder / name for name in sorted(wanted)]


class TextLogSource:
    """Looks for new lines each second and sends them."""

    def __init__(
        self,
        sender: RowSender,
        host: Host,
        clock: Clock,
        positions_file: Path,
        *,
        folder: Path = LOG_FOLDER,
        zone: tzinfo | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._sender = sender
        self._host = host
        self._clock = clock
        self._positions_file = positions_file
        self._folder = folder
        self._zone = zone
        self._sleep = sleep
        self._positions: dict[str, Position] = {}

    async def run(self) -> None:
        """Send until cancelled. Raises `ServiceError` when rows are refused, `OSError` when the folder is gone."""
        self._positions = _load_positions(self._positions_file)
        while True:
            await self._read_files()
            await self._sleep(POLL_SECONDS)

    async def _read_files(self) -> None:
        for path in find_log_files(self._folder):
            for piece in self._iter_pieces(path):
                rows = [self._make_row(path, line) for line in piece.lines]
                await self._sender.send_rows("Syslog", rows)
                self._positions[piece.key] = piece.position
                content = msgspec.json.encode(self._positions)
                await asyncio.to_thread(write_durably, self._positions_file, content)

    def _iter_pieces(self, path: Path) -> Iterator[_Piece]:
        """Yield what is new: the rest of the file that was rotated away, then the file itself."""
        key = str(path)
        known = self._positions.get(key)
        inode = _find_inode(path)
        if inode is None:
            return
        if known is not None and known.inode != inode:
            rotated = path.with_name(path.name + ".1")
            if _find_inode(rotated) == known.inode:
                yield from _iter_pieces(rotated, key, known)
            known = Position(inode, 0)
        yield from _iter_pieces(path, key, known)

    def _make_row(self, path: Path, line: str) -> Row:
        now = self._clock.now()
        parsed = parse_line(line, now, self._zone)
        computer = parsed.host or self._host.name
        facility = (
            "kern" if parsed.process == "kernel" else _FACILITY_OF_FILE.get(path.name, _DEFAULT_FACILITY)
        )
        at = format_time(parsed.at or now)
        return {
            "TimeGenerated": at,
            "EventTime": at,
            "SourceSystem": self._host.system,
            "Computer": computer,
            "HostName": computer,
            "HostIP": self._host.address,
            "CollectorHostName": self._host.name,
            "Facility": facility,
            "SeverityLevel": _DEFAULT_SEVERITY,
            "ProcessName": parsed.process or path.stem,
            "ProcessID": parsed.process_id,
            "SyslogMessage": parsed.message,
        }


@dataclass(frozen=True, slots=True)
class _Piece:
    key: str
    lines: Sequence[str]
    position: Position


def _iter_pieces(path: Path, key: str, known: Position | None) -> Iterator[_Piece]:
    """Yield the whole lines after `known` in pieces; without it, those near the end of the file."""
    try:
        file = path.open("rb")
    except OSError:  # not ours to read, or gone since it was listed
        return
    with file:
        inode, size = _stat(file.fileno())
        offset = known.offset if known is not None else max(0, size - FIRST_RUN_BYTES)
        if offset > size:  # the file was emptied in place
            offset = 0
        file.seek(offset)
        if known is None and offset > 0:
            offset += len(file.readline())  # most likely the end of a line
        while block := file.read(_READ_BYTES):
            whole = block.rfind(b"\n") + 1
            if whole == 0 and len(block) < _READ_BYTES:
                return  # a line that is still being written
            taken = block[: whole or len(block)]
            offset += len(taken)
            file.seek(offset)
            lines = [line for line in taken.decode("utf-8", "replace").split("\n") if line.strip()]
            yield _Piece(key, lines, Position(inode, offset))


def _stat(descriptor: int) -> tuple[int, int]:
    status = os.fstat(descriptor)
    return status.st_ino, status.st_size


def _find_inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except OSError:
        return None


def _load_positions(path: Path) -> dict[str, Position]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Position])
    except FileNotFoundError:
        return {}
