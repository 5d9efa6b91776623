"""Kusto's version 2 answer, written as rows come from the engine: a list of frames.

The client's streaming reader depends on the order of members, so each frame is spelled in that order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from kelp.api.kusto.cells import iter_rows
from kelp.api.query.encoder import render_document, visualization_of
from kelp.query.execution import TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from datetime import datetime

    from kelp.kql.types import Column
    from kelp.query.execution import PartialError, RunningQuery, RunningTable

_encode = msgspec.json.encode

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
_ERROR_LEVEL, _WARNING_LEVEL, _INFORMATION_LEVEL = 2, 3, 4
_EVENT = (4, "QueryInfo")


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What an answer says about its request.

    `defers_failures`: a failure after the first rows is told at the end only; else it also ends the table's rows, and
    clients raise it.
    """

    client_request_id: str
    activity_id: str
    at: datetime
    defers_failures: bool = False

    @property
    def timestamp(self) -> str:
        """The time of the request in 100 ns."""
        return f"{self.at:%Y-%m-%dT%H:%M:%S.%f}0Z"


def one_api_error(error: PartialError, context: AnswerContext) -> dict[str, object]:
    """Return what clients read of a failure that comes after rows."""
    is_limit = error.code == TOO_LARGE
    message = f"{error.message} ({error.code})"
    kind = "KustoServicePartialQueryFailure"
    return {
        "error": {
            "code": "LimitsExceeded" if is_limit else "General_InternalServerError",
            "message": message,
            "@type": f"Kusto.Data.Exceptions.{kind}{'LimitsExceeded' if is_limit else ''}Exception",
            "@message": message,
            "@context": {
                "timestamp": context.timestamp,
                "serviceAlias": "KELP",
                "clientRequestId": context.client_request_id,
                "activityId": context.activity_id,
            },
            "@permanent": is_limit,
        }
    }


def properties_text(query: RunningQuery) -> str:
    """Return the chart that the query asks for, as the text of a JSON object."""
    visualization = visualization_of(query)
    if visualization is None:
        return '{"Visualization":null}'
    document = render_document(visualization)
    # Kusto's names of these members begin with a capital letter, Azure Monitor's do not.
    return _encode({name[0].upper() + name[1:]: value for name, value in document.items()}).decode()


async def iter_frames(query: RunningQuery, context: AnswerContext) -> AsyncIterator[bytes]:
    """Yield the version 2 answer."""
    yield b'[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},'
    properties = _frame_head(0, "QueryProperties", "@ExtendedProperties", _PROPERTY_COLUMNS)
    yield properties + _encode([1, "Visualization", properties_text(query)]) + b"]},"
    table_id = 1
    async for table in query.iter_tables():
        async for part in _iter_table(table, table_id):
            yield part
        error = query.partial_error
        if error is not None and not context.defers_failures:
            failure = _encode({"OneApiErrors": [one_api_error(error, context)]})
            yield (b"," if table.rows else b"") + failure
        yield b"]},"
        table_id += 1
    name = "QueryCompletionInformation"
    yield _frame_head(table_id, name, name, _COMPLETION_COLUMNS)
    rows = [_completion_row(context, query.partial_error), *_warning_rows(query, context)]
    yield _encode(rows)[1:-1] + b"]},"
    yield _encode(_completion(context, query.partial_error)) + b"]"


async def _iter_table(table: RunningTable, table_id: int) -> AsyncIterator[bytes]:
    """Yield the frame of a table up to its last row."""
    pending = _frame_head(table_id, "PrimaryResult", table.result.name, _typed(table.result.columns))
    async for rows in iter_rows(table):
        yield pending + rows
        pending = b","
    if pending != b",":
        yield pending


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


def _completion_row(context: AnswerContext, error: PartialError | None) -> list[object]:
    level = (_ERROR_LEVEL, "Error") if error else (_INFORMATION_LEVEL, "Info")
    status = (-1, error.code) if error else (0, "S_OK (0)")
    text = error.message if error else "Query completed successfully"
    return _event_row(context, level, status, {"Count": 1, "Text": text})


def _warning_rows(query: RunningQuery, context: AnswerContext) -> list[list[object]]:
    return [
        _event_row(context, (_WARNING_LEVEL, "Warning"), (0, found.code), {"Count": 1, "Text": found.message})
        for found in query.warnings
    ]


def _event_row(
    context: AnswerContext, level: tuple[int, str], status: tuple[int, str], payload: dict[str, object]
) -> list[object]:
    return [
        context.timestamp,
        context.client_request_id,
        context.activity_id,
        str(uuid4()),
        context.activity_id,
        *level,
        *status,
        *_EVENT,
        _encode(payload).decode(),
    ]


def _completion(context: AnswerContext, error: PartialError | None) -> dict[str, object]:
    document: dict[str, object] = {
        "FrameType": "DataSetCompletion",
        "HasErrors": error is not None,
        "Cancelled": False,
    }
    if error is not None:
        document["OneApiErrors"] = [one_api_error(error, context)]
    return document
