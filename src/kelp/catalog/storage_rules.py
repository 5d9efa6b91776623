"""How a column or table is stored when nobody said otherwise: rules by name and type, pure.

docs/reference/storage.md states them for users. A rule is applied once, when the engine's column is made; changing
one here does not touch columns that exist.
"""

from __future__ import annotations

from enum import StrEnum

from kelp.kql.types import Column, ScalarType

CONSTANT_COLUMNS = frozenset({"TenantId", "Type", "_IsBillable"})
"""The same in every row of a table, so they are not stored: a scan writes them as literals."""

NON_NULL_COLUMNS = frozenset({"TimeGenerated"})
"""Never null: ingestion puts the time of receipt where a record brings none."""

FREE_TABLES = frozenset({"AzureActivity", "Heartbeat", "Operation", "Usage"})
"""Tables whose records are never charged; `_IsBillable` is false in them."""


class Partitioning(StrEnum):
    """The span of time that one partition holds: what retention drops at once."""

    DAY = "day"
    MONTH = "month"


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
        "hostip",
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


def constant_values(table: str, workspace_id: str) -> dict[str, str]:
    """Return what the columns of `CONSTANT_COLUMNS` hold in a table of a workspace."""
    return {
        "TenantId": workspace_id,
        "Type": table,
        "_IsBillable": "false" if table in FREE_TABLES else "true",
    }


def _plain_name(column: Column) -> str:
    """The name in lower case without the `_s` that the HTTP Data Collector API adds."""
    return column.name.lower().removesuffix("_s")
