"""`kelp access explain`: a decision on access and what it rests on, from a data folder or a server."""

from __future__ import annotations

import json
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.api.management.access_explanation import find_principal, no_principal
from kelp.api.management.access_trace import AccessQuestion, AccessTraces
from kelp.app.installation import Installation
from kelp.base.ids import ResourceId
from kelp.cli.exit_codes import CommandFailed
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of
from kelp.resources.access import Access

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.cli.credentials import Credentials

_ROUTE = "providers/Microsoft.Authorization/explainAccess?api-version=2022-04-01"


def read_folder(folder: Path, who: str, action: str, scope: str, *, is_data: bool) -> dict[str, Any]:
    """Return the decision as a data folder has it. Raises `ServiceError`."""
    with closing(Installation.open(folder)) as installation:
        principal = find_principal(installation.directory, who)
        if principal is None:
            raise no_principal(who)
        place = ResourceId.parse(scope)
        traces = AccessTraces(installation.directory, installation.store.snapshot)
        return traces.explain(Access(installation.store), AccessQuestion(principal, action, place, is_data))


def ask_service(
    credentials: Credentials, who: str, action: str, scope: str, *, is_data: bool
) -> dict[str, Any]:
    """Return the decision as a server has it. Raises `CommandFailed`, `ServiceError` for a scope that is no id."""
    place = ResourceId.parse(scope)
    body = {"principal": who, "action": action, "isDataAction": is_data}
    with closing(ServiceClient(credentials)) as client:
        path = f"{str(place).rstrip('/')}/{_ROUTE}"
        answer = client.request("POST", path, msgspec.json.encode(body))
    if not answer.is_success:
        raise CommandFailed(exit_code_of(answer), describe_failure(answer))
    return msgspec.json.decode(answer.body, type=dict[str, Any])


def encode_access(found: dict[str, Any]) -> str:
    """Return the explanation for programs."""
    return json.dumps(found, indent=2, ensure_ascii=False)


def is_allowed(found: dict[str, Any]) -> bool:
    """Tell whether it is allowed, for a table by either of the two ways to read it."""
    return any(way["allowed"] for way in _ways(found))


def describe_access(found: dict[str, Any]) -> str:
    """Return the explanation for people: of two ways to read a table that which opens it, the first if none does."""
    ways = _ways(found)
    way = next((one for one in ways if one["allowed"]), found)
    lines = [f"{'Allowed' if way['allowed'] else 'Not allowed'}: {way['reason']}"]
    lines += [f"Only records for which: {limit}" for limit in way["limits"]]
    if way["grantedBy"]:
        lines.append(f"Assignment: {way['grantedBy']}")
    if way["roles"]:
        lines.append("Roles held there:")
    for role in way["roles"]:
        permits = "grants it" if role["permits"] else "does not grant it"
        if "excluding" in role:
            permits = f"does not grant it, it excludes {role['excluding']}"
        groups = f" (through {', in '.join(role['through'])})" if "through" in role else ""
        condition = f", if {role['condition']}" if "condition" in role else ""
        lines.append(f"  {role['roleName']}{groups} at {role['scope']}: {permits}{condition}")
    return "\n".join(lines)


def _ways(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [found, found["otherWay"]] if "otherWay" in found else [found]
