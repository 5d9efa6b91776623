"""A customer of a workspace: one of several organizations whose records come to one place, told apart by their key.

What a customer sends bears the customer's id in `_CustomerId`. The id is a GUID that is never used again, so that a
role limited to it never reaches the records of a later customer of the same name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from kelp.base.ids import ResourceId, WorkspaceId
from kelp.resources.errors import Problem, refuse_if_any
from kelp.resources.naming import check_name, check_tags
from kelp.resources.workspace import MINIMUM_RETENTION_DAYS, Workspace

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_MAXIMUM_TEXT = 256
MAXIMUM_SENDERS = 100


class CustomerState(StrEnum):
    """Whether the customer's records are accepted."""

    ACTIVE = "Active"
    BLOCKED = "Blocked"


@dataclass(frozen=True, slots=True)
class CustomerSettings:
    """What the provider decides.

    `block_reason` is told to a sender that is refused. `daily_quota_gb` of None means no cap; `retention_in_days` of
    None means that the records are kept as long as others. `senders` are the object ids of service principals whose
    records are the customer's.
    """

    display_name: str = ""
    state: CustomerState = CustomerState.ACTIVE
    block_reason: str = ""
    daily_quota_gb: float | None = None
    retention_in_days: int | None = None
    senders: tuple[UUID, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Customer:
    """`customer_id` never changes and is never used again."""

    customer_id: UUID
    workspace_id: WorkspaceId
    settings: CustomerSettings


def put_customer(
    transaction: Transaction,
    resource_id: ResourceId,
    settings: CustomerSettings,
    *,
    if_match: str | None = None,
) -> Resource[Customer]:
    """Create the customer with fresh enrollment keys, or change its settings.

    Raises `InvalidDocument`, `PreconditionFailed`, `ResourceNotFound` (no such workspace).
    """
    workspace_id = resource_id.parent
    assert workspace_id is not None
    workspace = transaction.get(Workspace, workspace_id)
    existing = transaction.find(Customer, resource_id)
    refuse_if_any(
        [
            *check_customer(resource_id.name, settings, workspace),
            *_check_senders(transaction, resource_id, settings, workspace),
        ]
    )
    if existing is not None:
        return transaction.put(
            resource_id, replace(existing.properties, settings=settings), if_match=if_match
        )
    customer = Customer(uuid4(), workspace.properties.workspace_id, settings)
    created = transaction.put(resource_id, customer, if_match=if_match)
    transaction.create_shared_keys(customer.customer_id)
    return created


def check_customer(name: str, settings: CustomerSettings, workspace: Resource[Workspace]) -> list[Problem]:
    """Check all of a customer but its senders."""
    problems = [
        *check_name(
            name,
            _NAME,
            "1 to 63 letters, digits, '.', '_' or '-', beginning and ending with a letter or digit",
        ),
        *check_tags(settings.tags),
    ]
    for member, text in (("displayName", settings.display_name), ("blockReason", settings.block_reason)):
        if len(text) > _MAXIMUM_TEXT:
            problems.append(
                Problem(f"properties.{member}", f"'{member}' has at most {_MAXIMUM_TEXT} characters.")
            )
    if settings.daily_quota_gb is not None and settings.daily_quota_gb <= 0:
        problems.append(
            Problem(
                "properties.dailyQuotaGb",
                f"The daily quota is a positive number of GB, or -1 for none, not {settings.daily_quota_gb}.",
            )
        )
    longest = workspace.properties.settings.retention_in_days
    kept = settings.retention_in_days
    if kept is not None and not MINIMUM_RETENTION_DAYS <= kept <= longest:
        problems.append(
            Problem(
                "properties.retentionInDays",
                f"A customer's retention is {MINIMUM_RETENTION_DAYS} days to the workspace's own ({longest} days), not "
                f"{kept}. To keep this customer's records longer, raise the workspace's first.",
            )
        )
    return problems


def _check_senders(
    transaction: Transaction,
    resource_id: ResourceId,
    settings: CustomerSettings,
    workspace: Resource[Workspace],
) -> list[Problem]:
    problems = []
    if len(set(settings.senders)) != len(settings.senders) or len(settings.senders) > MAXIMUM_SENDERS:
        problems.append(
            Problem("properties.senders", f"Senders are at most {MAXIMUM_SENDERS}, each named once.")
        )
    for index, sender in enumerate(settings.senders):
        other = transaction.snapshot.senders.get((workspace.properties.workspace_id, sender))
        if other is not None and other.id != resource_id:
            problems.append(
                Problem(
                    f"properties.senders[{index}]",
                    f"The service principal '{sender}' sends for the customer '{other.id.name}' of this workspace.",
                )
            )
    return problems
