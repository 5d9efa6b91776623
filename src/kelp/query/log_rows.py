"""Log entries as rows of `LAQueryLogs`, by the names and meanings that Azure Monitor documents for its columns.

What is not known stays out of the row: the engine tells no CPU time, and nobody asks it how old the rows were.
"""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from kelp.base.errors import ServiceError
from kelp.identity.principal import AccountKind
from kelp.kql.diagnostics import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from kelp.query.log import QueryLogEntry
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

TABLE = "LAQueryLogs"
_CLIENT_LEFT = 499
"""What web servers log for a request whose client went away; there is no status of HTTP for it."""
_BYTES_OF_A_GB = 1_000_000_000


def make_log_row(
    entry: QueryLogEntry,
    workspace: Resource[Workspace],
    reached: Sequence[Resource[Workspace]],
    status_of: Callable[[ServiceError], int],
) -> dict[str, object]:
    """Return the row that tells `workspace` of a query over `reached`, as a JSON object.

    `status_of` gives the HTTP status of an error.
    """
    request, used, caller = entry.request, entry.used, entry.request.caller
    code = _response_code(entry.failure, status_of)
    row: dict[str, object] = {
        "TimeGenerated": _iso(request.received_at),
        "CorrelationId": request.origin.correlation_id or request.tag,
        "AADObjectId": str(caller.object_id),
        "AADTenantId": str(caller.tenant_id),
        "AADClientId": str(caller.application_id or ""),
        "QueryText": request.text,
        "QueryThumbprint": hashlib.sha256(request.text.encode()).hexdigest(),
        "RequestClientApp": request.origin.client,
        "RequestTarget": request.origin.target,
        "RequestContext": {
            "workspaces": [str(one.id) for one in reached],
            "applications": [],
            "resources": [],
        },
        "ResponseCode": code,
        "ResponseDurationMs": round(entry.duration_seconds * 1000, 3),
        "ResponseRowCount": used.result_rows,
        "ScannedGB": used.bytes_read / _BYTES_OF_A_GB,
        "IsBillableQuery": False,
        "WorkspaceRegion": workspace.properties.settings.location,
        "IsWorkspaceInFailover": False,
        "_ResourceId": str(workspace.id).lower(),
    }
    if caller.kind is AccountKind.USER:
        row["AADEmail"] = caller.name
    if request.time_range is not None:
        row["QueryTimeRangeStart"], row["QueryTimeRangeEnd"] = map(_iso, request.time_range)
    if entry.failure is None:
        regions = {one.properties.settings.location for one in reached}
        row |= {"StatsWorkspaceCount": len(reached), "StatsRegionCount": len(regions)}
    return row


def _response_code(failure: BaseException | None, status_of: Callable[[ServiceError], int]) -> int:
    match failure:
        case None:
            return 200
        case ServiceError():
            return status_of(failure)
        case QueryRefusedError():
            return 400
        case asyncio.CancelledError():
            return _CLIENT_LEFT
        case _:
            return 500


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
