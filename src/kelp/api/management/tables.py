"""Tables of a workspace, custom and built in (`Microsoft.OperationalInsights/workspaces/tables`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, merge_patch, present
from kelp.api.management.kind_description import KindDescription, giving
from kelp.api.management.operations import begin_headers
from kelp.api.management.reader import DocumentReader
from kelp.api.management.reading_tables import encode_reading, find_order, plan_reading, state_of
from kelp.api.management.writing import put_resource
from kelp.base.ids import ResourceId
from kelp.jobs import archive_reading, purge
from kelp.kql.types import ScalarType
from kelp.resources.archive_reading import ArchiveReading, ReadingKind
from kelp.resources.errors import ResourceNotFound
from kelp.resources.reading_table import cancel_search, put_reading_table
from kelp.resources.resource import Resource
from kelp.resources.shape import Items, Moment, Record, Text, Truth, Whole
from kelp.resources.table import (
    BuiltInTable,
    Table,
    TableColumn,
    TablePlan,
    TableSubType,
    delete_table,
    interactive_days,
    migrate_table,
    parse_column_type,
    put_table,
    total_days,
)
from kelp.resources.transaction import Transaction
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces/tables"
_ALL = (
    f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
    "/workspaces/{workspace}/tables"
)
_ONE = f"{_ALL}/{{table}}"
_DEFAULT_RETENTION = -1
TYPE_NAMES: Mapping[ScalarType, str] = MappingProxyType(
    {
        ScalarType.STRING: "string",
        ScalarType.INT: "int",
        ScalarType.LONG: "long",
        ScalarType.REAL: "real",
        ScalarType.BOOL: "boolean",
        ScalarType.DATETIME: "dateTime",
        ScalarType.GUID: "guid",
        ScalarType.DYNAMIC: "dynamic",
    }
)
"""How table documents spell the types that owners may choose; results that were stored can hold others."""
_STANDARD_COLUMNS = (
    TableColumn("TenantId", ScalarType.GUID, "The ID of the workspace that stores this record."),
    TableColumn("SourceSystem", ScalarType.STRING, "How the record was collected."),
    TableColumn("Type", ScalarType.STRING, "The name of the table."),
    TableColumn("_ResourceId", ScalarType.STRING, "The resource that the record is about."),
)
"""What every custom table has beside its own columns."""


def list_all(call: Call) -> Answer:
    """Answer with every table of the workspace, built in or custom, in the order of names."""
    call.require(f"{_TYPE}/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    stored = dict(call.store.snapshot.tables.get(workspace.id.key, {}))
    documents = [
        _encode(call, workspace, stored.pop(built_in.name.lower(), None), built_in)
        for built_in in call.services.built_in_tables.iter_built_in()
    ]
    documents += [_encode(call, workspace, table, None) for table in stored.values()]
    return Answer(200, {"value": sorted(documents, key=lambda document: str(document["name"]).lower())})


def get(call: Call) -> Answer:
    """Answer with one table."""
    call.require(f"{_TYPE}/read", _table_id(call))
    return Answer(200, _encode(call, *_find(call)))


def put(call: Call) -> Answer:
    """Create a custom table, change retention, plan and columns of any table, or begin a search job or a restore."""
    call.require(f"{_TYPE}/write", _table_id(call))
    if order := find_order(call.reader().section("properties")):
        return _put_reading(call, order)
    answer = put_resource(call, _putter(call), _encode_stored)
    # Clients of this resource know 200 and 202 only.
    return Answer(200, answer.document)


def _put_reading(call: Call, order: ArchiveReading) -> Answer:
    reader = call.reader()
    with call.write() as transaction, reader.reporting():
        properties = reader.section("properties")
        find_order(properties)  # again, for what this reader reports
        workspace = transaction.get(Workspace, call.workspace)
        planned, columns, problems = plan_reading(call, workspace, order)
        draft = replace(_decode(reader), reading=planned)
        table, operation = put_reading_table(transaction, _table_id(call), draft, columns, problems)
    if operation is None:
        return Answer(200, _encode_stored(call, table))
    call.services.request_run(archive_reading.NAME)
    return Answer(202, _encode_stored(call, table), begin_headers(call, operation))


def cancel_search_job(call: Call) -> Answer:
    """Stop a search job; the rows found so far stay."""
    call.require(f"{_TYPE}/write", _table_id(call))
    with call.write() as transaction:
        table = cancel_search(transaction, _table_id(call))
        transaction.record_action(table.id, "cancelSearch/action")
    return Answer(200)


def migrate(call: Call) -> Answer:
    """Have rules write to a classic table; records of the HTTP Data Collector API add no columns to it any more."""
    call.require(f"{_TYPE}/migrate/action", _table_id(call))
    with call.write() as transaction:
        migrate_table(transaction, _table_id(call))
        transaction.record_action(_table_id(call), "migrate/action")
    return Answer(200)


def patch(call: Call) -> Answer:
    """Change what the body names; `columns` are the whole list, as in a PUT."""
    call.require(f"{_TYPE}/write", _table_id(call))
    patch_document = call.document()
    with call.write() as transaction:
        workspace, stored = (
            transaction.get(Workspace, call.workspace),
            transaction.find(Table, _table_id(call)),
        )
        present_document = _encode(call, workspace, stored, _require_built_in(call, stored))
        _show_defaults(present_document["properties"])
        reader = DocumentReader(merge_patch(present_document, patch_document))
        with reader.reporting():
            changed = _putter(call)(transaction, reader)
    return Answer(200, _encode_stored(call, changed))


def delete(call: Call) -> Answer:
    """Delete a custom table with its data."""
    call.require(f"{_TYPE}/delete", _table_id(call))
    with call.write() as transaction:
        existed = delete_table(transaction, _table_id(call), call.services.built_in_tables)
    if existed:
        call.services.request_run(purge.NAME)
    return Answer(200 if existed else 204)


def decode_columns(sections: Sequence[DocumentReader]) -> tuple[TableColumn, ...]:
    """Read column declarations of a table or a stream."""
    columns = []
    for section in sections:
        name, type_name = section.text("name"), section.text("type")
        column_type = parse_column_type(type_name)
        texts = section.text("description"), section.text("displayName"), section.find_text("dataTypeHint")
        if column_type is None:
            allowed = ", ".join(TYPE_NAMES.values())
            section.refuse("type", f"'{type_name}' is not a type of a column; allowed: {allowed}.")
            continue
        columns.append(TableColumn(name, column_type, *texts))
    return tuple(columns)


def _table_id(call: Call) -> ResourceId:
    """Return the table's id, with the name of a built-in table in its own case."""
    name = call.parameters["table"]
    built_in = call.services.built_in_tables.find_built_in(name)
    return call.workspace.child("tables", built_in.name if built_in else name)


def _find(call: Call) -> tuple[Resource[Workspace], Resource[Table] | None, BuiltInTable | None]:
    workspace = call.store.get(Workspace, call.workspace)
    stored = call.store.snapshot.find_table(workspace, call.parameters["table"])
    return workspace, stored, _require_built_in(call, stored)


def _require_built_in(call: Call, stored: Resource[Table] | None) -> BuiltInTable | None:
    """Return the built-in table of the path's name. Raises `ResourceNotFound` when there is nothing of that name."""
    built_in = call.services.built_in_tables.find_built_in(call.parameters["table"])
    if built_in is None and stored is None:
        raise ResourceNotFound(_table_id(call))
    return built_in


def _show_defaults(properties: dict[str, Any]) -> None:
    """Write a retention that is not set as not set, so that putting the document back does not set it."""
    for name in ("retentionInDays", "totalRetentionInDays"):
        if properties[f"{name}AsDefault"]:
            properties[name] = _DEFAULT_RETENTION


def _putter(call: Call) -> Callable[[Transaction, DocumentReader], Resource[Table]]:
    def put_decoded(transaction: Transaction, reader: DocumentReader) -> Resource[Table]:
        return put_table(
            transaction,
            _table_id(call),
            _decode(reader),
            call.services.built_in_tables,
            if_match=call.if_match,
        )

    return put_decoded


def _decode(reader: DocumentReader) -> Table:
    properties = reader.section("properties")
    schema = properties.section("schema")
    return Table(
        columns=decode_columns(schema.sections("columns")),
        retention_in_days=_decode_retention(properties, "retentionInDays"),
        total_retention_in_days=_decode_retention(properties, "totalRetentionInDays"),
        plan=properties.choice("plan", TablePlan.ANALYTICS),
        description=schema.text("description"),
        display_name=schema.text("displayName"),
    )


def _decode_retention(properties: DocumentReader, name: str) -> int | None:
    days = properties.find_integer(name)
    return None if days == _DEFAULT_RETENTION else days


def _encode_stored(call: Call, table: Resource[Table]) -> dict[str, Any]:
    built_in = call.services.built_in_tables.find_built_in(table.id.name)
    return _encode(call, call.store.get(Workspace, call.workspace), table, built_in)


def _encode(
    call: Call,
    workspace: Resource[Workspace],
    stored: Resource[Table] | None,
    built_in: BuiltInTable | None,
) -> dict[str, Any]:
    """Describe a table: what is stored about it, over what is built in."""
    table = stored.properties if stored else Table((), sub_type=TableSubType.ANY)
    name = built_in.name if built_in else stored.id.name if stored else ""
    settings = workspace.properties.settings
    retention, total = interactive_days(settings, name, table), total_days(settings, name, table)
    properties = {
        "provisioningState": state_of(stored) if stored else "Succeeded",
        "plan": table.plan,
        "lastPlanModifiedDate": encode_moment(table.plan_modified_at) if table.plan_modified_at else None,
        "retentionInDays": retention,
        "retentionInDaysAsDefault": table.retention_in_days is None,
        "totalRetentionInDays": total,
        "totalRetentionInDaysAsDefault": table.total_retention_in_days is None,
        "archiveRetentionInDays": total - retention,
        "schema": _encode_schema(name, table, built_in),
        **(encode_reading(call, stored) if stored else {}),
    }
    if table.reading is not None and table.reading.kind is ReadingKind.RESTORE:
        # Restored logs stay until their table is deleted.
        for member in ("retentionInDays", "totalRetentionInDays", "archiveRetentionInDays"):
            del properties[member]
    document = {
        "id": str(call.workspace.child("tables", name)),
        "name": name,
        "type": _TYPE,
        "properties": present(properties),
    }
    if stored is not None:
        document["etag"] = f'"{stored.etag}"'
    return document


def _encode_schema(name: str, table: Table, built_in: BuiltInTable | None) -> dict[str, Any]:
    return {
        "name": name,
        "displayName": table.display_name or name,
        "description": table.description or (built_in.description if built_in else ""),
        "tableType": _table_type(table, built_in),
        "tableSubType": table.sub_type,
        "source": "microsoft" if built_in else "customer",
        "categories": list(built_in.categories) if built_in else [],
        "solutions": list(built_in.solutions) if built_in else ["LogManagement"],
        "labels": [],
        "isTroubleshootingAllowed": True,
        "columns": [_encode_column(column) for column in table.columns],
        "standardColumns": [
            _encode_column(column) for column in (built_in.columns if built_in else _STANDARD_COLUMNS)
        ],
    }


def _table_type(table: Table, built_in: BuiltInTable | None) -> str:
    if table.reading is not None:
        return "SearchResults" if table.reading.kind is ReadingKind.SEARCH else "RestoredLogs"
    return "Microsoft" if built_in else "CustomLog"


def _encode_column(column: TableColumn) -> dict[str, Any]:
    return present(
        {
            "name": column.name,
            "type": TYPE_NAMES.get(column.type, column.type.value),
            "description": column.description or None,
            "displayName": column.display_name or None,
            "dataTypeHint": column.hint,
            "isDefaultDisplay": True,
            "isHidden": False,
        }
    )


def _read_any(_call: Call, reader: DocumentReader) -> None:
    """Read a table, and what a search job or a restore is told by."""
    find_order(reader.section("properties"))
    _decode(reader)


_COLUMN = Record({"name": Text(), "type": Text(), "isDefaultDisplay": Truth(), "isHidden": Truth()})
_SAYS = KindDescription(
    "Table",
    _read_any,
    {
        "provisioningState": Text(),
        "lastPlanModifiedDate": Moment(),
        "archiveRetentionInDays": Whole(),
        "retentionInDaysAsDefault": Truth(),
        "totalRetentionInDaysAsDefault": Truth(),
        "schema": Record(
            {
                "name": Text(),
                "displayName": Text(),
                "description": Text(),
                "columns": Items(_COLUMN),
                "standardColumns": Items(_COLUMN),
                "source": Text(),
                "tableType": Text(),
                "tableSubType": Text(),
                "solutions": Items(Text()),
            }
        ),
    },
)
ROUTES = (
    ManagementRoute("GET", _ALL, _NAMESPACE, list_all, _SAYS.listing()),
    ManagementRoute("GET", _ONE, _NAMESPACE, get, _SAYS.reading()),
    ManagementRoute("PUT", _ONE, _NAMESPACE, put, _SAYS.putting(200, 202)),
    ManagementRoute("PATCH", _ONE, _NAMESPACE, patch, _SAYS.patching()),
    ManagementRoute("DELETE", _ONE, _NAMESPACE, delete, _SAYS.deleting()),
    ManagementRoute("POST", f"{_ONE}/cancelSearch", _NAMESPACE, cancel_search_job, giving({200: None})),
    ManagementRoute("POST", f"{_ONE}/migrate", _NAMESPACE, migrate, giving({200: None})),
)
