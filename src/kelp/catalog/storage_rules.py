"""How a column or table is stored when nobody said otherwise: rules by name and type, pure.

docs/reference/storage.md states them for users. A rule is applied once, when the engine's column is made; changing
one here does not touch columns that exist.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import CUSTOMER_COLUMN, RECEIPT_COLUMN, TIME_COLUMN, Partitioning, TableDefinition
from kelp.kql.types import Column, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONSTANT_COLUMNS = frozenset({"TenantId", "Type", "_IsBillable"})
"""The same in every row of a table, so they are not stored: a scan writes them as literals."""

NON_NULL_COLUMNS = frozenset({TIME_COLUMN, RECEIPT_COLUMN})
"""Never null: ingestion puts the time of receipt where a record brings none."""

BASE_COLUMNS: tuple[Column, ...] = (
    Column(TIME_COLUMN, ScalarType.DATETIME),
    Column(RECEIPT_COLUMN, ScalarType.DATETIME),
    Column("SourceSystem", ScalarType.STRING),
    Column("_ResourceId", ScalarType.STRING),
    Column("_SubscriptionId", ScalarType.STRING),
    Column(CUSTOMER_COLUMN, ScalarType.STRING),
    Column("_BilledSize", ScalarType.REAL),
)
"""What every stored table begins with; its other columns come with the records that have them."""

FREE_TABLES = frozenset({"AzureActivity", "Heartbeat", "Operation", "Usage"})
"""Tables whose records are never charged; `_IsBillable` is false in them."""


_LARGE_TABLES = frozenset(
    {
        "AADNonInteractiveUserSignInLogs",
        "AADServicePrincipalSignInLogs",
        "AppDependencies",
        "AppEvents",
        "AppMetrics",
        "AppPerformanceCounters",
        "AppRequests",
        "AppTraces",
        "AzureDiagnostics",
        "AzureMetrics",
        "CommonSecurityLog",
        "ContainerLog",
        "ContainerLogV2",
        "Event",
        "InsightsMetrics",
        "NTANetAnalytics",
        "OTelLogs",
        "OTelSpans",
        "Perf",
        "SecurityEvent",
        "SigninLogs",
        "StorageBlobLogs",
        "Syslog",
        "VMConnection",
        "W3CIISLog",
        "WindowsEvent",
    }
)

_MESSAGE_NAMES = frozenset(
    {
        "args",
        "body",
        "content",
        "detail",
        "details",
        "exception",
        "log",
        "logentry",
        "query",
        "rawdata",
        "stack",
    }
)
_MESSAGE_ENDINGS = (
    "additionalextensions",
    "commandline",
    "description",
    "errordetails",
    "eventdata",
    "message",
    "messagetext",
    "msg",
    "payload",
    "parameterxml",
    "querytext",
    "requesturl",
    "scriptcontent",
    "sqltext",
    "stacktrace",
    "textdata",
    "textpayload",
)

_REPEATED_NAMES = frozenset(
    {
        "_customerid",
        "_resourceid",
        "_subscriptionid",
        "activity",
        "application",
        "channel",
        "collectorhostname",
        "computer",
        "containername",
        "counterpath",
        "countername",
        "devicename",
        "eventlog",
        "eventname",
        "host",
        "hostname",
        "instancename",
        "managementgroupname",
        "metricname",
        "namespace",
        "objectname",
        "operationname",
        "provider",
        "resource",
        "resourcegroup",
        "resourceid",
        "resourceprovider",
        "servicename",
        "source",
        "sourcename",
        "sourcesystem",
        "subscriptionid",
    }
)
_REPEATED_ENDINGS = (
    "category",
    "city",
    "country",
    "countryorregion",
    "environment",
    "eventclassid",
    "eventsourcename",
    "facility",
    "filedescription",
    "kind",
    "level",
    "levelname",
    "location",
    "method",
    "processname",
    "product",
    "protocol",
    "region",
    "resultsignature",
    "resulttype",
    "role",
    "rolename",
    "severity",
    "severitylevel",
    "state",
    "status",
    "statuscode",
    "tier",
    "type",
    "typename",
    "vendor",
    "version",
)


def is_term_indexed(column: Column) -> bool:
    """Tell whether the column carries the term index: strings that hold sentences, judged by name."""
    if column.type is not ScalarType.STRING:
        return False
    name = _plain_name(column)
    if name.endswith(_REPEATED_ENDINGS):
        return False
    return name in _MESSAGE_NAMES or name.endswith(_MESSAGE_ENDINGS)


def is_low_cardinality(column: Column) -> bool:
    """Tell whether the column repeats few values, so that a dictionary holds them: strings, judged by name."""
    if column.type is not ScalarType.STRING or is_term_indexed(column):
        return False
    name = _plain_name(column)
    return name in _REPEATED_NAMES or name.endswith(_REPEATED_ENDINGS)


def find_partitioning(table: str) -> Partitioning:
    """Return the partitioning of a new table: by day for tables known to be large, by month for all others."""
    return Partitioning.DAY if table in _LARGE_TABLES else Partitioning.MONTH


def define_table(name: str, columns: Iterable[Column]) -> TableDefinition:
    """Return how a new table with these columns, and those that every table has, is stored."""
    return add_columns(TableDefinition((), find_partitioning(name)), (*BASE_COLUMNS, *columns))


def add_columns(definition: TableDefinition, columns: Iterable[Column]) -> TableDefinition:
    """Return the definition with those columns that it lacks and that are not constant.

    What is there stays as it is, also where a rule would decide otherwise today.
    """
    present = {column.name for column in definition.columns}
    added = [
        column for column in columns if column.name not in present and column.name not in CONSTANT_COLUMNS
    ]
    return replace(
        definition,
        columns=(*definition.columns, *added),
        term_indexed=definition.term_indexed | {column.name for column in added if is_term_indexed(column)},
        low_cardinality=definition.low_cardinality
        | {column.name for column in added if is_low_cardinality(column)},
    )


def constant_values(table: str, workspace_id: str) -> Mapping[str, str]:
    """Return what the columns of `CONSTANT_COLUMNS` hold in a table of a workspace."""
    return {
        "TenantId": workspace_id,
        "Type": table,
        "_IsBillable": "false" if table in FREE_TABLES else "true",
    }


def _plain_name(column: Column) -> str:
    """The name in lower case without the `_s` that the HTTP Data Collector API adds."""
    return column.name.lower().removesuffix("_s")
