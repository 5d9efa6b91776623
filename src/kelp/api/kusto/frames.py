"""Kusto's answers, written as rows come from the engine. Version 2 is a list of frames, version 1 a document of tables.

The client's streaming reader depends on the order of members, so each frame is spelled in that order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from kelp.api.query.encoder import render_document, visualization_of
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from kelp.kql.types import Column
    from kelp.query.execution import PartialError, RunningQuery, RunningTable

_encode = msgspec.json.encode

DOTNET_NAMES: dict[ScalarType, str] = {
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

_PROPERTY_COLUMNS = (("TableId", "int"), ("Key", "string"), ("Value", "dynamic"))
_COMPLETION_COLUMNS = (
    ("Timestamp", "datetime"),
    ("ClientRequestId", "string"),
    ("ActivityId", "guid"),
    ("SubActivityId", "guid"),
    ("ParentActivityId", "guid"),
    ("Level", "int"),
    ("LevelName", "string"),
    ("StatusCode", "int"),
    ("StatusCodeName", "string"),
    ("EventType", "int"),
    ("EventTypeName", "string"),
    ("Payload", "string"),
)
_ERROR_LEVEL, _INFORMATION_LEVEL = 2, 4


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}0Z"


def _frame_head(table_id: int, kind: str, name: str, columns: Iterable[tuple[str, str]]) -> bytes:
    document = {
        "FrameType": "DataTable",
        "TableId": table_id,
        "TableKind": kind,
        "TableName": name,
        "Columns": [{"ColumnName": column, "ColumnType": kind} for column, kind in columns],
    }
    return _encode(document)[:-1] + b',"Rows":['


def _typed(columns: Sequence[Column]) -> list[tuple[str, str]]:
    return [(column.name, column.type.value) for column in columns]


async def iter_frames(query: RunningQuery, client_request_id: str, now: datetime) -> AsyncIterator[bytes]:
    """Yield the version 2 answer."""
    yield b'[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},'
    visualization = visualization_of(query)
    shown = _encode(render_document(visualization)).decode() if visualization else '{"Visualization":null}'
    properties = _frame_head(0, "QueryProperties", "@ExtendedProperties", _PROPERTY_COLUMNS)
    yield properties + _encode([1, "Visualization", shown]) + b"]},"
    table_id = 1
    async for table in query.iter_tables():
        async for part in _iter_table(table, table_id):
            yield part
        table_id += 1
    rows = _encode(_completion_row(client_request_id, now, query.partial_error))
    yield _frame_head(
        table_id, "QueryCompletionInformation", "QueryCompletionInformation", _COMPLETION_COLUMNS
    )
    yield rows + b"]}," + _encode(_completion(query.partial_error)) + b"]"


async def _iter_table(table: RunningTable, table_id: int) -> AsyncIterator[bytes]:
    pending = _frame_head(table_id, "PrimaryResult", table.result.name, _typed(table.result.columns))
    async for rows in table.iter_chunks():
        yield pending + rows[:-1].replace(b"\n", b",")
        pending = b","
    yield b"]}," if pending == b"," else pending + b"]},"


def _completion_row(client_request_id: str, now: datetime, error: PartialError | None) -> list[object]:
    activity = str(uuid4())
    level, name = (_ERROR_LEVEL, "Error") if error else (_INFORMATION_LEVEL, "Info")
    payload = {"Count": 1, "Text": error.message if error else "Query completed successfully"}
    status = (-1, error.code) if error else (0, "S_OK (0)")
    text = _encode(payload).decode()
    return [
        _iso(now),
        client_request_id,
        activity,
        activity,
        activity,
        level,
        name,
        *status,
        4,
        "QueryInfo",
        text,
    ]


def _completion(error: PartialError | None) -> dict[str, object]:
    document: dict[str, object] = {
        "FrameType": "DataSetCompletion",
        "HasErrors": error is not None,
        "Cancelled": False,
    }
    if error is not None:
        reason = {
            "code": error.code,
            "message": error.message,
            "@message": error.message,
            "@permanent": False,
        }
        document["OneApiErrors"] = [{"error": reason}]
    return document


def v1_table(name: str, columns: Iterable[Column], rows: list[list[object]]) -> dict[str, object]:
    """Return one table of a version 1 answer."""
    described = [
        {"ColumnName": column.name, "DataType": DOTNET_NAMES[column.type], "ColumnType": column.type.value}
        for column in columns
    ]
    return {"TableName": name, "Columns": described, "Rows": rows}


async def iter_v1_answer(query: RunningQuery) -> AsyncIterator[bytes]:
    """Yield the version 1 answer of a query: its tables, and an exception where they are not whole."""
    opening = b'{"Tables":['
    index = 0
    async for table in query.iter_tables():
        head = _encode(v1_table(f"Table_{index}", table.result.columns, []))
        pending = opening + head[: -len(b"]}")]
        async for rows in table.iter_chunks():
            yield pending + rows[:-1].replace(b"\n", b",")
            pending = b","
        yield b"]}" if pending == b"," else pending + b"]}"
        opening = b","
        index += 1
    exceptions = _encode([query.partial_error.message]) if query.partial_error else b""
    yield b"]" + (b',"Exceptions":' + exceptions if exceptions else b"") + b"}"
