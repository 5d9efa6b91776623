"""Purging rows by filter (`.../workspaces/{workspace}/purge`), and how far a purge is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import giving, taking
from kelp.base.errors import Category, ServiceError
from kelp.jobs import purge as purge_job
from kelp.kql.types import ScalarType
from kelp.resources.errors import InvalidDocument
from kelp.resources.purge import PurgeFilter, PurgeOperator, check_filters
from kelp.resources.shape import Anything, Choice, Items, Named, Record, Text
from kelp.resources.table import BuiltInTable, Table, TablePlan
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.api.management.reader import DocumentReader
    from kelp.resources.purge import Value
    from kelp.resources.resource import Resource

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces"
_WORKSPACE = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}/{{workspace}}"
_STATUS = f"{_WORKSPACE}/operations/{{operation}}"
_PREFIX = "purge-"
_GIVEN_COLUMNS = {
    "SourceSystem": ScalarType.STRING,
    "TenantId": ScalarType.GUID,
    "Type": ScalarType.STRING,
    "_CustomerId": ScalarType.STRING,
    "_ResourceId": ScalarType.STRING,
    "_SubscriptionId": ScalarType.STRING,
}
"""Columns that every table has beside its own."""


def purge(call: Call) -> Answer:
    """Order that rows of a table be removed for good: those that fulfil all filters."""
    call.require(f"{_TYPE}/purge/action", call.workspace)
    reader = call.reader()
    with call.write() as transaction:
        workspace = transaction.get(Workspace, call.workspace)
        with reader.reporting():
            table, filters = _decode(call, reader, workspace)
        order = transaction.request_purge(workspace, table, filters)
        transaction.record_action(workspace.id, "purge/action")
    call.services.request_run(purge_job.NAME)
    name = f"{_PREFIX}{order.id}"
    version = call.query.get("api-version", "")
    status = f"{call.base_url}{call.workspace}/operations/{name}?api-version={version}"
    return Answer(202, {"operationId": name}, {"x-ms-status-location": status})


def get_status(call: Call) -> Answer:
    """Answer with `pending` until nothing of what was ordered can be found any more, then with `completed`."""
    call.require(f"{_TYPE}/operations/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    name = call.parameters["operation"]
    for order in call.store.list_purges(workspace.properties.workspace_id):
        if order.id == _parse_name(name):
            return Answer(200, {"status": "completed" if order.completed_at else "pending"})
    raise ServiceError(
        Category.NOT_FOUND, "OperationNotFound", f"There is no purge '{name}' of this workspace."
    )


def _parse_name(name: str) -> UUID | None:
    try:
        return UUID(name.removeprefix(_PREFIX))
    except ValueError:
        return None


def _decode(
    call: Call, reader: DocumentReader, workspace: Resource[Workspace]
) -> tuple[str, tuple[PurgeFilter, ...]]:
    """Read and check the order; raises `InvalidDocument` with all that is wrong."""
    filters = tuple(_decode_filter(section) for section in reader.sections("filters"))
    given = reader.text("table")
    built_in = call.services.built_in_tables.find_built_in(given)
    declared = call.store.snapshot.find_table(workspace, given)
    if not given:
        reader.refuse("table", "'table' names the table whose rows are to be removed.")
    elif built_in is None and declared is None:
        reader.refuse("table", f"There is no table '{given}' in the workspace '{workspace.id.name}'.")
    elif declared is not None and declared.properties.plan is not TablePlan.ANALYTICS:
        reader.refuse(
            "table",
            f"The table '{given}' has the {declared.properties.plan} plan; only tables with the Analytics plan "
            "can be purged.",
        )
    else:
        table = declared.properties if declared is not None else None
        problems = check_filters(filters, _types_of(built_in, table))
        if problems:
            raise InvalidDocument(problems)
    name = built_in.name if built_in is not None else declared.id.name if declared is not None else given
    return name, filters


def _types_of(built_in: BuiltInTable | None, declared: Table | None) -> dict[str, ScalarType]:
    columns = (
        *(built_in.columns if built_in is not None else ()),
        *(declared.columns if declared else ()),
    )
    return _GIVEN_COLUMNS | {column.name: column.type for column in columns}


def _decode_filter(reader: DocumentReader) -> PurgeFilter:
    column = reader.text("column")
    if not column:
        reader.refuse("column", "'column' names the column that the filter is about.")
    if reader.find_text("operator") is None:
        reader.refuse("operator", "'operator' says how the column is compared, such as '=='.")
    operator = reader.choice("operator", PurgeOperator.EQUAL)
    return PurgeFilter(column, operator, _decode_value(reader), reader.text("key"))


def _decode_value(reader: DocumentReader) -> Value | tuple[Value, ...]:
    value: Any = reader.find_any("value")
    if isinstance(value, list):
        if all(isinstance(one, str | int | float | bool) for one in value):
            return tuple(value)
    elif isinstance(value, str | int | float | bool):
        return value
    reader.refuse("value", "'value' is a text, a number, a truth value, or an array of these.")
    return ""


_FILTER = Record(
    {"column": Text(), "operator": Choice(tuple(PurgeOperator)), "value": Anything(), "key": Text()},
    required=("column", "operator"),
)
_SAYS = taking(
    Named("Purge", Record({"table": Text(), "filters": Items(_FILTER)}, required=("table", "filters"))),
    gives={202: Body(Named("PurgeOrder", Record({"operationId": Text()}, required=("operationId",))))},
)
_STATUS_SHAPE = Named(
    "PurgeStatus", Record({"status": Choice(("pending", "completed"))}, required=("status",))
)
ROUTES = (
    ManagementRoute("POST", f"{_WORKSPACE}/purge", _NAMESPACE, purge, _SAYS),
    ManagementRoute("GET", _STATUS, _NAMESPACE, get_status, giving({200: Body(_STATUS_SHAPE)})),
)
