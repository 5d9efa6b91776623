"""Trying out a transformation: what it makes of records, without a table that takes the rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.base.clock import to_ticks
from kelp.clickhouse.record_texts import RECORD, SOURCE, can_be_unfit, compile_misfits
from kelp.clickhouse.transformation import compile_trial
from kelp.engine.contract import InputFormat, QueryLimits, ResultFormat, SourceBody, SourceColumn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from kelp.engine.contract import Engine
    from kelp.kql.types import Column

_LIMITS = QueryLimits(deadline_seconds=30, max_memory_bytes=512 * 1024 * 1024, max_result_rows=100_000)
_TAG = "transformation trial"
_SHOWN_CHARACTERS = 60


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """What is wrong with a record, counted from 0."""

    record: int
    message: str


@dataclass(frozen=True, slots=True)
class Trial:
    """The rows that a transformation makes, each a list of cells as the query API writes them, and what did not fit."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]
    problems: tuple[RecordProblem, ...]


async def try_transformation(
    engine: Engine,
    text: str,
    columns: tuple[Column, ...],
    records: Sequence[Mapping[str, Any]],
    received_at: datetime,
) -> Trial:
    """Return what a transformation makes of records of a stream with those columns.

    It is compiled and computed as for records that are loaded. Raises `QueryRefusedError`, `EngineError`.
    """
    schema, select = compile_trial(text, columns, to_ticks(received_at))
    body = msgspec.json.encode(list(records))
    structure = tuple(SourceColumn(column.name, "String") for column in columns)
    source = SourceBody(structure, InputFormat.JSON_EACH_ROW, (body,), RECORD)
    if not columns:
        source = SourceBody((SourceColumn(RECORD, "String"),), InputFormat.JSON_AS_STRING, (body,))
    rows = await _read(engine, select, source) if records else []
    typed = tuple(column for column in columns if can_be_unfit(column))
    found = await _read(engine, compile_misfits(typed), source) if records and typed else []
    problems = [
        *(_unknown(number, name) for number, name in _iter_unknown(columns, records)),
        *(problem for number, cells in enumerate(found) for problem in _misfits(number, typed, cells)),
    ]
    return Trial(schema.columns, tuple(rows), tuple(sorted(problems, key=lambda problem: problem.record)))


def _iter_unknown(columns: Sequence[Column], records: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    known = {column.name for column in columns}
    return [(number, name) for number, record in enumerate(records) for name in record if name not in known]


def _unknown(number: int, name: str) -> RecordProblem:
    return RecordProblem(number, f"The stream has no column '{name}', so its value is not taken.")


def _misfits(number: int, typed: Sequence[Column], cells: Sequence[Any]) -> list[RecordProblem]:
    """Return what does not convert: behind the record, two cells for each column, whether it does not fit, its text."""
    pairs = zip(typed, cells[1::2], cells[2::2], strict=True)
    return [
        RecordProblem(
            number, f"{column.name}: '{text[:_SHOWN_CHARACTERS]}' is no {column.type.value} and becomes null."
        )
        for column, is_unfit, text in pairs
        if is_unfit
    ]


async def _read(engine: Engine, sql: str, source: SourceBody) -> list[tuple[Any, ...]]:
    stream = await engine.query(
        sql, format=ResultFormat.JSON_ROWS, limits=_LIMITS, tag=_TAG, sources={SOURCE: source}
    )
    async with stream:
        content = b"".join([chunk async for chunk in stream])
    return [tuple(json.loads(line)) for line in content.splitlines()]
