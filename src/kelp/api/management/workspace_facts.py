"""What can be asked about a workspace beside its own document: schema, tiers, perimeters, and what Kelp has none of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.documents import encode_moment
from kelp.api.management.provider_operations import iter_operations
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId
from kelp.kql.types import ScalarType
from kelp.resources.errors import ResourceNotFound
from kelp.resources.resource import Resource
from kelp.resources.table import TableColumn
from kelp.resources.workspace import (
    CAPACITY_LEVELS_GB,
    MAXIMUM_RETENTION_DAYS,
    MINIMUM_RETENTION_DAYS,
    Sku,
    Workspace,
)

_NAMESPACE = "Microsoft.OperationalInsights"
_TYPE = f"{_NAMESPACE}/workspaces"
_IN_SUBSCRIPTION = f"/subscriptions/{{subscription}}/providers/{_NAMESPACE}"
_IN_GROUP = f"/subscriptions/{{subscription}}/resourceGroups/{{group}}/providers/{_NAMESPACE}"
_ONE = f"{_IN_GROUP}/workspaces/{{workspace}}"
_PERIMETERS = f"{_ONE}/networkSecurityPerimeterConfigurations"
_SEARCH_TYPES = {
    ScalarType.BOOL: "Boolean",
    ScalarType.DATETIME: "DateTime",
    ScalarType.DYNAMIC: "Object",
    ScalarType.GUID: "Guid",
    ScalarType.INT: "Int32",
    ScalarType.LONG: "Int64",
    ScalarType.REAL: "Double",
    ScalarType.STRING: "String",
}


def get_schema(call: Call) -> Answer:
    """Answer with every field of the workspace's tables, and the tables that have it."""
    workspace = _require(call, "schema/read")
    owners: dict[tuple[str, ScalarType], list[str]] = defaultdict(list)
    for table, column in _iter_columns(call, workspace):
        owners[column.name, column.type].append(table)
    now = encode_moment(call.services.clock.now())
    fields = [
        {
            "name": name,
            "displayName": name,
            "type": _SEARCH_TYPES.get(kind, "String"),
            "indexed": True,
            "stored": True,
            "facet": kind is ScalarType.STRING,
            "ownerType": sorted(tables),
        }
        for (name, kind), tables in sorted(owners.items())
    ]
    metadata = {
        "schema": {"name": workspace.id.name, "version": 2},
        "resultType": "schema",
        "requestTime": 0,
        "total": len(fields),
        "requestId": call.correlation_id,
        "startTime": now,
        "lastUpdated": now,
    }
    return Answer(200, {"metadata": metadata, "value": fields})


def list_tiers(call: Call) -> Answer:
    """Answer with the pricing tiers that the workspace may change to."""
    workspace = _require(call, "availableServiceTiers/read")
    settings = workspace.properties.settings
    levels: list[tuple[Sku, int | None]] = [(sku, None) for sku in Sku if sku is not Sku.CAPACITY_RESERVATION]
    levels += [(Sku.CAPACITY_RESERVATION, level) for level in CAPACITY_LEVELS_GB]
    tiers = [
        {
            "serviceTier": sku,
            "enabled": True,
            "minimumRetention": MINIMUM_RETENTION_DAYS,
            "maximumRetention": MAXIMUM_RETENTION_DAYS,
            "defaultRetention": 30,
            "capacityReservationLevel": level,
            "lastSkuUpdate": (
                encode_moment(workspace.properties.sku_changed_at or workspace.created.at)
                if (sku, level) == (settings.sku, settings.capacity_reservation_level)
                else None
            ),
        }
        for sku, level in levels
    ]
    return Answer(200, tiers)


def list_management_groups(call: Call) -> Answer:
    """Answer with the groups of Operations Manager that are connected: none, since Kelp connects none."""
    _require(call, "managementGroups/read")
    return Answer(200, {"value": []})


def delete_gateway(call: Call) -> Answer:
    """Refuse to remove a gateway: there are none."""
    workspace = _require(call, "gateways/delete")
    raise ResourceNotFound(workspace.id.child("gateways", call.parameters["gateway"]))


def list_link_targets(call: Call) -> Answer:
    """Answer with the workspaces that lie in no subscription: none, since all do."""
    call.require(f"{_NAMESPACE}/linkTargets/read", call.subscription)
    return Answer(200, [])


def list_perimeters(call: Call) -> Answer:
    """Answer with the network security perimeters that the workspace belongs to: none."""
    _require(call, "networkSecurityPerimeterConfigurations/read")
    return Answer(200, {"value": []})


def get_perimeter(call: Call) -> Answer:
    """Answer that there is no such perimeter."""
    workspace = _require(call, "networkSecurityPerimeterConfigurations/read")
    name = call.parameters["perimeter"]
    raise ResourceNotFound(workspace.id.child("networkSecurityPerimeterConfigurations", name))


def reconcile_perimeter(call: Call) -> Answer:
    """Answer that there is no such perimeter."""
    workspace = _require(call, "networkSecurityPerimeterConfigurations/reconcile/action")
    name = call.parameters["perimeter"]
    raise ResourceNotFound(workspace.id.child("networkSecurityPerimeterConfigurations", name))


def fail_over(call: Call) -> Answer:
    """Refuse to change to another region: a workspace is not replicated."""
    place = ResourceId.parse(call.path.rpartition("/")[0])
    call.require(f"{place.type}/failover/action", place)
    _require(call, "read")
    raise _not_replicated(call)


def fail_back(call: Call) -> Answer:
    """Refuse to change back: a workspace is not replicated."""
    _require(call, "failback/action")
    raise _not_replicated(call)


def list_operations(_call: Call) -> Answer:
    """Answer with the names of what can be done, as roles name them."""
    operations = [
        {
            "name": operation.name,
            "display": {
                "provider": _NAMESPACE,
                "resource": operation.kind,
                "operation": operation.verb,
                "description": operation.title,
            },
            "isDataAction": operation.is_data,
        }
        for operation in iter_operations(_NAMESPACE)
    ]
    return Answer(200, {"value": operations})


def _require(call: Call, what: str) -> Resource[Workspace]:
    call.require(f"{_TYPE}/{what}", call.workspace)
    return call.store.get(Workspace, call.workspace)


def _iter_columns(call: Call, workspace: Resource[Workspace]) -> Iterator[tuple[str, TableColumn]]:
    stored = call.store.snapshot.tables.get(workspace.id.key, {})
    for built_in in call.services.built_in_tables.iter_built_in():
        yield from ((built_in.name, column) for column in built_in.columns)
    for table in stored.values():
        yield from ((table.id.name, column) for column in table.properties.columns)


def _not_replicated(call: Call) -> ServiceError:
    return ServiceError(
        Category.CONFLICT,
        "ReplicationNotEnabled",
        f"The workspace '{call.workspace.name}' is not replicated to another region: Kelp does not replicate "
        "workspaces, so there is nothing to change over to.",
        target=str(call.workspace),
    )


ROUTES = (
    ManagementRoute("GET", f"/providers/{_NAMESPACE}/operations", _NAMESPACE, list_operations),
    ManagementRoute("GET", f"{_IN_SUBSCRIPTION}/linkTargets", _NAMESPACE, list_link_targets),
    ManagementRoute("POST", f"{_ONE}/schema", _NAMESPACE, get_schema),
    ManagementRoute("GET", f"{_ONE}/availableServiceTiers", _NAMESPACE, list_tiers),
    ManagementRoute("GET", f"{_ONE}/managementGroups", _NAMESPACE, list_management_groups),
    ManagementRoute("DELETE", f"{_ONE}/gateways/{{gateway}}", _NAMESPACE, delete_gateway),
    ManagementRoute("GET", _PERIMETERS, _NAMESPACE, list_perimeters),
    ManagementRoute("GET", f"{_PERIMETERS}/{{perimeter}}", _NAMESPACE, get_perimeter),
    ManagementRoute("POST", f"{_PERIMETERS}/{{perimeter}}/reconcile", _NAMESPACE, reconcile_perimeter),
    ManagementRoute("POST", f"{_ONE}/failback", _NAMESPACE, fail_back),
    ManagementRoute(
        "POST", f"{_IN_GROUP}/locations/{{location}}/workspaces/{{workspace}}/failover", _NAMESPACE, fail_over
    ),
)
