"""What aggregations run over: values, and the condition that rows meet to count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import AggregateSpelling, Lowered, call, literal, or_else
from kelp.clickhouse.sql import SqlCall
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import AggregateCall


@dataclass(frozen=True, slots=True)
class Group:
    """The arguments of an aggregation over those of a group's rows for which `condition`, if any, holds."""

    values: tuple[Lowered, ...]
    condition: SqlExpression | None = None

    @property
    def value(self) -> Lowered:
        """The first argument."""
        return self.values[0]

    def apply(
        self, name: str, *arguments: SqlExpression, parameters: tuple[SqlExpression, ...] = ()
    ) -> SqlCall:
        """Return the engine's aggregate over expressions of a row; without any, over the first argument."""
        taken = arguments or (self.value.sql,)
        if self.condition is None:
            return SqlCall(name, taken, parameters)
        return SqlCall(f"{name}If", (*taken, self.condition), parameters)

    def count(self) -> SqlExpression:
        """Return how many values are not null."""
        return self.apply("count")

    def is_without_values(self) -> SqlExpression:
        """Return whether all values are null."""
        return call("equals", self.count(), 0)

    def only(self, condition: SqlExpression) -> Group:
        """Return the rows for which this holds as well."""
        both = condition if self.condition is None else call("and", self.condition, condition)
        return replace(self, condition=both)

    def without_empty(self) -> Group:
        """Return the rows whose first argument, a text or dynamic, is not empty or null."""
        nothing = ("", "null") if self.value.type is T.DYNAMIC else ("",)
        return self.only(
            call("not", call("in", self.value.sql, SqlCall("tuple", tuple(map(literal, nothing)))))
        )


GroupSpelling = Callable[[Group, "AggregateCall"], Lowered]
"""Spells an aggregation of a group."""


def over(spell: GroupSpelling, values: int = 1, *, conditional: bool = False) -> AggregateSpelling:
    """Return the spelling of an aggregation that takes so many values, and then a condition if it is `conditional`.

    Arguments after those are constants, which the spelling reads from the call.
    """

    def spelled(aggregate: AggregateCall, arguments: tuple[Lowered, ...]) -> Lowered:
        condition = or_else(arguments[values], literal(False)) if conditional else None
        return spell(Group(arguments[:values], condition), aggregate)

    return spelled
