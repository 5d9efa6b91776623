"""For how long the records of customers are kept that keep them for less time than their workspace. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.ddl import CUSTOMER_COLUMN, TIME_COLUMN
from kelp.kql.bound import Call, ColumnReference, Literal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kelp.kql.bound import Expression
    from kelp.resources.customer import Customer
    from kelp.resources.resource import Resource


def group_by_retention(
    customers: Iterable[Resource[Customer]], longest_days: int
) -> Mapping[int, tuple[str, ...]]:
    """Return the ids of customers by the days that they keep records, of those that keep them for less than that."""
    groups: dict[int, list[str]] = {}
    for customer in customers:
        days = customer.properties.settings.retention_in_days
        if days is not None and days < longest_days:
            groups.setdefault(days, []).append(str(customer.properties.customer_id))
    return {days: tuple(sorted(ids)) for days, ids in sorted(groups.items())}


def find_kept(
    groups: Mapping[int, tuple[str, ...]], first_ticks: int | None, cutoff_of: Mapping[int, int]
) -> Expression | None:
    """Return which rows the customers keep, by the cut-off (in ticks) of each group's days; None for all."""
    conditions = []
    for days, ids in groups.items():
        if first_ticks is not None and first_ticks >= cutoff_of[days]:
            continue
        customer = ColumnReference(CUSTOMER_COLUMN, ScalarType.STRING)
        named = tuple(Literal(ScalarType.STRING, one) for one in ids)
        is_theirs = Call("in", (customer, *named), ScalarType.BOOL)
        time = ColumnReference(TIME_COLUMN, ScalarType.DATETIME)
        is_kept = Call(">=", (time, Literal(ScalarType.DATETIME, cutoff_of[days])), ScalarType.BOOL)
        conditions.append(Call("or", (is_kept, Call("not", (is_theirs,), ScalarType.BOOL)), ScalarType.BOOL))
    if len(conditions) > 1:
        return Call("and", tuple(conditions), ScalarType.BOOL)
    return conditions[0] if conditions else None
