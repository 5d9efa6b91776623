"""Questions about the records of a body: which properties they have, of what kinds, and which do not fit. Pure.

All of them read the relation `source`; the first two need only its column `RECORD`, the whole record as text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.quoting import quote_identifier, quote_string
from kelp.clickhouse.record_texts import RECORD, compile_misfits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.kql.types import Column

DATE_TIME_PATTERN = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.]\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?$"
GUID_PATTERN = r"^([0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12})$"
NUMBER_PATTERN = r"^-?(0|[1-9]\d*)([.]\d+)?([eE][+-]?\d+)?$"
TRUTH_PATTERN = "^(?i)(true|false)$"
"""What a string may look like, for the engine's dialect of regular expressions."""

_RECORD = quote_identifier(RECORD)


def find_property_names(maximum: int) -> str:
    """Give the names of all properties in the records, one row each; at most so many."""
    return (
        "SELECT DISTINCT arrayJoin(names) FROM "
        f"(SELECT DISTINCT JSONExtractKeys({_RECORD}) AS names FROM source) LIMIT {maximum}"
    )


def find_property_kinds(maximum: int) -> str:
    """Give each property's name and kinds: in how many records it has which, of at most so many pairs.

    Kinds: `number`, `truth`, `container` (an array or object), `null`, and of strings `empty`, and `date`, `guid`,
    `number text`, `truth text` or `text`.
    """
    looks = ", ".join(
        f"match(inner, {quote_string(pattern)}), {quote_string(kind)}"
        for kind, pattern in (
            ("date", DATE_TIME_PATTERN),
            ("guid", GUID_PATTERN),
            ("number text", NUMBER_PATTERN),
            ("truth text", TRUTH_PATTERN),
        )
    )
    kind = (
        "multiIf(first = '\"', multiIf(length(raw) = 2, 'empty', "
        f"{looks}, 'text'), first IN ('{{', '['), 'container', raw = 'null', 'null', "
        "raw IN ('true', 'false'), 'truth', 'number')"
    )
    return (
        f"SELECT name, {kind} AS kind, count() FROM (SELECT property.1 AS name, property.2 AS raw, "
        "substring(raw, 1, 1) AS first, substring(raw, 2, length(raw) - 2) AS inner "
        f"FROM (SELECT arrayJoin(JSONExtractKeysAndValuesRaw({_RECORD})) AS property FROM source)) "
        f"GROUP BY name, kind ORDER BY name, kind LIMIT {maximum}"
    )


def count_where(select: str, condition: str) -> str:
    """Return a SELECT for the number of rows of another one that fulfil a printed condition on its columns."""
    return f"SELECT count() FROM ({select}) WHERE {condition}"


def count_misfits(columns: Sequence[Column], sample_characters: int) -> str:
    """Give one row: for each column the number of values that do not convert, and the beginning of one of them."""
    cells = ", ".join(
        f"countIf(unfit{index}), anyIf(substringUTF8(text{index}, 1, {sample_characters}), unfit{index})"
        for index in range(len(columns))
    )
    return f"SELECT {cells} FROM ({compile_misfits(columns)})"


def find_unfit_records(columns: Sequence[Column], maximum: int) -> str:
    """Give the text of the records that have a value that does not convert, one row each; at most so many."""
    anywhere = " OR ".join(f"unfit{index}" for index in range(len(columns)))
    return f"SELECT {_RECORD} FROM ({compile_misfits(columns)}) WHERE {anywhere} LIMIT {maximum}"
