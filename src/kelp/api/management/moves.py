"""Moving resources from one group to another (`moveResources`, `validateMoveResources`)."""

from __future__ import annotations

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import taking
from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.move import move_resources
from kelp.resources.shape import Items, Named, Path, Record

_NAMESPACE = "Microsoft.Resources"
_GROUP_TYPE = "Microsoft.Resources/subscriptions/resourceGroups"
_GROUP = "/subscriptions/{subscription}/resourceGroups/{group}"


def move(call: Call) -> Answer:
    """Move resources to another group of the same tenant, all of them or none."""
    return _move(call, "moveResources", only_check=False)


def validate(call: Call) -> Answer:
    """Tell whether resources can be moved, and move nothing."""
    return _move(call, "validateMoveResources", only_check=True)


def _move(call: Call, action: str, *, only_check: bool) -> Answer:
    call.require(f"{_GROUP_TYPE}/{action}/action", call.group)
    reader = call.reader()
    with reader.reporting():
        named = reader.texts("resources")
        target_text = reader.text("targetResourceGroup")
        try:
            target = ResourceId.parse(target_text)
        except ServiceError as error:
            reader.refuse("targetResourceGroup", error.message)
            target = ResourceId()
        if target.type != "Microsoft.Resources/resourceGroups":
            reader.refuse("targetResourceGroup", f"'{target_text}' is not the id of a resource group.")
    call.require(f"{_GROUP_TYPE}/write", target)
    with call.write() as transaction:
        move_resources(transaction, call.group, target, named, only_check=only_check)
    return Answer(204)


_MOVE = Record({"resources": Items(Path()), "targetResourceGroup": Path()}, required=("resources",))
_SAYS = taking(Named("ResourceMove", _MOVE), gives={204: None})
ROUTES = (
    ManagementRoute("POST", f"{_GROUP}/moveResources", _NAMESPACE, move, _SAYS),
    ManagementRoute("POST", f"{_GROUP}/validateMoveResources", _NAMESPACE, validate, _SAYS),
)
