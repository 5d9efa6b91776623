"""What is charged: the tiers, the billing types of clusters, and that parts add up, for any volumes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.jobs.charge import (
    MICRO,
    ClusterDay,
    Line,
    Meter,
    WorkspaceDay,
    charge_days,
    split_amount,
    sum_lines,
)
from kelp.jobs.prices import InvalidPrices, Prices, load_prices
from kelp.resources.cluster import BillingType
from kelp.resources.workspace import Sku

DAY = date(2026, 3, 1)
GB = 1_000_000_000
PRICES = Prices(per_gb=2.0, commitments={100: 150.0, 1000: 1200.0})
CLUSTER = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/c"


def workspace_day(name: str, sku: Sku = Sku.PER_GB_2018, **facts: object) -> WorkspaceDay:
    return WorkspaceDay(DAY, name, "s", sku, **facts)  # type: ignore[arg-type]


def amounts(*days: WorkspaceDay, clusters: tuple[ClusterDay, ...] = ()) -> dict[tuple[str, Meter], float]:
    sums = sum_lines(charge_days(days, clusters, PRICES), lambda line: (line.resource_id, line.meter))
    return {key: amount / MICRO for key, (_, amount) in sums.items()}


def test_pay_as_you_go_is_by_the_gigabyte() -> None:
    assert amounts(workspace_day("w", billed_bytes={"": 3 * GB})) == {("w", Meter.DATA): 6.0}
    assert amounts(workspace_day("w", Sku.FREE, billed_bytes={"": 3 * GB})) == {}


def test_a_reservation_is_paid_whole_and_what_is_over_it_by_the_gigabyte() -> None:
    reserved = workspace_day("w", Sku.CAPACITY_RESERVATION, reserved_gb=100, billed_bytes={"": 110 * GB})
    assert amounts(reserved) == {("w", Meter.RESERVATION): 150.0, ("w", Meter.OVERAGE): 20.0}
    idle = workspace_day("w", Sku.CAPACITY_RESERVATION, reserved_gb=100)
    assert amounts(idle) == {("w", Meter.RESERVATION): 150.0}


def test_nodes_have_an_allowance() -> None:
    nodes = workspace_day("w", Sku.PER_NODE, nodes=4, billed_bytes={"": 3 * GB})
    assert amounts(nodes) == {("w", Meter.NODES): 2.0, ("w", Meter.DATA): 2.0}


def test_keeping_is_charged_beyond_the_free_days() -> None:
    kept = workspace_day("w", kept_bytes=300 * GB, archived_bytes=1500 * GB)
    assert amounts(kept) == {("w", Meter.RETENTION): 1.0, ("w", Meter.ARCHIVE): 1.0}


def test_a_cluster_pays_for_all_its_workspaces() -> None:
    linked = workspace_day("w", cluster_id=CLUSTER.lower(), billed_bytes={"": 1100 * GB})
    cluster = ClusterDay(DAY, CLUSTER, "s", 1000)
    assert amounts(linked, clusters=(cluster,)) == {
        (CLUSTER, Meter.RESERVATION): 1200.0,
        (CLUSTER, Meter.OVERAGE): 200.0,
    }


def test_linked_workspaces_share_a_reservation_and_the_cluster_pays_what_is_unused() -> None:
    one = workspace_day("one", cluster_id=CLUSTER, billed_bytes={"": 500 * GB})
    two = workspace_day("two", Sku.PER_NODE, nodes=200, cluster_id=CLUSTER, billed_bytes={"": 350 * GB})
    cluster = ClusterDay(DAY, CLUSTER, "s", 1000, BillingType.WORKSPACES)
    assert amounts(one, two, clusters=(cluster,)) == {
        ("one", Meter.RESERVATION): 600.0,
        ("two", Meter.RESERVATION): 300.0,  # without the 100 GB that the nodes are allowed
        (CLUSTER, Meter.UNUSED_RESERVATION): 300.0,
    }
    over = workspace_day("over", cluster_id=CLUSTER, billed_bytes={"": 1500 * GB})
    small = workspace_day("small", cluster_id=CLUSTER, billed_bytes={"": 500 * GB})
    found = amounts(over, small, clusters=(cluster,))
    assert found["over", Meter.RESERVATION] == 900.0
    assert found["over", Meter.OVERAGE] == 1500.0
    assert found["small", Meter.RESERVATION] == 300.0
    assert found["small", Meter.OVERAGE] == 500.0


volumes = st.dictionaries(st.sampled_from(["", "a", "b", "c"]), st.integers(0, 10**13), max_size=4)
days = st.builds(
    WorkspaceDay,
    day=st.sampled_from([date(2026, 3, 1), date(2026, 3, 2)]),
    resource_id=st.sampled_from(["w1", "w2", "w3"]),
    subscription_id=st.sampled_from(["s1", "s2"]),
    sku=st.sampled_from(list(Sku)),
    reserved_gb=st.sampled_from([None, 100, 1000, 1300]),
    cluster_id=st.sampled_from(["", CLUSTER]),
    billed_bytes=volumes,
    nodes=st.integers(0, 100),
    kept_bytes=st.integers(0, 10**13),
    archived_bytes=st.integers(0, 10**13),
)
clusters = st.builds(
    ClusterDay,
    day=st.just(date(2026, 3, 1)),
    resource_id=st.just(CLUSTER),
    subscription_id=st.just("s1"),
    reserved_gb=st.sampled_from([100, 500, 1000, 2500]),
    billing_type=st.sampled_from(list(BillingType)),
)


@given(st.lists(days, max_size=6), st.lists(clusters, max_size=1))
def test_groups_add_up_to_the_whole(workspaces: list[WorkspaceDay], reserved: list[ClusterDay]) -> None:
    lines = list(charge_days(workspaces, reserved, PRICES))
    whole = sum(line.amount for line in lines)
    groups = (
        lambda line: line.resource_id,
        lambda line: line.subscription_id,
        lambda line: line.cluster_id,
        lambda line: line.customer_id,
        lambda line: (line.day, line.meter),
    )
    for group in groups:
        assert sum(amount for _, amount in sum_lines(lines, group).values()) == whole
    assert all(line.amount >= 0 for line in lines)
    assert _reservations(lines) == sum(round(PRICES.commitment(one.reserved_gb) * MICRO) for one in reserved)


def _reservations(lines: list[Line]) -> int:
    """What is paid for the cluster's reservation, by whomever."""
    meters = (Meter.RESERVATION, Meter.UNUSED_RESERVATION)
    return sum(line.amount for line in lines if line.meter in meters and _is_of_cluster(line))


def _is_of_cluster(line: Line) -> bool:
    return line.resource_id == CLUSTER or (
        line.cluster_id == CLUSTER and line.day == date(2026, 3, 1) and line.unit == "GB"
    )


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**15), max_size=8))
def test_parts_add_up_and_are_in_proportion(amount: int, weights: list[int]) -> None:
    parts = split_amount(amount, weights)
    assert len(parts) == len(weights)
    if not weights:
        return
    assert sum(parts) == amount
    total = sum(weights)
    if total:
        assert all(
            abs(part - amount * weight / total) <= 1 + amount * 1e-12
            for part, weight in zip(parts, weights, strict=True)
        )


def test_prices_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(
        'currency = "usd"\n[pay_as_you_go]\nper_gb = 3\n[commitment]\n100 = 200\n[retention]\nfree_days = 90\n'
    )
    prices = load_prices(path)
    assert (prices.currency, prices.per_gb, prices.free_retention_days) == ("USD", 3, 90)
    assert prices.commitment(100) == 200.0
    assert prices.commitment(150) == 300.0
    assert load_prices(None) == Prices()


def test_all_that_is_wrong_with_prices_is_told(tmp_path: Path) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(
        "currency = 1\n[pay_as_you_go]\nper_tb = 1\nper_gb = -1\n[commitment]\nmany = 1\n[gifts]\n"
    )
    with pytest.raises(InvalidPrices) as refused:
        load_prices(path)
    assert [one.target for one in refused.value.details] == [
        "currency",
        "pay_as_you_go.per_tb",
        "pay_as_you_go.per_gb",
        "commitment.many",
        "gifts",
    ]
