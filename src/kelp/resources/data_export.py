"""A data export: records of some tables of a workspace, sent on to a storage account or an event hub as they come."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.naming import check_name
from kelp.resources.plain import Plain
from kelp.resources.table import is_custom_table_name

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.table import BuiltInTables
    from kelp.resources.transaction import Transaction

MAXIMUM_ENABLED = 10
STORAGE_ACCOUNT, EVENT_HUB = "StorageAccount", "EventHub"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{2,61}[A-Za-z0-9]")
_STORAGE_TYPE = "microsoft.storage/storageaccounts"
_NAMESPACE_TYPE = "microsoft.eventhub/namespaces"
_HUB_TYPE = "microsoft.eventhub/namespaces/eventhubs"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataExport(Plain):
    """`event_hub_name` of None, with a namespace as destination, means a hub for each table.

    `export_id` is given at creation. The destination need not exist here: it is asked when records are sent.
    """

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/dataExports"

    table_names: tuple[str, ...]
    destination: str
    event_hub_name: str | None = None
    enabled: bool = True
    export_id: str = ""

    @property
    def destination_type(self) -> str:
        """`StorageAccount` or `EventHub`."""
        return STORAGE_ACCOUNT if _type_of(self.destination) == _STORAGE_TYPE else EVENT_HUB

    @property
    def destination_key(self) -> tuple[str, str]:
        """What no two exports of a workspace share."""
        return self.destination.lower(), (self.event_hub_name or "").lower()

    def check(self, name: str) -> list[Problem]:
        """Check name, tables and the kind of destination."""
        rule = "4 to 63 letters, digits or '-', beginning with a letter, ending with a letter or digit"
        problems = check_name(name, _NAME, rule)
        if not self.table_names:
            problems.append(Problem("properties.tableNames", "An export needs at least one table."))
        seen: set[str] = set()
        for index, table in enumerate(self.table_names):
            if table.lower() in seen:
                problems.append(
                    Problem(f"properties.tableNames[{index}]", f"Table '{table}' is named twice.")
                )
            seen.add(table.lower())
        kind = _type_of(self.destination)
        if kind not in (_STORAGE_TYPE, _NAMESPACE_TYPE, _HUB_TYPE):
            problems.append(
                Problem(
                    "properties.destination.resourceId",
                    f"'{self.destination}' is not the id of a storage account, of an event hub namespace or of an "
                    "event hub.",
                    "InvalidDestination",
                )
            )
        if self.event_hub_name is not None and kind == _STORAGE_TYPE:
            target = "properties.destination.metaData.eventHubName"
            problems.append(Problem(target, "A storage account has no event hub."))
        return problems


def put_data_export(
    transaction: Transaction, export_id: ResourceId, draft: DataExport, built_in_tables: BuiltInTables
) -> Resource[DataExport]:
    """Create or replace an export. A custom table may be named before it exists.

    Raises `InvalidDocument` with every problem, `ResourceNotFound` (no such workspace).
    """
    draft = _split_event_hub(draft)
    workspace = export_id.parent or ResourceId()
    others = [one for one in transaction.iter_kind(DataExport, workspace) if one.id != export_id]
    problems = draft.check(export_id.name)
    for index, table in enumerate(draft.table_names):
        if built_in_tables.find_built_in(table) is None and not is_custom_table_name(table):
            text = f"'{table}' is neither a built-in table nor the name of a custom table."
            problems.append(Problem(f"properties.tableNames[{index}]", text, "InvalidTable"))
    same = [one.id.name for one in others if one.properties.destination_key == draft.destination_key]
    if same:
        text = f"The export '{same[0]}' has this destination already; add the tables to it."
        problems.append(Problem("properties.destination.resourceId", text, "DestinationInUse"))
    if draft.enabled and sum(one.properties.enabled for one in others) >= MAXIMUM_ENABLED:
        text = f"A workspace has at most {MAXIMUM_ENABLED} enabled exports; disable or delete one."
        problems.append(Problem("properties.enable", text, "TooManyDataExports"))
    refuse_if_any(problems)
    existing = transaction.find(DataExport, export_id)
    identity = existing.properties.export_id if existing else str(uuid4())
    return transaction.put(export_id, replace(draft, export_id=identity))


def _split_event_hub(draft: DataExport) -> DataExport:
    """Write the id of an event hub as that of its namespace and its name, as answers show it."""
    if _type_of(draft.destination) != _HUB_TYPE:
        return draft
    hub = ResourceId.parse(draft.destination)
    return replace(draft, destination=str(hub.parent), event_hub_name=hub.name)


def _type_of(text: str) -> str:
    try:
        return ResourceId.parse(text).type.lower()
    except ServiceError:
        return ""
