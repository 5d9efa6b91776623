"""Volumes and amounts by day: groups add up to the whole, whatever they are."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from kelp.catalog.usage_book import DayOfUse
from kelp.jobs.charge import Line, Meter
from kelp.jobs.prices import Prices
from kelp.jobs.usage_outlook import forecast_month, list_levels, offer_tiers
from kelp.jobs.usage_rollup import Dimension, Place, roll_up

DAY = date(2026, 3, 10)
GB = 1_000_000_000
ONE, OTHER = UUID(int=1), UUID(int=2)
PLACES = {ONE: Place("/w/One", "sub", ""), OTHER: Place("/w/other", "sub", "/c/fast")}
PRICES = Prices(per_gb=2.0, commitments={100: 150.0, 1000: 1200.0})


def use(
    workspace_id: UUID, table: str, received: int, customer: str = "", *, billable: bool = True
) -> DayOfUse:
    return DayOfUse(workspace_id, DAY, table, customer, received, billable)


def line(resource: str, meter: Meter, amount: int, customer: str = "", cluster: str = "") -> Line:
    return Line(DAY, resource, "sub", cluster, customer, meter, 1.0, "GB", amount)


def test_an_amount_is_shared_by_the_tables_that_caused_it() -> None:
    uses = [
        use(ONE, "Perf", 3 * GB),
        use(ONE, "Syslog", GB),
        use(ONE, "Syslog", 5 * GB, "c"),
        use(ONE, "Heartbeat", 9 * GB, billable=False),
        use(UUID(int=9), "Perf", 7 * GB),
    ]
    lines = [
        line("/W/one", Meter.DATA, 400),
        line("/w/One", Meter.DATA, 500, "c"),
        line("/w/One", Meter.RETENTION, 30),
        line("/c/fast", Meter.UNUSED_RESERVATION, 1),
    ]
    found = {
        (one.dimension, one.name): (one.received and one.received[DAY], one.amounts.get(DAY))
        for one in roll_up(Dimension.TABLE, uses, lines, PLACES)
    }
    assert found == {
        (Dimension.TABLE, "Perf"): (3 * GB, 300),
        (Dimension.TABLE, "Syslog"): (6 * GB, 600),
        (Dimension.METER, Meter.RETENTION): (None, 30),
        (Dimension.METER, Meter.UNUSED_RESERVATION): (None, 1),
    }


@given(
    st.sampled_from(Dimension),
    st.lists(
        st.tuples(st.sampled_from([ONE, OTHER]), st.sampled_from("abc"), st.integers(0, 10**12)), max_size=6
    ),
    st.lists(
        st.tuples(
            st.sampled_from(["/w/One", "/w/other", "/c/fast"]),
            st.sampled_from(Meter),
            st.integers(0, 10**9),
            st.sampled_from(["", "c"]),
        ),
        max_size=6,
    ),
)
def test_groups_add_up(
    dimension: Dimension, used: list[tuple[UUID, str, int]], charged: list[tuple[str, Meter, int, str]]
) -> None:
    uses = [use(*one) for one in {one[:2]: one for one in used}.values()]
    groups = roll_up(dimension, uses, [line(*one) for one in charged], PLACES)
    assert sum(sum(one.amounts.values()) for one in groups) == sum(one[2] for one in charged)
    if dimension is not Dimension.METER:
        received = sum(sum((one.received or {}).values()) for one in groups)
        assert received == sum(one.billed_bytes for one in uses)


def test_the_rest_of_the_month_is_like_the_last_full_days() -> None:
    today = date(2026, 3, 10)
    amounts = {today - timedelta(days=ago): 70 for ago in range(1, 20)} | {today: 5}
    found = forecast_month(amounts, today, date(2026, 1, 1))
    assert found is not None
    assert (found.spent, found.daily_average, found.averaged_days, found.days_left) == (630, 70, 7, 22)
    assert found.amount == 630 + 22 * 70
    young = forecast_month({today - timedelta(days=1): 10}, today, today - timedelta(days=2))
    assert young is not None
    assert (young.averaged_days, young.daily_average) == (2, 5)
    assert forecast_month({today: 5}, today, today) is None


def test_a_reservation_is_cheaper_for_who_sends_enough_every_day() -> None:
    levels = list_levels(PRICES)
    steady = offer_tiers([90 * GB] * 10, PRICES, levels)
    assert [(one.reserved_gb, one.amount / 1e6) for one in steady] == [
        (100, 1500.0),
        (None, 1800.0),
        (1000, 12000.0),
    ]
    bursts = offer_tiers([400 * GB, 0, 0, 0, 0, 0, 0], PRICES, levels)
    assert bursts[0].reserved_gb is None
    over = offer_tiers([110 * GB], PRICES, list_levels(PRICES, needs_reservation=True))
    assert [(one.reserved_gb, one.amount / 1e6) for one in over] == [(100, 170.0), (1000, 1200.0)]
