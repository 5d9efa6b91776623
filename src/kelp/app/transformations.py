"""Checks transformations for the resource store, which knows no compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.transformation import check_transformation
from kelp.kql.diagnostics import QueryRefusedError, Severity
from kelp.kql.text import SourceText
from kelp.kql.types import Column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.resources.table import TableColumn


def find_transformation_problems(text: str, columns: Sequence[TableColumn]) -> list[str]:
    """Return what is wrong with a transformation over a stream of these columns, each with its place."""
    try:
        check_transformation(text, tuple(Column(column.name, column.type) for column in columns))
    except QueryRefusedError as refused:
        source = SourceText(text)
        problems = []
        for found in refused.diagnostics:
            if found.severity is Severity.ERROR:
                line, position = source.locate(found.span.start)
                hint = f" ({found.hint})" if found.hint else ""
                problems.append(f"line {line}, position {position}: {found.code}: {found.message}{hint}")
        return problems
    return []
