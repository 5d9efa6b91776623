from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from kelp.base.errors import ServiceError
from kelp.ingest.sources.machine.delivery import RowSender
from kelp.ingest.sources.machine.host import Host
from kelp.ingest.sources.machine.journald import JournalSource, JournalUnavailable, has_journal, make_row

HOST = Host("me", UUID(int=1), ("10.0.0.1",), "Linux", "Debian GNU/Linux", "12", "")

# Plays journalctl: prints what its journal holds after the cursor, then follows (waits) or ends.
JOURNALCTL = """
import json, sys, time
entries, end = json.loads(open(sys.argv[1]).read()), "--follow" not in sys.argv
cursors = [a.partition("=")[2] for a in sys.argv if a.startswith("--after-cursor=")]
if cursors == ["refused"]:
    sys.exit("Failed to seek to cursor: Invalid argument")
lines = [a.partition("=")[2] for a in sys.argv if a.startswith("--lines=")]
if cursors:
    entries = [e for e in entries if e["__CURSOR"] > cursors[0]]
else:
    entries = entries[-int(lines[0]):]
for entry in entries:
    print(json.dumps(entry), flush=True)
if not end and sys.argv[2] != "ends":
    time.sleep(60)
"""


def _entry(number: int, **fields: object) -> dict[str, object]:
    return {
        "__CURSOR": f"s={number:03d}",
        "__REALTIME_TIMESTAMP": str(1_795_000_000_000_000 + number),
        "MESSAGE": f"m{number}",
    } | fields


class Journal:
    def __init__(self, folder: Path, entries: list[dict[str, object]], how: str = "follows") -> None:
        self.file = folder / "journal.json"
        self.cursor_file = folder / "cursor"
        script = folder / "journalctl.py"
        script.write_text(JOURNALCTL)
        self.command = (sys.executable, str(script), str(self.file), how)
        self.rows: list[dict[str, object]] = []
        self.write(entries)

    def write(self, entries: list[dict[str, object]]) -> None:
        self.file.write_text(json.dumps(entries))

    async def send(self, table: str, body: bytes) -> None:
        assert table == "Syslog"
        self.rows += json.loads(body)

    def source(self) -> JournalSource:
        return JournalSource(RowSender(self.send), HOST, self.cursor_file, command=self.command)


def _wait_for(path: Path, text: str) -> None:
    while not path.exists() or path.read_text() != text:
        time.sleep(0.01)


async def test_it_goes_on_after_the_last_accepted_entry(tmp_path: Path) -> None:
    journal = Journal(tmp_path, [_entry(1), _entry(2)])
    task = asyncio.create_task(journal.source().run())
    await asyncio.to_thread(_wait_for, journal.cursor_file, "s=002")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [row["SyslogMessage"] for row in journal.rows] == ["m1", "m2"]

    journal.write([_entry(1), _entry(2), _entry(3)])
    task = asyncio.create_task(journal.source().run())
    await asyncio.to_thread(_wait_for, journal.cursor_file, "s=003")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert [row["SyslogMessage"] for row in journal.rows] == ["m1", "m2", "m3"]


async def test_the_end_of_journalctl_is_an_error_that_says_why(tmp_path: Path) -> None:
    journal = Journal(tmp_path, [_entry(1)], how="ends")
    with pytest.raises(JournalUnavailable):
        await journal.source().run()
    assert len(journal.rows) == 1


async def test_a_refused_cursor_is_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path, [_entry(1)])
    journal.cursor_file.write_text("refused")
    with pytest.raises(JournalUnavailable, match="Failed to seek to cursor"):
        await journal.source().run()
    assert not journal.cursor_file.exists()


async def test_a_machine_without_a_journal(tmp_path: Path) -> None:
    assert not await has_journal((str(tmp_path / "missing"),))
    assert not await has_journal(Journal(tmp_path, []).command)
    assert await has_journal(Journal(tmp_path, [_entry(1)]).command)


def test_an_entry_becomes_a_row() -> None:
    entry = {
        "__CURSOR": "s=1",
        "__REALTIME_TIMESTAMP": "1795000000123456",
        "MESSAGE": "Failed password for root",
        "PRIORITY": "3",
        "SYSLOG_FACILITY": "10",
        "SYSLOG_IDENTIFIER": "sshd",
        "_PID": "812",
        "_HOSTNAME": "web1",
    }
    assert make_row(entry, HOST) == {  # type: ignore[arg-type]
        "TimeGenerated": "2026-11-18T11:06:40.123456Z",
        "EventTime": "2026-11-18T11:06:40.123456Z",
        "SourceSystem": "Linux",
        "Computer": "web1",
        "HostName": "web1",
        "HostIP": "10.0.0.1",
        "CollectorHostName": "me",
        "Facility": "authpriv",
        "SeverityLevel": "err",
        "ProcessName": "sshd",
        "ProcessID": 812,
        "SyslogMessage": "Failed password for root",
    }


def test_fields_in_their_other_forms() -> None:
    row = make_row(
        {
            "__REALTIME_TIMESTAMP": "0",
            "MESSAGE": [103, 114, 252, 110],
            "PRIORITY": "99",
            "_COMM": ["first", "second"],
        },
        HOST,
    )
    assert row["SyslogMessage"] == "gr\N{REPLACEMENT CHARACTER}n"
    assert (row["SeverityLevel"], row["Facility"], row["ProcessName"]) == ("info", "daemon", "first")
    assert (row["ProcessID"], row["Computer"]) == (None, "me")
    assert make_row({"__REALTIME_TIMESTAMP": "0", "MESSAGE": None}, HOST)["SyslogMessage"] == ""


async def test_the_journal_of_this_machine(tmp_path: Path) -> None:
    if not await has_journal():
        pytest.skip("this machine has no journal that we may read")
    arrived: asyncio.Queue[list[dict[str, object]]] = asyncio.Queue()

    async def send(table: str, body: bytes) -> None:
        await arrived.put(json.loads(body))

    task = asyncio.create_task(JournalSource(RowSender(send), HOST, tmp_path / "cursor").run())
    rows = await asyncio.wait_for(arrived.get(), 30)
    task.cancel()
    with pytest.raises((asyncio.CancelledError, ServiceError)):
        await task
    assert all(row["TimeGenerated"] and row["Computer"] for row in rows)
