"""Keys that a test can take away, and shorthand for reading results."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from kelp.base.errors import Category, ServiceError
from kelp.base.keys import DataKey
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import (
    Engine,
    InputFormat,
    InsertStatement,
    QueryLimits,
    ResultFormat,
    ResultStream,
    SourceColumn,
)

LIMITS = QueryLimits(deadline_seconds=60)


class KeyRing:
    """A `KeyProvider` whose disk keys depend on the workspace alone, until a test removes or changes one."""

    def __init__(self) -> None:
        self.withdrawn: set[UUID] = set()
        self.changed: dict[UUID, bytes] = {}

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        return self.get_data_key(workspace_id, 1)

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        return DataKey(version, hashlib.sha256(b"data" + workspace_id.bytes).digest())

    def get_disk_key(self, store_id: UUID) -> bytes:
        if store_id in self.withdrawn:
            raise ServiceError(Category.UNAVAILABLE, "KeyRevoked", "The key is revoked.")
        return self.changed.get(store_id, hashlib.sha256(b"disk" + store_id.bytes).digest())

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        return purpose.encode() + secret

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        return wrapped.removeprefix(purpose.encode())


async def start(
    engine: Engine,
    sql: str,
    *tables: EngineTable,
    limits: QueryLimits = LIMITS,
    result_format: ResultFormat = ResultFormat.JSON_ROWS,
    tag: str = "test",
) -> ResultStream:
    return await engine.query(sql, format=result_format, limits=limits, tag=tag, tables=frozenset(tables))


async def read(
    engine: Engine,
    sql: str,
    *tables: EngineTable,
    limits: QueryLimits = LIMITS,
    result_format: ResultFormat = ResultFormat.JSON_ROWS,
) -> bytes:
    async with await start(engine, sql, *tables, limits=limits, result_format=result_format) as stream:
        return b"".join([chunk async for chunk in stream])


STRUCTURE = tuple(
    SourceColumn(name, "String") for name in ("TimeGenerated", "Computer", "Message", "Count", "Details")
)
SELECT = """SELECT parseDateTime64BestEffort(TimeGenerated, 7, 'UTC'), toDateTime64('2026-01-02 03:04:05', 7, 'UTC'),
  Computer, Message, toInt64OrNull(Count), Details FROM source"""


async def until_running(engine: Engine, statements: int) -> None:
    """Return once the engine works on that many statements; one reader must be free."""
    while int(json.loads(await read(engine, "SELECT count() - 1 FROM system.processes"))[0]) < statements:
        pass


def insert_of(table: EngineTable, body: bytes = b"", token: str = "", **changes: Any) -> InsertStatement:
    """An insert of JSON objects into a table of the tests' definition."""
    statement = InsertStatement(
        table=table,
        columns=("TimeGenerated", "_TimeReceived", "Computer", "Message", "Count", "Details"),
        structure=STRUCTURE,
        select=SELECT,
        format=InputFormat.JSON_EACH_ROW,
        body=(body,),
        deduplication_token=token,
    )
    return replace(statement, **changes)


def records(count: int, *, day: int = 1, message: str = "hello") -> bytes:
    """JSON lines of one day."""
    return b"".join(
        json.dumps(
            {
                "TimeGenerated": f"2026-01-{day:02}T00:00:00.{number % 10_000_000:07}Z",
                "Computer": f"host-{number % 10}",
                "Message": f"{message} {number}",
                "Count": number,
                "Details": {"n": number, "a": [1.0, None]},
            }
        ).encode()
        + b"\n"
        for number in range(count)
    )
