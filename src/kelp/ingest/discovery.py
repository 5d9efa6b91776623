"""Asks the engine what is in the records of a batch: it reads them all natively and gives a few names and counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.clickhouse.record_search import (
    count_misfits,
    count_where,
    find_property_kinds,
    find_property_names,
    find_unfit_records,
)
from kelp.clickhouse.record_texts import RECORD, SOURCE
from kelp.engine.contract import InputFormat, QueryLimits, ResultFormat, SourceBody, SourceColumn
from kelp.ingest.recipe import source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.engine.contract import Engine
    from kelp.ingest.batch import Records
    from kelp.ingest.recipe import Recipe

_MAXIMUM_NAMES = 10_000
_SAMPLE_CHARACTERS = 120
_LIMITS = QueryLimits(deadline_seconds=300, max_threads=1)
_TAG = "kelp.ingest"
_decode_row = msgspec.json.Decoder(list[Any]).decode


@dataclass(frozen=True, slots=True)
class Misfit:
    """Values of a property that do not convert to the type it should have: how many, and how one begins."""

    property: str
    type: str
    values: int
    sample: str


class Discovery:
    """Safe for concurrent use from the tasks of one event loop. Raises `EngineError`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def find_property_names(self, records: Records) -> frozenset[str]:
        """Return the names of all properties that the records have."""
        rows = await self._query(find_property_names(_MAXIMUM_NAMES), _whole_records(records))
        return frozenset(name for (name,) in rows)

    async def find_property_kinds(self, records: Records) -> Mapping[str, Mapping[str, int]]:
        """Return for each property in how many records it has which kind of value (see `record_search`)."""
        kinds: dict[str, dict[str, int]] = {}
        rows = await self._query(find_property_kinds(_MAXIMUM_NAMES), _whole_records(records))
        for name, kind, count in rows:
            kinds.setdefault(name, {})[kind] = count
        return kinds

    async def find_misfits(self, recipe: Recipe, records: Records) -> tuple[Misfit, ...]:
        """Return the properties with values that do not convert."""
        columns = recipe.typed_columns
        if not columns:
            return ()
        source = source_of(recipe, records, with_records=True)
        (cells,) = await self._query(count_misfits(columns, _SAMPLE_CHARACTERS), source)
        pairs = zip(columns, cells[::2], cells[1::2], strict=True)
        return tuple(
            Misfit(column.name, column.type.value, count, sample) for column, count, sample in pairs if count
        )

    async def find_unfit_records(self, recipe: Recipe, records: Records, maximum: int) -> list[str]:
        """Return the texts of records with a value that does not convert, at most so many."""
        source = source_of(recipe, records, with_records=True)
        rows = await self._query(find_unfit_records(recipe.typed_columns, maximum), source)
        return [record for (record,) in rows]

    async def count_rows(self, recipe: Recipe, records: Records, condition: str) -> int:
        """Return how many of the rows that a recipe makes of the records fulfil a printed condition on its columns."""
        source = source_of(recipe, records, with_records=True)
        ((count,),) = await self._query(count_where(recipe.lenient, condition), source)
        return int(count)

    async def _query(self, sql: str, source: SourceBody) -> list[list[Any]]:
        stream = await self._engine.query(
            sql, format=ResultFormat.JSON_ROWS, limits=_LIMITS, tag=_TAG, sources={SOURCE: source}
        )
        async with stream:
            content = b"".join([chunk async for chunk in stream])
        return [_decode_row(line) for line in content.splitlines() if line]


def _whole_records(records: Records) -> SourceBody:
    return SourceBody((SourceColumn(RECORD, "String"),), InputFormat.JSON_AS_STRING, records)
