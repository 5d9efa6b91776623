"""A subscription: what a tenant's resource groups lie in, and the unit of charge."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Subscription:
    """The tenant that owns it is the resource's own `tenant_id`."""

    display_name: str
    tags: dict[str, str] = field(default_factory=dict)
