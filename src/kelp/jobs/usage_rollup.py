"""What was received and what it costs, by day, added up for whatever a page groups it by. Pure."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, assert_never

from kelp.jobs.charge import Meter, split_amount

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date
    from uuid import UUID

    from kelp.catalog.usage_book import DayOfUse
    from kelp.jobs.charge import Line

_BY_VOLUME = frozenset((Meter.DATA, Meter.RESERVATION, Meter.OVERAGE, Meter.NODES))
"""Meters whose amounts the tables of a workspace share in proportion to what they received."""


class Dimension(StrEnum):
    """What usage can be grouped by."""

    TABLE = "table"
    WORKSPACE = "workspace"
    CUSTOMER = "customer"
    CLUSTER = "cluster"
    SUBSCRIPTION = "subscription"
    METER = "meter"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a workspace is, for the groups that it counts towards."""

    resource_id: str
    subscription_id: str
    cluster_id: str


@dataclass(slots=True)
class Group:
    """One value of the dimension; an empty `name` stands for what has none.

    By table, what no table caused (retention, what is left of a reservation) is a group of `meter`. Amounts are in
    millionths. Volumes are of what is charged; `received` is None for meters, which are no volumes.
    """

    dimension: Dimension
    name: str
    received: dict[date, int] | None = field(default_factory=dict)
    amounts: dict[date, int] = field(default_factory=dict)

    def add_bytes(self, day: date, received: int) -> None:
        """Count what was received."""
        if self.received is not None:
            self.received[day] = self.received.get(day, 0) + received

    def add_amount(self, day: date, amount: int) -> None:
        """Count what is charged."""
        self.amounts[day] = self.amounts.get(day, 0) + amount


def roll_up(
    dimension: Dimension, uses: Iterable[DayOfUse], lines: Iterable[Line], places: Mapping[UUID, Place]
) -> list[Group]:
    """Return the groups, the largest amount first. They add up to the whole; uses of other places are left out."""
    groups: dict[tuple[Dimension, str], Group] = {}

    def find(kind: Dimension, name: str) -> Group:
        key = kind, name.lower()
        if key not in groups:
            groups[key] = Group(kind, name, None if kind is Dimension.METER else {})
        return groups[key]

    tables: defaultdict[tuple[str, date, str], dict[str, int]] = defaultdict(dict)
    for use in uses:
        place = places.get(use.workspace_id)
        if place is None or not use.is_billable:
            continue
        tables[place.resource_id.lower(), use.day, use.customer_id][use.table] = use.billed_bytes
        if dimension is not Dimension.METER:
            find(dimension, _name_of_use(dimension, use, place)).add_bytes(use.day, use.billed_bytes)
    for line in lines:
        for kind, name, amount in _iter_shares(dimension, line, tables):
            find(kind, name).add_amount(line.day, amount)
    return sorted(groups.values(), key=_rank)


def _rank(group: Group) -> tuple[int, int, str]:
    return -sum(group.amounts.values()), -sum((group.received or {}).values()), group.name.lower()


def _name_of_use(dimension: Dimension, use: DayOfUse, place: Place) -> str:
    match dimension:
        case Dimension.TABLE:
            return use.table
        case Dimension.WORKSPACE:
            return place.resource_id
        case Dimension.CUSTOMER:
            return use.customer_id
        case Dimension.CLUSTER:
            return place.cluster_id
        case Dimension.SUBSCRIPTION:
            return place.subscription_id
        case Dimension.METER:
            return ""
        case _:
            assert_never(dimension)


def _iter_shares(
    dimension: Dimension, line: Line, tables: Mapping[tuple[str, date, str], Mapping[str, int]]
) -> Iterator[tuple[Dimension, str, int]]:
    """Yield what of a line's amount counts towards which group; the parts add up to it."""
    match dimension:
        case Dimension.TABLE:
            weights = tables.get((line.resource_id.lower(), line.day, line.customer_id), {})
            if line.meter not in _BY_VOLUME or not any(weights.values()):
                yield Dimension.METER, line.meter, line.amount
                return
            parts = split_amount(line.amount, list(weights.values()))
            for table, part in zip(weights, parts, strict=True):
                yield Dimension.TABLE, table, part
        case Dimension.WORKSPACE:
            yield dimension, line.resource_id, line.amount
        case Dimension.CUSTOMER:
            yield dimension, line.customer_id, line.amount
        case Dimension.CLUSTER:
            yield dimension, line.cluster_id, line.amount
        case Dimension.SUBSCRIPTION:
            yield dimension, line.subscription_id, line.amount
        case Dimension.METER:
            yield dimension, line.meter, line.amount
        case _:
            assert_never(dimension)
