"""Shows an explanation for people: a heading for each stage, what it says below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.query.explanation import describe_read

if TYPE_CHECKING:
    from collections.abc import Iterator


def describe_explanation(explained: dict[str, Any]) -> str:
    """Return the document of the query API's explanation as text."""
    sections = [("Query", explained["query"])]
    for result in explained["results"]:
        sections.extend(_iter_sections(result))
    sections.extend(("Warning", f"{found['code']}: {found['message']}") for found in explained["warnings"])
    return "\n\n".join(f"{title}\n{_indent(text)}" for title, text in sections)


def _iter_sections(result: dict[str, Any]) -> Iterator[tuple[str, str]]:
    name = result["name"]
    columns = ", ".join(f"{column['name']}: {column['type']}" for column in result["columns"])
    yield f"{name}: columns", columns
    yield f"{name}: bound", result["bound"]
    yield f"{name}: plan", result["plan"]
    for segment in result["segments"]:
        yield f"{name}: computed outside of the engine", segment
    for part in result["statements"]:
        yield f"{part['name']}: SQL", part["sql"]
        lines = "\n".join(part["enginePlan"])
        yield f"{part['name']}: engine plan", lines or "not known before a part of the query has run"
    if result["reads"]:
        yield f"{name}: reads at the most", "\n".join(map(describe_read, result["reads"]))


def _indent(text: str) -> str:
    return "\n".join(f"  {line}" if line else "" for line in text.splitlines())
