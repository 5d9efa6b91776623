"""A workspace: where one organization's logs are collected, kept, searched; the unit of isolation."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.resources.cluster_link import ClusterLink, ClusterStore, LinkState
from kelp.resources.errors import Problem, ResourceConflict, ResourceNotFound, refuse_if_any
from kelp.resources.naming import check_location, check_name, check_tags, normalize_location
from kelp.resources.network_limits import NO_RULES, NetworkAccess, NetworkRules, iter_rule_problems
from kelp.resources.shortening import Shortening, note_shortening

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

RECOVERY_PERIOD = timedelta(days=14)
"""How long a deleted workspace can be recovered."""
CAPACITY_LEVELS_GB = (100, 200, 300, 400, 500, 1000, 2000, 5000, 10000, 25000, 50000)
MINIMUM_RETENTION_DAYS, MAXIMUM_RETENTION_DAYS = 7, 730
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]")


class Sku(StrEnum):
    """The pricing tier."""

    FREE = "Free"
    STANDARD = "Standard"
    PREMIUM = "Premium"
    PER_NODE = "PerNode"
    PER_GB_2018 = "PerGB2018"
    STANDALONE = "Standalone"
    CAPACITY_RESERVATION = "CapacityReservation"
    CLUSTER = "LACluster"


@dataclass(frozen=True, slots=True)
class Features:
    """Switches of a workspace; None leaves the default. `others` mean nothing to Kelp and are kept."""

    enable_data_export: bool | None = None
    immediate_purge_data_on_30_days: bool | None = None
    enable_log_access_using_only_resource_permissions: bool | None = None
    disable_local_auth: bool | None = None
    others: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What its owner decides. `daily_quota_gb` of None means no cap; a day begins at midnight UTC."""

    location: str
    sku: Sku = Sku.PER_GB_2018
    capacity_reservation_level: int | None = None
    retention_in_days: int = 30
    daily_quota_gb: float | None = None
    force_customer_key_for_query: bool | None = None
    public_network_access_for_ingestion: NetworkAccess = NetworkAccess.ENABLED
    public_network_access_for_query: NetworkAccess = NetworkAccess.ENABLED
    features: Features = Features()
    network_rules: NetworkRules = NO_RULES
    default_data_collection_rule_resource_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Workspace:
    """`workspace_id` never changes and is never used again.

    `stores` are those it has in clusters, beside the one at home; `link_times` say when links were begun lately.
    `shortened` is about `retention_in_days`; `sku_changed_at` of None means at creation.
    """

    workspace_id: WorkspaceId
    settings: WorkspaceSettings
    shortened: Shortening | None = None
    sku_changed_at: datetime | None = None
    link: ClusterLink | None = None
    stores: tuple[ClusterStore, ...] = ()
    link_times: tuple[datetime, ...] = ()


class WorkspaceDeleted(ServiceError):
    """An operation could not end because its workspace was deleted meanwhile."""

    def __init__(self, workspace_id: ResourceId) -> None:
        message = f"The workspace '{workspace_id.name}' was deleted meanwhile."
        super().__init__(Category.CONFLICT, "WorkspaceDeleted", message)


def check_workspace(name: str, settings: WorkspaceSettings) -> list[Problem]:
    """Check a whole workspace document, with its location normalized."""
    problems = [
        *check_name(
            name, _NAME, "4 to 63 letters, digits or '-', beginning and ending with a letter or digit"
        ),
        *check_location(settings.location),
        *check_tags(settings.tags),
        *_check_sku(settings),
        *iter_rule_problems(settings.network_rules),
    ]
    if not MINIMUM_RETENTION_DAYS <= settings.retention_in_days <= MAXIMUM_RETENTION_DAYS:
        problems.append(
            Problem(
                "properties.retentionInDays",
                f"Retention is {MINIMUM_RETENTION_DAYS} to {MAXIMUM_RETENTION_DAYS} days, not "
                f"{settings.retention_in_days}.",
            )
        )
    if settings.daily_quota_gb is not None and settings.daily_quota_gb <= 0:
        problems.append(
            Problem(
                "properties.workspaceCapping.dailyQuotaGb",
                f"The daily quota is a positive number of GB, or -1 for none, not {settings.daily_quota_gb}.",
            )
        )
    return problems + _check_default_rule(settings.default_data_collection_rule_resource_id)


def put_workspace(
    transaction: Transaction,
    workspace_id: ResourceId,
    settings: WorkspaceSettings,
    *,
    if_match: str | None = None,
) -> Resource[Workspace]:
    """Create the workspace with fresh keys, change its settings, or recover it if it was deleted lately.

    Raises `InvalidDocument`, `ResourceConflict` (it lies in another location), `PreconditionFailed`,
    `ResourceNotFound` (no such group).
    """
    settings = replace(settings, location=normalize_location(settings.location))
    refuse_if_any(check_workspace(workspace_id.name, settings))
    existing = transaction.find(Workspace, workspace_id) or transaction.find_deleted(Workspace, workspace_id)
    if existing is None:
        workspace = Workspace(WorkspaceId(uuid4()), settings)
        created = transaction.put(workspace_id, workspace, if_match=if_match)
        transaction.create_shared_keys(workspace.workspace_id)
        return created
    if existing.properties.settings.location != settings.location:
        raise ResourceConflict(
            "InvalidResourceLocation",
            f"The workspace '{workspace_id.name}' already exists in location "
            f"'{existing.properties.settings.location}' and can't be moved to '{settings.location}'.",
            target="location",
        )
    if existing.deleted_at is not None:
        transaction.recover(existing)
    workspace = existing.properties
    days = workspace.settings.retention_in_days, settings.retention_in_days
    shortened = note_shortening(workspace.shortened, *days, transaction.now)
    before = workspace.settings
    is_tier_kept = (before.sku, before.capacity_reservation_level) == (
        settings.sku,
        settings.capacity_reservation_level,
    )
    changed = replace(
        workspace,
        settings=settings,
        shortened=shortened,
        sku_changed_at=workspace.sku_changed_at if is_tier_kept else transaction.now,
    )
    return transaction.put(workspace_id, changed, if_match=if_match)


def delete_workspace(transaction: Transaction, workspace_id: ResourceId, *, force: bool = False) -> bool:
    """Close the workspace at once; it can be recovered for 14 days, or never with `force`.

    Forcing also ends the recovery period of a workspace deleted before. Return whether there was one.
    """
    try:
        workspace = transaction.get(Workspace, workspace_id)
    except ResourceNotFound:
        deleted = transaction.find_deleted(Workspace, workspace_id) if force else None
        if deleted is not None:
            transaction.set_purge_time(deleted, transaction.now)
        return deleted is not None
    if (link := workspace.properties.link) is not None and link.is_running:
        # The job that would carry it out looks at live workspaces only.
        settled = None if link.state is LinkState.LINKING else replace(link, state=LinkState.LINKED)
        transaction.put(workspace.id, replace(workspace.properties, link=settled))
        transaction.fail_operation(link.operation_id, WorkspaceDeleted(workspace_id))
    transaction.close(workspace, purge_at=transaction.now if force else transaction.now + RECOVERY_PERIOD)
    return True


def _check_default_rule(rule_id: str | None) -> list[Problem]:
    target = "properties.defaultDataCollectionRuleResourceId"
    if rule_id is None:
        return []
    try:
        kind = ResourceId.parse(rule_id).type
    except ServiceError as error:
        return [Problem(target, error.message)]
    if kind != "Microsoft.Insights/dataCollectionRules":
        return [Problem(target, f"'{rule_id}' is not the id of a data collection rule.")]
    return []


def _check_sku(settings: WorkspaceSettings) -> list[Problem]:
    level = settings.capacity_reservation_level
    target = "properties.sku.capacityReservationLevel"
    if settings.sku is Sku.CAPACITY_RESERVATION:
        if level not in CAPACITY_LEVELS_GB:
            levels = ", ".join(map(str, CAPACITY_LEVELS_GB))
            return [Problem(target, f"A capacity reservation is one of {levels} GB a day, not {level}.")]
    elif level is not None:
        return [Problem(target, f"The tier {settings.sku} has no capacity reservation level.")]
    return []
