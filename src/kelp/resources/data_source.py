"""A data source of a workspace: what agents of the older kind are told to collect."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from kelp.resources.errors import Problem
from kelp.resources.naming import check_tags
from kelp.resources.plain import Plain

DATA_SOURCE_KINDS = (
    "WindowsEvent", "WindowsPerformanceCounter", "IISLogs", "LinuxSyslog", "LinuxSyslogCollection",
    "LinuxPerformanceObject", "LinuxPerformanceCollection", "CustomLog", "CustomLogCollection", "AzureAuditLog",
    "AzureActivityLog", "GenericDataSource", "ChangeTrackingCustomPath", "ChangeTrackingPath",
    "ChangeTrackingServices", "ChangeTrackingDataTypeConfiguration", "ChangeTrackingDefaultRegistry",
    "ChangeTrackingRegistry", "ChangeTrackingLinuxPath", "ChangeTrackingContentLocation", "LinuxChangeTrackingPath",
    "Itsm", "DnsAnalytics", "ImportComputerGroup", "ApplicationInsights", "SecurityWindowsBaselineConfiguration",
    "SecurityEventCollectionConfiguration", "SecurityInsightsSecurityEventCollectionConfiguration", "NetworkMonitoring",
    "Office365", "WindowsTelemetry", "SqlDataClassification",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource(Plain):
    """`document` is free: what it holds depends on the kind, and agents read it."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/dataSources"

    kind: str
    document: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)

    def check(self, name: str) -> list[Problem]:
        """Check kind and tags."""
        if self.kind not in DATA_SOURCE_KINDS:
            text = f"'{self.kind}' is no kind of data source: {', '.join(DATA_SOURCE_KINDS)}."
            return [Problem("kind", text), *check_tags(self.tags)]
        return check_tags(self.tags)
