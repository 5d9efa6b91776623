"""Moving resources to another group: ids change, what lies below moves along, roles granted at them do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId
from kelp.resources.action_group import ActionGroup
from kelp.resources.alert_rules import ActivityLogAlert, MetricAlert, ScheduledQueryRule
from kelp.resources.cluster import Cluster
from kelp.resources.component import Component
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint
from kelp.resources.data_collection_rule import DataCollectionRule
from kelp.resources.errors import Problem, ResourceNotFound, refuse_if_any
from kelp.resources.kinds import KIND_OF_TYPE
from kelp.resources.lock import require_unlocked
from kelp.resources.query_pack import QueryPack
from kelp.resources.resource_group import ResourceGroup
from kelp.resources.workbook import Workbook
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

Movable: TypeAlias = (
    ActionGroup
    | ActivityLogAlert
    | Component
    | DataCollectionEndpoint
    | DataCollectionRule
    | MetricAlert
    | QueryPack
    | ScheduledQueryRule
    | Workbook
    | Workspace
)
_MOVABLE: tuple[type[Movable], ...] = (
    ActionGroup,
    ActivityLogAlert,
    Component,
    DataCollectionEndpoint,
    DataCollectionRule,
    MetricAlert,
    QueryPack,
    ScheduledQueryRule,
    Workbook,
    Workspace,
)


def move_resources(
    transaction: Transaction,
    source: ResourceId,
    target: ResourceId,
    named: Sequence[str],
    *,
    only_check: bool = False,
) -> None:
    """Move resources of one group to another, all or none.

    Raises `InvalidDocument` with everything that stands against it, `ResourceConflict` (locked), `ResourceNotFound`
    (a group).
    """
    for group in (source, target):
        transaction.get(ResourceGroup, group)
    problems: list[Problem] = []
    if not named:
        problems.append(Problem("resources", "Name the resources to move."))
    if source == target:
        problems.append(
            Problem("targetResourceGroup", "The resources lie in that group already.", "MoveTargetIsSource")
        )
    if transaction.require_scope(source) != transaction.require_scope(target):
        text = f"'{target}' belongs to another tenant; resources stay in theirs."
        problems.append(Problem("targetResourceGroup", text, "MoveAcrossTenants"))
    found = [
        _find_movable(transaction, source, target, text, index, problems) for index, text in enumerate(named)
    ]
    refuse_if_any(problems)
    for resource in found:
        if resource is not None:
            require_unlocked(transaction.snapshot, resource.id)
            require_unlocked(transaction.snapshot, _moved_id(resource.id, target))
    if only_check:
        return
    for resource in found:
        if resource is not None:
            destination = _moved_id(resource.id, target)
            transaction.move(resource, destination)
            if isinstance(resource.properties, Workspace):
                _point_rules_at(transaction, resource.id, destination)


def _find_movable(
    transaction: Transaction,
    source: ResourceId,
    target: ResourceId,
    text: str,
    index: int,
    problems: list[Problem],
) -> Resource[Movable] | None:
    where = f"resources[{index}]"
    try:
        resource_id = ResourceId.parse(text)
    except ServiceError as error:
        problems.append(Problem(where, error.message))
        return None
    kind = KIND_OF_TYPE.get(resource_id.type.lower())
    if kind is Cluster:
        text = "A cluster can't be moved to another resource group or subscription: create another and link to that."
        problems.append(Problem(where, text, "ResourceMoveNotSupported"))
        return None
    movable = next((one for one in _MOVABLE if one is kind), None)
    if movable is None or resource_id.parent != source:
        reason = (
            f"lies outside of '{source}'"
            if movable
            else f"is of type '{resource_id.type}', which does not move"
        )
        problems.append(Problem(where, f"'{resource_id}' {reason}.", "ResourceMoveNotSupported"))
        return None
    try:
        resource: Resource[Movable] = transaction.get(movable, resource_id)
    except ResourceNotFound as error:
        problems.append(Problem(where, error.message, error.code))
        return None
    destination = _moved_id(resource_id, target)
    taken = transaction.find(movable, destination) or transaction.find_deleted(movable, destination)
    if source != target and taken is not None:
        text = f"'{destination}' exists already{', and can still be recovered' if taken.deleted_at else ''}."
        problems.append(Problem(where, text, "ResourceAlreadyExists"))
    return resource


def _moved_id(resource_id: ResourceId, target: ResourceId) -> ResourceId:
    return target.child(resource_id.type, resource_id.name)


def _point_rules_at(transaction: Transaction, before: ResourceId, after: ResourceId) -> None:
    """Have the rules of the subscription that fill a moved workspace name it by its new id."""
    subscription = ResourceId.parse(f"/subscriptions/{before.subscription_id}")
    for rule in list(transaction.iter_kind(DataCollectionRule, subscription)):
        destinations = tuple(
            replace(one, workspace_resource_id=str(after))
            if one.workspace_resource_id.lower() == before.key
            else one
            for one in rule.properties.destinations
        )
        if destinations != rule.properties.destinations:
            transaction.put(rule.id, replace(rule.properties, destinations=destinations))
