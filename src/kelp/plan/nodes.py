"""The plan: relational nodes whose meaning needs no knowledge of KQL's defaults.

What KQL leaves implicit is spelled out here: which side of a join is made unique, what a missing column of a
union holds, what order nulls take. Expressions are those of `kql.bound`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kelp.kql.bound import (
    ColumnReference,
    Expansion,
    Expression,
    JoinOutput,
    MatchStep,
    Output,
    ParseItem,
    SeriesValue,
    SortKey,
)
from kelp.kql.schema import TableSymbol
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import ScopedTable
from kelp.plan.segment_operations import SegmentColumn, SegmentOperation


@dataclass(frozen=True, slots=True)
class Scan:
    """A table as the text names it, before the scope was applied. It never reaches the lowering."""

    symbol: TableSymbol


@dataclass(frozen=True, slots=True)
class ScopedScan:
    """The rows of one stored table that its scope lets through, and of them those `filters` keep.

    `columns` are those the query needs; one the engine does not have is null.
    """

    table: ScopedTable
    columns: tuple[Column, ...]
    filters: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Values:
    """Constant rows."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """One column counting from `start` to `stop`, both inclusive, by `step`."""

    column: Column
    start: Expression
    stop: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class Filter:
    """The rows for which the predicate is true."""

    input: Plan
    predicate: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    """All columns of the input, with `outputs` added or in the place of those of the same name."""

    input: Plan
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """Exactly `outputs`."""

    input: Plan
    outputs: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A row a group: keys, then aggregates. Without keys one row, also over no input."""

    input: Plan
    keys: tuple[Output, ...]
    aggregates: tuple[Output, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """A row for each group with its bins as arrays; the rules are those of `kql.bound.MakeSeries`."""

    input: Plan
    keys: tuple[ColumnReference, ...]
    values: tuple[SeriesValue, ...]
    axis: Column
    place: ColumnReference
    start: Expression | None
    stop: Expression | None
    step: Expression
    is_nonempty: bool


class JoinKind(StrEnum):
    """Joins of the engine; every KQL kind is one of these over prepared sides."""

    INNER = "inner"
    LEFT = "left"
    RIGHT = "right"
    FULL = "full"
    LEFT_SEMI = "left semi"
    LEFT_ANTI = "left anti"


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of both sides that agree on every pair of expressions.

    What an outer join finds no partner for is null or empty.
    """

    kind: JoinKind
    left: Plan
    right: Plan
    pairs: tuple[tuple[Expression, Expression], ...]
    outputs: tuple[JoinOutput, ...]


@dataclass(frozen=True, slots=True)
class UnionAll:
    """The rows of all inputs; a column that an input lacks is null there.

    `renamed` has for each input the columns that it calls otherwise: the name here, and the input's. It is empty where
    all are called alike.
    """

    inputs: tuple[Plan, ...]
    columns: tuple[Column, ...]
    renamed: tuple[Mapping[str, str], ...] = ()

    def input_name(self, index: int, column: str) -> str:
        """Return what an input calls a column."""
        return self.renamed[index].get(column, column) if self.renamed else column


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order."""

    input: Plan
    keys: tuple[SortKey, ...]


@dataclass(frozen=True, slots=True)
class Window:
    """All columns, and `outputs`: calls of functions of neighbouring rows, in the order the input has.

    Where there are `keys`, the rows of each group of them have no neighbours but each other. No call holds another one.
    """

    input: Plan
    outputs: tuple[Output, ...]
    keys: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class StepReference:
    """A column of what a step of `scan` matched last, as expressions refer to it by `kql.bound.step_column`."""

    step: str
    column: str
    type: ScalarType


@dataclass(frozen=True, slots=True)
class StepScan:
    """The matches of rows with steps, by the rules of `kql.bound.StepScan`: all columns, and those it adds.

    `place` numbers the rows, from 1 in each group of `keys`, and gives their order. `references` is what the steps look
    back at, in the order of the steps.
    """

    input: Plan
    place: ColumnReference
    keys: tuple[Expression, ...]
    declared: tuple[Output, ...]
    references: tuple[StepReference, ...]
    steps: tuple[MatchStep, ...]
    match_id: str | None
    step_name: str | None


@dataclass(frozen=True, slots=True)
class Limit:
    """The first `count` rows; a group's first rows where there are `keys`."""

    input: Plan
    count: Expression
    keys: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Unnest:
    """A row for each position of the longest of the row's arrays.

    The rules of expansion are those of `kql.bound.MvExpand`. `row_number`, where named, numbers the input rows, so that
    what came from one row can be told.
    """

    input: Plan
    expansions: tuple[Expansion, ...]
    bag_as_array: bool
    item_index: str | None
    limit: Expression | None
    row_number: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    """All columns, and those that a parse pattern fills, by the rules of `kql.bound.Parse`.

    Rows that do not match are dropped if `is_filter`.
    """

    input: Plan
    subject: Expression
    mode: str
    flags: str
    items: tuple[ParseItem, ...]
    is_filter: bool


@dataclass(frozen=True, slots=True)
class Materialized:
    """A part of the plan that is computed once for all of its uses; `name` is unique in the query.

    `columns` are those that this use reads; the input has all of them.
    """

    name: str
    input: Plan
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class SegmentInput:
    """Rows that a segment gets, in the order they have, and which columns of them."""

    plan: Plan
    columns: tuple[SegmentColumn, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """Rows that the engine can't compute: `kelp.segments` does, from the whole rows of the inputs.

    Of `Calls` the columns are those of the one input, of which any may be left out, and those of the calls.
    """

    inputs: tuple[SegmentInput, ...]
    operation: SegmentOperation
    columns: tuple[SegmentColumn, ...]


Plan = (
    Scan
    | ScopedScan
    | Values
    | Counter
    | Filter
    | Extend
    | Project
    | Aggregate
    | Series
    | Join
    | UnionAll
    | Sort
    | Window
    | StepScan
    | Limit
    | Unnest
    | Extract
    | Materialized
    | Segment
)
