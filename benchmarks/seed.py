"""Puts rows into a server's folder before it serves, as ingestion would but without its journal."""

from __future__ import annotations

import asyncio
import sys
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from benchmarks.dataset import make_dataset
from benchmarks.tables import OTHERS, SYSLOG
from kelp.app.installation import Installation
from kelp.app.services import Storage, open_storage
from kelp.base.settings import load_settings
from kelp.catalog.inventory import measure_table
from kelp.catalog.ledger import Load
from kelp.clickhouse.ddl import RECEIPT_COLUMN, TIME_COLUMN, SchemaStatement, database_name
from kelp.clickhouse.quoting import quote_identifier
from kelp.clickhouse.types import EngineTable, expression_type
from kelp.engine.contract import InputFormat, InsertStatement, SourceColumn
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.dataset import Dataset
    from benchmarks.tables import BenchTable
    from kelp.base.ids import WorkspaceId

_ROWS_OF_AN_INSERT = 100_000


async def _seed(folder: Path, dataset: Dataset) -> None:
    settings = load_settings(None, {}, {"data": folder})
    with closing(Installation.open(folder)) as installation:
        names = installation.find_names()
        assert names is not None
        async with open_storage(installation, settings) as storage:
            await _load(storage, names.workspace_id, dataset)


async def _load(storage: Storage, workspace_id: WorkspaceId, dataset: Dataset) -> None:
    table = dataset.table.name
    columns = [Column(name, ScalarType(kind)) for name, kind in dataset.table.columns.items()]
    await storage.tables.ensure_table(workspace_id, table, columns)
    stored = EngineTable(database_name(workspace_id), table)
    for body in _iter_bodies(dataset.json_lines):
        outcome = await storage.engine.insert(_insert(stored, dataset.table, body))
        _, first, last = await measure_table(storage.engine, stored)
        load = Load(uuid4(), workspace_id, table, outcome.rows, len(body), first, last)
        await asyncio.to_thread(storage.ledger.record_loads, [load])
    # What is measured is the way of a query, not how far merging happens to be.
    await storage.engine.execute(
        SchemaStatement(f"OPTIMIZE TABLE {stored.sql} FINAL", touches=frozenset({stored}))
    )


def _iter_bodies(json_lines: Path) -> Iterator[bytes]:
    with json_lines.open("rb") as lines:
        while body := b"".join(islice(lines, _ROWS_OF_AN_INSERT)):
            yield body


def _insert(table: EngineTable, like: BenchTable, body: bytes) -> InsertStatement:
    types = {name: ScalarType(kind) for name, kind in like.columns.items()}
    names = [quote_identifier(name) for name in types if name != TIME_COLUMN]
    time = f"parseDateTime64BestEffort({TIME_COLUMN}, 7, 'UTC')" if like.has_time else "now64(7, 'UTC')"
    return InsertStatement(
        table=table,
        columns=(TIME_COLUMN, RECEIPT_COLUMN, *(name for name in types if name != TIME_COLUMN)),
        structure=tuple(
            SourceColumn(name, "String" if name == TIME_COLUMN else expression_type(kind))
            for name, kind in types.items()
        ),
        select=f"SELECT {time}, {time}, {', '.join(names)} FROM source",
        format=InputFormat.JSON_EACH_ROW,
        body=(body,),
    )


if __name__ == "__main__":
    (bench_table,) = (one for one in (SYSLOG, *OTHERS) if one.kind == sys.argv[2])
    asyncio.run(_seed(Path(sys.argv[1]), make_dataset(int(sys.argv[3]), bench_table)))
