"""Pulls of records from other workspaces (`Microsoft.OperationalInsights/workspaces/dataPulls`).

Kelp's own: Azure has no such resource. docs/how-to/hybrid-summaries.md is its contract.
"""

from __future__ import annotations

from typing import Any

from kelp.api.management.call import Call
from kelp.api.management.documents import encode_moment
from kelp.api.management.plain_kind import PlainKind
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.resources.access import QUERY_READ
from kelp.resources.data_pull import DEFAULT_INTERVAL_MINUTES, DataPull, Reader
from kelp.resources.errors import InvalidDocument, Problem
from kelp.resources.plain import put_plain
from kelp.resources.resource import Resource
from kelp.resources.transaction import Transaction


def _put(
    call: Call, transaction: Transaction, resource_id: ResourceId, draft: DataPull
) -> Resource[DataPull]:
    """Store a pull of someone who may query the source now; it is asked again at every run."""
    pull = put_plain(transaction, resource_id, draft)
    source = transaction.snapshot.workspaces_by_key.get(draft.source_workspace.rstrip("/").lower())
    if source is None or not call.services.access.decide(call.principal, QUERY_READ, source.id).allowed:
        target = "properties.sourceWorkspaceResourceId"
        message = f"There is no workspace '{draft.source_workspace}' that you may query."
        raise InvalidDocument([Problem(target, message, "WorkspaceNotFound")])
    return pull


def _decode(call: Call, reader: DocumentReader) -> DataPull:
    properties, principal = reader.section("properties"), call.principal
    return DataPull(
        source_workspace=properties.text("sourceWorkspaceResourceId"),
        source_table=properties.text("sourceTable"),
        destination_table=properties.text("destinationTable"),
        operators=properties.text("operators"),
        interval_minutes=properties.find_integer("intervalInMinutes") or DEFAULT_INTERVAL_MINUTES,
        customer=properties.text("customer"),
        since=properties.find_moment("since"),
        reader=Reader(principal.tenant_id, principal.object_id, principal.name),
    )


def _encode(call: Call, pull: Resource[DataPull]) -> dict[str, Any]:
    found = pull.properties
    document = {
        "sourceWorkspaceResourceId": found.source_workspace,
        "sourceTable": found.source_table,
        "destinationTable": found.destination_table,
        "operators": found.operators or None,
        "intervalInMinutes": found.interval_minutes,
        "customer": found.customer or None,
        "since": encode_moment(found.since) if found.since else None,
        "principalId": str(found.reader.object_id),
        "provisioningState": "Succeeded",
    }
    metering = call.services.metering
    if metering is not None:
        state = metering.find_pull_state(pull)
        document |= {
            "pulledUntil": encode_moment(state.pulled_until),
            "pulledRows": state.pulled_rows,
            "lastRunTime": encode_moment(state.last_run_at) if state.last_run_at else None,
            "lastError": state.last_error or None,
        }
    return document


DATA_PULLS = PlainKind(
    kind=DataPull,
    path="workspaces/{workspace}/dataPulls/{pull}",
    noun="data pull",
    note="with the caller's rights on the source",
    decode=_decode,
    encode=_encode,
    put=_put,
    has_patch=True,
)
ROUTES = DATA_PULLS.routes()
