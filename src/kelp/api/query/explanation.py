"""An explanation as the query API answers it: a document for programs, and a table for any client of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.errors import diagnostic_document

if TYPE_CHECKING:
    from kelp.query.explanation import ExplainedResult, Explanation

_COLUMNS = [{"name": name, "type": "string"} for name in ("Result", "Stage", "Text")]


def explanation_document(explanation: Explanation, text: str) -> dict[str, Any]:
    """Return `tables`, one table of texts stage by stage, and `explain`, all of it; `text` is the query as sent."""
    document: dict[str, Any] = {
        "query": explanation.text,
        "results": [_result_document(result) for result in explanation.results],
        "warnings": [diagnostic_document(found, text) for found in explanation.warnings],
    }
    rows = [["", "query", explanation.text]]
    for result in document["results"]:
        rows.extend(_iter_rows(result))
    rows.extend(["", "warning", f"{found['code']}: {found['message']}"] for found in document["warnings"])
    return {"tables": [{"name": "PrimaryResult", "columns": _COLUMNS, "rows": rows}], "explain": document}


def _result_document(result: ExplainedResult) -> dict[str, Any]:
    return {
        "name": result.name,
        "columns": [{"name": column.name, "type": column.type.value} for column in result.columns],
        "bound": result.bound,
        "plan": result.plan,
        "segments": list(result.segments),
        "statements": [
            {"name": part.title, "sql": part.sql, "enginePlan": list(part.engine_plan)}
            for part in result.statements
        ],
        "reads": [
            {"table": read.table, "columns": list(read.columns), "rows": read.rows, "bytes": read.bytes}
            for read in result.reads
        ],
    }


def _iter_rows(result: dict[str, Any]) -> list[list[str]]:
    stages = [("bound", result["bound"]), ("plan", result["plan"])]
    stages += [("segment", segment) for segment in result["segments"]]
    for part in result["statements"]:
        stages.append(("sql", part["sql"]))
        stages.append(("engine plan", "\n".join(part["enginePlan"])))
    for read in result["reads"]:
        stages.append(("reads", describe_read(read)))
    return [[result["name"], stage, text] for stage, text in stages if text]


def describe_read(read: dict[str, Any]) -> str:
    """Return the estimate of a table in words."""
    columns = f" of {len(read['columns'])} columns" if read["columns"] else ""
    if read["rows"] is None:
        return f"{read['table']}: unknown, since a part of the query decides{columns}"
    return f"{read['table']}: {read['rows']:,} rows, {read['bytes']:,} bytes{columns}"
