"""Deployments of templates to a resource group or a subscription (`Microsoft.Resources/deployments`)."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from kelp.api.description import Body
from kelp.api.management.call import Answer, Call, Describe, ManagementRoute, undescribed
from kelp.api.management.deployment_execution import begin_deployment, carry_out
from kelp.api.management.deployment_request import (
    compile_request,
    decode_body,
    hash_template,
    read_request,
)
from kelp.api.management.deployment_what_if import ResultFormat, predict
from kelp.api.management.documents import encode_moment, present
from kelp.api.management.kind_description import KindDescription, giving, taking
from kelp.api.management.listing import list_resources
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.deployment import (
    Deployment,
    DeploymentError,
    DeploymentMode,
    DeploymentState,
    DeploymentStep,
)
from kelp.resources.errors import ResourceConflict, ResourceNotFound
from kelp.resources.operation import Operation, OperationStatus
from kelp.resources.resource import Resource
from kelp.resources.shape import Anything, Choice, Entries, Items, Moment, Named, Record, Text
from kelp.templates.template import shown_parameters

_NAMESPACE = "Microsoft.Resources"
_TYPE = f"{_NAMESPACE}/deployments"
_POLL_VERSION = "2025-04-01"


def list_all(call: Call) -> Answer:
    """Answer with the deployments to a group, or those to the subscription itself."""
    scope = _scope(call)
    answer = list_resources(call, Deployment, scope, _encode)
    prefix = f"{scope}/providers/".lower()
    found = [one for one in answer.document["value"] if str(one["id"]).lower().startswith(prefix)]
    return Answer(200, {**answer.document, "value": found})


def get(call: Call) -> Answer:
    """Answer with one deployment."""
    call.require(f"{_TYPE}/read", _id(call))
    return Answer(200, _encode(call, call.store.get(Deployment, _id(call))))


def check(call: Call) -> Answer:
    """Answer whether there is such a deployment, with a status and nothing else."""
    call.require(f"{_TYPE}/read", _id(call))
    return Answer(404 if call.store.find(Deployment, _id(call)) is None else 204)


def put(call: Call) -> Answer:
    """Deploy a template; the answer comes before the work is done, which the operation of its headers tells about."""
    deployment_id, runs = _id(call), call.services.runs
    call.require(f"{_TYPE}/write", deployment_id)
    runs.check_room()
    begun = begin_deployment(call, deployment_id, read_request(decode_body(call.body), deployment_id))
    resource = begun.resource

    def work(stop: threading.Event) -> None:
        carry_out(call, begun, stop)

    runs.start(resource.id.key, work)
    status = (
        f"{call.base_url}{resource.id}/operationStatuses/{begun.operation.id}?api-version={_POLL_VERSION}"
    )
    headers = {"Azure-AsyncOperation": status, "Retry-After": "1"}
    return Answer(201 if resource.is_new else 200, _encode(call, resource), headers)


def delete(call: Call) -> Answer:
    """Forget a deployment; what it deployed stays."""
    call.require(f"{_TYPE}/delete", _id(call))
    with call.write() as transaction:
        found = transaction.find(Deployment, _id(call))
        if found is not None and found.properties.state is DeploymentState.RUNNING:
            raise ResourceConflict(
                "DeploymentActive", f"The deployment '{found.id.name}' is running; cancel it first."
            )
        transaction.delete(_id(call))
    return Answer(204)


def cancel(call: Call) -> Answer:
    """Ask a running deployment to stop; what it made stays."""
    call.require(f"{_TYPE}/cancel/action", _id(call))
    found = call.store.get(Deployment, _id(call))
    if not call.services.runs.cancel(found.id.key):
        raise ResourceConflict(
            "DeploymentNotRunning",
            f"The deployment '{found.id.name}' is not running; its state is {found.properties.state}.",
        )
    return Answer(204)


def validate(call: Call) -> Answer:
    """Check a template and its parameters without deploying anything."""
    deployment_id = _id(call)
    call.require(f"{_TYPE}/validate/action", deployment_id)
    request = read_request(decode_body(call.body), deployment_id)
    compiled = compile_request(call, deployment_id, request)
    deployed = [one for one in compiled.resources if one.is_deployed]
    properties = {
        "templateHash": hash_template(request.template),
        "parameters": shown_parameters(compiled),
        "mode": request.mode,
        "provisioningState": "Succeeded",
        "timestamp": encode_moment(call.services.clock.now()),
        "duration": "PT0S",
        "correlationId": call.correlation_id,
        "providers": _providers(str(one.id) for one in deployed),
        "dependencies": [],
        "validatedResources": [{"id": str(one.id)} for one in deployed],
    }
    document = {"id": str(deployment_id), "name": deployment_id.name, "type": _TYPE, "properties": properties}
    return Answer(200, document)


def what_if(call: Call) -> Answer:
    """Answer with what deploying a template would create, change, leave alone and delete; nothing is done."""
    deployment_id = _id(call)
    call.require(f"{_TYPE}/whatIf/action", deployment_id)
    document = decode_body(call.body)
    request = read_request(document, deployment_id)
    reader = DocumentReader(document)
    with reader.reporting():
        shows = (
            reader.section("properties").section("whatIfSettings").choice("resultFormat", ResultFormat.FULL)
        )
    changes = predict(call, deployment_id, request, shows)
    return Answer(
        200, {"status": "Succeeded", "properties": {"correlationId": call.correlation_id, "changes": changes}}
    )


def export_template(call: Call) -> Answer:
    """Answer with the template as it was given, without the defaults of secure parameters."""
    call.require(f"{_TYPE}/exportTemplate/action", _id(call))
    return Answer(200, {"template": call.store.get(Deployment, _id(call)).properties.template})


def list_operations(call: Call) -> Answer:
    """Answer with what was done about each resource, in the order it was done."""
    call.require(f"{_TYPE}/operations/read", _id(call))
    found = call.store.get(Deployment, _id(call))
    return Answer(200, {"value": [_encode_step(found, step) for step in found.properties.steps]})


def get_operation(call: Call) -> Answer:
    """Answer with what was done about one resource."""
    call.require(f"{_TYPE}/operations/read", _id(call))
    found = call.store.get(Deployment, _id(call))
    for step in found.properties.steps:
        if step.id.lower() == call.parameters["operation"].lower():
            return Answer(200, _encode_step(found, step))
    raise ResourceNotFound(call.resource_id)


def get_status(call: Call) -> Answer:
    """Answer with how far a deployment is; 200 also while it runs."""
    call.require(f"{_TYPE}/read", _id(call))
    operation = _find_operation(call)
    if operation is None or operation.resource_id != _id(call):
        text = call.parameters["operation"]
        raise ServiceError(Category.NOT_FOUND, "OperationNotFound", f"There is no operation '{text}'.")
    if operation.status is OperationStatus.IN_PROGRESS:
        return Answer(200, {"status": "Running"}, {"Retry-After": "1"})
    found = call.store.find(Deployment, _id(call))
    error = found.properties.error if found is not None else None
    status = found.properties.state if found is not None else operation.status
    return Answer(200, present({"status": status, "error": _encode_error(error)}))


def _find_operation(call: Call) -> Operation | None:
    try:
        return call.store.find_operation(call.parameters["subscription"], UUID(call.parameters["operation"]))
    except ValueError:
        return None


def _scope(call: Call) -> ResourceId:
    return call.group if "group" in call.parameters else call.subscription


def _id(call: Call) -> ResourceId:
    return _scope(call).child(_TYPE, call.parameters["deployment"])


def _encode(_call: Call, resource: Resource[Deployment]) -> dict[str, Any]:
    deployment = resource.properties
    ended_at = deployment.ended_at or resource.modified.at
    properties = {
        "templateHash": deployment.template_hash,
        "parameters": deployment.parameters,
        "mode": deployment.mode,
        "provisioningState": deployment.state,
        "timestamp": encode_moment(ended_at),
        "duration": f"PT{(ended_at - deployment.started_at).total_seconds():.7f}S",
        "correlationId": deployment.correlation_id,
        "providers": _providers(deployment.output_resources),
        "dependencies": [],
        "outputs": deployment.outputs,
        "outputResources": [{"id": one} for one in deployment.output_resources],
        "error": _encode_error(deployment.error),
    }
    return present(
        {
            "id": str(resource.id),
            "name": resource.id.name,
            "type": _TYPE,
            "location": deployment.location or None,
            "tags": deployment.tags or None,
            "properties": present(properties),
        }
    )


def _encode_step(resource: Resource[Deployment], step: DeploymentStep) -> dict[str, Any]:
    target = ResourceId.parse(step.resource_id)
    properties = {
        "provisioningOperation": step.operation,
        "provisioningState": step.state,
        "timestamp": encode_moment(step.ended_at),
        "duration": f"PT{(step.ended_at - step.started_at).total_seconds():.7f}S",
        "statusCode": _STATUS_NAMES.get(step.status_code, str(step.status_code)),
        "statusMessage": {"status": "Failed", "error": _encode_error(step.error)} if step.error else None,
        "targetResource": {"id": str(target), "resourceType": target.type, "resourceName": target.name},
    }
    return {
        "id": f"{resource.id}/operations/{step.id}",
        "operationId": step.id,
        "properties": present(properties),
    }


_STATUS_NAMES: Mapping[int, str] = {
    200: "OK",
    201: "Created",
    202: "Accepted",
    204: "NoContent",
    400: "BadRequest",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
}


def _encode_error(error: DeploymentError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return present(
        {
            "code": error.code,
            "message": error.message,
            "target": error.target or None,
            "details": [_encode_error(detail) for detail in error.details] or None,
        }
    )


def _providers(resource_ids: Any) -> list[dict[str, Any]]:
    """Return which providers and types a deployment is about."""
    types: dict[str, set[str]] = {}
    for text in resource_ids:
        namespace, _, kind = ResourceId.parse(text).type.partition("/")
        types.setdefault(namespace, set()).add(kind)
    return [
        {"namespace": namespace, "resourceTypes": [{"resourceType": kind} for kind in sorted(kinds)]}
        for namespace, kinds in sorted(types.items())
    ]


def _routes(scope: str) -> tuple[ManagementRoute, ...]:
    every = f"{scope}/providers/{_TYPE}"
    one = f"{every}/{{deployment}}"
    # Clients ask for the operations of a group's deployment without naming the provider.
    short = f"{scope}/deployments/{{deployment}}"
    table: tuple[tuple[str, str, Callable[[Call], Answer], Describe], ...] = (
        ("GET", every, list_all, _SAYS.listing()),
        ("GET", one, get, _SAYS.reading()),
        ("HEAD", one, check, giving({204: None})),
        ("PUT", one, put, _SAYS.putting()),
        ("DELETE", one, delete, _SAYS.deleting(204)),
        ("POST", f"{one}/cancel", cancel, giving({204: None})),
        ("POST", f"{one}/validate", validate, taking(Named("DeploymentDraft", _DRAFT))),
        ("POST", f"{one}/whatIf", what_if, _WHAT_IF),
        ("POST", f"{one}/exportTemplate", export_template, giving({200: Body()})),
        ("GET", f"{one}/operations", list_operations, undescribed),
        ("GET", f"{short}/operations", list_operations, _SHORT_LIST),
        ("GET", f"{one}/operations/{{operation}}", get_operation, undescribed),
        ("GET", f"{short}/operations/{{operation}}", get_operation, _SHORT_ONE),
        ("GET", f"{one}/operationStatuses/{{operation}}", get_status, undescribed),
    )
    return tuple(
        ManagementRoute(method, path, _NAMESPACE, endpoint, describe)
        for method, path, endpoint, describe in table
    )


_SHORT_LIST = giving({200: Body()}, name="list_operations_briefly")
_SHORT_ONE = giving({200: Body()}, name="get_operation_briefly")
_DRAFT = Record(
    {
        "location": Text(),
        "tags": Entries(Text()),
        "properties": Record(
            {
                "mode": Choice(tuple(DeploymentMode)),
                "whatIfSettings": Record({"resultFormat": Choice(tuple(ResultFormat))}),
                "template": Entries(Anything()),
                "parameters": Entries(Anything()),
            },
            required=("template",),
        ),
    },
    required=("properties",),
)
_CHANGE = Record(
    {
        "resourceId": Text(),
        "changeType": Choice(("Create", "Delete", "Deploy", "Ignore", "Modify", "NoChange", "Unsupported")),
        "before": Entries(Anything()),
        "after": Entries(Anything()),
        "delta": Items(Entries(Anything())),
        "unsupportedReason": Text(),
    },
    required=("resourceId", "changeType"),
)
_WHAT_IF = taking(
    Named("DeploymentDraft", _DRAFT),
    gives={
        200: Body(
            Named(
                "WhatIfResult",
                Record(
                    {
                        "status": Text(),
                        "properties": Record({"correlationId": Text(), "changes": Items(_CHANGE)}),
                    }
                ),
            )
        )
    },
)
_SAYS = KindDescription(
    "Deployment",
    _DRAFT,
    {
        "provisioningState": Text(),
        "correlationId": Text(),
        "timestamp": Moment(),
        "duration": Text(),
        "outputs": Entries(Anything()),
        "error": Anything(),
    },
)
ROUTES = (
    *_routes("/subscriptions/{subscription}"),
    *_routes("/subscriptions/{subscription}/resourceGroups/{group}"),
)
