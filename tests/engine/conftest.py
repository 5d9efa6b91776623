"""The engines under test. Each test gets its own, on its own folder: starting one takes milliseconds.

A process has one embedded engine at a time, so every test closes what it opened.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import UUID

import pytest
import pytest_asyncio

from kelp.clickhouse.ddl import Partitioning, TableDefinition, create_table
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import DatabaseSpec, Engine
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.settings import EmbeddedSettings
from kelp.kql.types import Column, ScalarType

from .doubles import KeyRing

WORKSPACE = DatabaseSpec(UUID("11111111-1111-4111-8111-111111111111"))
OTHER_WORKSPACE = DatabaseSpec(UUID("22222222-2222-4222-8222-222222222222"))
LOGS = EngineTable(WORKSPACE.name, "Logs")
OTHER_LOGS = EngineTable(OTHER_WORKSPACE.name, "Logs")

DEFINITION = TableDefinition(
    (
        Column("TimeGenerated", ScalarType.DATETIME),
        Column("_TimeReceived", ScalarType.DATETIME),
        Column("Computer", ScalarType.STRING),
        Column("Message", ScalarType.STRING),
        Column("Count", ScalarType.LONG),
        Column("Details", ScalarType.DYNAMIC),
    ),
    Partitioning.DAY,
    term_indexed=frozenset({"Message"}),
    low_cardinality=frozenset({"Computer"}),
)

Restart = Callable[[], Awaitable[Engine]]


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing()


@pytest.fixture
def settings(tmp_path: Path) -> EmbeddedSettings:
    return EmbeddedSettings(
        data_directory=tmp_path / "data folder",
        reader_threads=3,
        memory_bytes=1 << 30,
        read_ahead_bytes=1 << 20,
        query_condition_cache=False,
    )


class EngineHolder:
    """The engine of a test, which a test may start again on the same folder."""

    def __init__(self, settings: EmbeddedSettings, keys: KeyRing) -> None:
        self.settings = settings
        self.keys = keys
        self.engine: EmbeddedEngine

    async def start(self) -> Engine:
        self.engine = await EmbeddedEngine.open(self.settings, self.keys, bytes(range(16)))
        return self.engine

    async def restart(self) -> Engine:
        await self.engine.close()
        return await self.start()


@pytest_asyncio.fixture(params=["embedded"])
async def holder(settings: EmbeddedSettings, keys: KeyRing) -> AsyncIterator[EngineHolder]:
    holder = EngineHolder(settings, keys)
    await holder.start()
    yield holder
    await holder.engine.close()


@pytest.fixture
def engine(holder: EngineHolder) -> Engine:
    return holder.engine


@pytest.fixture
def restart(holder: EngineHolder) -> Restart:
    return holder.restart


async def make_logs(engine: Engine, spec: DatabaseSpec = WORKSPACE, name: str = "Logs") -> EngineTable:
    """Make a table of `DEFINITION` in the workspace's database."""
    await engine.open_database(spec)
    table = EngineTable(spec.name, name)
    await engine.execute(create_table(table, DEFINITION, engine.table_storage(spec.name)))
    return table


@pytest_asyncio.fixture
async def logs(engine: Engine) -> EngineTable:
    return await make_logs(engine)
