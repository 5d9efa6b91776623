"""The roll-up of usage as the page gets it: numbers by day, with the names that people know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from kelp.jobs.charge import MICRO
from kelp.jobs.usage_rollup import Dimension, Group

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kelp.jobs.usage_outlook import Forecast
    from kelp.jobs.usage_report import Period
    from kelp.resources.snapshot import Snapshot

_SHOWN = 100
"""Groups that are told apart; the others are one."""


def encode_groups(
    groups: Sequence[Group], period: Period, snapshot: Snapshot, *, has_amounts: bool
) -> list[dict[str, Any]]:
    """Return the groups with their numbers for each day; the last one is of `others` where there are too many."""
    documents = [
        {
            "id": one.name,
            "kind": one.dimension.value,
            "name": _name_of(one, snapshot),
            "bytes": None if one.received is None else [one.received.get(day, 0) for day in period.days()],
            "amounts": [one.amounts.get(day, 0) / MICRO for day in period.days()] if has_amounts else None,
        }
        for one in groups[:_SHOWN]
    ]
    if len(groups) > _SHOWN:
        documents.append(_encode_others(groups[_SHOWN:], period, has_amounts=has_amounts))
    return documents


def encode_forecast(forecast: Forecast | None) -> dict[str, Any] | None:
    """Return the forecast with all that it is computed of."""
    if forecast is None:
        return None
    return {
        "amount": forecast.amount / MICRO,
        "spent": forecast.spent / MICRO,
        "dailyAverage": forecast.daily_average / MICRO,
        "averagedDays": forecast.averaged_days,
        "daysLeft": forecast.days_left,
    }


def _encode_others(groups: Sequence[Group], period: Period, *, has_amounts: bool) -> dict[str, Any]:
    days = list(period.days())
    return {
        "id": "",
        "kind": "others",
        "name": f"{len(groups):,}",
        "bytes": [sum((one.received or {}).get(day, 0) for one in groups) for day in days],
        "amounts": [sum(one.amounts.get(day, 0) for one in groups) / MICRO for day in days]
        if has_amounts
        else None,
    }


def _name_of(group: Group, snapshot: Snapshot) -> str:
    """Return how people call a group; empty for what has no value of the dimension."""
    name = group.name
    match group.dimension:
        case Dimension.WORKSPACE | Dimension.CLUSTER:
            return name.rpartition("/")[2]
        case Dimension.SUBSCRIPTION:
            subscription = snapshot.subscriptions_by_key.get(f"/subscriptions/{name}")
            return subscription.properties.display_name if subscription is not None else name
        case Dimension.CUSTOMER:
            customer = snapshot.customers.get(UUID(name)) if name else None
            return customer.properties.settings.display_name or customer.id.name if customer else name
        case _:
            return name
