"""All spellings by the name that calls carry in the bound tree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from kelp.clickhouse.functions import (
    aggregates,
    arrays,
    bags,
    conversions,
    datetimes,
    dynamics,
    encodings,
    geography,
    hashes,
    hll,
    ipv4,
    ipv6,
    key_values,
    mathematics,
    operators,
    parsers,
    records,
    regexes,
    series,
    series_fills,
    series_outliers,
    series_parts,
    series_statistics,
    sets,
    strings,
    tdigest,
    terms,
    units,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.clickhouse.functions.spelling import AggregateSpelling, Spelling, WindowSpelling


@dataclass(frozen=True, slots=True)
class SpellingTable:
    """How to spell scalar calls, aggregations and functions of neighbouring rows.

    `aggregates_of_few_groups` are those aggregations that are better spelled in another way for few groups.
    """

    scalars: Mapping[str, Spelling]
    aggregates: Mapping[str, AggregateSpelling]
    aggregates_of_few_groups: Mapping[str, AggregateSpelling]
    windows: Mapping[str, WindowSpelling]


@cache
def spelling_table() -> SpellingTable:
    """Return the table; built once."""
    topics = (
        operators,
        terms,
        strings,
        regexes,
        parsers,
        key_values,
        encodings,
        hashes,
        ipv4,
        ipv6,
        conversions,
        datetimes,
        mathematics,
        dynamics,
        arrays,
        bags,
        sets,
        series,
        series_fills,
        series_outliers,
        series_parts,
        series_statistics,
        geography,
        records,
        units,
        hll,
        tdigest,
    )
    scalars = {name: spelling for topic in topics for name, spelling in topic.SPELLINGS.items()}
    return SpellingTable(scalars, aggregates.SPELLINGS, aggregates.SPELLINGS_OF_FEW_GROUPS, {})
