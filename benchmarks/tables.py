"""The tables that are measured: what the generator calls each kind of rows, and their columns as KQL types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIME = "TimeGenerated"


@dataclass(frozen=True, slots=True)
class BenchTable:
    """`name` is what Kelp and the bare engine call it; questions call it `$` and the kind."""

    kind: str
    name: str
    columns: Mapping[str, str]

    @property
    def has_time(self) -> bool:
        """Whether rows bring a time; where they bring none, that of receipt takes its place."""
        return _TIME in self.columns


def _table(kind: str, datetimes: str = _TIME, strings: str = "", **others: str) -> BenchTable:
    columns = dict.fromkeys(datetimes.split(), "datetime") | dict.fromkeys(strings.split(), "string")
    for type_name, names in others.items():
        columns |= dict.fromkeys(names.split(), type_name)
    return BenchTable(kind, f"Bench{kind.title()}_CL", columns)


SYSLOG = _table(
    "syslog",
    strings="Computer HostIP Facility SeverityLevel ProcessName TraceId SyslogMessage",
    int="ProcessID",
    dynamic="Properties",
)
OTHERS = (
    _table("inventory", datetimes="", strings="Computer Owner Tier", int="CostCenter"),
    _table(
        "signinlogs",
        strings=(
            "CorrelationId UserPrincipalName UserId AppDisplayName ClientAppUsed IPAddress Location ResultType "
            "ResultDescription ConditionalAccessStatus"
        ),
        bool="IsInteractive",
        dynamic="Status LocationDetails DeviceDetail AuthenticationDetails ConditionalAccessPolicies",
    ),
    _table(
        "securityevent",
        strings=(
            "Computer Activity Channel Level Account TargetUserName SubjectUserName IpAddress NewProcessName "
            "ParentProcessName CommandLine TargetLogonId"
        ),
        int="EventID LogonType",
    ),
    _table(
        "apprequests",
        strings="OperationId Name Url ResultCode AppRoleName AppRoleInstance ClientIP ClientCity",
        bool="Success",
        real="DurationMs",
        dynamic="Properties Measurements",
    ),
    _table(
        "appdependencies",
        strings="OperationId ParentId DependencyType Target Name Data ResultCode AppRoleName",
        bool="Success",
        real="DurationMs",
        dynamic="Properties",
    ),
    _table("perf", strings="Computer ObjectName CounterName InstanceName", real="CounterValue"),
)
