"""An intelligence pack that was switched on for a workspace; those that were not have no record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar

from kelp.resources.plain import Plain

INTELLIGENCE_PACKS: Mapping[str, str] = MappingProxyType(
    {
        "ADAssessment": "AD Health Check",
        "ADReplication": "AD Replication Status",
        "AgentHealthAssessment": "Agent Health",
        "AlertManagement": "Alert Management",
        "AntiMalware": "Antimalware Assessment",
        "ApplicationInsights": "Application Insights Connector",
        "AzureActivity": "Azure Activity Logs",
        "AzureAutomation": "Automation Hybrid Worker",
        "AzureNSGAnalytics": "Azure Network Security Group Analytics",
        "AzureSQLAnalytics": "Azure SQL Analytics",
        "ChangeTracking": "Change Tracking",
        "ContainerInsights": "Container Insights",
        "Containers": "Container Monitoring Solution",
        "DnsAnalytics": "DNS Analytics",
        "KeyVaultAnalytics": "Key Vault Analytics",
        "LogManagement": "Log Management",
        "NetworkMonitoring": "Network Performance Monitor",
        "Security": "Security and Audit",
        "SecurityInsights": "SecurityInsights",
        "ServiceMap": "Service Map",
        "SQLAssessment": "SQL Health Check",
        "Updates": "System Update Assessment",
        "VMInsights": "VM Insights",
        "WireData2": "Wire Data 2.0",
    }
)
"""The packs that a workspace can have, with the names that people see."""
ALWAYS_ON = "LogManagement"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntelligencePack(Plain):
    """Its being there is all that it says."""

    TYPE: ClassVar[str] = "Microsoft.OperationalInsights/workspaces/intelligencePacks"


def find_pack(name: str) -> str | None:
    """Return the pack of that name, in any case, in its own case."""
    return next((pack for pack in INTELLIGENCE_PACKS if pack.lower() == name.lower()), None)
