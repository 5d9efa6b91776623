"""How much a workspace received since its daily cap was reset (`Microsoft.OperationalInsights/workspaces/usages`)."""

from __future__ import annotations

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces"
_ALL = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_TYPE}/{{workspace}}/usages"
_BYTES_OF_A_GB = 1_000_000_000
_NO_LIMIT = -1


def list_in_workspace(call: Call) -> Answer:
    """Answer with the volume of the day, and the cap where there is one (else -1)."""
    call.require(f"{_TYPE}/usages/read", call.workspace)
    workspace = call.store.get(Workspace, call.workspace)
    metering = call.services.require_metering()
    quota = workspace.properties.settings.daily_quota_gb
    usage = {
        "name": {"value": "DataAnalyzed", "localizedValue": "Data Analyzed"},
        "unit": "Bytes",
        "currentValue": metering.measure_today(workspace.properties.workspace_id),
        "limit": _NO_LIMIT if quota is None else quota * _BYTES_OF_A_GB,
        "nextResetTime": encode_moment(metering.gate.next_reset()),
        "quotaPeriod": "P1D",
    }
    return Answer(200, {"value": [usage]})


ROUTES = (ManagementRoute("GET", _ALL, _NAMESPACE, list_in_workspace),)
