"""The `.show` commands that clients send to find their way; any other command is refused by name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from kelp.api.kusto.documents import v1_table
from kelp.api.kusto.errors import EntityNotFound, bad_request
from kelp.kql.schema import TableReference
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kelp.catalog.scope import BuiltScope

Answer = dict[str, object]

_TEXT = ScalarType.STRING
_DATABASE_COLUMNS = (
    "DatabaseName",
    "PersistentStorage",
    "Version",
    "IsCurrent",
    "DatabaseAccessMode",
    "PrettyName",
)
_TABLE_COLUMNS = ("TableName", "DatabaseName", "Folder", "DocString")
_SHOW_TABLE = re.compile(
    r"\.show\s+table\s+(?P<name>[\w.\-\[\]'\" ]+?)\s+(?:cslschema|schema\s+as\s+csl)", re.IGNORECASE
)

_DOTNET_TYPES = {
    ScalarType.BOOL: "System.SByte",
    ScalarType.INT: "System.Int32",
    ScalarType.LONG: "System.Int64",
    ScalarType.REAL: "System.Double",
    ScalarType.DECIMAL: "System.Data.SqlTypes.SqlDecimal",
    ScalarType.STRING: "System.String",
    ScalarType.DATETIME: "System.DateTime",
    ScalarType.TIMESPAN: "System.TimeSpan",
    ScalarType.GUID: "System.Guid",
    ScalarType.DYNAMIC: "System.Object",
}


def run_command(
    text: str, databases: Sequence[str], version: str, scope_of: Callable[[], BuiltScope]
) -> Answer:
    """Return the version 1 answer of a command.

    `databases` are the names of the workspaces that the caller may query, the request's first; `scope_of` builds the
    scope of that one. Raises `ServiceError` (invalid) naming a command that Kelp does not have.
    """
    words = " ".join(text.lower().split())
    table = _SHOW_TABLE.fullmatch(" ".join(text.split()))
    if table is not None:
        return _show_table(table["name"].strip("[]'\" "), scope_of())
    match words:
        case ".show databases" | ".show databases details":
            rows: list[list[object]] = [[name, "", "v1.0", False, "ReadWrite", name] for name in databases]
            return _answer(_DATABASE_COLUMNS, rows)
        case ".show databases schema" | ".show database schema":
            return _show_schema_rows(scope_of(), databases)
        case ".show tables" | ".show tables details":
            return _answer(_TABLE_COLUMNS, [[name, databases[0], "", ""] for name in _tables(scope_of())])
        case ".show schema as json" | ".show database schema as json" | ".show databases schema as json":
            return _show_schema_json(scope_of(), databases)
        case ".show functions":
            return _answer(("Name", "Parameters", "Body", "Folder", "DocString"), [])
        case ".show version":
            names = ("BuildVersion", "BuildTime", "ServiceType", "ProductVersion")
            return _answer(names, [[version, "", "Engine", version]])
        case ".show cluster" | ".show diagnostics":
            return _answer(("NodeId", "Address", "Name", "IsHealthy"), [["0", "", "kelp", True]])
        case _:
            message = f"Kelp has no command '{words[:80]}'."
            raise bad_request(message)


def _tables(built: BuiltScope) -> list[str]:
    return sorted(set(built.provider.table_names()))


def _schema_of(built: BuiltScope, name: str) -> RowSchema | None:
    symbol = built.provider.find_table(TableReference(None, name))
    return symbol.schema if symbol is not None else None


def _answer(names: Sequence[str], rows: list[list[object]]) -> Answer:
    columns = [Column(name, ScalarType.BOOL if name.startswith("Is") else _TEXT) for name in names]
    return {"Tables": [v1_table("Table_0", columns, rows)]}


def _show_table(name: str, built: BuiltScope) -> Answer:
    schema = _schema_of(built, name)
    if schema is None:
        raise EntityNotFound(f"There is no table '{name}'.")
    text = ", ".join(f"{column.name}:{column.type}" for column in schema.columns)
    return _answer(("TableName", "Schema", "DatabaseName", "Folder", "DocString"), [[name, text, "", "", ""]])


def _show_schema_rows(built: BuiltScope, databases: Sequence[str]) -> Answer:
    database = databases[0] if databases else ""
    rows: list[list[object]] = [[database, "", "", "", False]]
    for name in _tables(built):
        schema = _schema_of(built, name)
        rows.append([database, name, "", "", False])
        rows.extend(
            [database, name, c.name, _DOTNET_TYPES[c.type], False] for c in (schema.columns if schema else ())
        )
    return _answer(("DatabaseName", "TableName", "ColumnName", "ColumnType", "IsDefaultTable"), rows)


def _show_schema_json(built: BuiltScope, databases: Sequence[str]) -> Answer:
    tables = {name: _describe_table(name, _schema_of(built, name)) for name in _tables(built)}
    documents = {
        name: {"Name": name, "Tables": tables, "ExternalTables": {}, "MaterializedViews": {}, "Functions": {}}
        for name in databases[:1]
    }
    return _answer(("DatabaseSchema",), [[msgspec.json.encode({"Databases": documents}).decode()]])


def _describe_table(name: str, schema: RowSchema | None) -> dict[str, object]:
    columns = [
        {"Name": column.name, "Type": _DOTNET_TYPES[column.type], "CslType": column.type.value}
        for column in (schema.columns if schema else ())
    ]
    return {"Name": name, "OrderedColumns": columns}
