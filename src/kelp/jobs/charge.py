"""From volumes to amounts, by the day. Pure.

Every amount is one `Line` or a part of one, in whole millionths of the currency: whatever lines are grouped by, the
groups add up to the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from kelp.resources.cluster import BillingType
from kelp.resources.workspace import Sku

if TYPE_CHECKING:
    from datetime import date

    from kelp.jobs.prices import Prices

G = TypeVar("G", bound=Hashable)

MICRO = 1_000_000
_BYTES_OF_A_GB = 1_000_000_000
_BYTES_OF_A_MB = 1_000_000
_DAYS_OF_A_MONTH = 30


class Meter(StrEnum):
    """What is charged."""

    DATA = "Data Ingestion"
    RESERVATION = "Capacity Reservation"
    UNUSED_RESERVATION = "Unused Capacity Reservation"
    OVERAGE = "Data over Capacity Reservation"
    NODES = "Nodes"
    RETENTION = "Data Retention"
    ARCHIVE = "Data Archive"


@dataclass(frozen=True, slots=True)
class WorkspaceDay:
    """What a workspace had on a day.

    `billed_bytes` are those received that are charged, by customer (empty: the workspace's own senders). `nodes` is how
    many computers reported. `kept_bytes` were kept beyond the days that are free, `archived_bytes` in the archive.
    """

    day: date
    resource_id: str
    subscription_id: str
    sku: Sku
    reserved_gb: int | None = None
    cluster_id: str = ""
    billed_bytes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    nodes: int = 0
    kept_bytes: int = 0
    archived_bytes: int = 0

    @property
    def total_bytes(self) -> int:
        """What was received that is charged."""
        return sum(self.billed_bytes.values())


@dataclass(frozen=True, slots=True)
class ClusterDay:
    """A cluster's reservation on a day."""

    day: date
    resource_id: str
    subscription_id: str
    reserved_gb: int
    billing_type: BillingType = BillingType.CLUSTER


@dataclass(frozen=True, slots=True)
class Line:
    """An amount (in millionths) for a meter on a day, and what it is for.

    `resource_id` pays. `customer_id` is empty for what is no customer's. `quantity` is in `unit`.
    """

    day: date
    resource_id: str
    subscription_id: str
    cluster_id: str
    customer_id: str
    meter: Meter
    quantity: float
    unit: str
    amount: int


def charge_days(
    workspaces: Iterable[WorkspaceDay], clusters: Iterable[ClusterDay], prices: Prices
) -> Iterator[Line]:
    """Yield the lines of all days. A workspace whose cluster is not among the clusters is charged by itself."""
    reserved = {(one.day, one.resource_id.lower()): one for one in clusters}
    linked: dict[tuple[date, str], list[WorkspaceDay]] = {}
    for one in workspaces:
        yield from _charge_keeping(one, prices)
        key = (one.day, one.cluster_id.lower())
        if key in reserved:
            linked.setdefault(key, []).append(one)
        else:
            yield from _charge_alone(one, prices)
    for key, cluster in reserved.items():
        yield from _charge_cluster(cluster, linked.get(key, []), prices)


def sum_lines(lines: Iterable[Line], group: Callable[[Line], G]) -> dict[G, tuple[float, int]]:
    """Return quantity and amount of each group."""
    sums: dict[G, tuple[float, int]] = {}
    for line in lines:
        key = group(line)
        quantity, amount = sums.get(key, (0.0, 0))
        sums[key] = (quantity + line.quantity, amount + line.amount)
    return sums


def split_amount(amount: int, weights: Sequence[int]) -> list[int]:
    """Return parts of an amount in proportion to weights; they add up to it. Without any weight the first has all."""
    total = sum(weights)
    if not total:
        return [amount, *([0] * (len(weights) - 1))] if weights else []
    parts = [amount * weight // total for weight in weights]
    # What rounding left over goes to those that it took most from.
    by_loss = sorted(range(len(weights)), key=lambda one: (-(amount * weights[one] % total), one))
    for one in by_loss[: amount - sum(parts)]:
        parts[one] += 1
    return parts


def _charge_alone(one: WorkspaceDay, prices: Prices) -> Iterator[Line]:
    match one.sku:
        case Sku.FREE:
            return
        case Sku.CAPACITY_RESERVATION if one.reserved_gb:
            reserved_bytes = one.reserved_gb * _BYTES_OF_A_GB
            price = _micro(prices.commitment(one.reserved_gb))
            yield from _divide(one, Meter.RESERVATION, one.reserved_gb, "GB/day", price)
            over_bytes = max(0, one.total_bytes - reserved_bytes)
            yield from _charge_data(one, Meter.OVERAGE, over_bytes, prices)
        case Sku.PER_NODE:
            price = _micro(one.nodes * prices.per_node_month / _DAYS_OF_A_MONTH)
            yield from _divide(one, Meter.NODES, one.nodes, "nodes", price)
            yield from _charge_data(one, Meter.DATA, _beyond_allowance(one, prices), prices)
        case _:
            yield from _charge_data(one, Meter.DATA, one.total_bytes, prices)


def _charge_cluster(cluster: ClusterDay, linked: Sequence[WorkspaceDay], prices: Prices) -> Iterator[Line]:
    price = _micro(prices.commitment(cluster.reserved_gb))
    reserved_bytes = cluster.reserved_gb * _BYTES_OF_A_GB
    # A linked workspace is charged by data whatever its tier, and keeps the allowances of its nodes.
    charged = [_beyond_allowance(one, prices) for one in linked]
    total_bytes = sum(charged)
    over_bytes = max(0, total_bytes - reserved_bytes)
    over_price = _micro(over_bytes / _BYTES_OF_A_GB * prices.per_gb)
    if cluster.billing_type is BillingType.CLUSTER:
        yield _cluster_line(cluster, Meter.RESERVATION, cluster.reserved_gb, "GB/day", price)
        yield _cluster_line(cluster, Meter.OVERAGE, over_bytes / _BYTES_OF_A_GB, "GB", over_price)
        return
    unused_bytes = max(0, reserved_bytes - total_bytes)
    *shares, unused = split_amount(price, [*charged, unused_bytes])
    over_shares = split_amount(over_price, charged)
    within = min(1.0, reserved_bytes / total_bytes) if total_bytes else 0.0
    for one, used_bytes, share, over_share in zip(linked, charged, shares, over_shares, strict=True):
        used_gb = used_bytes / _BYTES_OF_A_GB
        yield from _divide(one, Meter.RESERVATION, used_gb * within, "GB", share)
        yield from _divide(one, Meter.OVERAGE, used_gb * (1 - within), "GB", over_share)
    unused_gb = unused_bytes / _BYTES_OF_A_GB
    yield _cluster_line(cluster, Meter.UNUSED_RESERVATION, unused_gb, "GB", unused)


def _charge_keeping(one: WorkspaceDay, prices: Prices) -> Iterator[Line]:
    for meter, kept_bytes, price in (
        (Meter.RETENTION, one.kept_bytes, prices.retention_per_gb_month),
        (Meter.ARCHIVE, one.archived_bytes, prices.archive_per_gb_month),
    ):
        gigabytes = kept_bytes / _BYTES_OF_A_GB
        if kept_bytes:
            yield from _divide(one, meter, gigabytes, "GB", _micro(gigabytes * price / _DAYS_OF_A_MONTH))


def _charge_data(one: WorkspaceDay, meter: Meter, charged_bytes: int, prices: Prices) -> Iterator[Line]:
    gigabytes = charged_bytes / _BYTES_OF_A_GB
    yield from _divide(one, meter, gigabytes, "GB", _micro(gigabytes * prices.per_gb))


def _beyond_allowance(one: WorkspaceDay, prices: Prices) -> int:
    if one.sku is not Sku.PER_NODE:
        return one.total_bytes
    return max(0, one.total_bytes - round(one.nodes * prices.mb_per_node_day * _BYTES_OF_A_MB))


def _divide(one: WorkspaceDay, meter: Meter, quantity: float, unit: str, amount: int) -> Iterator[Line]:
    """Yield a workspace's amount, divided among its customers by what they sent; nothing for nothing."""
    if not amount and not quantity:
        return
    # The workspace itself comes first: it has what no customer caused.
    customers = sorted({"", *one.billed_bytes})
    weights = [one.billed_bytes.get(customer, 0) for customer in customers]
    total = sum(weights)
    for customer, weight, part in zip(customers, weights, split_amount(amount, weights), strict=True):
        share = weight / total if total else float(customer == "")
        if part or share:
            yield Line(
                one.day,
                one.resource_id,
                one.subscription_id,
                one.cluster_id,
                customer,
                meter,
                quantity * share,
                unit,
                part,
            )


def _cluster_line(cluster: ClusterDay, meter: Meter, quantity: float, unit: str, amount: int) -> Line:
    return Line(
        cluster.day,
        cluster.resource_id,
        cluster.subscription_id,
        cluster.resource_id,
        "",
        meter,
        quantity,
        unit,
        amount,
    )


def _micro(amount: float) -> int:
    return round(amount * MICRO)
