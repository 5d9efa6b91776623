"""Onboards customers of a service provider through the management API of a server, and tells how they are.

Every step may be repeated: what is there stays, and secrets are told once, by the run that made them.
"""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.service_client import describe_failure, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from kelp.cli.service_client import ServiceClient

_VERSION = "2025-07-01"
_DATA_READER = "3b03c2da-16b3-4a49-8834-0f8130efdd3b"
_TEMPLATE_SECONDS = 300.0
_HEALTH = (
    "union withsource=KelpTable * | where TimeGenerated >= startofday(now()) and isnotempty(_CustomerId) "
    "| summarize Volume = sum(_BilledSize), Last = max(TimeGenerated) by _CustomerId"
)


class Architecture(StrEnum):
    """Where customers' records are kept."""

    CENTRAL = "central"
    DISTRIBUTED = "distributed"
    HYBRID = "hybrid"


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer to onboard; what is None keeps its default. `reader` may read its records in the central workspace."""

    name: str
    display_name: str = ""
    daily_quota_gb: float | None = None
    retention_in_days: int | None = None
    domain: str = ""
    reader: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """How to onboard. `workspace` is the resource id of the central workspace; `pulled_tables` are for hybrid ones."""

    architecture: Architecture
    workspace: str
    domain_suffix: str = ""
    pulled_tables: tuple[str, ...] = ()
    template: Mapping[str, Any] | None = None


def read_customers(path: Path) -> list[NewCustomer]:
    """Read a CSV file: name, and if wanted displayName, dailyQuotaGb, retentionInDays, domain, reader.

    Raises `CommandFailed` with every line that is wrong.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read {path}: {error}.") from error
    customers, problems = [], []
    for line, row in enumerate(rows, 2):
        try:
            customers.append(_read_row(row))
        except ValueError as error:
            problems.append(f"{path}, line {line}: {error}")
    if problems:
        raise CommandFailed(ExitCode.USAGE, "\n".join(problems))
    return customers


def add_customers(
    client: ServiceClient, plan: Plan, customers: Iterable[NewCustomer]
) -> list[dict[str, Any]]:
    """Onboard all, and return what each needs to begin. Raises `CommandFailed`; those before it stay."""
    return [_add(client, plan, customer) for customer in customers]


def list_customers(client: ServiceClient, workspace: str) -> list[dict[str, Any]]:
    """Return the customers of a workspace: state, what they sent today and when last. Raises `CommandFailed`."""
    listed = _call(client, "GET", f"{workspace}/customers")["value"]
    workspace_id = _call(client, "GET", workspace)["properties"]["customerId"]
    answer = client.request(
        "POST", f"/v1/workspaces/{workspace_id}/query", msgspec.json.encode({"query": _HEALTH})
    )
    _require_success(answer)
    rows = msgspec.json.decode(answer.body)["tables"][0]["rows"]
    health = {customer_id: (volume, last) for customer_id, volume, last in rows}
    shown = []
    for customer in listed:
        properties = customer["properties"]
        volume, last = health.get(properties["customerId"], (0, None))
        shown.append(
            {
                "name": customer["name"],
                "customerId": properties["customerId"],
                "state": properties["state"],
                "status": properties.get("dataIngestionStatus", "RespectQuota"),
                "bytesToday": volume,
                "lastRecord": last,
            }
        )
    return shown


def _add(client: ServiceClient, plan: Plan, customer: NewCustomer) -> dict[str, Any]:
    made: dict[str, Any] = {"name": customer.name}
    if plan.architecture is not Architecture.CENTRAL:
        made |= _add_tenant(client, plan, customer)
    if plan.architecture is not Architecture.DISTRIBUTED:
        made |= _add_to_workspace(client, plan, customer)
    if plan.architecture is Architecture.HYBRID:
        for table in plan.pulled_tables:
            _add_pull(client, plan, customer, made, table)
    if plan.template is not None:
        _deploy(client, plan, customer, made)
    return made


def _add_tenant(client: ServiceClient, plan: Plan, customer: NewCustomer) -> dict[str, Any]:
    """Make the customer's own tenant, subscription, group and workspace, delegated to the caller."""
    space = {"dailyQuotaGb": customer.daily_quota_gb, "retentionInDays": customer.retention_in_days}
    domain = customer.domain or f"{customer.name.lower()}.{plan.domain_suffix}"
    properties = {
        "displayName": customer.display_name or customer.name,
        "domain": domain,
        "workspace": {name: value for name, value in space.items() if value is not None},
    }
    path = f"/providers/Microsoft.OperationalInsights/serviceProviderCustomers/{quote(customer.name)}"
    found = _call(client, "PUT", path, {"properties": properties})["properties"]
    return {name: found[name] for name in found if name != "displayName"}


def _add_to_workspace(client: ServiceClient, plan: Plan, customer: NewCustomer) -> dict[str, Any]:
    """Make the customer of the central workspace, its keys and its reader's role."""
    path = f"{plan.workspace}/customers/{quote(customer.name)}"
    present = client.request("GET", f"{path}?api-version={_VERSION}")
    document: dict[str, Any] = {"displayName": customer.display_name or customer.name}
    if customer.daily_quota_gb is not None:
        document["dailyQuotaGb"] = customer.daily_quota_gb
    if customer.retention_in_days is not None and plan.architecture is Architecture.CENTRAL:
        document["retentionInDays"] = customer.retention_in_days
    method = "PATCH" if present.is_success else "PUT"
    customer_id = _call(client, method, path, {"properties": document})["properties"]["customerId"]
    made: dict[str, Any] = {"customerId": customer_id, "isNew": not present.is_success}
    if not present.is_success:
        keys = _call(client, "POST", f"{path}/listKeys")
        made |= {"enrollmentKey": keys["primaryKey"], "secondaryEnrollmentKey": keys["secondaryKey"]}
    if customer.reader:
        _grant_reader(client, plan, customer, customer_id)
    return made


def _grant_reader(client: ServiceClient, plan: Plan, customer: NewCustomer, customer_id: str) -> None:
    """Let somebody read the records of the customer, and no others."""
    condition = (
        "(!(ActionMatches{'Microsoft.OperationalInsights/workspaces/tables/data/read'})) OR "
        "(@Resource[Microsoft.OperationalInsights/workspaces/tables/record:_CustomerId] "
        f"StringEquals '{customer_id}')"
    )
    name = uuid5(NAMESPACE_URL, f"{plan.workspace}/{customer_id}/{customer.reader}".lower())
    path = f"{plan.workspace}/providers/Microsoft.Authorization/roleAssignments/{name}"
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{_DATA_READER}"
    properties = {
        "roleDefinitionId": role,
        "principalId": customer.reader,
        "condition": condition,
        "conditionVersion": "2.0",
    }
    _call(client, "PUT", path, {"properties": properties}, version="2022-04-01")


def _add_pull(
    client: ServiceClient, plan: Plan, customer: NewCustomer, made: Mapping[str, Any], table: str
) -> None:
    path = f"{plan.workspace}/dataPulls/{quote(f'{customer.name}-{table}')}"
    if client.request("GET", f"{path}?api-version={_VERSION}").is_success:
        return
    properties = {
        "sourceWorkspaceResourceId": made["workspaceResourceId"],
        "sourceTable": table,
        "destinationTable": table,
        "customer": customer.name,
    }
    _call(client, "PUT", path, {"properties": properties})


def _deploy(client: ServiceClient, plan: Plan, customer: NewCustomer, made: Mapping[str, Any]) -> None:
    """Deploy the template into the customer's group, else that of the central workspace, and wait for it."""
    assert plan.template is not None
    workspace = str(made.get("workspaceResourceId") or plan.workspace)
    known = {
        "customerName": customer.name,
        "customerId": made.get("customerId"),
        "workspaceName": workspace.rpartition("/")[2],
        "workspaceResourceId": workspace,
    }
    declared = plan.template.get("parameters", {})
    parameters = {name: {"value": value} for name, value in known.items() if name in declared and value}
    group = workspace.partition("/providers/")[0]
    path = f"{group}/providers/Microsoft.Resources/deployments/{quote(f'onboard-{customer.name}')}"
    properties = {"mode": "Incremental", "template": plan.template, "parameters": parameters}
    found = _call(client, "PUT", path, {"properties": properties}, version="2024-11-01")
    deadline = time.monotonic() + _TEMPLATE_SECONDS
    while found["properties"]["provisioningState"] not in ("Succeeded", "Failed", "Canceled"):
        if time.monotonic() > deadline:
            raise CommandFailed(ExitCode.FAILED, f"The deployment for '{customer.name}' does not end.")
        time.sleep(0.05)
        found = _call(client, "GET", path, version="2024-11-01")
    if found["properties"]["provisioningState"] != "Succeeded":
        error = found["properties"].get("error", {})
        raise CommandFailed(
            ExitCode.REFUSED, f"The deployment for '{customer.name}' failed: {error.get('message', '')}"
        )


def _read_row(row: Mapping[str, str | None]) -> NewCustomer:
    texts = {name: (text or "").strip() for name, text in row.items() if name}
    if not texts.get("name"):
        raise ValueError("the column 'name' is missing or empty.")
    quota, retention = texts.get("dailyQuotaGb", ""), texts.get("retentionInDays", "")
    try:
        daily_quota_gb = float(quota) if quota else None
        retention_in_days = int(retention) if retention else None
    except ValueError:
        raise ValueError("dailyQuotaGb is a number and retentionInDays a whole number.") from None
    return NewCustomer(
        name=texts["name"],
        display_name=texts.get("displayName", ""),
        daily_quota_gb=daily_quota_gb,
        retention_in_days=retention_in_days,
        domain=texts.get("domain", ""),
        reader=texts.get("reader", ""),
    )


def _call(
    client: ServiceClient, method: str, path: str, document: Any = None, *, version: str = _VERSION
) -> Any:
    body = b"" if document is None else msgspec.json.encode(document)
    answer = client.request(method, f"{path}?api-version={version}", body)
    _require_success(answer)
    return msgspec.json.decode(answer.body)


def _require_success(answer: Any) -> None:
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
