"""A data collection endpoint: the address that agents and rules are tied to."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.naming import check_location, check_name, check_tags, normalize_location
from kelp.resources.network_limits import NetworkAccess

if TYPE_CHECKING:
    from kelp.base.ids import ResourceId
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{1,42}[A-Za-z0-9]")


@dataclass(frozen=True, slots=True)
class DataCollectionEndpoint:
    """`immutable_id` is given at creation; empty in a draft."""

    location: str
    immutable_id: str = ""
    description: str = ""
    kind: str | None = None
    public_network_access: NetworkAccess = NetworkAccess.ENABLED
    tags: dict[str, str] = field(default_factory=dict)


def put_endpoint(
    transaction: Transaction,
    endpoint_id: ResourceId,
    draft: DataCollectionEndpoint,
    *,
    if_match: str | None = None,
) -> Resource[DataCollectionEndpoint]:
    """Create or replace the endpoint; its immutable id and location stay.

    Raises `InvalidDocument`, `ResourceConflict`, `PreconditionFailed`, `ResourceNotFound` (no such group).
    """
    draft = replace(draft, location=normalize_location(draft.location))
    problems: list[Problem] = [
        *check_name(
            endpoint_id.name,
            _NAME,
            "3 to 44 letters, digits or '-', beginning and ending with a letter or digit",
        ),
        *check_location(draft.location),
        *check_tags(draft.tags),
    ]
    refuse_if_any(problems)
    existing = transaction.find(DataCollectionEndpoint, endpoint_id)
    immutable_id = "dce-" + secrets.token_hex(16)
    if existing is not None:
        immutable_id = existing.properties.immutable_id
        if existing.properties.location != draft.location:
            raise ResourceConflict(
                "InvalidResourceLocation",
                f"The endpoint '{endpoint_id.name}' exists in location '{existing.properties.location}'.",
                target="location",
            )
    return transaction.put(endpoint_id, replace(draft, immutable_id=immutable_id), if_match=if_match)
