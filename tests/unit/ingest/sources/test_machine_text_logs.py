from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from kelp.ingest.sources.machine.delivery import RowSender
from kelp.ingest.sources.machine.host import Host
from kelp.ingest.sources.machine.text_logs import FIRST_RUN_BYTES, TextLogSource, find_log_files

HOST = Host("me", UUID(int=1), ("10.0.0.1",), "Linux", "Debian GNU/Linux", "12", "")


class FixedClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 21, 12, tzinfo=UTC)


class Machine:
    """A log folder, and rounds of reading it."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "log"
        self.logs.mkdir()
        self.positions = folder / "positions.json"
        self.rows: list[dict[str, object]] = []

    async def send(self, table: str, body: bytes) -> None:
        assert table == "Syslog"
        self.rows += json.loads(body)

    def read(self) -> list[str]:
        """Start the source, let it look once, stop it; return the new messages."""
        before = len(self.rows)

        async def stop(_: float) -> None:
            raise asyncio.CancelledError

        async def run() -> None:
            sender = RowSender(self.send)
            source = TextLogSource(
                sender, HOST, FixedClock(), self.positions, folder=self.logs, zone=UTC, sleep=stop
            )
            with pytest.raises(asyncio.CancelledError):
                await source.run()

        asyncio.run(run())
        return [str(row["SyslogMessage"]) for row in self.rows[before:]]

    def append(self, name: str, text: str) -> None:
        with (self.logs / name).open("a", encoding="utf-8") as file:
            file.write(text)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_line_becomes_a_row(machine: Machine) -> None:
    machine.append("auth.log", "Nov 21 10:00:00 web1 sshd[812]: Failed password for root\n")
    machine.read()
    assert machine.rows == [
        {
            "TimeGenerated": "2026-11-21T10:00:00.000000Z",
            "EventTime": "2026-11-21T10:00:00.000000Z",
            "SourceSystem": "Linux",
            "Computer": "web1",
            "HostName": "web1",
            "HostIP": "10.0.0.1",
            "CollectorHostName": "me",
            "Facility": "authpriv",
            "SeverityLevel": "notice",
            "ProcessName": "sshd",
            "ProcessID": 812,
            "SyslogMessage": "Failed password for root",
        }
    ]


def test_lines_of_other_programs_are_named_after_their_file(machine: Machine) -> None:
    machine.append("dpkg.log", "2026-11-20 04:45:01 status installed libc6\nno time at all\n")
    machine.read()
    assert [(row["ProcessName"], row["TimeGenerated"], row["SyslogMessage"]) for row in machine.rows] == [
        ("dpkg", "2026-11-20T04:45:01.000000Z", "status installed libc6"),
        ("dpkg", "2026-11-21T12:00:00.000000Z", "no time at all"),
    ]


def test_nothing_is_read_twice_over_restarts(machine: Machine) -> None:
    machine.append("syslog", "one\ntwo\n")
    assert machine.read() == ["one", "two"]
    assert machine.read() == []
    machine.append("syslog", "three\n")
    assert machine.read() == ["three"]


def test_a_line_is_sent_when_it_is_whole(machine: Machine) -> None:
    machine.append("syslog", "one\ntw")
    assert machine.read() == ["one"]
    machine.append("syslog", "o\n")
    assert machine.read() == ["two"]


def test_rotation_loses_nothing(machine: Machine) -> None:
    machine.append("syslog", "one\n")
    assert machine.read() == ["one"]
    machine.append("syslog", "two\n")
    (machine.logs / "syslog").rename(machine.logs / "syslog.1")
    machine.append("syslog", "three\n")
    assert machine.read() == ["two", "three"]
    assert machine.read() == []


def test_a_file_emptied_in_place_is_read_from_its_beginning(machine: Machine) -> None:
    machine.append("syslog", "one\ntwo\n")
    machine.read()
    (machine.logs / "syslog").write_text("new\n")
    assert machine.read() == ["new"]


def test_the_first_run_begins_near_the_end_at_a_whole_line(machine: Machine) -> None:
    machine.append("syslog", "".join(f"line {n:06d} {'x' * 80}\n" for n in range(10_000)))
    messages = machine.read()
    assert messages[-1].startswith("line 009999")
    assert all(message.startswith("line ") for message in messages)
    assert len("\n".join(messages)) < FIRST_RUN_BYTES


def test_text_that_is_no_utf8_is_kept_readable(machine: Machine) -> None:
    (machine.logs / "syslog").write_bytes(b"gr\xfcn\n")
    assert machine.read() == ["gr\N{REPLACEMENT CHARACTER}n"]


def test_a_very_long_line_arrives_in_pieces(machine: Machine) -> None:
    machine.append("syslog", "first\n")
    machine.read()
    machine.append("syslog", "y" * 700_000 + "\n")
    assert "".join(machine.read()) == "y" * 700_000


def test_files_that_repeat_syslog_are_left_out(tmp_path: Path) -> None:
    for name in ("kern.log", "user.log", "auth.log", "dpkg.log", "syslog", "syslog.1", "btmp"):
        (tmp_path / name).touch()
    (tmp_path / "apt").mkdir()
    assert [path.name for path in find_log_files(tmp_path)] == ["auth.log", "dpkg.log", "syslog"]
    (tmp_path / "syslog").unlink()
    assert [path.name for path in find_log_files(tmp_path)] == [
        "auth.log",
        "dpkg.log",
        "kern.log",
        "user.log",
    ]
