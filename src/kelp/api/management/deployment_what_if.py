"""What a deployment would change, told without changing anything. Cf. "ARM template deployment what-if operation"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kelp.api.management.api_versions import newest_version
from kelp.api.management.call import Call
from kelp.api.management.deployment_place import CallerRuntime
from kelp.api.management.deployment_request import DeploymentRequest, compile_request, read_nested
from kelp.api.management.property_changes import find_changes, merge
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.deployment import DeploymentMode
from kelp.templates.errors import ExpressionError
from kelp.templates.plan import PlannedResource
from kelp.templates.template import CompiledTemplate, compute_body


class ResultFormat(StrEnum):
    """How much is told of each resource."""

    FULL = "FullResourcePayloads"
    IDS = "ResourceIdOnly"


@dataclass(frozen=True, slots=True)
class _Change:
    kind: str
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    delta: tuple[dict[str, Any], ...] = ()
    reason: str = ""


class _PresentRuntime(CallerRuntime):
    """Answers what is there now; what an action gives is not known before it is asked."""

    def call_list(self, resource_id: ResourceId, function: str, body: Mapping[str, Any]) -> Any:
        raise ExpressionError(f"what '{function}' of '{resource_id}' gives is known once it is deployed")


def predict(
    call: Call, deployment_id: ResourceId, request: DeploymentRequest, shows: ResultFormat
) -> list[dict[str, Any]]:
    """Return the changes that a deployment would make, also those of templates in the template.

    Raises `InvalidTemplate`, `AccessDenied` for a resource that the caller may not read.
    """
    compiled = compile_request(call, deployment_id, request)
    changes = list(_iter_planned(call, compiled, shows))
    if deployment_id.resource_group is not None:
        is_complete = request.mode is DeploymentMode.COMPLETE
        told = {str(change["resourceId"]).lower() for change in changes}
        changes += _iter_others(call, deployment_id, compiled, told, shows, is_complete=is_complete)
    return changes


def _iter_planned(call: Call, compiled: CompiledTemplate, shows: ResultFormat) -> Iterator[dict[str, Any]]:
    runtime = _PresentRuntime(call)
    for resource in compiled.resources:
        if not resource.is_deployed:
            continue
        try:
            if resource.is_nested:
                nested = read_nested(resource, resource.scope, runtime)
                yield from _iter_planned(call, compile_request(call, resource.id, nested), shows)
                continue
            change = _compare(call, resource, compute_body(resource, runtime))
        except ExpressionError as unknown:
            change = _Change("Unsupported", reason=unknown.message)
        except ServiceError as refusal:
            if refusal.category is not Category.NOT_FOUND:
                raise
            change = _Change("Unsupported", reason=refusal.message)
        yield _encode(resource.id, change, shows, compiled.secrets())


def _compare(call: Call, resource: PlannedResource, body: Mapping[str, Any]) -> _Change:
    present = _find(call, resource.id, resource.api_version)
    if present is None:
        named = {"id": str(resource.id), "name": resource.id.name, "type": resource.id.type}
        return _Change("Create", after={**named, "apiVersion": resource.api_version, **body})
    delta = find_changes(present, body)
    if not delta:
        return _Change("NoChange", present, present)
    return _Change("Modify", present, merge(present, body), tuple(delta))


def _find(call: Call, resource_id: ResourceId, version: str) -> Mapping[str, Any] | None:
    try:
        document = call.send("GET", str(resource_id), version).document
    except ServiceError as error:
        if error.category is Category.NOT_FOUND:
            return None
        raise
    return document if isinstance(document, Mapping) else {}


def _iter_others(
    call: Call,
    deployment_id: ResourceId,
    compiled: CompiledTemplate,
    told: set[str],
    shows: ResultFormat,
    *,
    is_complete: bool,
) -> Iterator[dict[str, Any]]:
    """Yield what lies in the group beside the template: left alone, or removed by a complete deployment."""
    kept = told | {str(one.id).lower() for one in compiled.resources if one.is_existing}
    for resource in call.store.list_in_group(deployment_id.parent or ResourceId()):
        key = str(resource.id).lower()
        if key in told or not call.allows(f"{resource.id.type}/read", resource.id):
            continue
        goes = is_complete and not any(one == key or one.startswith(f"{key}/") for one in kept)
        present = _find(call, resource.id, newest_version(resource.id.namespace))
        if present is not None:
            change = _Change("Delete" if goes else "Ignore", present, None if goes else present)
            yield _encode(resource.id, change, shows, ())


def _encode(
    resource_id: ResourceId, change: _Change, shows: ResultFormat, secrets: tuple[str, ...]
) -> dict[str, Any]:
    kind = change.kind
    if shows is ResultFormat.IDS:
        kind = "Deploy" if kind in ("Modify", "NoChange") else kind
        return {"resourceId": str(resource_id), "changeType": kind}
    document: dict[str, Any] = {
        "resourceId": str(resource_id),
        "changeType": kind,
        "before": change.before,
        "after": _mask(change.after, secrets),
        "delta": [_mask(one, secrets) for one in change.delta] or None,
        "unsupportedReason": change.reason or None,
    }
    return {name: value for name, value in document.items() if value is not None}


def _mask(value: Any, secrets: tuple[str, ...]) -> Any:
    """Return a value without the texts of secure parameters."""
    if isinstance(value, Mapping):
        return {name: _mask(member, secrets) for name, member in value.items()}
    if isinstance(value, list):
        return [_mask(item, secrets) for item in value]
    return "***" if isinstance(value, str) and value in secrets and value else value
