"""The answer of the query API, written as it is read from the engine: rows go through as bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from kelp.api.errors import diagnostic_document

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from kelp.engine.contract import QueryStatistics
    from kelp.kql.bound import Visualization
    from kelp.kql.types import Column
    from kelp.query.execution import PartialError, RunningQuery, RunningTable

_encode = msgspec.json.encode

_RENDER_DEFAULTS: dict[str, object] = {
    "visualization": None,
    "title": None,
    "accumulate": False,
    "isQuerySorted": False,
    "kind": None,
    "legend": None,
    "series": None,
    "yMin": "NaN",
    "yMax": "NaN",
    "xAxis": None,
    "xColumn": None,
    "xTitle": None,
    "yAxis": None,
    "yColumns": None,
    "ySplit": None,
    "yTitle": None,
    "anomalyColumns": None,
}
"""Every member of `render`, in the service's order."""

_RENDER_NAMES = {name.lower(): name for name in _RENDER_DEFAULTS}


async def iter_answer(
    query: RunningQuery, text: str, *, with_statistics: bool, with_render: bool
) -> AsyncIterator[bytes]:
    """Yield the JSON document: tables first, then what was asked for, and the error where the tables are not whole.

    `text` is the query; warnings about it stand beside the tables, and in the statistics, which clients hand on.
    """
    opening = b'{"tables":['
    async for table in query.iter_tables():
        async for chunk in _iter_table(table, opening):
            yield chunk
        opening = b","
    tail: dict[str, object] = {}
    warnings = [diagnostic_document(found, text) for found in query.warnings]
    if warnings:
        tail["warnings"] = warnings
    if with_statistics:
        told = {"warnings": warnings} if warnings else {}
        tail["statistics"] = statistics_document(query.statistics) | told
    visualization = visualization_of(query)
    if with_render and visualization is not None:
        tail["render"] = render_document(visualization)
    if query.partial_error is not None:
        tail["error"] = partial_error_document(query.partial_error)
    yield b"]" + (b"," + _encode(tail)[1:] if tail else b"}")


def visualization_of(query: RunningQuery) -> Visualization | None:
    """Return the first chart that the query asks for."""
    return next((result.visualization for result in query.compiled.results if result.visualization), None)


async def _iter_table(table: RunningTable, opening: bytes) -> AsyncIterator[bytes]:
    head = _encode({"name": table.result.name, "columns": [column_document(c) for c in table.result.columns]})
    pending = opening + head[:-1] + b',"rows":['
    async for rows in table.iter_chunks():
        # A line end inside of a value is escaped, so each raw one ends a row.
        yield pending + rows[:-1].replace(b"\n", b",")
        pending = b","
    yield b"]}" if pending == b"," else pending + b"]}"


def column_document(column: Column) -> dict[str, str]:
    """Return a column as the answer lists it."""
    return {"name": column.name, "type": column.type.value}


def statistics_document(used: QueryStatistics) -> dict[str, object]:
    """Return `statistics`: what the query took, as far as the engine tells; it tells no CPU time and no memory."""
    return {
        "query": {
            "executionTime": used.elapsed_seconds,
            "inputDatasetStatistics": {"rows": {"scanned": used.rows_read}},
            "datasetStatistics": [{"tableRowCount": used.result_rows, "tableSize": used.result_bytes}],
        }
    }


def render_document(visualization: Visualization) -> dict[str, object]:
    """Return `render`: the chart that the query asked for, in the service's names."""
    document = dict(_RENDER_DEFAULTS, visualization=visualization.kind)
    for name, value in visualization.properties.items():
        if name in _RENDER_NAMES:
            document[_RENDER_NAMES[name]] = list(value) if isinstance(value, tuple) else value
    return document


def partial_error_document(error: PartialError) -> dict[str, object]:
    """Return `error` beside tables that are not whole; the client shows the deepest message."""
    reason = {"code": error.code, "message": error.message, "severity": 2, "severityName": "Error"}
    return {
        "code": "PartialError",
        "message": "There were some errors when processing your query.",
        "details": [{"code": "EngineError", "message": "The answer is incomplete.", "innererror": reason}],
        "innererror": reason,
    }
