"""Each record reaches each of its workspaces once, whenever the process dies and whatever a workspace refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.jobs.activity_log import ActivityLog
from kelp.jobs.activity_rows import make_activity_row
from kelp.resources.audit import AuditRecord, Outcome
from kelp.resources.author import Author, AuthorKind
from kelp.resources.database import Database
from kelp.resources.store import ResourceStore
from tests.unit.resources.doubles import OwnKeys, TurnedClock

TENANT = UUID(int=1)
RED, BLUE = UUID(int=10), UUID(int=11)
AUTHOR = Author(TENANT, UUID(int=3), "ada@contoso.local", AuthorKind.USER, "correlation", "192.0.2.1")
SCOPE = ResourceId.parse(f"/subscriptions/{UUID(int=2)}/resourceGroups/g/providers/Microsoft.X/things/red")


class Died(BaseException):
    """The process ended here."""


@dataclass
class FakeJournal:
    """Bodies that are durable, by workspace and name; dies or refuses when it is told to."""

    bodies: dict[tuple[UUID, str], list[dict[str, Any]]] = field(default_factory=dict)
    dies: str = ""
    refusing: set[UUID] = field(default_factory=set)

    async def send(self, workspace_id: UUID, table: str, body: bytes, *, once: str = "") -> None:
        assert once
        if self.dies == "before":
            raise Died
        if workspace_id in self.refusing:
            raise ServiceError(Category.THROTTLED, "Later", "come later")
        self.bodies.setdefault((workspace_id, once), json.loads(body))
        if self.dies == "after":
            raise Died

    def numbers(self, workspace_id: UUID) -> list[str]:
        return [
            row["CorrelationId"]
            for (owner, _), rows in self.bodies.items()
            for row in rows
            if owner == workspace_id
        ]


def route(record: AuditRecord) -> frozenset[UUID]:
    """Records about a `blue` thing go to both workspaces, others to the red one."""
    return frozenset((RED, BLUE)) if record.resource_id.endswith("blue") else frozenset((RED,))


@cache
def make_empty_database() -> bytes:
    """One that is migrated, which takes longer than a whole example."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "resources.db"
        database = Database.open_file(file)
        database.migrate()
        database.close()
        return file.read_bytes()


class World:
    def __init__(self, folder: Path) -> None:
        self.clock = TurnedClock()
        file = folder / "resources.db"
        file.write_bytes(make_empty_database())
        self.database = Database.open_file(file)
        self.store = ResourceStore(self.database, self.clock, OwnKeys())
        self.journal = FakeJournal()
        self.sent: list[tuple[str, str]] = []
        self.log = self._start()

    def _start(self) -> ActivityLog:
        return ActivityLog(self.store, self.journal, route, self.clock)

    def act(self, color: str) -> None:
        number = str(len(self.sent))
        author = Author(TENANT, None, "Kelp", AuthorKind.SYSTEM, number)
        with self.store.write(author) as transaction:
            transaction.record_action(
                ResourceId.parse(f"{SCOPE.parent}/providers/Microsoft.X/things/{color}"), "write"
            )
        self.sent.append((number, color))

    def run(self, dies: str = "") -> None:
        self.journal.dies = dies
        try:
            asyncio.run(self.log.run())
        except Died:
            self.restart()
        finally:
            self.journal.dies = ""

    def restart(self) -> None:
        self.log = self._start()

    def settle(self) -> None:
        self.journal.refusing.clear()
        for _ in range(3):
            self.clock.turn(minutes=1)
            self.run()

    def check(self) -> None:
        assert sorted(self.journal.numbers(RED), key=int) == [number for number, _ in self.sent]
        blue = [number for number, color in self.sent if color == "blue"]
        assert sorted(self.journal.numbers(BLUE), key=int) == blue


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()


def test_each_record_goes_once_to_each_of_its_workspaces(world: World) -> None:
    for color in ("red", "blue", "red"):
        world.act(color)
        world.run()
    world.run()
    world.restart()
    world.run()
    world.check()
    assert world.store.snapshot.version == 3


def test_a_workspace_that_takes_nothing_holds_up_no_other(world: World) -> None:
    world.journal.refusing.add(BLUE)
    for _ in range(3):
        world.act("blue")
        world.run()
    assert len(world.journal.numbers(RED)) == 3
    assert world.journal.numbers(BLUE) == []
    world.restart()
    world.settle()
    world.check()


STEPS = st.lists(
    st.sampled_from(["red", "blue", "run", "before", "after", "restart", "refuse", "take", "later"]),
    max_size=25,
)


@settings(max_examples=40)
@given(STEPS)
def test_nothing_is_lost_and_nothing_comes_twice(steps: list[str]) -> None:
    with TemporaryDirectory() as folder:
        world = World(Path(folder))
        for step in steps:
            match step:
                case "red" | "blue":
                    world.act(step)
                case "before" | "after":
                    world.run(dies=step)
                case "run":
                    world.run()
                case "restart":
                    world.restart()
                case "refuse":
                    world.journal.refusing.add(BLUE)
                case "take":
                    world.journal.refusing.clear()
                case _:
                    world.clock.turn(seconds=31)
        world.settle()
        world.check()
        world.database.close()


def test_a_row_tells_who_what_when_and_how_it_ended() -> None:
    at = TurnedClock().now() + timedelta(microseconds=5)
    record = AuditRecord(
        7, at, str(SCOPE), "Microsoft.X/things/delete", Outcome.FAILED, "AuthorizationFailed", AUTHOR, TENANT
    )
    row = make_activity_row(record)
    assert row["OperationNameValue"] == "MICROSOFT.X/THINGS/DELETE"
    assert (row["ActivityStatusValue"], row["ActivitySubstatusValue"]) == ("Failure", "AuthorizationFailed")
    assert (row["Caller"], row["CallerIpAddress"]) == ("ada@contoso.local", "192.0.2.1")
    assert (row["ResourceGroup"], row["Resource"], row["_ResourceId"]) == ("g", "red", str(SCOPE).lower())
    assert row["SubscriptionId"] == str(UUID(int=2))
    assert row["CorrelationId"] == "correlation"
    assert row["EventDataId"] == make_activity_row(record)["EventDataId"]
