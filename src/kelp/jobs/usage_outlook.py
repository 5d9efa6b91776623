"""What usage would cost: a month whose other days are like the last ones, and the same volumes at other tiers. Pure."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import date

    from kelp.jobs.prices import Prices

COMPARED_DAYS = 31
AVERAGED_DAYS = 7
_BYTES_OF_A_GB = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Forecast:
    """`amount` = `spent` on the month's full days + `daily_average` of the last full days × the days that are left.

    Amounts are in millionths; today counts as a day that is left.
    """

    amount: int
    spent: int
    daily_average: int
    averaged_days: int
    days_left: int


def forecast_month(amounts: Mapping[date, int], today: date, begin: date) -> Forecast | None:
    """Return what the month of `today` will cost by its end; None before there was a full day since `begin`."""
    first = today.replace(day=1)
    last_days = [today - timedelta(days=ago) for ago in range(1, AVERAGED_DAYS + 1)]
    full = [day for day in last_days if day >= begin]
    if not full:
        return None
    spent = sum(amount for day, amount in amounts.items() if first <= day < today)
    average = sum(amounts.get(day, 0) for day in full) // len(full)
    days_left = calendar.monthrange(today.year, today.month)[1] - today.day + 1
    return Forecast(spent + average * days_left, spent, average, len(full), days_left)


@dataclass(frozen=True, slots=True)
class TierOffer:
    """What some days would have cost with so many GB a day reserved; None: with nothing reserved. In millionths."""

    reserved_gb: int | None
    amount: int


def offer_tiers(daily_bytes: Sequence[int], prices: Prices, levels: Iterable[int | None]) -> list[TierOffer]:
    """Return what these days would have cost at each level, the cheapest first."""
    offers = [TierOffer(level, _charge(daily_bytes, prices, level)) for level in levels]
    return sorted(offers, key=lambda one: (one.amount, one.reserved_gb or 0))


def list_levels(prices: Prices, *, needs_reservation: bool = False) -> Collection[int | None]:
    """Return the levels that are priced; a cluster always reserves one."""
    return (*(() if needs_reservation else (None,)), *sorted(prices.commitments))


def _charge(daily_bytes: Sequence[int], prices: Prices, level: int | None) -> int:
    reserved_bytes = (level or 0) * _BYTES_OF_A_GB
    day_price = 0.0 if level is None else prices.commitment(level)
    over_gb = sum(max(0, received - reserved_bytes) for received in daily_bytes) / _BYTES_OF_A_GB
    return round((day_price * len(daily_bytes) + over_gb * prices.per_gb) * 1_000_000)
