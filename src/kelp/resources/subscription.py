"""A subscription: what a tenant's resource groups lie in, and the unit of charge."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.naming import check_tags

_MAXIMUM_NAME_CHARACTERS = 64


class SubscriptionState(StrEnum):
    """Whether anything may be changed in it."""

    ENABLED = "Enabled"
    DISABLED = "Disabled"


@dataclass(frozen=True, slots=True)
class Subscription:
    """The tenant that owns it is the resource's own `tenant_id`. `alias` is the name under which it was asked for."""

    display_name: str
    tags: dict[str, str] = field(default_factory=dict)
    alias: str = ""
    state: SubscriptionState = SubscriptionState.ENABLED


def check_subscription(subscription: Subscription) -> None:
    """Raise `InvalidDocument` for a name or tags that can't be."""
    problems: list[Problem] = []
    if not 1 <= len(subscription.display_name.strip()) <= _MAXIMUM_NAME_CHARACTERS:
        problems.append(
            Problem(
                "displayName", f"The name of a subscription has 1 to {_MAXIMUM_NAME_CHARACTERS} characters."
            )
        )
    refuse_if_any([*problems, *check_tags(subscription.tags)])
