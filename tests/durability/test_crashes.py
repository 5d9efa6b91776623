"""Every acknowledged record is in its table once, wherever the process was killed.

A body that was not acknowledged may be there too, but never twice.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import UUID

import pytest

from kelp.app.installation import Installation
from tests.api.ingestion_setup import Rule, make_rule, make_table
from tests.durability.crashing import Client, Ledger, read_log, running_process
from tests.servers import DATA_FOLDER, ROOT, Server, start_server
from tests.waiting import wait_for

CLIENTS = 4
COLUMNS = {"N": "long", "Text": "string"}
LOG_TYPE = "Crashed"
COUNT = "union Sent_CL, (Crashed_CL | project N = tolong(N_d))"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with start_server(tmp_path / "server") as server:
        pass
    yield server
    assert "Traceback" not in read_log(server.folder)


def send_until_killed(
    server: Server, rule: Rule, ledger: Ledger, seed: int, meanwhile: Callable[[], None] | None = None
) -> None:
    """Start the server, send, and kill it at a random moment after the first answer."""
    chance = random.Random(seed)
    with running_process(server) as process:
        server._tokens.clear()
        ledger.enough.clear()
        clients = [Client(server, rule, LOG_TYPE, ledger, seed * 100 + number) for number in range(CLIENTS)]
        for client in clients:
            client.start()
        assert ledger.enough.wait(30)
        if meanwhile is not None:
            meanwhile()
        time.sleep(chance.uniform(0.0, 2.5))
        process.kill()
        process.wait()
        for client in clients:
            client.join(30)
            assert client.refusals == []


def count_stored(server: Server) -> Counter[int]:
    """How often each record is stored."""
    rows = server.query(f"{COUNT} | summarize n = count() by N")["tables"][0]["rows"]
    return Counter({int(number): int(n) for number, n in rows})


def wait_for_all(server: Server, ledger: Ledger) -> None:
    """Wait for every acknowledged record: a count would not do, for unacknowledged ones may be stored before."""
    wait_for(lambda: ledger.acknowledged <= count_stored(server).keys())


def check(server: Server, ledger: Ledger) -> None:
    """Start once more, wait, and count."""
    with running_process(server):
        server._tokens.clear()
        wait_for_all(server, ledger)
        time.sleep(3)  # what was not acknowledged may come, too
        stored = count_stored(server)
    assert sorted(ledger.acknowledged - stored.keys()) == []
    assert [number for number, times in stored.items() if times > 1] == []
    assert stored.keys() <= ledger.sent


def prepare(server: Server) -> Rule:
    with running_process(server):
        server._tokens.clear()
        return make_rule(server, "Sent", COLUMNS)


def edit_rule(server: Server, number: int) -> None:
    """Another transformation, and a column that was not there."""
    columns = COLUMNS | {f"Added{earlier}": "string" for earlier in range(number + 1)}
    make_table(server, server.home, "Sent_CL", columns)
    make_rule(server, "Sent", columns, transformation=f"source | extend Added{number} = Text")


@pytest.mark.timeout(600)
def test_kills_while_loading_and_after_edits(server: Server) -> None:
    rule, ledger = prepare(server), Ledger()
    for number in range(10):
        edit = (lambda number=number: edit_rule(server, number)) if number % 3 == 1 else None
        send_until_killed(server, rule, ledger, number, edit)
        if number % 3 == 2:
            with closing(Installation.open(server.folder / DATA_FOLDER)) as installation:
                installation.keys.rotate_data_key(UUID(server.home.workspace_id))
    assert len(ledger.acknowledged) > 1_000
    check(server, ledger)


def reprocess(server: Server, seconds: float | None = None) -> int:
    """Run the command on both tables, killed after some seconds; return how it ended."""
    ended = 0
    for table in ("Sent_CL", f"{LOG_TYPE}_CL"):
        command = [str(Path(sys.executable).with_name("kelp")), "reprocess"]
        process = subprocess.Popen(
            [
                *command,
                "--data",
                str(server.folder / DATA_FOLDER),
                "--workspace",
                server.home.name,
                "--table",
                table,
            ],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        _, complaint = process.communicate()
        assert process.returncode in (0, -9), complaint.decode()
        ended |= process.returncode
    return ended


@pytest.mark.timeout(600)
def test_kills_while_reprocessing(server: Server) -> None:
    rule, ledger = prepare(server), Ledger()
    send_until_killed(server, rule, ledger, 1)
    send_until_killed(server, rule, ledger, 2)
    chance = random.Random(3)
    for _ in range(6):
        reprocess(server, chance.uniform(1.0, 4.0))
    check(server, ledger)
    send_until_killed(server, rule, ledger, 4)
    assert reprocess(server) == 0
    check(server, ledger)
