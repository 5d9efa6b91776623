"""Onboards customers of a service provider through the management API of a server, and tells how they are.

The server does it, a customer a request, so that each is there or refused by itself. What is there stays, and secrets
are told once, by the run that made them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.service_client import describe_failure, exit_code_of

if TYPE_CHECKING:
    from kelp.cli.service_client import ServiceClient

_VERSION = "2025-07-01"
_ONBOARD = "/providers/Microsoft.OperationalInsights/onboardCustomers"
_HEALTH = (
    "union withsource=KelpTable * | where TimeGenerated >= startofday(now()) and isnotempty(_CustomerId) "
    "| summarize Volume = sum(_BilledSize), Last = max(TimeGenerated) by _CustomerId"
)


class Architecture(StrEnum):
    """Where customers' records are kept."""

    CENTRAL = "central"
    DISTRIBUTED = "distributed"
    HYBRID = "hybrid"


def plan_customers(client: ServiceClient, request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what onboarding would make of each customer, in the order they were named; nothing is made.

    Raises `CommandFailed` with every line that is wrong.
    """
    planned = _ask(client, {**request, "dryRun": True})
    problems = [
        f"line {one['line']}, '{one['name']}': {one['error']['message']}"
        for one in planned
        if one["state"] == "Failed"
    ]
    if problems:
        raise CommandFailed(ExitCode.USAGE, "\n".join(problems))
    return planned


def iter_onboarded(
    client: ServiceClient, request: Mapping[str, Any], planned: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Onboard one customer after the other, and yield what each needs to begin; `error` says why one did not go.

    Raises `CommandFailed` when the server can't be reached or refuses the caller; those before it stay.
    """
    plan = {name: value for name, value in request.items() if name not in ("list", "customers")}
    for one in planned:
        (told,) = _ask(client, {**plan, "customers": [one["customer"]]})
        document = {"name": told["name"], **told.get("made", {})}
        if told["state"] == "Failed":
            document["error"] = told["error"]["message"]
        yield document


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


def _ask(client: ServiceClient, document: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list(_call(client, "POST", _ONBOARD, document)["value"])


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
