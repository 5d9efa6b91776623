"""The bound query: every name resolved, every expression typed, shorthand expanded. Still KQL's own vocabulary.

Expressions are shared with `plan`; operators are not. Each operator knows the columns it gives (`schema`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kelp.kql.diagnostics import Diagnostic
from kelp.kql.graph_pattern import GraphKeys, GraphPattern, Taken
from kelp.kql.mining import Mining
from kelp.kql.schema import TableSymbol
from kelp.kql.text import NOWHERE, Span
from kelp.kql.types import Column, RowSchema, ScalarType

# --- expressions
# -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant; `value` as in `syntax.Literal`, None for null."""

    type: ScalarType
    value: bool | int | float | str | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ColumnReference:
    """A column of the operator's input row."""

    name: str
    type: ScalarType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A scalar function or operator over arguments that already have the types it wants.

    `function` is its canonical name: `strlen`, `==`, `has_cs`, `and`; access into dynamic values is
    `dynamic_member` (literal key) and `dynamic_index`.
    """

    function: str
    arguments: tuple[Expression, ...]
    type: ScalarType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class AggregateCall:
    """An aggregation over the group; only inside `Summarize` (and what is built on it)."""

    function: str
    arguments: tuple[Expression, ...]
    type: ScalarType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class WindowCall:
    """A function over neighbouring rows of a serialized input: `prev`, `next`, `row_number`, `row_cumsum` ..."""

    function: str
    arguments: tuple[Expression, ...]
    type: ScalarType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class ScalarQuery:
    """`toscalar(...)`: the first column of the first row, null when there is none."""

    query: Operator
    type: ScalarType
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class InQuery:
    """`subject in (query)`: membership in the first column of a tabular value; `ignore_case` for `in~`."""

    subject: Expression
    query: Operator
    negated: bool
    ignore_case: bool
    span: Span = field(default=NOWHERE, compare=False)

    @property
    def type(self) -> ScalarType:
        """Membership is a truth value."""
        return ScalarType.BOOL


Expression = Literal | ColumnReference | Call | AggregateCall | WindowCall | ScalarQuery | InQuery


@dataclass(frozen=True, slots=True)
class Output:
    """An expression and the name of the column it makes."""

    name: str
    value: Expression


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of an ordering, all defaults filled in."""

    value: Expression
    descending: bool
    nulls_first: bool


# --- operators
# -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TableScan:
    """All rows of a table that the scope lets through."""

    symbol: TableSymbol
    span: Span

    @property
    def schema(self) -> RowSchema:
        """The table's columns."""
        return self.symbol.schema


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows written in the text: `datatable`, `getschema`; `print` is an `Extend` over one row without columns."""

    schema: RowSchema
    rows: tuple[tuple[Expression, ...], ...]


@dataclass(frozen=True, slots=True)
class ExternalData:
    """The records of places outside as text, a string column for each declared one (rules EXT-1 to EXT-5).

    `raw_columns` hold JSON text where the format has values that are more than text.
    """

    places: tuple[str, ...]
    format: str
    raw_columns: frozenset[str]
    ignores_first_record: bool
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class RangeRows:
    """`range`: one column counting from `start` to `stop` (both inclusive) by `step`."""

    schema: RowSchema
    start: Expression
    stop: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class ApplyInput:
    """The rows that `mv-apply` made of one input row, inside its body, and their like."""

    schema: RowSchema
    is_ordered: bool = False
    """Whether they stand in order, whatever the order of those they are made of."""


@dataclass(frozen=True, slots=True)
class Where:
    """The rows for which the predicate is true (null is not true)."""

    input: Operator
    predicate: Expression

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class Extend:
    """All input columns, plus or replaced by `outputs`; outputs see only the input."""

    input: Operator
    outputs: tuple[Output, ...]
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Project:
    """Exactly `outputs`, in order: `project` and its family."""

    input: Operator
    outputs: tuple[Output, ...]
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Summarize:
    """One row a group; without keys one row in all. `distinct` and `count` are this too."""

    input: Operator
    keys: tuple[Output, ...]
    aggregates: tuple[Output, ...]
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class SeriesValue:
    """A column of the bins that becomes an array; `default` stands in bins that have no row."""

    name: str
    type: ScalarType
    default: Literal


@dataclass(frozen=True, slots=True)
class MakeSeries:
    """The bins of each group as arrays: the keys, the values, and the axis under its name.

    The input has a row for each bin and group; `place` counts the bins from `start`, or from where bins are
    multiples from. The points are those from `start` up to, not including, `stop`, in steps of `step`; where one
    is None, from the group's first bin, or up to its last. Without rows there is no group, unless it `is_nonempty`.
    """

    input: Operator
    keys: tuple[ColumnReference, ...]
    values: tuple[SeriesValue, ...]
    axis: Column
    place: ColumnReference
    start: Expression | None
    stop: Expression | None
    step: Expression
    is_nonempty: bool
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Sort:
    """The rows in order."""

    input: Operator
    keys: tuple[SortKey, ...]

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class Serialize:
    """The rows in the order they happen to have, which is from here on meant."""

    input: Operator

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class Take:
    """At most `count` rows (a constant expression of type long); where there are `keys`, of each group of them."""

    input: Operator
    count: Expression
    keys: tuple[Expression, ...] = ()

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class JoinOutput:
    """A column of a join's result: `name` here, `source` on its side."""

    name: str
    source: str
    is_left: bool


@dataclass(frozen=True, slots=True)
class Join:
    """Every kind of `join`, and `lookup`.

    `kind`: innerunique, inner, leftouter, rightouter, fullouter, leftsemi, rightsemi, leftanti, rightanti,
    cross. `conditions` are pairs (over the left row, over the right row) compared with `==`, of equal types.
    """

    kind: str
    left: Operator
    right: Operator
    conditions: tuple[tuple[Expression, Expression], ...]
    outputs: tuple[JoinOutput, ...]
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Union:
    """The rows of all inputs.

    Each input's columns are matched by name, what one lacks is null (or empty). `renamed` has for each input the
    columns that are called otherwise in the union: the name there, and the input's; it is empty where none is.
    """

    inputs: tuple[Operator, ...]
    schema: RowSchema
    renamed: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """One expanded column: `value` is a dynamic array or bag; the item comes out as `type` under `name`."""

    name: str
    value: Expression
    type: ScalarType


@dataclass(frozen=True, slots=True)
class MvExpand:
    """A row for each item; arrays of one row advance together, the shorter padded with null.

    An empty array gives no row, a null or scalar one row.
    """

    input: Operator
    expansions: tuple[Expansion, ...]
    bag_as_array: bool
    item_index: str | None
    limit: Expression | None
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class MvApply:
    """For each input row: expand, run `body` over the expanded rows, and put the row's other columns in front.

    `body` is a chain of operators that ends in an `ApplyInput`, whose schema holds the input's columns and
    the expanded ones.
    """

    input: Operator
    expansions: tuple[Expansion, ...]
    item_index: str | None
    limit: Expression | None
    body: Operator
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Partition:
    """For each value of `key` run `body`, a chain of operators that ends in an `ApplyInput`, over its rows.

    Where there is a `source`, the body runs over that query instead, for each value again. In the body
    `hidden`, which no text can name, stands for the key.
    """

    input: Operator
    key: Expression
    hidden: ColumnReference
    source: Operator | None
    body: Operator
    schema: RowSchema


def step_column(step: str, column: str) -> str:
    """Return the name by which expressions of `scan` refer to a column of what a step matched last."""
    return f"$step.{step}.{column}"


@dataclass(frozen=True, slots=True)
class MatchStep:
    """A step of `scan`.

    `output` is which of repeated matches are shown: all, last or none. Expressions are over the row with the declared
    columns, and over what steps up to this one matched (`step_column`).
    """

    name: str
    condition: Expression
    assignments: tuple[Output, ...]
    output: str


@dataclass(frozen=True, slots=True)
class StepScan:
    """`scan`: a row for each match of an input row with a step (rules SCAN-1 to SCAN-6).

    `declared` are the columns added, with their defaults. Where there are `keys`, the rows of each group of them are
    scanned on their own.
    """

    input: Operator
    keys: tuple[Expression, ...]
    declared: tuple[Output, ...]
    steps: tuple[MatchStep, ...]
    match_id: str | None
    step_name: str | None
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class ParseItem:
    """A part of a parse pattern: `text` to match (None: anything, `*`), or a column to fill."""

    text: str | None
    column: str | None
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Parse:
    """`parse` and `parse-where`; `mode`: simple, relaxed, regex; `flags` are regex flags."""

    input: Operator
    subject: Expression
    mode: str
    flags: str
    items: tuple[ParseItem, ...]
    is_filter: bool
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Shared:
    """A tabular value that the text names once and may use often (`materialize`, `as`, `let`).

    `name` is what the text calls it. One that `is_materialized` is computed once, so that all uses see the same rows,
    and its name is unique in the query.
    """

    name: str
    input: Operator
    is_materialized: bool = False

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class KeptRows:
    """Rows that are computed once for all statements that read them; `name` is unique in the query."""

    name: str
    input: Operator

    @property
    def schema(self) -> RowSchema:
        """As the input's."""
        return self.input.schema


@dataclass(frozen=True, slots=True)
class GraphMatch:
    """A row for each match of a pattern: what is taken of it, and a number in `row_column`.

    The keys of `nodes` are unique. An edge whose ends are not both among the nodes is not there.
    """

    nodes: Operator
    edges: Operator
    keys: GraphKeys
    pattern: GraphPattern
    outputs: tuple[tuple[str, Taken], ...]
    row_column: str
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class GraphComponents:
    """The nodes, each with the number of the component it is in, which is `column`."""

    nodes: Operator
    edges: Operator
    keys: GraphKeys
    column: str
    is_strong: bool
    schema: RowSchema


@dataclass(frozen=True, slots=True)
class Mine:
    """The patterns that are found in the rows, in any order; `schema` is what the method gives."""

    input: Operator
    method: Mining
    schema: RowSchema


Operator = (
    TableScan
    | Rows
    | RangeRows
    | ExternalData
    | ApplyInput
    | Where
    | Extend
    | Project
    | Summarize
    | MakeSeries
    | Sort
    | Serialize
    | Take
    | Join
    | Union
    | MvExpand
    | MvApply
    | Partition
    | StepScan
    | Parse
    | Shared
    | KeptRows
    | GraphMatch
    | GraphComponents
    | Mine
)


@dataclass(frozen=True, slots=True)
class Graph:
    """What `make-graph` makes: no table, but nodes and edges with their properties.

    In the nodes, `id` is a column that tells them apart; `source` and `target` are columns of the edges, of the same
    type. Nodes of different `partition`s, a column of both, are different ones. Beside the properties, the operators
    have these columns, which no text can name.
    """

    nodes: Operator
    edges: Operator
    node_properties: RowSchema
    edge_properties: RowSchema
    id: ColumnReference
    source: ColumnReference
    target: ColumnReference
    partition: ColumnReference | None


# --- the whole query
# -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Visualization:
    """What `render` asked for.

    Its kind and the properties as written (lower-case names; values are text, lists are tuples).
    """

    kind: str
    properties: dict[str, str | tuple[str, ...] | bool | float | None]


@dataclass(frozen=True, slots=True)
class BoundResult:
    """One tabular statement."""

    name: str
    operator: Operator
    visualization: Visualization | None


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A whole query: its results in order, the `set` options, warnings, and whether it asked what time it is."""

    results: tuple[BoundResult, ...]
    options: dict[str, str]
    warnings: tuple[Diagnostic, ...]
    reads_clock: bool
