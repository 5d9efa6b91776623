"""What a period costs, in the manner of Cost Management (`Microsoft.CostManagement/query`).

docs/how-to/usage-and-cost.md tells which of Azure's members are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from kelp.api.management.call import Answer, Call, ManagementRoute
from kelp.api.management.kind_description import taking
from kelp.api.management.reader import DocumentReader
from kelp.base.ids import ResourceId
from kelp.jobs.charge import MICRO, Line, sum_lines
from kelp.jobs.usage_report import Period
from kelp.resources.shape import Choice, Items, Moment, Named, Record, Text
from kelp.resources.workspace import Sku

_NAMESPACE = "Microsoft.CostManagement"
_ACTION = "Microsoft.CostManagement/query/action"
_LONGEST_DAYS = 366


class Timeframe(StrEnum):
    """Which days are meant; `Custom` names them."""

    MONTH_TO_DATE = "MonthToDate"
    THE_LAST_MONTH = "TheLastMonth"
    LAST_7_DAYS = "Last7Days"
    CUSTOM = "Custom"


class Granularity(StrEnum):
    """Whether there is a row for each day."""

    NONE = "None"
    DAILY = "Daily"


_DIMENSIONS: dict[str, Callable[[Line], str]] = {
    "ResourceId": lambda line: line.resource_id,
    "SubscriptionId": lambda line: line.subscription_id,
    "ClusterId": lambda line: line.cluster_id,
    "CustomerId": lambda line: line.customer_id,
    "Meter": lambda line: line.meter,
    "UnitOfMeasure": lambda line: line.unit,
}
"""What costs can be grouped by."""


def query_root(call: Call) -> Answer:
    """Answer with the costs of all subscriptions of the caller's tenant."""
    return _query(call, ResourceId())


def query_subscription(call: Call) -> Answer:
    """Answer with the costs of a subscription."""
    return _query(call, call.subscription)


def query_group(call: Call) -> Answer:
    """Answer with the costs of a resource group."""
    return _query(call, call.group)


def query_workspace(call: Call) -> Answer:
    """Answer with the costs of a workspace."""
    return _query(call, call.workspace)


def _query(call: Call, scope: ResourceId) -> Answer:
    call.require(_ACTION, scope)
    reader = call.reader()
    with reader.reporting():
        period = _read_period(reader, call.services.clock.now())
        data_set = reader.section("dataset")
        granularity = data_set.choice("granularity", Granularity.NONE)
        names = list(_iter_dimensions(data_set))
    lines = _charge(call, scope, period)
    by_day = granularity is Granularity.DAILY

    def group(line: Line) -> tuple[str, ...]:
        dimensions = tuple(_DIMENSIONS[name](line) for name in names)
        return (f"{line.day:%Y%m%d}", *dimensions) if by_day else dimensions

    currency = call.services.require_metering().report.prices.currency
    rows: list[list[Any]] = []
    for key, (quantity, amount) in sorted(sum_lines(lines, group).items()):
        days = [int(key[0])] if by_day else []
        rows.append([amount / MICRO, quantity, *days, *key[len(days) :], currency])
    columns = [
        {"name": "Cost", "type": "Number"},
        {"name": "UsageQuantity", "type": "Number"},
        *([{"name": "UsageDate", "type": "Number"}] if by_day else []),
        *({"name": name, "type": "String"} for name in names),
        {"name": "Currency", "type": "String"},
    ]
    return Answer(
        200,
        {
            "id": f"{str(scope).rstrip('/')}/providers/{_NAMESPACE}/query",
            "type": f"{_NAMESPACE}/query",
            "properties": {"nextLink": None, "columns": columns, "rows": rows},
        },
    )


def _charge(call: Call, scope: ResourceId, period: Period) -> list[Line]:
    metering, snapshot = call.services.require_metering(), call.store.snapshot
    tenant_id = snapshot.find_tenant_id(scope) or call.principal.tenant_id
    workspaces = [
        workspace
        for workspace in snapshot.workspaces.values()
        if scope.contains(workspace.id) and workspace.tenant_id == tenant_id
    ]
    clusters = [
        cluster.properties.cluster_id
        for cluster in snapshot.clusters.values()
        if scope.contains(cluster.id) and cluster.tenant_id == tenant_id
    ]
    by_nodes = [
        one.properties.workspace_id for one in workspaces if one.properties.settings.sku is Sku.PER_NODE
    ]
    nodes = metering.count_nodes(by_nodes, period) if by_nodes else {}
    ids = [one.properties.workspace_id for one in workspaces]
    return metering.report.charge(snapshot, period, ids, clusters, nodes)


def _read_period(reader: DocumentReader, now: datetime) -> Period:
    today = now.astimezone(UTC).date()
    match reader.choice("timeframe", Timeframe.MONTH_TO_DATE):
        case Timeframe.MONTH_TO_DATE:
            return Period(today.replace(day=1), today)
        case Timeframe.THE_LAST_MONTH:
            last = today.replace(day=1) - timedelta(days=1)
            return Period(last.replace(day=1), last)
        case Timeframe.LAST_7_DAYS:
            return Period(today - timedelta(days=7), today)
        case Timeframe.CUSTOM:
            return _read_custom_period(reader.section("timePeriod"), today)


def _read_custom_period(reader: DocumentReader, today: date) -> Period:
    first, last = _read_day(reader, "from", today), _read_day(reader, "to", today)
    if last < first:
        reader.refuse("to", f"The period ends ({last}) before it begins ({first}).")
    elif (last - first).days >= _LONGEST_DAYS:
        reader.refuse("to", f"A period has at most {_LONGEST_DAYS} days.")
    else:
        return Period(first, last)
    return Period(today, today)


def _read_day(reader: DocumentReader, name: str, default: date) -> date:
    text = reader.text(name)
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        reader.refuse(name, f"'{text}' is no day such as {default.isoformat()}.")
        return default


def _iter_dimensions(reader: DocumentReader) -> Iterator[str]:
    known = {name.lower(): name for name in _DIMENSIONS}
    for grouping in reader.sections("grouping"):
        name = grouping.text("name")
        if name.lower() in known:
            yield known[name.lower()]
        else:
            grouping.refuse("name", f"Costs can't be grouped by '{name}'; allowed: {', '.join(_DIMENSIONS)}.")


_QUERY = f"/providers/{_NAMESPACE}/query"
_SUBSCRIPTION = "/subscriptions/{subscription}"
_GROUP = f"{_SUBSCRIPTION}/resourceGroups/{{group}}"
_WORKSPACE = f"{_GROUP}/providers/Microsoft.OperationalInsights/workspaces/{{workspace}}"

_SAYS = taking(
    Named(
        "CostQuery",
        Record(
            {
                "type": Text(),
                "timeframe": Choice(tuple(Timeframe)),
                "timePeriod": Record({"from": Moment(), "to": Moment()}),
                "dataset": Record(
                    {
                        "granularity": Choice(tuple(Granularity)),
                        "grouping": Items(Record({"type": Text(), "name": Text()})),
                    }
                ),
            }
        ),
    )
)
ROUTES = (
    ManagementRoute("POST", _QUERY, _NAMESPACE, query_root, _SAYS),
    ManagementRoute("POST", f"{_SUBSCRIPTION}{_QUERY}", _NAMESPACE, query_subscription, _SAYS),
    ManagementRoute("POST", f"{_GROUP}{_QUERY}", _NAMESPACE, query_group, _SAYS),
    ManagementRoute("POST", f"{_WORKSPACE}{_QUERY}", _NAMESPACE, query_workspace, _SAYS),
)
