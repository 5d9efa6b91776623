"""The process of a test's server: what `kelp serve` does, with a clock that tests turn and rows to begin with.

Run as `python -m tests.server_process FOLDER`; the folder is laid out by `tests.servers`.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import uvloop

from kelp.api.asgi import Api, Route
from kelp.app import server
from kelp.app.installation import Installation
from kelp.app.services import Storage, open_storage
from kelp.base.clock import Clock, SystemClock
from kelp.base.ids import WorkspaceId
from kelp.base.settings import Settings, load_settings
from kelp.catalog.ledger import Load
from kelp.clickhouse.ddl import RECEIPT_COLUMN, database_name
from kelp.clickhouse.quoting import quote_identifier
from kelp.clickhouse.types import EngineTable, expression_type
from kelp.engine.contract import InputFormat, InsertStatement, SourceColumn
from kelp.jobs import schedule
from kelp.jobs.schedule import Job, Schedule
from kelp.jobs.windows import WindowSender
from kelp.kql.types import Column, ScalarType
from tests.servers import (
    CLOCK_FILE,
    DATA_FOLDER,
    KILL_FILE,
    QUICK_JOBS_FILE,
    ROUTES_FILE,
    ROWS_FILE,
    SETTINGS_FILE,
)

QUICK_INTERVAL, QUICK_LOOK_SECONDS = timedelta(seconds=0.2), 0.05
LONGEST_TO_QUICKEN = timedelta(seconds=10)
"""What comes less often is not waited for by tests, or asked for."""


class TurnedClock:
    """The machine's time, and what a file adds to it in seconds."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        return SystemClock().now() + timedelta(seconds=float(self._file.read_text() or 0))


async def load_rows(storage: Storage, document: dict[str, Any], now: datetime) -> None:
    """Load records as ingestion would, without its journal. A timespan is given in ticks."""
    workspace_id, table = WorkspaceId(UUID(document["workspaceId"])), document["table"]
    kinds = document["columns"] | {"TimeGenerated": "datetime", RECEIPT_COLUMN: "datetime"}
    columns = [Column(name, ScalarType(kind)) for name, kind in kinds.items()]
    await storage.tables.ensure_table(workspace_id, table, columns)
    times = {"TimeGenerated": now.isoformat(), RECEIPT_COLUMN: now.isoformat()}
    body = tuple(json.dumps(times | record).encode() + b"\n" for record in document["records"])
    statement = InsertStatement(
        table=EngineTable(database_name(workspace_id), table),
        columns=tuple(kinds),
        structure=tuple(SourceColumn(column.name, expression_type(column.type)) for column in columns),
        select=f"SELECT {', '.join(quote_identifier(name) for name in kinds)} FROM source",
        format=InputFormat.JSON_EACH_ROW,
        body=body,
    )
    outcome = await storage.engine.insert(statement)
    load = Load(UUID(document["id"]), workspace_id, table, outcome.rows, sum(map(len, body)), None, None)
    storage.ledger.record_loads([load])


async def load_all_rows(
    installation: Installation, settings: Settings, documents: Iterable[dict[str, Any]]
) -> None:
    async with open_storage(installation, settings) as storage:
        for document in documents:
            await load_rows(storage, document, installation.clock.now())


def tell_routes(file: Path) -> Callable[..., Api]:
    """Make the application as always, and write down what it serves: a test asks for every route."""

    def make(routes: Iterable[Route], *others: Any, **named: Any) -> Api:
        listed = list(routes)
        file.write_text(json.dumps([[route.method, route.path, route.surface.name] for route in listed]))
        return Api(listed, *others, **named)

    return make


def make_quick_schedule(jobs: Iterable[Job], clock: Clock) -> Schedule:
    """The schedule of a server whose tests wait for what jobs do."""
    return Schedule(
        (
            replace(job, interval=min(job.interval, QUICK_INTERVAL))
            if job.interval <= LONGEST_TO_QUICKEN
            else job
            for job in jobs
        ),
        clock,
    )


def kill_at_windows(file: Path) -> None:
    """Kill this process at the next window that a job hands in: `before`, or `after` it is durable, as the file says."""
    send = WindowSender.send

    async def send_and_die(*arguments: Any, **named: Any) -> int:
        moment = await asyncio.to_thread(file.read_text)
        if moment == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        sent = await send(*arguments, **named)
        if moment == "after" and sent:
            os.kill(os.getpid(), signal.SIGKILL)
        return sent

    type.__setattr__(WindowSender, "send", send_and_die)


def read_rows(file: Path) -> list[dict[str, Any]]:
    return list(json.loads(file.read_text())) if file.exists() else []


def tell_ready(address: str) -> None:
    sys.stdout.write(f"ready {address}\n")
    sys.stdout.flush()


async def run(folder: Path) -> None:
    data = folder / DATA_FOLDER
    settings = load_settings(folder / SETTINGS_FILE, {}, {"data": data, "server.port": 0})
    with closing(Installation.open(data, TurnedClock(folder / CLOCK_FILE))) as installation:
        await load_all_rows(installation, settings, read_rows(folder / ROWS_FILE))
        if (folder / QUICK_JOBS_FILE).exists():
            vars(server)["Schedule"], vars(schedule)["LOOK_SECONDS"] = make_quick_schedule, QUICK_LOOK_SECONDS
        if (folder / KILL_FILE).exists():
            kill_at_windows(folder / KILL_FILE)
        vars(server)["Api"] = tell_routes(folder / ROUTES_FILE)
        await server.serve(installation, settings, tell_ready)


if __name__ == "__main__":
    uvloop.run(run(Path(sys.argv[1])))
