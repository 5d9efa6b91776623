"""The status of long-running operations (`.../locations/{location}/operationStatuses/{id}`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.base.errors import Category, ServiceError
from kelp.resources.operation import Operation, OperationStatus

_NAMESPACE = "Microsoft.OperationalInsights"
_ONE = (
    f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}"
    "/locations/{location}/operationStatuses/{operation}"
)


def get(call: Call) -> Answer:
    """Answer with how far the operation is; 200 also while it runs."""
    call.require_subscription(call.subscription)
    operation = _get(call)
    call.require(f"{operation.resource_id.type}/read", operation.resource_id)
    headers = {"Retry-After": "1"} if operation.status is OperationStatus.IN_PROGRESS else {}
    return Answer(200, _encode(call, operation), headers)


def _get(call: Call) -> Operation:
    text = call.parameters["operation"]
    try:
        operation = call.store.find_operation(call.parameters["subscription"], UUID(text))
    except ValueError:
        operation = None
    if operation is None:
        raise ServiceError(Category.NOT_FOUND, "OperationNotFound", f"There is no operation '{text}'.")
    return operation


def _status(operation: Operation) -> str:
    """Of what runs, a deletion says so; the pollers of clients take any word but the three last ones for that."""
    if operation.status is OperationStatus.IN_PROGRESS and operation.action.endswith("/delete"):
        return "Deleting"
    return operation.status


def begin_headers(call: Call, operation: Operation) -> dict[str, str]:
    """Return the headers that tell a client where to ask how far the operation is."""
    path = _ONE.format(
        subscription=operation.resource_id.subscription_id,
        location=operation.location,
        operation=operation.id,
    )
    version = call.query.get("api-version", "")
    return {
        "Azure-AsyncOperation": f"{call.base_url}{path}?api-version={version}",
        "Retry-After": "1",
    }


def _encode(call: Call, operation: Operation) -> dict[str, Any]:
    error = None
    if operation.error_code is not None:
        error = {"error": {"code": operation.error_code, "message": operation.error_message}}
    return present(
        {
            "id": call.path,
            "name": str(operation.id),
            "status": _status(operation),
            "startTime": encode_moment(operation.started_at),
            "endTime": encode_moment(operation.ended_at) if operation.ended_at else None,
            "error": error,
        }
    )


ROUTES = (ManagementRoute("GET", _ONE, _NAMESPACE, get),)
