"""What a client asks to be deployed: read, compiled, and checked before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from kelp.api.http import decode_object
from kelp.api.management.api_versions import check_version
from kelp.api.management.call import Call
from kelp.api.management.deployment_place import make_place
from kelp.api.management.deployment_secrets import read_secrets
from kelp.api.management.reader import DocumentReader
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.deployment import DeploymentMode
from kelp.resources.errors import refuse_if_any
from kelp.templates.errors import ExpressionError, Findings, InvalidTemplate
from kelp.templates.evaluation import evaluate_value
from kelp.templates.functions.murmur import hash_bytes
from kelp.templates.plan import PlannedResource
from kelp.templates.relaxed_json import decode_relaxed
from kelp.templates.scope import Runtime, Scope
from kelp.templates.template import CompiledTemplate, compile_template, quote_value

_DEFAULT_TEMPLATE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class DeploymentRequest:
    """`template` is what is kept and shown; `effective` what is deployed, which differs only in nested deployments."""

    template: Mapping[str, Any]
    effective: Mapping[str, Any]
    parameters: Any
    mode: DeploymentMode
    location: str
    tags: Mapping[str, str]


def decode_body(body: bytes) -> Mapping[str, Any]:
    """Read the body of a deployment, in which a template may be as people write it. Raises `ServiceError` (invalid)."""
    try:
        return decode_object(body)
    except ServiceError:
        pass
    try:
        document = decode_relaxed(body.decode())
    except (ExpressionError, UnicodeDecodeError) as error:
        message = f"The request content was invalid and could not be deserialized: '{error}'."
        raise ServiceError(Category.INVALID, "InvalidRequestContent", message) from error
    return document if isinstance(document, dict) else {}


def read_request(document: Mapping[str, Any], deployment_id: ResourceId) -> DeploymentRequest:
    """Read the body of a deployment. Raises `InvalidDocument` with all problems."""
    reader = DocumentReader(document)
    properties = reader.section("properties")
    mode = properties.choice("mode", DeploymentMode.INCREMENTAL)
    location = reader.text("location")
    is_in_subscription = deployment_id.resource_group is None
    if is_in_subscription and not location:
        reader.refuse("location", "A deployment to a subscription needs a 'location'.", "LocationRequired")
    if is_in_subscription and mode is DeploymentMode.COMPLETE:
        properties.refuse("mode", "Complete mode is for deployments to a resource group.")
    given = document.get("properties")
    template = given.get("template") if isinstance(given, Mapping) else None
    for name, advice in (
        ("templateLink", "Links to templates are not followed: give the template itself as 'template'."),
        ("parametersLink", "Links to parameters are not followed: give the values as 'parameters'."),
        ("onErrorDeployment", "A former deployment is not repeated on an error: leave this out."),
    ):
        if isinstance(given, Mapping) and given.get(name) is not None:
            properties.refuse(name, advice, "NotSupported")
    template = _read_template(template, properties)
    refuse_if_any(reader.problems)
    parameters = given.get("parameters") if isinstance(given, Mapping) else None
    return DeploymentRequest(template, template, parameters, mode, location, reader.tags())


def _read_template(template: Any, properties: DocumentReader) -> Mapping[str, Any]:
    if isinstance(template, str):
        try:
            template = decode_relaxed(template)
        except ExpressionError as error:
            properties.refuse("template", f"The template is not JSON: {error}.", "InvalidTemplate")
            return _DEFAULT_TEMPLATE
    if not isinstance(template, Mapping):
        properties.refuse("template", "A deployment needs a 'template', an object.", "InvalidTemplate")
        return _DEFAULT_TEMPLATE
    return template


def compile_request(call: Call, deployment_id: ResourceId, request: DeploymentRequest) -> CompiledTemplate:
    """Compile the template and check what can be known before: types, versions, templates inside the template.

    Raises `InvalidTemplate` with everything that is wrong, `ResourceNotFound` for a group that is not there.
    """
    place = make_place(call, deployment_id, request.effective, request.location)
    parameters = read_secrets(call, request.effective, request.parameters)
    compiled = compile_template(request.effective, parameters, place)
    findings = Findings()
    for resource in compiled.resources:
        if resource.is_deployed:
            _check_resource(call, resource, findings)
    findings.raise_if_any()
    return compiled


def _check_resource(call: Call, resource: PlannedResource, findings: Findings) -> None:
    if resource.is_nested:
        _check_nested(call, resource, findings)
        return
    try:
        route, _ = call.find_route("PUT", str(resource.id))
    except ServiceError:
        findings.add(
            f"{resource.path}.type", f"'{resource.id.type}' can't be deployed here: there is no such type."
        )
        return
    try:
        check_version(route.namespace, resource.api_version)
    except ServiceError as error:
        findings.add(f"{resource.path}.apiVersion", error.message)


def _check_nested(call: Call, resource: PlannedResource, findings: Findings) -> None:
    """Compile a template inside the template, so far as its parameters are known already."""
    try:
        nested = read_nested(resource, resource.scope)
        compile_request(call, resource.id, nested)
    except ExpressionError:
        return  # it depends on what is not deployed yet; found when its turn comes
    except InvalidTemplate as error:
        for problem in error.problems:
            findings.add(f"{resource.path}.properties.template.{problem.path}", problem.message)
    except ServiceError as error:
        # A group that an earlier resource makes can't be there yet.
        if error.code not in ("ResourceGroupNotFound", "SubscriptionNotFound"):
            findings.add(resource.path, error.message)


def read_nested(resource: PlannedResource, scope: Scope, runtime: Runtime | None = None) -> DeploymentRequest:
    """Read a nested deployment. Raises `ExpressionError`, `InvalidDocument`.

    With `outer` expressions, which is the default, those in its template see this template's parameters and variables,
    and are computed here and now; with `inner` ones they are its own.
    """
    scope = scope if runtime is None else scope.with_runtime(runtime)
    properties = resource.body.get("properties")
    given = dict(properties) if isinstance(properties, Mapping) else {}
    template = given.pop("template", None)
    computed = evaluate_value(given, scope)
    options = computed.get("expressionEvaluationOptions") or {}
    is_inner = str(options.get("scope", "outer")).lower() == "inner"
    document = {
        "properties": {**computed, "template": template},
        "location": evaluate_value(resource.body.get("location", ""), scope),
        "tags": evaluate_value(resource.body.get("tags") or {}, scope),
    }
    request = read_request(document, resource.id)
    if is_inner:
        return request
    return replace(request, effective=quote_value(evaluate_value(dict(request.template), scope)))


def hash_template(template: Mapping[str, Any]) -> str:
    """Return a number that is the same for the same template."""
    return str(hash_bytes(msgspec.json.encode(template, order="deterministic").decode().upper().encode()))


def without_secrets(template: Mapping[str, Any], compiled: CompiledTemplate) -> dict[str, Any]:
    """Return the template as it is kept: defaults of secure parameters are left out."""
    kept = dict(template)
    declared = kept.get("parameters")
    if isinstance(declared, Mapping):
        kept["parameters"] = {
            name: {key: value for key, value in one.items() if key != "defaultValue"}
            if name in compiled.declarations and compiled.declarations[name].kind.is_secure
            else one
            for name, one in declared.items()
        }
    return kept
