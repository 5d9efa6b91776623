"""Long-running operations: how far they are (`operationStatuses`) and what came of them (`operationResults`)."""

from __future__ import annotations

from typing import Any, assert_never
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.api_versions import newest_version
from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import giving
from kelp.base.errors import Category, ServiceError
from kelp.resources.operation import Operation, OperationStatus
from kelp.resources.shape import Anything, Moment, Named, Record, Text

_NAMESPACE = "Microsoft.OperationalInsights"
_PLACE = f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}/locations/{{location}}"
_ONE = f"{_PLACE}/operationStatuses/{{operation}}"
_RESULT = f"{_PLACE}/operationResults/{{operation}}"
_LINK_TYPE = f"{_NAMESPACE}/workspaces/linkedServices"
_OF_GROUPS = "/subscriptions/{subscription}/operationResults/{operation}"
_STATUS = Named(
    "OperationStatus",
    Record(
        {
            "id": Text(),
            "name": Text(),
            "status": Text(),
            "startTime": Moment(),
            "endTime": Moment(),
            "error": Anything(),
        },
        required=("id", "name", "status"),
    ),
)
_RETRY = {"Retry-After": "1"}


def get(call: Call) -> Answer:
    """Answer with how far the operation is; 200 also while it runs."""
    operation = _get(call)
    headers = _RETRY if operation.status is OperationStatus.IN_PROGRESS else {}
    return Answer(200, _encode(call, operation), headers)


def get_result(call: Call) -> Answer:
    """Answer with 202 while the operation runs, then with what it made, or with the error that it ended in."""
    operation = _get(call)
    match operation.status:
        case OperationStatus.IN_PROGRESS:
            address = f"{call.base_url}{call.path}?api-version={call.query['api-version']}"
            return Answer(202, None, {"Location": address, **_RETRY})
        case OperationStatus.SUCCEEDED:
            if operation.action.endswith("/delete"):
                return Answer(204)
            path = _path_of_result(operation)
            return call.send("GET", path, newest_version(operation.resource_id.namespace))
        case OperationStatus.FAILED | OperationStatus.CANCELED:
            raise ServiceError(
                Category.CONFLICT,
                operation.error_code or "OperationFailed",
                operation.error_message or f"The operation ended as {operation.status}.",
                target=str(operation.resource_id),
            )
        case _ as unreachable:
            assert_never(unreachable)


def _path_of_result(operation: Operation) -> str:
    """Return the resource that an operation was about; one on a link is recorded with the workspace."""
    is_link = operation.action.lower() == f"{_LINK_TYPE}/write".lower()
    return f"{operation.resource_id}{'/linkedServices/cluster' if is_link else ''}"


def _get(call: Call) -> Operation:
    """Return the operation that the path names. Raises `ServiceError` (not_found), `AccessDenied`.

    Who started it may ask, also when the right to went with what was deleted.
    """
    call.require_subscription(call.subscription)
    operation = _find(call)
    if call.services.runs.find_starter(operation.id) != call.principal.object_id:
        call.require(f"{operation.resource_id.type}/read", operation.resource_id)
    return operation


def _find(call: Call) -> Operation:
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
    status, result = (
        path.format(
            subscription=operation.resource_id.subscription_id,
            location=operation.location,
            operation=operation.id,
        )
        for path in (_ONE, _RESULT)
    )
    version = f"?api-version={call.query.get('api-version', '')}"
    return {
        "Azure-AsyncOperation": f"{call.base_url}{status}{version}",
        "Location": f"{call.base_url}{result}{version}",
        **_RETRY,
    }


def result_headers(call: Call, operation: Operation) -> dict[str, str]:
    """Return the headers of an operation of Resource Manager itself, whose pollers follow `Location` alone."""
    path = _OF_GROUPS.format(subscription=operation.resource_id.subscription_id, operation=operation.id)
    return {"Location": f"{call.base_url}{path}?api-version={call.query.get('api-version', '')}", **_RETRY}


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


ROUTES = (
    ManagementRoute("GET", _ONE, _NAMESPACE, get, giving({200: Body(_STATUS)})),
    ManagementRoute("GET", _RESULT, _NAMESPACE, get_result, giving({200: Body(), 202: None, 204: None})),
    ManagementRoute(
        "GET", _OF_GROUPS, "Microsoft.Resources", get_result, giving({200: Body(), 202: None, 204: None})
    ),
)
