"""Lockbox requests (`Microsoft.CustomerLockbox/requests`): asked for by operators, answered by customers."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, encode_resource, present
from kelp.api.management.kind_description import taking
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.resources.author import Author
from kelp.resources.errors import AccessDenied, ResourceNotFound
from kelp.resources.lockbox import (
    APPROVE_ACTION,
    REQUEST_ACTION,
    REQUEST_TYPE,
    LockboxRequest,
    LockboxStatus,
    answer_request,
    request_access,
)
from kelp.resources.resource import Resource
from kelp.resources.shape import Choice, Duration, Named, Path, Record, Text
from kelp.resources.workspace import Workspace

_NAMESPACE = "Microsoft.CustomerLockbox"
_OF_OPERATORS = f"/providers/{REQUEST_TYPE}"
_ALL = f"/subscriptions/{{subscription}}/providers/{REQUEST_TYPE}"
_ONE = f"{_ALL}/{{request}}"
_DURATION = re.compile(r"PT(?:(\d{1,3})H)?(?:(\d{1,4})M)?")
_MOST_LISTED = 1_000


def request(call: Call) -> Answer:
    """Ask, as an operator, for access to a workspace."""
    require_operator(call, REQUEST_ACTION)
    reader = call.reader()
    properties = reader.section("properties")
    workspace = _find_workspace(call, properties.text("resourceId"))
    duration = _read_duration(properties.text("duration", "PT1H"))
    if duration is None:
        properties.refuse("duration", "'duration' is hours and minutes, such as PT4H or PT30M.")
    with call.store.write(_author_for(call, workspace.tenant_id)) as transaction, reader.reporting():
        stored = request_access(
            transaction,
            workspace,
            call.principal,
            properties.text("justification"),
            duration or timedelta(hours=1),
        )
    return Answer(201, _encode(call, stored))


def list_of_operators(call: Call) -> Answer:
    """Answer, to an operator, with the requests that this caller made."""
    require_operator(call, REQUEST_ACTION)
    made = call.store.snapshot.lockbox_requests.get(call.principal.object_id, ())
    listed = sorted(made, key=lambda found: found.properties.requested_at, reverse=True)
    return Answer(200, {"value": [_encode(call, found) for found in listed[:_MOST_LISTED]]})


def list_in_subscription(call: Call) -> Answer:
    """Answer with the requests for workspaces of a subscription, the newest first."""
    call.require(f"{REQUEST_TYPE}/read", call.subscription)
    page = call.store.page(
        LockboxRequest, call.subscription, tenant_id=call.principal.tenant_id, limit=_MOST_LISTED
    )
    listed = sorted(page.items, key=lambda found: found.properties.requested_at, reverse=True)
    return Answer(200, {"value": [_encode(call, found) for found in listed]})


def get(call: Call) -> Answer:
    """Answer with one request."""
    call.require(f"{REQUEST_TYPE}/read", call.subscription)
    return Answer(200, _encode(call, call.store.get(LockboxRequest, _request_id(call))))


def update_approval(call: Call) -> Answer:
    """Approve or deny a request; denying one that was approved ends the access at once."""
    call.require(APPROVE_ACTION, call.subscription)
    reader = call.reader()
    decision = (reader.text("decision") or reader.text("status")).lower()
    text = reader.find_text("duration")
    duration = _read_duration(text) if text else None
    with call.write() as transaction, reader.reporting():
        if text and duration is None:
            reader.refuse("duration", "'duration' is hours and minutes, such as PT4H or PT30M.")
        if decision not in ("approve", "deny"):
            reader.refuse("decision", f"'{decision}' is no decision: Approve or Deny.")
        answered = answer_request(
            transaction,
            _request_id(call),
            approve=decision == "approve",
            by=call.principal.name,
            reason=reader.text("reason"),
            duration=duration,
        )
    return Answer(200, _encode(call, answered))


def require_operator(call: Call, action: str) -> None:
    """Refuse whoever is no operator of the installation with leave for the action.

    Raises `AccessDenied`. Operators are principals of the installation's first tenant with a role at its root.
    """
    if call.principal.tenant_id != call.services.operator_tenant_id:
        message = f"'{action}' is for operators of the installation, whose tenant is another."
        raise AccessDenied(message, "The caller belongs to another tenant than the operators.")
    call.services.access.require(call.principal, action, ResourceId())


def _request_id(call: Call) -> ResourceId:
    return call.subscription.child(REQUEST_TYPE, call.parameters["request"])


def _find_workspace(call: Call, reference: str) -> Resource[Workspace]:
    """Return a workspace by its resource id or GUID; other names could stand for several customers' workspaces."""
    snapshot = call.store.snapshot
    found = snapshot.workspaces_by_key.get(reference.rstrip("/").lower())
    if found is None and not reference.startswith("/"):
        try:
            found = snapshot.workspaces.get(WorkspaceId(UUID(reference)))
        except ValueError:
            message = "'resourceId' is the resource id or the GUID of a workspace."
            raise ServiceError(
                Category.INVALID, "InvalidParameter", message, target="properties.resourceId"
            ) from None
    if found is None:
        raise ResourceNotFound(ResourceId.parse(reference) if reference.startswith("/") else ResourceId())
    return found


def _author_for(call: Call, tenant_id: UUID) -> Author:
    """Return the operator as the author of a record that the customer's audit shows."""
    author = call.author()
    return Author(
        tenant_id,
        author.object_id,
        author.name,
        author.kind,
        author.correlation_id,
        author.client_address,
    )


def _read_duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        return None
    hours, minutes = (int(part or 0) for part in match.groups())
    return timedelta(hours=hours, minutes=minutes)


def _encode(call: Call, found: Resource[LockboxRequest]) -> dict[str, Any]:
    request_ = found.properties
    status = request_.status_at(call.services.clock.now())
    minutes = request_.duration // timedelta(minutes=1)
    is_over = status is not LockboxStatus.PENDING
    properties = {
        "requestId": found.id.name,
        "justification": request_.justification,
        "status": status,
        "createdDateTime": encode_moment(request_.requested_at),
        "expirationDateTime": encode_moment(request_.ends_at),
        "duration": f"PT{minutes // 60}H{minutes % 60}M",
        "requestedResourceIds": [request_.workspace],
        "resourceIds": [request_.workspace],
        "resourceType": "Microsoft.OperationalInsights/workspaces",
        "subscriptionId": found.id.subscription_id,
        "requestedBy": request_.operator_name,
        "requestedByObjectId": str(request_.operator_id),
        "decidedBy": request_.decided_by if is_over and request_.decided_by else None,
        "decidedDateTime": encode_moment(request_.decided_at) if request_.decided_at else None,
        "reason": request_.reason or None,
    }
    return encode_resource(found, present(properties))


_REQUEST = taking(
    Named(
        "LockboxRequest",
        Record(
            {
                "properties": Record(
                    {"resourceId": Path(), "duration": Duration(), "justification": Text()},
                    required=("resourceId", "justification"),
                )
            },
            required=("properties",),
        ),
    ),
    gives={201: Body()},
)
_APPROVAL = taking(
    Named(
        "LockboxDecision",
        Record(
            {
                "decision": Choice(("Approve", "Deny")),
                "status": Text(),
                "reason": Text(),
                "duration": Duration(),
            }
        ),
    )
)
ROUTES = (
    ManagementRoute("POST", _OF_OPERATORS, _NAMESPACE, request, _REQUEST),
    ManagementRoute("GET", _OF_OPERATORS, _NAMESPACE, list_of_operators),
    ManagementRoute("GET", _ALL, _NAMESPACE, list_in_subscription),
    ManagementRoute("GET", _ONE, _NAMESPACE, get),
    ManagementRoute("POST", f"{_ONE}/updateApproval", _NAMESPACE, update_approval, _APPROVAL),
    ManagementRoute("POST", f"{_ONE}/updateStatus", _NAMESPACE, update_approval, _APPROVAL),
)
