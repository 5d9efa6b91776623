"""Kusto's version 1 answer: a document of tables. A query's last table lists the others by their kind."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from kelp.api.kusto.cells import iter_rows
from kelp.api.kusto.frames import properties_text
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping, Sequence

    from kelp.api.kusto.frames import AnswerContext
    from kelp.query.execution import RunningQuery

_encode = msgspec.json.encode

DOTNET_NAMES: Mapping[ScalarType, str] = {
    ScalarType.BOOL: "SByte",
    ScalarType.INT: "Int32",
    ScalarType.LONG: "Int64",
    ScalarType.REAL: "Double",
    ScalarType.DECIMAL: "SqlDecimal",
    ScalarType.STRING: "String",
    ScalarType.DATETIME: "DateTime",
    ScalarType.TIMESPAN: "TimeSpan",
    ScalarType.GUID: "Guid",
    ScalarType.DYNAMIC: "Object",
}
"""The names that version 1 gives types beside KQL's own."""

_PROPERTY_COLUMNS = (Column("Value", ScalarType.STRING),)
_STATUS_COLUMNS = (
    Column("Timestamp", ScalarType.DATETIME),
    Column("Severity", ScalarType.INT),
    Column("SeverityName", ScalarType.STRING),
    Column("StatusCode", ScalarType.INT),
    Column("StatusDescription", ScalarType.STRING),
    Column("Count", ScalarType.INT),
    Column("RequestId", ScalarType.GUID),
    Column("ActivityId", ScalarType.GUID),
    Column("SubActivityId", ScalarType.GUID),
    Column("ClientActivityId", ScalarType.STRING),
)
_CONTENTS_COLUMNS = (
    Column("Ordinal", ScalarType.LONG),
    Column("Kind", ScalarType.STRING),
    Column("Name", ScalarType.STRING),
    Column("Id", ScalarType.STRING),
    Column("PrettyName", ScalarType.STRING),
)
_PROPERTIES, _STATUS = ("QueryProperties", "@ExtendedProperties"), ("QueryStatus", "QueryStatus")


def v1_table(name: str, columns: Iterable[Column], rows: Sequence[Sequence[object]]) -> dict[str, object]:
    """Return one table of a version 1 answer."""
    described = [
        {"ColumnName": column.name, "DataType": DOTNET_NAMES[column.type], "ColumnType": column.type.value}
        for column in columns
    ]
    return {"TableName": name, "Columns": described, "Rows": rows}


async def iter_v1_answer(query: RunningQuery, context: AnswerContext) -> AsyncIterator[bytes]:
    """Yield the version 1 answer of a query: its tables, and an exception where they are not whole."""
    opening = b'{"Tables":['
    names: list[tuple[str, str]] = []
    async for table in query.iter_tables():
        head = _encode(v1_table(f"Table_{len(names)}", table.result.columns, []))
        pending = opening + head.removesuffix(b"]}")
        async for rows in iter_rows(table):
            yield pending + rows
            pending = b","
        yield b"]}" if pending == b"," else pending + b"]}"
        opening = b","
        names.append(("QueryResult", table.result.name))
    number, error = len(names), query.partial_error
    for added in (
        v1_table(f"Table_{number}", _PROPERTY_COLUMNS, [[properties_text(query)]]),
        v1_table(f"Table_{number + 1}", _STATUS_COLUMNS, _status_rows(query, context)),
        v1_table(f"Table_{number + 2}", _CONTENTS_COLUMNS, _contents([*names, _PROPERTIES, _STATUS])),
    ):
        yield b"," + _encode(added)
    exceptions = b',"Exceptions":' + _encode([f"{error.message} ({error.code})"]) if error else b""
    yield b"]" + exceptions + b"}"


def _status_rows(query: RunningQuery, context: AnswerContext) -> list[list[object]]:
    """Return how it went, and then what the author of the text should know."""
    error = query.partial_error
    stated: list[tuple[int, str, int, str]] = [
        (2, "Error", -1, error.message) if error else (4, "Info", 0, "Query completed successfully"),
        *((3, "Warning", 0, f"{found.code}: {found.message}") for found in query.warnings),
    ]
    identity = context.activity_id, context.activity_id
    return [
        [context.timestamp, *status, 1, *identity, str(uuid4()), context.client_request_id]
        for status in stated
    ]


def _contents(tables: Sequence[tuple[str, str]]) -> list[list[object]]:
    return [[ordinal, kind, name, str(uuid4()), ""] for ordinal, (kind, name) in enumerate(tables)]
