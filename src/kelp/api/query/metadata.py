"""What can be queried in a workspace, for editors and dashboards that complete names (cf. REST, "Metadata - Get")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.api.query.encoder import column_document
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.schema import TableReference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.catalog.scope import BuiltScope
    from kelp.kql.schema import TableSymbol
    from kelp.resources.resource import Resource
    from kelp.resources.saved_search import SavedSearch
    from kelp.resources.workspace import Workspace

_TIME_COLUMN = "TimeGenerated"


@dataclass(frozen=True, slots=True)
class NamedTables:
    """The tables of a scope; of several workspaces each has the columns of all.

    `conflicts` tells, by their names, why tables whose columns disagree can't be read in all workspaces at once.
    """

    symbols: tuple[TableSymbol, ...]
    conflicts: Mapping[str, str]


def find_tables(built: BuiltScope) -> NamedTables:
    """Return what a query may name. Takes a while where there are a thousand tables; may run in a thread."""
    found: list[TableSymbol] = []
    refused: dict[str, str] = {}
    for name in sorted(set(built.provider.table_names())):
        try:
            symbol = built.provider.find_table(TableReference(None, name))
        except QueryRefusedError as refusal:
            refused[name] = refusal.diagnostics[0].message
        else:
            found += [] if symbol is None else [symbol]
    return NamedTables(tuple(found), refused)


def describe_workspaces(
    built: BuiltScope,
    named: NamedTables,
    functions: Sequence[tuple[Resource[Workspace], Resource[SavedSearch]]],
) -> dict[str, Any]:
    """Return the metadata document: tables that the caller may query, their workspaces, and the functions of those."""
    provider = built.provider
    with_rows = {name for schema in provider.own for name in schema.names_with_rows()}
    tables = [_describe_table(symbol, with_rows) for symbol in named.symbols]
    workspaces = [schema.workspace for schema in provider.own]
    return {
        "tables": tables,
        "functions": [_describe_function(workspace, function) for workspace, function in functions],
        "categories": [],
        "solutions": [],
        "resourceTypes": [],
        "workspaces": [
            _describe_workspace(
                schema.workspace, [table["id"] for table in tables if schema.find_table(table["name"])]
            )
            for schema in provider.own
        ],
        "permissions": {"workspaces": [{"resourceId": str(workspace.id)} for workspace in workspaces]},
    }


def _describe_table(symbol: TableSymbol, with_rows: set[str]) -> dict[str, Any]:
    name = symbol.reference.name
    table: dict[str, Any] = {
        "id": f"t/{name}",
        "name": name,
        "columns": [column_document(column) for column in symbol.schema.columns],
        "related": {"categories": [], "solutions": [], "resourceTypes": []},
        "hasData": name in with_rows,
    }
    if symbol.schema.find_column(_TIME_COLUMN) is not None:
        table["timespanColumn"] = _TIME_COLUMN
    return table


def _describe_function(workspace: Resource[Workspace], function: Resource[SavedSearch]) -> dict[str, Any]:
    found = function.properties
    described: dict[str, Any] = {
        "id": f"f/{workspace.properties.workspace_id}/{found.function_alias}",
        "name": found.function_alias,
        "displayName": found.display_name,
        "body": found.query,
        "tags": {},
        "properties": {"category": found.category},
        "related": {"workspaces": [str(workspace.properties.workspace_id)], "tables": [], "solutions": []},
    }
    if found.function_parameters:
        described["parameters"] = found.function_parameters
    return described


def _describe_workspace(workspace: Resource[Workspace], table_ids: list[str]) -> dict[str, Any]:
    return {
        "id": str(workspace.properties.workspace_id),
        "resourceId": str(workspace.id),
        "name": workspace.id.name,
        "region": workspace.properties.settings.location,
        "related": {"tables": table_ids, "solutions": []},
    }
