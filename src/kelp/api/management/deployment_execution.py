"""Carries out a deployment: each resource through its own PUT route, in the caller's name.

What depends on a resource that failed is left out, everything else is done, so that all errors are told at once.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import structlog

from kelp.api.errors import status_of
from kelp.api.management.api_versions import newest_version
from kelp.api.management.call import Answer, Call
from kelp.api.management.deployment_place import CallerRuntime
from kelp.api.management.deployment_request import (
    DeploymentRequest,
    compile_request,
    hash_template,
    read_nested,
    without_secrets,
)
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.author import system_author
from kelp.resources.deployment import (
    Deployment,
    DeploymentError,
    DeploymentMode,
    DeploymentState,
    DeploymentStep,
    put_deployment,
)
from kelp.resources.operation import Operation
from kelp.resources.resource import Resource
from kelp.resources.store import ResourceStore
from kelp.templates.errors import ExpressionError, InvalidTemplate
from kelp.templates.plan import PlannedResource
from kelp.templates.template import CompiledTemplate, compute_body, compute_outputs, shown_parameters

ACTION = "Microsoft.Resources/deployments/write"
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.05, 1.0
_ENDED = frozenset(("succeeded", "failed", "canceled", "cancelled"))
_SHORTEST_SECRET = 3
"""Characters; what is shorter says nothing, and stands in every message."""


@dataclass(frozen=True, slots=True)
class BegunDeployment:
    """A deployment that is recorded and has still to be carried out."""

    resource: Resource[Deployment]
    operation: Operation
    request: DeploymentRequest
    compiled: CompiledTemplate


def begin_deployment(call: Call, deployment_id: ResourceId, request: DeploymentRequest) -> BegunDeployment:
    """Check the request and record that it begins. Raises `ServiceError`; then nothing was changed."""
    call.require(ACTION, deployment_id)
    compiled = compile_request(call, deployment_id, request)
    with call.write() as transaction:
        kept = without_secrets(request.template, compiled)
        deployment = Deployment(
            mode=request.mode,
            template=kept,
            template_hash=hash_template(request.template),
            parameters=shown_parameters(compiled),
            correlation_id=call.correlation_id,
            started_at=transaction.now,
            location=request.location,
            tags=dict(request.tags),
        )
        resource = put_deployment(transaction, deployment_id, deployment)
        operation = transaction.start_operation(resource, request.location or call.services.region, ACTION)
    return BegunDeployment(resource, operation, request, compiled)


def carry_out(call: Call, begun: BegunDeployment, stop: threading.Event) -> Deployment:
    """Deploy everything and record how it ended. Raises nothing but what the resource store itself does."""
    execution = _Execution(call, begun, stop)
    ended = execution.run()
    error = ended.error
    with call.write() as transaction:
        transaction.put(begun.resource.id, replace(ended, ended_at=transaction.now))
        told = None if error is None else ServiceError(Category.CONFLICT, error.code, _flatten(error))
        transaction.end_operation(begun.operation, told)
    structlog.get_logger("kelp.deployments").info(
        "deployment ended", deployment=str(begun.resource.id), state=ended.state, steps=len(ended.steps)
    )
    return ended


def end_interrupted(store: ResourceStore) -> int:
    """Record that the deployments which ran when the last process ended have failed; return how many. At the start."""
    interrupted = store.list_open_operations(ACTION)
    for operation in interrupted:
        message = (
            "Kelp was stopped while the deployment ran. What it made is still there; deploy the template again, "
            "which changes nothing that is as it should be."
        )
        with store.write(system_author(operation.tenant_id)) as transaction:
            found = transaction.find(Deployment, operation.resource_id)
            if found is not None and found.properties.state is DeploymentState.RUNNING:
                error = DeploymentError("DeploymentInterrupted", message, str(found.id))
                ended = replace(
                    found.properties, state=DeploymentState.FAILED, error=error, ended_at=transaction.now
                )
                transaction.put(found.id, ended)
            refusal = ServiceError(Category.UNAVAILABLE, "DeploymentInterrupted", message)
            transaction.end_operation(operation, refusal)
    return len(interrupted)


@dataclass(slots=True)
class _Execution:
    call: Call
    begun: BegunDeployment
    stop: threading.Event
    steps: list[DeploymentStep] = field(default_factory=list)
    failed: set[str] = field(default_factory=set)
    errors: list[DeploymentError] = field(default_factory=list)

    def run(self) -> Deployment:
        runtime = CallerRuntime(self.call)
        for resource in self.begun.compiled.resources:
            if not resource.is_deployed:
                continue
            if self.stop.is_set():
                break
            if resource.depends_on & self.failed:
                self.failed.add(resource.id.key)
                continue
            self._deploy(resource, runtime)
        is_complete = self.begun.request.mode is DeploymentMode.COMPLETE
        if is_complete and not self.errors and not self.stop.is_set():
            self._remove_others()
        return self._conclude(runtime)

    def _conclude(self, runtime: CallerRuntime) -> Deployment:
        deployment = replace(self.begun.resource.properties, steps=tuple(self.steps))
        done = [
            step
            for step in self.steps
            if step.state is DeploymentState.SUCCEEDED and step.operation == "Create"
        ]
        deployment = replace(deployment, output_resources=tuple(step.resource_id for step in done))
        if self.stop.is_set():
            error = DeploymentError(
                "DeploymentCanceled", "The deployment was canceled; what it made is still there."
            )
            return replace(deployment, state=DeploymentState.CANCELED, error=error)
        outputs: dict[str, Any] = {}
        if not self.errors:
            try:
                outputs = compute_outputs(self.begun.compiled, runtime)
            except InvalidTemplate as error:
                self.errors.append(self._describe(error))
        if self.errors:
            count = (
                f"{len(self.errors)} resources of it failed"
                if len(self.errors) > 1
                else "A resource of it failed"
            )
            told = DeploymentError(
                "DeploymentFailed",
                f"The deployment '{self.begun.resource.id.name}' failed. {count}; each is listed in the details.",
                str(self.begun.resource.id),
                tuple(self.errors),
            )
            return replace(deployment, state=DeploymentState.FAILED, error=told)
        return replace(deployment, state=DeploymentState.SUCCEEDED, outputs=outputs)

    def _deploy(self, resource: PlannedResource, runtime: CallerRuntime) -> None:
        started_at = self.call.services.clock.now()
        status, error = 200, None
        try:
            if resource.is_nested:
                self._deploy_nested(resource, runtime)
            else:
                body = compute_body(resource, runtime)
                answer = self.call.send("PUT", str(resource.id), resource.api_version, body)
                status = answer.status
                self._wait(answer, resource)
        except ExpressionError as problem:
            error = DeploymentError("InvalidTemplate", self._mask(problem.message), str(resource.id))
            status = 400
        except ServiceError as refusal:
            error, status = self._describe(refusal, resource.id), status_of(refusal)
        self._note(resource.id, "Create", started_at, status, error)

    def _deploy_nested(self, resource: PlannedResource, runtime: CallerRuntime) -> None:
        request = read_nested(resource, resource.scope, runtime)
        ended = carry_out(self.call, begin_deployment(self.call, resource.id, request), self.stop)
        if ended.error is not None:
            error = ended.error
            raise ServiceError(
                Category.CONFLICT,
                error.code,
                error.message,
                details=tuple(
                    ServiceError(Category.CONFLICT, one.code, one.message, target=one.target or None)
                    for one in error.details
                ),
            )

    def _note(
        self,
        resource_id: ResourceId,
        operation: str,
        started_at: datetime,
        status: int,
        error: DeploymentError | None,
    ) -> None:
        if error is not None:
            self.failed.add(resource_id.key)
            self.errors.append(error)
        state = DeploymentState.SUCCEEDED if error is None else DeploymentState.FAILED
        ended_at = self.call.services.clock.now()
        self.steps.append(
            DeploymentStep(
                uuid4().hex[:16].upper(),
                operation,
                str(resource_id),
                state,
                status,
                started_at,
                ended_at,
                error,
            )
        )

    def _remove_others(self) -> None:
        """Remove what lies directly in the group and is not in the template, each by the rules of its kind."""
        group = self.begun.resource.id.parent or ResourceId()
        named = {one.id.key for one in self.begun.compiled.resources if one.is_deployed or one.is_existing}
        for resource in self.call.store.list_in_group(group):
            if resource.id.key in named or any(key.startswith(f"{resource.id.key}/") for key in named):
                continue
            started_at = self.call.services.clock.now()
            status, error = 200, None
            try:
                version = newest_version(resource.id.namespace)
                status = self.call.send("DELETE", str(resource.id), version).status
            except ServiceError as refusal:
                error, status = self._describe(refusal, resource.id), status_of(refusal)
            self._note(resource.id, "Delete", started_at, status, error)

    def _wait(self, answer: Answer, resource: PlannedResource) -> None:
        """Return when the resource is made. Raises `ServiceError` if that failed."""
        operation = answer.headers.get("Azure-AsyncOperation")
        pause = _FIRST_PAUSE_SECONDS
        if operation is None and _is_settled(answer.document):
            return
        while not self.stop.wait(pause):
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            if operation is not None:
                path, version = _split(operation)
                document = self.call.send("GET", path, version).document
                if str(document.get("status", "")).lower() in _ENDED:
                    _require_success(document, resource.id)
                    return
            else:
                document = self.call.send("GET", str(resource.id), resource.api_version).document
                if _is_settled(document):
                    return

    def _describe(self, error: ServiceError, resource_id: ResourceId | None = None) -> DeploymentError:
        target = str(resource_id) if resource_id is not None else error.target or ""
        details = tuple(self._describe(detail) for detail in error.details)
        return DeploymentError(error.code, self._mask(error.message), self._mask(target), details)

    def _mask(self, text: str) -> str:
        for secret in self.begun.compiled.secrets():
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***")
        return text


def _is_settled(document: Any) -> bool:
    properties = document.get("properties") if isinstance(document, Mapping) else None
    state = properties.get("provisioningState") if isinstance(properties, Mapping) else None
    return state is None or str(state).lower() in _ENDED


def _require_success(document: Mapping[str, Any], resource_id: ResourceId) -> None:
    if str(document.get("status", "")).lower() == "succeeded":
        return
    error = document.get("error") or {}
    error = error.get("error", error)
    raise ServiceError(
        Category.CONFLICT,
        str(error.get("code") or "ResourceDeploymentFailure"),
        str(error.get("message") or f"'{resource_id}' could not be made."),
    )


def _split(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.path, parse_qs(parts.query).get("api-version", [""])[0]


def _flatten(error: DeploymentError) -> str:
    """Return the message with those of all details: what a client shows that looks no deeper."""
    details = " ".join(f"({one.code}) {_flatten(one)}" for one in error.details)
    return f"{error.message} {details}".strip()
