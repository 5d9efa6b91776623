"""The tags of any resource that has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

from kelp.resources.errors import ResourceConflict, refuse_if_any
from kelp.resources.kinds import KIND_OF_TYPE, Properties
from kelp.resources.naming import check_tags
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.transaction import Transaction


class TagOperation(StrEnum):
    """What a change does with the tags that it names."""

    MERGE = "Merge"
    REPLACE = "Replace"
    DELETE = "Delete"


def find_tags(properties: Properties) -> Mapping[str, str] | None:
    """Return the tags; None for a kind that has none."""
    holder: Any = properties.settings if isinstance(properties, Workspace) else properties
    tags = getattr(holder, "tags", None)
    return tags if isinstance(tags, dict) else None


def get_tagged(holder: ResourceStore | Transaction, resource_id: ResourceId) -> Resource[Properties]:
    """Return a resource that can have tags. Raises `ResourceNotFound`, `ResourceConflict`."""
    kind = KIND_OF_TYPE.get(resource_id.type.lower())
    if kind is None:
        raise ResourceConflict(
            "TagsNotSupported", f"The type '{resource_id.type}' is none of Kelp's.", target=str(resource_id)
        )
    resource = cast("Resource[Properties]", holder.get(cast("type[Workspace]", kind), resource_id))
    if find_tags(resource.properties) is None:
        message = f"A resource of type '{resource_id.type}' has no tags."
        raise ResourceConflict("TagsNotSupported", message, target=str(resource_id))
    return resource


def change_tags(
    transaction: Transaction, resource_id: ResourceId, operation: TagOperation, tags: Mapping[str, str]
) -> Resource[Properties]:
    """Change the tags of a resource. To delete a tag it must have the value that is named.

    Raises `InvalidDocument`, `ResourceNotFound`, `ResourceConflict` (no tags there, or locked).
    """
    resource = get_tagged(transaction, resource_id)
    present = dict(find_tags(resource.properties) or {})
    match operation:
        case TagOperation.MERGE:
            changed = present | dict(tags)
        case TagOperation.REPLACE:
            changed = dict(tags)
        case TagOperation.DELETE:
            changed = {name: value for name, value in present.items() if tags.get(name) != value}
    refuse_if_any(check_tags(changed))
    found = resource.properties
    if isinstance(found, Workspace):
        tagged: Any = replace(found, settings=replace(found.settings, tags=changed))
    else:
        tagged = replace(cast("Any", found), tags=changed)
    return cast("Resource[Properties]", transaction.put(resource_id, tagged))
