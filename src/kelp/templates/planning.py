"""The resources of a template: loops unrolled, ids made, dependencies found, bodies checked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.templates.errors import ExpressionError, Findings, NotYetKnown
from kelp.templates.evaluation import (
    COPY,
    evaluate,
    evaluate_text,
    evaluate_value,
    find_unknown_function,
    read_count,
)
from kelp.templates.expressions import iter_expressions
from kelp.templates.functions.places import join_id
from kelp.templates.parser import parse_expression
from kelp.templates.plan import CircularTemplate, PlannedResource, find_by_name, order
from kelp.templates.scope import Names, Scope
from kelp.templates.syntax import Expression, iter_calls

MAXIMUM_RESOURCES = 800
_NOT_OF_THE_BODY = frozenset(
    ("type", "name", "apiVersion", "dependsOn", "condition", COPY, "resources", "comments", "scope", "existing",
     "subscriptionId", "resourceGroup", "metadata")
)  # fmt: skip
_NESTED_TYPE = "microsoft.resources/deployments"


def plan_resources(
    document: Mapping[str, Any], scope: Scope, findings: Findings
) -> tuple[PlannedResource, ...]:
    """Return the resources of a template in their order, with what each depends on."""
    section = document.get("resources")
    if isinstance(section, list):
        listed = [("", f"resources[{position}]", one) for position, one in enumerate(section)]
    elif isinstance(section, Mapping):
        listed = [(symbol, f"resources.{symbol}", one) for symbol, one in section.items()]
    else:
        findings.add("resources", "A template needs 'resources': an array, or an object of symbolic names.")
        return ()
    planned: list[PlannedResource] = []
    for symbol, path, one in listed:
        planned += _iter_planned(symbol, path, one, None, scope, findings)
    if len(planned) > MAXIMUM_RESOURCES:
        findings.add(
            "resources", f"A template has at most {MAXIMUM_RESOURCES} resources, not {len(planned)}."
        )
        return ()
    _find_doubles(planned, findings)
    return _connect(planned, findings)


def _find_doubles(planned: list[PlannedResource], findings: Findings) -> None:
    seen: dict[str, str] = {}
    for one in planned:
        if one.is_deployed and (first := seen.setdefault(one.id.key, one.path)) != one.path:
            findings.add(one.path, f"'{one.id}' is defined twice, first at {first}.")


def _iter_planned(
    symbol: str, path: str, document: Any, parent: Mapping[str, str] | None, scope: Scope, findings: Findings
) -> Iterator[PlannedResource]:
    """Yield the resources that one entry of `resources` makes: one for each turn of its loop, and those inside."""
    if not isinstance(document, Mapping):
        findings.add(path, "A resource must be an object.")
        return
    for name in ("type", "name", "apiVersion"):
        if not isinstance(document.get(name), str):
            findings.add(f"{path}.{name}", f"A resource needs '{name}', a string.")
            return
    loop = document.get(COPY)
    if loop is None:
        yield from _iter_one(symbol, path, document, parent, scope, findings, frozenset())
        return
    if not isinstance(loop, Mapping) or not isinstance(loop.get("name"), str) or "count" not in loop:
        findings.add(f"{path}.{COPY}", "The copy of a resource needs 'name' and 'count'.")
        return
    with findings.at(f"{path}.{COPY}"):
        for index in range(read_count(loop["count"], scope)):
            turn = scope.in_loop(loop["name"], index)
            names = frozenset((loop["name"].lower(),))
            yield from _iter_one(symbol, f"{path}[{index}]", document, parent, turn, findings, names)


def _iter_one(
    symbol: str,
    path: str,
    document: Mapping[str, Any],
    parent: Mapping[str, str] | None,
    scope: Scope,
    findings: Findings,
    names: frozenset[str],
) -> Iterator[PlannedResource]:
    known = len(findings.problems)
    condition, full_type, full_name, version = True, "", "", ""
    with findings.at(f"{path}.condition"):
        condition = evaluate_value(document.get("condition", True), scope)
        if not isinstance(condition, bool):
            findings.add(f"{path}.condition", "A condition must be true or false.")
    with findings.at(f"{path}.type"):
        full_type = _join(parent, "type", str(evaluate_text(document["type"], scope)))
    with findings.at(f"{path}.name"):
        full_name = _join(parent, "name", str(evaluate_text(document["name"], scope)))
    with findings.at(f"{path}.apiVersion"):
        version = str(evaluate_text(document["apiVersion"], scope))
    if len(findings.problems) > known:
        return
    with findings.at(path):
        resource_id = _make_id(document, full_type, full_name, scope, parent)
        known_as = {full_name.lower(), f"{full_type}/{full_name}".lower(), *names} | (
            {symbol.lower()} if symbol else set()
        )
        is_existing = document.get("existing") is True
        wanted = _read_dependencies(document, path, scope, findings)
        yield PlannedResource(
            id=resource_id,
            api_version=version,
            body={name: value for name, value in document.items() if name not in _NOT_OF_THE_BODY},
            scope=scope,
            path=path,
            names=frozenset(known_as),
            is_deployed=condition and not is_existing,
            is_existing=is_existing,
            wanted=wanted,
        )
        inside = {"type": full_type, "name": full_name, "scope": str(document.get("scope") or "")}
        for position, child in enumerate(document.get("resources") or []):
            for planned in _iter_planned("", f"{path}.resources[{position}]", child, inside, scope, findings):
                yield planned if condition else replace(planned, is_deployed=False)


def _join(parent: Mapping[str, str] | None, member: str, text: str) -> str:
    """Return the full type or name of a resource inside another; one may already be written in full."""
    if parent is None or text.lower().startswith(f"{parent[member].lower()}/"):
        return text
    return f"{parent[member]}/{text}"


def _read_dependencies(
    document: Mapping[str, Any], path: str, scope: Scope, findings: Findings
) -> tuple[str, ...]:
    texts = []
    listed = document.get("dependsOn") or []
    for position, text in enumerate(listed if isinstance(listed, list) else [listed]):
        with findings.at(f"{path}.dependsOn[{position}]"):
            value = evaluate_value(text, scope)
            if not isinstance(value, str):
                findings.add(f"{path}.dependsOn[{position}]", "A dependency is named by a string.")
                continue
            texts.append(value)
    return tuple(texts)


def _make_id(
    document: Mapping[str, Any],
    full_type: str,
    full_name: str,
    scope: Scope,
    parent: Mapping[str, str] | None,
) -> ResourceId:
    base: ResourceId = scope.place.scope
    try:
        if full_type.lower() == "microsoft.resources/resourcegroups":
            return ResourceId.parse(f"/subscriptions/{base.subscription_id}/resourceGroups/{full_name}")
        given = str(document.get("scope") or (parent or {}).get("scope") or "")
        text = str(evaluate_text(given, scope)) if given else ""
        if full_type.lower() == _NESTED_TYPE:
            base = _place_of_nested(document, scope, text)
        elif text.startswith("/"):
            base = ResourceId.parse(text)
        elif text:
            base = ResourceId.parse(f"{str(base).rstrip('/')}{_relative_id(text)}")
        return ResourceId.parse(str(base).rstrip("/") + join_id(full_type, full_name.split("/")))
    except InvalidResourceId as error:
        raise ExpressionError(error.message) from error


def _relative_id(text: str) -> str:
    """Return the id of `Microsoft.X/a/b/name1/name2` below the scope of the deployment."""
    namespace, *segments = text.split("/")
    half = len(segments) // 2
    if len(segments) % 2 == 0 and len(segments) > 2:
        return join_id("/".join([namespace, *segments[:half]]), segments[half:])
    return f"/providers/{text}"


def _place_of_nested(document: Mapping[str, Any], scope: Scope, given: str) -> ResourceId:
    base = scope.place.scope
    if given.startswith("/subscriptions/"):
        return ResourceId.parse(given)
    subscription, group = document.get("subscriptionId"), document.get("resourceGroup")
    if subscription is not None:
        base = ResourceId.parse(f"/subscriptions/{evaluate_text(str(subscription), scope)}")
    if group is not None:
        base = ResourceId.parse(
            f"/subscriptions/{base.subscription_id}/resourceGroups/{evaluate_text(str(group), scope)}"
        )
    return base


def _connect(planned: list[PlannedResource], findings: Findings) -> tuple[PlannedResource, ...]:
    """Give every resource what it depends on, check its body, and put all in order."""

    def find_resource(text: str) -> ResourceId | None:
        found = find_by_name(planned, text)
        return found[0].id if found else None

    names, is_complete = Names(find_resource), not findings.problems
    connected = []
    for one in planned:
        one = replace(one, scope=replace(one.scope, names=names))
        keys = set(_iter_parents(one, planned))
        for text in one.wanted:
            found = find_by_name(planned, text)
            # What could not be read can't be found either, and was told already.
            if not found and is_complete:
                findings.add(f"{one.path}.dependsOn", f"'{text}' is not a resource of this template.")
            keys |= {other.id.key for other in found}
        if one.is_deployed:
            keys |= set(_iter_referenced(one, planned))
            _check_body(one, findings)
        connected.append(replace(one, depends_on=frozenset(keys - {one.id.key})))
    try:
        return order(connected)
    except CircularTemplate as circle:
        findings.add("resources", f"Resources depend on each other in a circle: {circle}.")
        return ()


def _iter_parents(one: PlannedResource, planned: list[PlannedResource]) -> Iterator[str]:
    """Yield what the resource lies in or extends, so far as it is in the template: it comes first, asked or not."""
    above = {ancestor.key for ancestor in one.id.iter_ancestors()}
    yield from (other.id.key for other in planned if other.id.key in above and other.is_deployed)


def _iter_referenced(one: PlannedResource, planned: list[PlannedResource]) -> Iterator[str]:
    """Yield the resources that expressions of the body ask for with `reference` or `list..`."""
    for _, text, scope in iter_expressions(one.body, one.scope, one.path, is_nested=one.is_nested):
        try:
            calls = [
                call
                for call in iter_calls(parse_expression(text))
                if call.name.lower() == "reference" or call.name.lower().startswith("list")
            ]
        except ExpressionError:
            continue
        for call in calls:
            if call.arguments:
                yield from _find_target(call.arguments[0], scope, planned)


def _find_target(argument: Expression, scope: Scope, planned: list[PlannedResource]) -> Iterator[str]:
    try:
        named = evaluate(argument, scope)
    except ExpressionError:
        return
    if isinstance(named, str):
        yield from (found.id.key for found in find_by_name(planned, named))


def _check_body(one: PlannedResource, findings: Findings) -> None:
    for path, text, scope in iter_expressions(one.body, one.scope, one.path, is_nested=one.is_nested):
        with findings.at(path):
            expression = parse_expression(text)
            if problem := find_unknown_function(expression, scope):
                findings.add(path, problem)
                continue
            try:
                evaluate_text(text, scope)
            except NotYetKnown:
                continue
