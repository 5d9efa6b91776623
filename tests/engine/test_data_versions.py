"""Versions of data: they change with everything that could change what a query reads, and with nothing else."""

from __future__ import annotations

import contextlib

from kelp.clickhouse.ddl import optimize_partition
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import Engine
from kelp.engine.data_versions import DataVersion
from kelp.engine.errors import EngineError

from .conftest import WORKSPACE, make_logs
from .doubles import insert_of, read, records


def version_of(engine: Engine, *tables: EngineTable) -> DataVersion:
    return engine.version_of(frozenset(tables))


async def test_reading_changes_nothing(engine: Engine, logs: EngineTable) -> None:
    before = version_of(engine, logs)
    await read(engine, f"SELECT count() FROM {logs.sql}", logs)
    assert version_of(engine, logs) == before


async def test_an_insert_changes_its_table_only(engine: Engine, logs: EngineTable) -> None:
    other = await make_logs(engine, name="Other")
    before, of_other = version_of(engine, logs), version_of(engine, other)
    both = version_of(engine, logs, other)
    await engine.insert(insert_of(logs, records(1)))
    assert version_of(engine, logs) != before
    assert version_of(engine, logs).structure == before.structure
    assert version_of(engine, other) == of_other
    assert version_of(engine, logs, other) != both


async def test_an_insert_that_fails_may_have_changed_something(engine: Engine, logs: EngineTable) -> None:
    before = version_of(engine, logs)
    with contextlib.suppress(EngineError):
        await engine.insert(insert_of(logs, b"{"))
    assert version_of(engine, logs) != before


async def test_other_statements_and_detaching_change_the_structure(engine: Engine, logs: EngineTable) -> None:
    before = version_of(engine, logs)
    await engine.execute(optimize_partition(logs, "202601"))
    after = version_of(engine, logs)
    await engine.detach_database(WORKSPACE.name)
    assert len({version.structure for version in (before, after, version_of(engine, logs))}) == 3
