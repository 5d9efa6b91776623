"""The parameters of a template: what it declares, and the values that a deployment gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from kelp.templates.errors import ExpressionError, Findings, NotYetKnown
from kelp.templates.evaluation import evaluate_value
from kelp.templates.functions.arguments import kind_of
from kelp.templates.scope import LazyVariables, Scope

MAXIMUM_PARAMETERS = 256


class ValueKind(StrEnum):
    """The types of parameters and outputs."""

    STRING = "string"
    SECURE_STRING = "securestring"
    INT = "int"
    BOOL = "bool"
    OBJECT = "object"
    SECURE_OBJECT = "secureobject"
    ARRAY = "array"

    @property
    def is_secure(self) -> bool:
        """Whether values of it are never shown nor kept."""
        return self in (ValueKind.SECURE_STRING, ValueKind.SECURE_OBJECT)


@dataclass(frozen=True, slots=True)
class Declaration:
    """A parameter. `has_default` tells a default of null from none."""

    name: str
    kind: ValueKind
    has_default: bool
    default: Any
    allowed: tuple[Any, ...] | None
    least: int | None
    most: int | None
    least_length: int | None
    most_length: int | None
    is_nullable: bool


def read_kind(text: Any, path: str, findings: Findings) -> ValueKind:
    """Read the name of a type in any case."""
    try:
        return ValueKind(str(text).lower())
    except ValueError:
        allowed = ", ".join(kind.value for kind in ValueKind)
        findings.add(path, f"'{text}' is not a type; allowed: {allowed}.")
        return ValueKind.STRING


def read_declarations(section: Any, findings: Findings) -> dict[str, Declaration]:
    """Read the `parameters` of a template."""
    if not isinstance(section, Mapping):
        findings.add("parameters", "'parameters' must be an object.")
        return {}
    if len(section) > MAXIMUM_PARAMETERS:
        findings.add(
            "parameters", f"A template has at most {MAXIMUM_PARAMETERS} parameters, not {len(section)}."
        )
    return {name: _read_declaration(name, one, findings) for name, one in section.items()}


def _read_declaration(name: str, document: Any, findings: Findings) -> Declaration:
    path = f"parameters.{name}"
    if not isinstance(document, Mapping):
        findings.add(path, "A parameter must be an object with a type.")
        document = {"type": "string"}
    kind = read_kind(document.get("type", ""), f"{path}.type", findings)
    bounds: dict[str, int | None] = {}
    for bound in ("minValue", "maxValue", "minLength", "maxLength"):
        value = document.get(bound)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            findings.add(f"{path}.{bound}", f"'{bound}' must be a whole number.")
            value = None
        bounds[bound] = value
    allowed = document.get("allowedValues")
    if allowed is not None and not isinstance(allowed, list):
        findings.add(f"{path}.allowedValues", "'allowedValues' must be an array.")
        allowed = None
    return Declaration(
        name=name,
        kind=kind,
        has_default="defaultValue" in document,
        default=document.get("defaultValue"),
        allowed=tuple(allowed) if allowed is not None else None,
        least=bounds["minValue"],
        most=bounds["maxValue"],
        least_length=bounds["minLength"],
        most_length=bounds["maxLength"],
        is_nullable=document.get("nullable") is True,
    )


def read_given(document: Any, findings: Findings) -> dict[str, Any]:
    """Read the parameters of a request: an object with a `value` for each, or a whole parameter file."""
    if (
        isinstance(document, Mapping)
        and isinstance(document.get("parameters"), Mapping)
        and "$schema" in document
    ):
        document = document["parameters"]
    if not isinstance(document, Mapping):
        findings.add("parameters", "The parameters of a deployment must be an object.")
        return {}
    given = {}
    for name, one in document.items():
        if isinstance(one, Mapping) and "value" in one:
            given[name] = one["value"]
        elif isinstance(one, Mapping) and "reference" in one:
            findings.add(f"parameters.{name}", "A reference is an object with 'keyVault' and 'secretName'.")
        else:
            findings.add(f"parameters.{name}", "A parameter is given as an object with a member 'value'.")
    return given


def bind_parameters(
    declarations: Mapping[str, Declaration], given: Mapping[str, Any], scope: Scope, findings: Findings
) -> Mapping[str, Any]:
    """Return the value of every parameter; what is wrong with one is a finding, and its value then made up."""
    known = {name.lower(): name for name in declarations}
    for name in given:
        if name.lower() not in known:
            declared = ", ".join(declarations) or "none"
            findings.add(
                f"parameters.{name}", f"The template declares no such parameter; it declares: {declared}."
            )
    values = {name.lower(): value for name, value in given.items()}
    lazy: LazyVariables = LazyVariables(
        dict(declarations.items()),
        lambda declaration: _value_of(declaration, values, replace(scope, parameters=lazy, is_default=True)),
    )
    bound = {}
    for name, declaration in declarations.items():
        path = f"parameters.{name}"
        try:
            value = lazy[name]
        except NotYetKnown:
            findings.add(path, "A default value can't depend on resources that are deployed.")
            continue
        except ExpressionError as error:
            findings.add(path, error.message)
            continue
        for problem in _iter_problems(declaration, value):
            findings.add(path, problem)
        bound[name] = value
    return bound


def _value_of(declaration: Declaration, given: Mapping[str, Any], scope: Scope) -> Any:
    key = declaration.name.lower()
    if key in given and (given[key] is not None or not declaration.has_default):
        return given[key]
    if declaration.has_default:
        return evaluate_value(declaration.default, scope)
    if declaration.is_nullable:
        return None
    raise ExpressionError(f"The parameter '{declaration.name}' has no value and no default.")


_EXPECTED: Mapping[ValueKind, tuple[type, ...]] = {
    ValueKind.STRING: (str,),
    ValueKind.SECURE_STRING: (str,),
    ValueKind.INT: (int,),
    ValueKind.BOOL: (bool,),
    ValueKind.OBJECT: (dict,),
    ValueKind.SECURE_OBJECT: (dict,),
    ValueKind.ARRAY: (list,),
}


def is_of_kind(value: Any, kind: ValueKind) -> bool:
    """Tell whether a value has the type."""
    return isinstance(value, _EXPECTED[kind]) and (kind is not ValueKind.INT or not isinstance(value, bool))


def _iter_problems(declaration: Declaration, value: Any) -> list[str]:
    if value is None and declaration.is_nullable:
        return []
    if not is_of_kind(value, declaration.kind):
        return [f"The value must be of type {declaration.kind}, not {kind_of(value)}."]
    shown = "The value" if declaration.kind.is_secure else f"The value {value!r}"
    problems = []
    allowed = declaration.allowed
    if allowed is not None:
        is_allowed = (
            all(item in allowed for item in value)
            if isinstance(value, list) and value not in allowed
            else value in allowed
        )
        if not is_allowed:
            problems.append(f"{shown} is not allowed; allowed: {', '.join(map(str, allowed))}.")
    if isinstance(value, int) and not isinstance(value, bool):
        if declaration.least is not None and value < declaration.least:
            problems.append(f"{shown} is below the least one, {declaration.least}.")
        if declaration.most is not None and value > declaration.most:
            problems.append(f"{shown} is above the greatest one, {declaration.most}.")
    if isinstance(value, str | list):
        if declaration.least_length is not None and len(value) < declaration.least_length:
            problems.append(f"The value has a length of {len(value)}, less than {declaration.least_length}.")
        if declaration.most_length is not None and len(value) > declaration.most_length:
            problems.append(f"The value has a length of {len(value)}, more than {declaration.most_length}.")
    return problems
