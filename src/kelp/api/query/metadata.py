"""What can be queried in a workspace, for editors and dashboards that complete names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.kql.schema import TableReference

if TYPE_CHECKING:
    from kelp.catalog.scope import BuiltScope


def describe_workspace(built: BuiltScope) -> dict[str, Any]:
    """Return the metadata document: the tables with their columns, and the workspaces they are of."""
    tables: list[dict[str, Any]] = []
    for name in sorted(set(built.provider.table_names())):
        symbol = built.provider.find_table(TableReference(None, name))
        if symbol is not None:
            columns = [{"name": column.name, "type": column.type.value} for column in symbol.schema.columns]
            table = {"id": f"t/{name}", "name": name, "columns": columns, "hasData": False}
            if symbol.schema.find_column("TimeGenerated") is not None:
                table["timespanColumn"] = "TimeGenerated"
            tables.append(table)
    with_data = {symbol.reference.name for symbol in built.provider.iter_tables(None)}
    for table in tables:
        table["hasData"] = table["name"] in with_data
    ids = [str(workspace_id) for workspace_id in built.workspace_ids]
    workspaces = [{"id": workspace_id, "tables": [table["id"] for table in tables]} for workspace_id in ids]
    return {"tables": tables, "functions": [], "workspaces": workspaces}
