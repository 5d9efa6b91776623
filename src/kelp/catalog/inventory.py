"""What the engine says that it holds: databases, tables, columns. Asked where the books may be wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.clickhouse.introspection import (
    select_columns,
    select_count,
    select_databases,
    select_partitions_before,
    select_sizes,
    select_variety,
)
from kelp.clickhouse.types import EngineTable
from kelp.engine.contract import QueryLimits, ResultFormat
from kelp.engine.errors import EngineTableNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.clickhouse.ddl import MaterializedColumn
    from kelp.engine.contract import Engine

_LIMITS = QueryLimits(deadline_seconds=60)
_TAG = "catalog"
_REPEATS = 20
"""A text that stands in so many rows on the average repeats."""


async def list_databases(engine: Engine) -> frozenset[str]:
    """Return the names of all databases. Raises `EngineError`."""
    return frozenset(str(name) for (name,) in await _read(engine, select_databases()))


async def list_columns(
    engine: Engine, database: str, table: str | None = None
) -> Mapping[str, Mapping[str, str]]:
    """Return the stored columns and their engine types, in order, of one or all tables of the database.

    One that is being woken just then is missing: `list_columns_of` waits for it. Raises `EngineError`.
    """
    tables: dict[str, dict[str, str]] = {}
    for name, column, engine_type in await _read(engine, select_columns(database, table)):
        tables.setdefault(str(name), {})[str(column)] = str(engine_type)
    return tables


async def list_columns_of(engine: Engine, table: EngineTable) -> Mapping[str, str]:
    """Return the stored columns of a table of an open database and their engine types, in order; none if there is none.

    The table is woken. Raises `EngineError`.
    """
    statement = select_columns(table.database, table.name)
    try:
        rows = await _read(engine, statement, frozenset({table}))
    except EngineTableNotFound:
        return {}
    return {str(column): str(engine_type) for _, column, engine_type in rows}


async def count_rows(engine: Engine, table: EngineTable, predicate: str) -> int:
    """Return for how many rows of a table the printed predicate holds. Raises `EngineError`."""
    ((rows,),) = await _read(engine, select_count(table, predicate), frozenset({table}))
    assert isinstance(rows, int)
    return rows


async def measure_table(engine: Engine, table: EngineTable) -> tuple[int, int | None, int | None]:
    """Return how many rows a table has, and their first and last time in ticks since 1970. Raises `EngineError`."""
    ((rows, first, last),) = await _read(engine, select_sizes(table), frozenset({table}))
    assert isinstance(rows, int)
    if rows == 0:
        return 0, None, None
    assert isinstance(first, int)
    assert isinstance(last, int)
    return rows, first, last


async def is_repetitive(engine: Engine, table: EngineTable, column: MaterializedColumn) -> bool:
    """Tell whether what the column would hold repeats few texts, judged by some of its rows. Raises `EngineError`."""
    ((rows, distinct),) = await _read(engine, select_variety(table, column), frozenset({table}))
    assert isinstance(rows, int)
    assert isinstance(distinct, int)
    return distinct * _REPEATS <= rows


async def list_partitions_before(engine: Engine, table: EngineTable, ticks: int) -> list[str]:
    """Return the ids of the partitions that hold rows of before a moment (in ticks). Raises `EngineError`."""
    rows = await _read(engine, select_partitions_before(table, ticks), frozenset({table}))
    return [str(partition_id) for (partition_id,) in rows]


async def _read(
    engine: Engine, sql: str, tables: frozenset[EngineTable] = frozenset()
) -> list[list[str | int | None]]:
    stream = await engine.query(sql, format=ResultFormat.JSON_ROWS, limits=_LIMITS, tag=_TAG, tables=tables)
    async with stream:
        content = b"".join([chunk async for chunk in stream])
    return msgspec.json.decode(
        b"[" + b",".join(content.splitlines()) + b"]", type=list[list[str | int | None]]
    )
