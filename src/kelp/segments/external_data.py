"""`externaldata`: fetches the places of an operation and gives their records as text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from time import monotonic
from typing import TYPE_CHECKING, cast

import pyarrow as pa

from kelp.plan.external_data import ReadExternalData
from kelp.segments.errors import SegmentRefused
from kelp.segments.external_places import fetch_place
from kelp.segments.external_records import read_delimited, read_json, read_lines, read_parquet, read_whole

if TYPE_CHECKING:
    from kelp.plan.segment_operations import TabularOperation

_DELIMITERS = {"csv": ",", "tsv": "\t", "psv": "|", "scsv": ";", "sohsv": "\x01"}


def compute(operation: TabularOperation, inputs: Sequence[pa.Table]) -> pa.Table:
    """Return the records of all places, in order. Raises `SegmentRefused` for what can't be fetched or read."""
    del inputs
    asked = cast("ReadExternalData", operation)
    columns: list[list[str]] = [[] for _ in asked.columns]
    ends_at = monotonic() + asked.access.seconds
    for place in asked.places:
        content = fetch_place(place, asked.access, ends_at)
        try:
            found = _read(content, asked)
        except (ValueError, KeyError, pa.ArrowException) as failure:
            message = f"'externaldata' can't read {_shown(place)} as {asked.format}: {failure}"
            raise SegmentRefused(message[:500]) from failure
        for column, more in zip_longest(columns, found, fillvalue=()):
            cast("list[str]", column).extend(more)
    return pa.table(
        {name: pa.array(column, pa.string()) for name, column in zip(asked.columns, columns, strict=True)}
    )


def _shown(place: str) -> str:
    """What stands behind `?` may be a key."""
    return place.partition("?")[0]


def _read(content: bytes, asked: ReadExternalData) -> list[list[str]]:
    """Return the text of the columns, of all records."""
    match asked.format:
        case "parquet":
            return read_parquet(content, asked.columns)
        case "json" | "multijson" | "singlejson":
            return read_json(content, asked.columns, asked.raw_columns)
        case "txt":
            found = read_lines(content)
        case "raw":
            found = read_whole(content)
        case _:
            return read_delimited(
                content, _DELIMITERS[asked.format], len(asked.columns), skips_first=asked.ignores_first_record
            )
    first = found[1:] if asked.ignores_first_record and asked.format == "txt" else found
    return [first if index == 0 else [""] * len(first) for index in range(len(asked.columns))]
