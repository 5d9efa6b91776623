"""Aggregation functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, call, literal, or_else

if TYPE_CHECKING:
    from kelp.kql.bound import AggregateCall


def _count(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    del arguments
    return Lowered(call("toInt64", call("count")), aggregate.type, nullable=False)


def _countif(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
    (condition,) = arguments
    return Lowered(
        call("toInt64", call("countIf", or_else(condition, literal(False)))), aggregate.type, nullable=False
    )


SPELLINGS: dict[str, AggregateSpelling] = {
    "count": _count,
    "countif": _countif,
}
