"""A resource group: a named set of resources that are granted and deleted together."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.naming import check_location, check_name, check_tags, normalize_location

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

_NAME = re.compile(r"[\w.()-]{0,89}[\w()-]")


@dataclass(frozen=True, slots=True)
class ResourceGroup:
    """`location` says where the group's own record lies; its resources may lie elsewhere."""

    location: str
    tags: dict[str, str] = field(default_factory=dict)


def put_resource_group(
    transaction: Transaction, group_id: ResourceId, group: ResourceGroup, *, if_match: str | None = None
) -> Resource[ResourceGroup]:
    """Create the group or replace its tags. Raises `InvalidDocument`, `ResourceConflict`, `ResourceNotFound`."""
    group = replace(group, location=normalize_location(group.location))
    problems: list[Problem] = [
        *check_name(
            group_id.name,
            _NAME,
            "1 to 90 letters, digits, '_', '-', '.', '(' or ')', not ending with a period",
        ),
        *check_location(group.location),
        *check_tags(group.tags),
    ]
    refuse_if_any(problems)
    existing = transaction.find(ResourceGroup, group_id)
    if existing is not None and existing.properties.location != group.location:
        raise ResourceConflict(
            "InvalidResourceGroupLocation",
            f"The resource group '{group_id.name}' exists in location '{existing.properties.location}'; "
            "a group does not move.",
            target="location",
        )
    return transaction.put(group_id, group, if_match=if_match)
