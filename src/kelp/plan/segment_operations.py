"""What segments compute: plain data, which crosses the border of a process.

A segment is a part of the plan that the engine has no function for; `kelp.segments` computes it from Arrow tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType


class Form(StrEnum):
    """What a column is as Arrow."""

    VALUE = "value"
    """bool, int32, int64, float64, decimal128(38, 18) by type; datetime and timespan int64, in ticks of 100 ns
    (datetimes since 1970); string, guid and dynamic utf8. A dynamic value is JSON text, '' where it is null."""
    SERIES = "series"
    """A dynamic array as list<float64>; null where it is no array, an item is null where it is no number."""


@dataclass(frozen=True, slots=True)
class SegmentColumn:
    """A column at the border, either way."""

    name: str
    type: ScalarType
    form: Form = Form.VALUE


@dataclass(frozen=True, slots=True)
class SegmentCall:
    """A call of a scalar function of `segments.table` over columns (by name) and constants of the given form."""

    function: str
    arguments: tuple[str | ConstantArgument, ...]
    output: SegmentColumn


@dataclass(frozen=True, slots=True)
class ConstantArgument:
    """A constant in an argument's place."""

    value: Literal
    form: Form = Form.VALUE


@dataclass(frozen=True, slots=True)
class Calls:
    """The input's rows with a column more for each call; none of the calls uses another one's."""

    calls: tuple[SegmentCall, ...]


class TabularOperation:
    """What an operator or plugin computes of whole tables: the base of frozen dataclasses, one for each.

    `title` is what users know it by. `segments.table` has the function that computes it.
    """

    __slots__ = ()
    title: ClassVar[str]


@dataclass(frozen=True, slots=True)
class Keep(TabularOperation):
    """The one input as it is: a part that several statements read and that is computed once. No worker is asked."""

    title: ClassVar[str] = "materialize"


SegmentOperation = Calls | TabularOperation


def operation_name(operation: SegmentOperation) -> str:
    """Return what users know the operation by: the functions or the operator that it computes."""
    if isinstance(operation, Calls):
        return ", ".join(dict.fromkeys(call.function.removeprefix("$") for call in operation.calls))
    return operation.title
