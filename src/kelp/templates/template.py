"""A template document with its parameters, read into a plan; everything that is wrong with it is told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kelp.templates.errors import ExpressionError, Findings, NotYetKnown
from kelp.templates.evaluation import COPY, evaluate_value, find_unknown_function, read_count
from kelp.templates.expressions import iter_expressions, iter_texts
from kelp.templates.parameters import (
    Declaration,
    ValueKind,
    bind_parameters,
    is_of_kind,
    read_declarations,
    read_given,
    read_kind,
)
from kelp.templates.parser import parse_expression
from kelp.templates.plan import PlannedResource
from kelp.templates.planning import plan_resources
from kelp.templates.scope import LazyVariables, Place, Runtime, Scope, UserFunction

MAXIMUM_OUTPUTS = 64
_TEMPLATE_ROOT = {"$schema", "contentVersion", "parameters", "variables", "functions", "resources", "outputs",
                  "metadata", "definitions", "languageVersion", "apiProfile", "imports", "extensions"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompiledTemplate:
    """A template that can be deployed. `resources` are in their order; those not deployed are among them."""

    declarations: Mapping[str, Declaration]
    parameters: Mapping[str, Any]
    resources: tuple[PlannedResource, ...]
    outputs: Mapping[str, Any]
    scope: Scope

    def secrets(self) -> tuple[str, ...]:
        """Return the texts of secure parameters, which nobody may be shown."""
        found = []
        for name, declaration in self.declarations.items():
            if declaration.kind.is_secure:
                found += list(iter_texts(self.parameters.get(name)))
        return tuple(found)


def compile_template(document: Any, given: Any, place: Place) -> CompiledTemplate:
    """Read a template and the parameters of a request. Raises `InvalidTemplate` with everything that is wrong."""
    findings = Findings()
    if not isinstance(document, Mapping):
        findings.add("", "The template must be an object.")
        document = {}
    for name in document.keys() - _TEMPLATE_ROOT:
        findings.add(str(name), f"A template has no member '{name}'.")
    functions = _read_functions(document.get("functions") or [], findings)
    declarations = read_declarations(document.get("parameters") or {}, findings)
    base = Scope(place, functions=functions)
    bound = bind_parameters(declarations, read_given(given or {}, findings), base, findings)
    findings.raise_if_any()
    scope = _with_variables(replace(base, parameters=bound), document.get("variables") or {}, findings)
    resources = plan_resources(document, scope, findings)
    outputs = _read_outputs(document.get("outputs") or {}, scope, findings)
    findings.raise_if_any()
    return CompiledTemplate(declarations, bound, resources, outputs, scope)


def compute_body(resource: PlannedResource, runtime: Runtime) -> dict[str, Any]:
    """Return the body of a resource whose dependencies are deployed. Raises `ExpressionError`."""
    kept = frozenset(("properties",)) if resource.is_nested else frozenset()
    body: dict[str, Any] = evaluate_value(
        dict(resource.body), resource.scope.with_runtime(runtime), kept=kept
    )
    return body


def compute_outputs(template: CompiledTemplate, runtime: Runtime) -> dict[str, Any]:
    """Return the outputs as a deployment shows them; secure ones without values. Raises `InvalidTemplate`."""
    findings = Findings()
    scope, computed = template.scope.with_runtime(runtime), {}
    if template.resources:
        scope = replace(scope, names=template.resources[0].scope.names)
    for name, output in template.outputs.items():
        with findings.at(f"outputs.{name}"):
            if evaluate_value(output.get("condition", True), scope) is not True:
                continue
            kind = ValueKind(str(output["type"]).lower())
            value = _output_value(output, scope)
            if value is not None and not is_of_kind(value, kind):
                findings.add(f"outputs.{name}", f"The value is not of type {kind}.")
            shown = {"type": _spell(kind)}
            computed[name] = shown if kind.is_secure else {**shown, "value": value}
    findings.raise_if_any()
    return computed


def shown_parameters(template: CompiledTemplate) -> dict[str, Any]:
    """Return the parameters as a deployment shows and keeps them: secure ones without values."""
    return {
        name: {"type": _spell(one.kind)}
        | ({} if one.kind.is_secure else {"value": template.parameters.get(name)})
        for name, one in template.declarations.items()
    }


def quote_value(value: Any) -> Any:
    """Return a value in which no text is taken for an expression any more."""
    match value:
        case str():
            return f"[{value}" if value.startswith("[") else value
        case list():
            return [quote_value(item) for item in value]
        case dict():
            return {quote_value(name): quote_value(item) for name, item in value.items()}
        case _:
            return value


def _output_value(output: Mapping[str, Any], scope: Scope) -> Any:
    loop = output.get(COPY)
    if isinstance(loop, Mapping):
        turns = range(read_count(loop.get("count"), scope))
        return [evaluate_value(loop.get("input"), scope.in_loop("output", index)) for index in turns]
    return evaluate_value(output.get("value"), scope)


def _spell(kind: ValueKind) -> str:
    names = {ValueKind.SECURE_STRING: "SecureString", ValueKind.SECURE_OBJECT: "SecureObject"}
    return names.get(kind, kind.value.capitalize())


def _read_functions(section: Any, findings: Findings) -> dict[str, UserFunction]:
    functions = {}
    for position, group in enumerate(section if isinstance(section, list) else [section]):
        path = f"functions[{position}]"
        if not isinstance(group, Mapping) or not isinstance(group.get("members"), Mapping):
            findings.add(path, "Functions are given as an object with 'namespace' and 'members'.")
            continue
        for name, member in group["members"].items():
            output = member.get("output") if isinstance(member, Mapping) else None
            if not isinstance(output, Mapping) or "value" not in output:
                findings.add(f"{path}.members.{name}", "A function needs an 'output' with a 'value'.")
                continue
            parameters = tuple(
                str(one.get("name")) for one in member.get("parameters") or [] if isinstance(one, Mapping)
            )
            functions[f"{group.get('namespace')}.{name}".lower()] = UserFunction(parameters, output["value"])
    return functions


def _with_variables(scope: Scope, section: Any, findings: Findings) -> Scope:
    if not isinstance(section, Mapping):
        findings.add("variables", "'variables' must be an object.")
        return scope
    given = {name: value for name, value in section.items() if name != COPY}
    for loop in section.get(COPY) or []:
        if isinstance(loop, Mapping) and {"name", "count", "input"} <= loop.keys():
            given[str(loop["name"])] = _Loop(loop)
        else:
            findings.add(f"variables.{COPY}", "A copy needs 'name', 'count' and 'input'.")
    variables = LazyVariables(given, lambda value: _compute_variable(value, complete))
    complete = replace(scope, variables=variables)
    for name in given:
        try:
            variables[name]
        except NotYetKnown:
            findings.add(f"variables.{name}", "A variable can't depend on resources that are deployed.")
        except ExpressionError as error:
            findings.add(f"variables.{name}", error.message)
    return complete


@dataclass(frozen=True, slots=True)
class _Loop:
    """A variable that a loop makes."""

    loop: Mapping[str, Any]


def _compute_variable(value: Any, scope: Scope) -> Any:
    if isinstance(value, _Loop):
        return evaluate_value({COPY: [value.loop]}, scope)[str(value.loop["name"])]
    return evaluate_value(value, scope)


def _read_outputs(section: Any, scope: Scope, findings: Findings) -> Mapping[str, Any]:
    if not isinstance(section, Mapping):
        findings.add("outputs", "'outputs' must be an object.")
        return {}
    if len(section) > MAXIMUM_OUTPUTS:
        findings.add("outputs", f"A template has at most {MAXIMUM_OUTPUTS} outputs, not {len(section)}.")
    for name, output in section.items():
        path = f"outputs.{name}"
        if not isinstance(output, Mapping) or not ("value" in output or COPY in output):
            findings.add(path, "An output needs a 'type' and a 'value'.")
            continue
        read_kind(output.get("type", ""), f"{path}.type", findings)
        for where, text, _ in iter_expressions(output, scope, path):
            with findings.at(where):
                if problem := find_unknown_function(parse_expression(text), scope):
                    findings.add(where, problem)
    return section
