"""What a search job or a restore reads: rows of one table over its total retention, one query over them, row by row.

Queries read up to the interactive retention; this alone reads on. Rights are the caller's business: it looks at the
table as its owner would.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kelp.base.errors import Category, ServiceError
from kelp.catalog.storage_rules import CONSTANT_COLUMNS
from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.transformation import require_row_by_row
from kelp.kql import bound
from kelp.kql.binder import bind
from kelp.kql.diagnostics import QueryRefusedError, Severity
from kelp.kql.parser import parse
from kelp.kql.schema import TableReference, TableSymbol
from kelp.kql.text import SourceText
from kelp.kql.types import ScalarType
from kelp.plan.scope import QueryScope
from kelp.resources.errors import Problem
from kelp.resources.table import TableColumn, total_days

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.catalog.workspace_schema import WorkspaceSchema, WorkspaceTable
    from kelp.clickhouse.compiler import CompiledResult
    from kelp.kql.schema import StoredFunction
    from kelp.plan.scope import ScopedTable
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

ORIGINAL_TIME = TableColumn("_OriginalTimeGenerated", ScalarType.DATETIME)
ORIGINAL_TYPE = TableColumn("_OriginalType", ScalarType.STRING)
"""What a search job adds to each row: when it was generated, and in which table it lies."""

_TICKS_PER_DAY = 86_400 * 10_000_000
_OWN_COLUMNS = CONSTANT_COLUMNS | {TIME_COLUMN, RECEIPT_COLUMN, CUSTOMER_COLUMN}
_NOT_STORED = frozenset({ScalarType.TIMESPAN, ScalarType.DECIMAL})


@dataclass(frozen=True, slots=True)
class PlannedSearch:
    """A query that can be run: over which table, and the columns that its results have beside the time."""

    source_table: str
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True, slots=True)
class _Tables:
    """The schema provider: any one table of the workspace, and note which."""

    schema: WorkspaceSchema
    found: dict[str, WorkspaceTable] = field(default_factory=dict)

    def find_table(self, reference: TableReference) -> TableSymbol | None:
        """Return a table of the workspace."""
        table = self.schema.find_table(reference.name) if reference.workspace is None else None
        if table is None:
            return None
        self.found[table.name] = table
        return TableSymbol(reference, table.schema)

    def has_workspace(self, workspace: str) -> bool:
        """No other workspace can be reached."""
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterable[TableSymbol]:
        """No table matches a wildcard."""
        del workspace
        return ()

    def table_names(self) -> Iterable[str]:
        """Return the names of the tables that hold rows, for hints."""
        return self.schema.names_with_rows()

    def find_function(self, name: str) -> StoredFunction | None:
        """Return None: a search job has no saved functions."""
        del name
        return None


class ArchiveSearch:
    """Plans and compiles. Answers from memory."""

    def __init__(self, directory: WorkspaceDirectory) -> None:
        self._directory = directory

    def plan(self, workspace: Resource[Workspace], query: str) -> PlannedSearch | list[Problem]:
        """Return what a search job's query gives, or all that is wrong with it."""
        try:
            tables, operator = self._bind(workspace, query, 0)
        except QueryRefusedError as refused:
            return _describe(query, refused)
        if len(tables.found) != 1:
            return [_problem("a search job reads one table, with whose name the query begins")]
        (source,) = tables.found
        columns = tuple(
            TableColumn(column.name, column.type)
            for column in operator.schema.columns
            if column.name not in _OWN_COLUMNS
        )
        unfit = [column for column in columns if column.type in _NOT_STORED]
        if unfit:
            return [
                _problem(
                    f"a table can't hold column '{one.name}', which is {one.type}; write tostring({one.name})"
                )
                for one in unfit
            ]
        return PlannedSearch(source, columns)

    def find_unchanged(self, workspace: Resource[Workspace], query: str) -> frozenset[str]:
        """Return the columns that a search job's query hands on as they are; none for one that means nothing now.

        The time is none of them: a search job gives its rows another.
        """
        try:
            _, operator = self._bind(workspace, query, 0)
        except QueryRefusedError:
            return frozenset()
        return _trace_unchanged(operator) - {TIME_COLUMN}

    def find_columns(self, workspace: Resource[Workspace], table: str) -> tuple[TableColumn, ...] | None:
        """Return the columns of a table beside the time, for a restore; None if there is no such table."""
        found = self._directory.get_schema(workspace).find_table(table)
        if found is None:
            return None
        return tuple(
            TableColumn(column.name, column.type)
            for column in found.schema.columns
            if column.name not in _OWN_COLUMNS
        )

    def compile(
        self, workspace: Resource[Workspace], query: str, time_range: tuple[int, int], now_ticks: int
    ) -> CompiledResult:
        """Return the statement over the rows of a range of time (in ticks, half-open), archived ones too.

        Raises `QueryRefusedError`, and `ServiceError` (unsupported) where the engine can't compute the query alone.
        """
        tables, _ = self._bind(workspace, query, now_ticks)
        scope = QueryScope(
            {
                TableReference(None, name): tuple(
                    replace(stored, predicate=self._kept(workspace, table, now_ticks))
                    for stored in list_stored(table)
                )
                for name, table in tables.found.items()
            }
        )
        options = CompileOptions(now_ticks, time_range, Encoding.NATIVE)
        (compiled,) = compile_query(query, tables, scope, options).results
        if compiled.segments:
            raise ServiceError(
                Category.UNSUPPORTED,
                "SearchNotSupported",
                "The query uses functions that no search job can compute.",
            )
        return compiled

    def _bind(
        self, workspace: Resource[Workspace], query: str, now_ticks: int
    ) -> tuple[_Tables, bound.Operator]:
        tables = _Tables(self._directory.get_schema(workspace))
        query_bound = bind(parse(query), tables, now_ticks)
        operator = query_bound.results[0].operator
        for result in query_bound.results:
            require_row_by_row(result.operator, "a search job")
        return tables, operator

    def _kept(
        self, workspace: Resource[Workspace], table: WorkspaceTable, now_ticks: int
    ) -> bound.Expression:
        """The rows that the total retention leaves."""
        declared = self._directory.find_declaration(workspace, table.name)
        settings = workspace.properties.settings
        days = total_days(settings, table.name, declared.properties if declared is not None else None)
        cutoff = bound.Literal(ScalarType.DATETIME, max(now_ticks - days * _TICKS_PER_DAY, 0))
        time = bound.ColumnReference(TIME_COLUMN, ScalarType.DATETIME)
        return bound.Call(">=", (time, cutoff), ScalarType.BOOL)


def _trace_unchanged(operator: bound.Operator) -> frozenset[str]:
    match operator:
        case bound.TableScan():
            return frozenset(column.name for column in operator.schema.columns)
        case bound.Where() | bound.Shared():
            return _trace_unchanged(operator.input)
        case bound.Extend() | bound.Project():
            before = _trace_unchanged(operator.input)
            same = {output.name for output in operator.outputs if _is_column(output.value, output.name)}
            if isinstance(operator, bound.Project):
                return before & same
            return before - ({output.name for output in operator.outputs} - same)
        case _:
            return frozenset()


def _is_column(value: bound.Expression, name: str) -> bool:
    return isinstance(value, bound.ColumnReference) and value.name == name


def list_stored(table: WorkspaceTable) -> tuple[ScopedTable, ...]:
    """Return the stored tables behind a name."""
    return tuple(part.table for part in table.parts)


def _problem(message: str) -> Problem:
    return Problem("properties.searchResults.query", f"{message[0].upper()}{message[1:]}.")


def _describe(query: str, refused: QueryRefusedError) -> list[Problem]:
    source = SourceText(query)
    problems = []
    for found in refused.diagnostics:
        if found.severity is Severity.ERROR:
            line, position = source.locate(found.span.start)
            hint = f" ({found.hint})" if found.hint else ""
            problems.append(_problem(f"line {line}, position {position}: {found.message}{hint}"))
    return problems
