"""Audit records as rows of `AzureActivity`, by the names and meanings that Azure Monitor documents for its columns."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid5

import msgspec

from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.resources.audit import AuditRecord, Outcome
from kelp.resources.author import AuthorKind

TABLE = "AzureActivity"
CATEGORY = "Administrative"
_CLAIMS = "http://schemas.microsoft.com/identity/claims"
_EVENTS = UUID("0c7d0c46-2b63-4f7b-8a6a-9b8b3b7b0d11")
"""The namespace of the ids of events."""


def event_id(record: AuditRecord) -> UUID:
    """Return the id of a record as an event; the same wherever it is shown."""
    return uuid5(_EVENTS, f"{record.tenant_id}/{record.sequence}/{record.at.astimezone(UTC).isoformat()}")


def caller_of(record: AuditRecord) -> str:
    """Return who acted, as Azure names callers: a user by name, anything else by id."""
    author = record.author
    if author.kind is AuthorKind.APPLICATION and author.object_id is not None:
        return str(author.object_id)
    return author.name


def claims_of(record: AuditRecord) -> dict[str, str]:
    """Return what is known of the caller, under the names of claims."""
    author = record.author
    claims = {"name": author.name, f"{_CLAIMS}/tenantid": str(author.tenant_id)}
    if author.object_id is not None:
        claims[f"{_CLAIMS}/objectidentifier"] = str(author.object_id)
    return claims


def make_activity_row(record: AuditRecord) -> dict[str, object]:
    """Return the row that tells of one action."""
    resource_id = _parse(record.resource_id)
    succeeded = record.outcome is Outcome.SUCCEEDED
    subscription_id = resource_id.subscription_id or ""
    properties = {
        "entity": record.resource_id,
        "message": record.action,
        "hierarchy": subscription_id,
        "eventCategory": CATEGORY,
        **({} if succeeded else {"statusMessage": record.code}),
    }
    authorization = {"action": record.action, "scope": record.resource_id}
    provider = resource_id.namespace
    at, claims = _iso(record.at), claims_of(record)
    return {
        "TimeGenerated": at,
        "EventSubmissionTimestamp": at,
        "EventDataId": str(event_id(record)),
        "OperationName": record.action,
        "OperationNameValue": record.action.upper(),
        "OperationId": record.author.correlation_id,
        "CorrelationId": record.author.correlation_id,
        "Level": "Informational" if succeeded else "Error",
        "ActivityStatus": record.outcome.value,
        "ActivityStatusValue": "Success" if succeeded else "Failure",
        "ActivitySubstatus": record.code,
        "ActivitySubstatusValue": record.code,
        "Caller": caller_of(record),
        "CallerIpAddress": record.author.client_address,
        "Category": CATEGORY,
        "CategoryValue": CATEGORY,
        "ResourceGroup": resource_id.resource_group or "",
        "SubscriptionId": subscription_id,
        "Hierarchy": subscription_id,
        "ResourceProvider": provider,
        "ResourceProviderValue": provider.upper(),
        "Resource": resource_id.name,
        "ResourceId": record.resource_id,
        "_ResourceId": record.resource_id.lower(),
        "Authorization": _json(authorization),
        "Authorization_d": authorization,
        "Claims": _json(claims),
        "Claims_d": claims,
        "HTTPRequest": _json({"clientIpAddress": record.author.client_address}),
        "Properties": _json(properties),
        "Properties_d": properties,
        "SourceSystem": "Kelp",
    }


def _parse(text: str) -> ResourceId:
    try:
        return ResourceId.parse(text)
    except InvalidResourceId:
        return ResourceId()


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
