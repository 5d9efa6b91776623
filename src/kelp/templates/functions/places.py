"""Functions that look around: parameters, variables, loops, ids, the place of the deployment, deployed resources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from kelp.base.ids import InvalidResourceId, ResourceId
from kelp.templates.errors import ExpressionError, NotYetKnown
from kelp.templates.functions.arguments import object_at, refuse, text_at, texts_of
from kelp.templates.functions.contract import Arguments, Function
from kelp.templates.scope import INNERMOST, find_named

_GUID_CHARACTERS = 36
_FULL = "full"


def _parameters(given: Arguments) -> Any:
    return _named(given, given.scope.parameters, "parameter")


def _variables(given: Arguments) -> Any:
    if given.scope.is_function:
        raise ExpressionError("A function of the template can't see variables.")
    return _named(given, given.scope.variables, "variable")


def _lambda_variables(given: Arguments) -> Any:
    return _named(given, given.scope.lambdas, "variable of a lambda")


def _named(given: Arguments, known: Mapping[str, Any], kind: str) -> Any:
    name = text_at(given, 0)
    try:
        return find_named(known, name)
    except KeyError:
        names = ", ".join(known) or "none"
        raise ExpressionError(f"There is no {kind} '{name}'; there is: {names}.") from None


def _copy_index(given: Arguments) -> int:
    values, loops = list(given.values), given.scope.loops
    name = values.pop(0).lower() if values and isinstance(values[0], str) else INNERMOST
    if name not in loops:
        around = f"the loop '{name}'" if name else "a loop"
        raise ExpressionError(f"'copyIndex' is used outside of {around}.")
    offset = values[0] if values else 0
    if not isinstance(offset, int) or isinstance(offset, bool):
        refuse(given, len(given.values) - 1, "a whole number")
    return loops[name] + offset


def join_id(resource_type: str, names: Sequence[str]) -> str:
    """Return the part of an id from the provider on: `Microsoft.X/a/b` and two names. Raises `ExpressionError`."""
    namespace, *kinds = resource_type.strip("/").split("/")
    if not kinds or len(kinds) != len(names):
        raise ExpressionError(
            f"The type '{resource_type}' needs {len(kinds)} names, not {len(names)}: {', '.join(names) or 'none'}."
        )
    pairs = "".join(f"/{kind}/{name}" for kind, name in zip(kinds, names, strict=True))
    return f"/providers/{namespace}{pairs}"


def _split_type(texts: Sequence[str]) -> tuple[list[str], str, list[str]]:
    """Return what stands before the type, the type, and the names."""
    for position, text in enumerate(texts):
        if "/" in text and not text.startswith("/"):
            return list(texts[:position]), text, list(texts[position + 1 :])
    raise ExpressionError(
        f"None of {', '.join(texts)} is the type of a resource, such as Microsoft.X/things."
    )


def _resource_id(given: Arguments) -> str:
    before, resource_type, names = _split_type(texts_of(given))
    scope = given.scope.place.scope
    subscription = scope.subscription_id or ""
    group = scope.resource_group
    if len(before) > 2:
        raise ExpressionError(
            "At most a subscription and a resource group stand before the type in 'resourceId'."
        )
    if len(before) == 2:
        subscription, group = before
    elif before and len(before[0]) == _GUID_CHARACTERS and group is None:
        subscription = before[0]
    elif before:
        group = before[0]
    if resource_type.lower() == "microsoft.resources/resourcegroups" and len(names) == 1:
        return f"/subscriptions/{subscription}/resourceGroups/{names[0]}"
    place = f"/resourceGroups/{group}" if group is not None else ""
    return f"/subscriptions/{subscription}{place}{join_id(resource_type, names)}"


def _subscription_resource_id(given: Arguments) -> str:
    before, resource_type, names = _split_type(texts_of(given))
    subscription = before[0] if before else given.scope.place.scope.subscription_id
    if resource_type.lower() == "microsoft.resources/resourcegroups" and len(names) == 1:
        return f"/subscriptions/{subscription}/resourceGroups/{names[0]}"
    return f"/subscriptions/{subscription}{join_id(resource_type, names)}"


def _tenant_resource_id(given: Arguments) -> str:
    _, resource_type, names = _split_type(texts_of(given))
    return join_id(resource_type, names)


def _extension_resource_id(given: Arguments) -> str:
    base, resource_type, *names = texts_of(given)
    return base.rstrip("/") + join_id(resource_type, names)


def _resource_group(given: Arguments) -> Any:
    group = given.scope.place.group
    if group is None:
        raise ExpressionError("'resourceGroup' has no meaning in a deployment to a subscription.")
    return group


def find_resource_id(given: Arguments) -> ResourceId:
    """Return the resource that the first argument names: by id, by name, or by its symbol in the template."""
    text = text_at(given, 0)
    names = given.scope.names
    found = names.find_resource(text) if names is not None else None
    if found is not None:
        return found
    if not text.startswith("/"):
        raise ExpressionError(f"'{text}' is neither a resource of this template nor the id of a resource.")
    try:
        return ResourceId.parse(text)
    except InvalidResourceId as error:
        raise ExpressionError(error.message) from error


def _reference(given: Arguments) -> Any:
    resource_id = find_resource_id(given)
    full = text_at(given, 2, "").lower()
    if full not in ("", _FULL):
        refuse(given, 2, "'Full'")
    if given.scope.runtime is None:
        raise NotYetKnown("'reference' can be used only where a value may wait for resources to be deployed.")
    return given.scope.runtime.get_reference(resource_id, is_full=full == _FULL)


def _list(given: Arguments) -> Any:
    resource_id = find_resource_id(given)
    body = object_at(given, 2) if len(given.values) > 2 else {}
    if given.scope.runtime is None:
        raise NotYetKnown(
            f"'{given.function}' can be used only where a value may wait for resources to be deployed."
        )
    return given.scope.runtime.call_list(resource_id, given.function, body)


PLACE_FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "copyindex": Function(0, 2, _copy_index),
        "deployment": Function(0, 0, lambda given: given.scope.place.deployment),
        "environment": Function(0, 0, lambda given: given.scope.place.environment),
        "extensionresourceid": Function(3, None, _extension_resource_id),
        "lambdavariables": Function(1, 1, _lambda_variables),
        "list*": Function(1, 3, _list),
        "parameters": Function(1, 1, _parameters),
        "reference": Function(1, 3, _reference),
        "resourcegroup": Function(0, 0, _resource_group),
        "resourceid": Function(2, None, _resource_id),
        "subscription": Function(0, 0, lambda given: given.scope.place.subscription),
        "subscriptionresourceid": Function(2, None, _subscription_resource_id),
        "tenant": Function(0, 0, lambda given: given.scope.place.tenant),
        "tenantresourceid": Function(2, None, _tenant_resource_id),
        "variables": Function(1, 1, _variables),
    }
)
"""By lower-case name; `list*` stands for every name that begins with `list`."""
