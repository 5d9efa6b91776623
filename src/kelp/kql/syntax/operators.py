"""What may stand after a pipe: one node an operator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql.text import Span
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.syntax.expressions import (
        Call,
        ColumnDeclaration,
        Expression,
        Name,
        NamedExpression,
        NameExpression,
        Option,
        OrderingKey,
        QualifiedCall,
        TypeLiteral,
        WildcardName,
    )
    from kelp.kql.syntax.statements import Pipeline, QueryBlock


@dataclass(frozen=True, slots=True)
class Where:
    """`where` / `filter`."""

    span: Span
    predicate: Expression


@dataclass(frozen=True, slots=True)
class Extend:
    """`extend`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """`project`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class ProjectAway:
    """`project-away`: names and wildcards."""

    span: Span
    columns: tuple[NameExpression | WildcardName, ...]


@dataclass(frozen=True, slots=True)
class ProjectKeep:
    """`project-keep`: names and wildcards."""

    span: Span
    columns: tuple[NameExpression | WildcardName, ...]


@dataclass(frozen=True, slots=True)
class ProjectRename:
    """`project-rename New = Old`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class ProjectReorder:
    """`project-reorder Name, Wild* asc`; order words: asc, desc, granny-asc, granny-desc, or None."""

    span: Span
    columns: tuple[tuple[NameExpression | WildcardName, str | None], ...]


@dataclass(frozen=True, slots=True)
class ProjectByNames:
    """`project-by-names`: names, wildcards, or expressions that give names."""

    span: Span
    columns: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """`count`."""

    span: Span
    name: Name | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """`take` / `limit`."""

    span: Span
    count: Expression


@dataclass(frozen=True, slots=True)
class Sort:
    """`sort by` / `order by`."""

    span: Span
    keys: tuple[OrderingKey, ...]


@dataclass(frozen=True, slots=True)
class Top:
    """`top N by`."""

    span: Span
    count: Expression
    keys: tuple[OrderingKey, ...]


@dataclass(frozen=True, slots=True)
class TopHitters:
    """`top-hitters N of Expr [by Expr]`."""

    span: Span
    count: Expression
    of: NamedExpression
    by: NamedExpression | None


@dataclass(frozen=True, slots=True)
class TopNestedClause:
    """`[N] of Expr [with others = X] by [Name =] Aggregate [asc|desc]`."""

    span: Span
    count: Expression | None
    of: NamedExpression
    others: Expression | None
    by: OrderingKey


@dataclass(frozen=True, slots=True)
class TopNested:
    """`top-nested ..., top-nested ...`."""

    span: Span
    clauses: tuple[TopNestedClause, ...]


@dataclass(frozen=True, slots=True)
class Distinct:
    """`distinct`; columns may hold a `WildcardName`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class Summarize:
    """`summarize aggregates by keys`."""

    span: Span
    options: tuple[Option, ...]
    aggregates: tuple[NamedExpression, ...]
    keys: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """`join kind=... (right) on ...`; conditions are names, or `$left.a == $right.b`, or expressions."""

    span: Span
    options: tuple[Option, ...]
    right: Pipeline
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """`lookup kind=leftouter (right) on ...`."""

    span: Span
    options: tuple[Option, ...]
    right: Pipeline
    conditions: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Union:
    """`union`, as a source or after a pipe. Sources may be single `WildcardName`s in a pipeline's place."""

    span: Span
    options: tuple[Option, ...]
    sources: tuple[Pipeline | WildcardName, ...]


@dataclass(frozen=True, slots=True)
class MvExpandColumn:
    """`[name =] expr [to typeof(type)]`."""

    span: Span
    value: NamedExpression
    to_type: TypeLiteral | None


@dataclass(frozen=True, slots=True)
class MvExpand:
    """`mv-expand [bagexpansion=...] [with_itemindex=i] columns [limit N]`."""

    span: Span
    options: tuple[Option, ...]
    columns: tuple[MvExpandColumn, ...]
    limit: Expression | None


@dataclass(frozen=True, slots=True)
class MvApply:
    """`mv-apply columns [limit N] on (body)`; `context_id` for `id name`."""

    span: Span
    options: tuple[Option, ...]
    columns: tuple[MvExpandColumn, ...]
    limit: Expression | None
    context_id: Name | None
    body: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class ParsePattern:
    """A part of a parse pattern: `*` (skip), a string literal, or a column (`name[: type]`)."""

    span: Span
    star: bool = False
    text: Expression | None = None
    column: str | None = None
    type: ScalarType | None = None


@dataclass(frozen=True, slots=True)
class Parse:
    """`parse [kind=simple|relaxed|regex flags=..] Expr with pattern`; `is_filter` for parse-where."""

    span: Span
    is_filter: bool
    options: tuple[Option, ...]
    subject: Expression
    pattern: tuple[ParsePattern, ...]


@dataclass(frozen=True, slots=True)
class ParseKv:
    """`parse-kv Expr as (columns) with (options)`."""

    span: Span
    subject: Expression
    columns: tuple[ColumnDeclaration, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MakeSeriesAggregate:
    """`[name =] aggregate [default = value]`."""

    span: Span
    value: NamedExpression
    default: Expression | None


@dataclass(frozen=True, slots=True)
class MakeSeries:
    """`make-series aggregates on axis [in range(a,b,c) | from a to b] step s by keys`."""

    span: Span
    options: tuple[Option, ...]
    aggregates: tuple[MakeSeriesAggregate, ...]
    axis: NamedExpression
    start: Expression | None
    stop: Expression | None
    step: Expression
    keys: tuple[NamedExpression, ...]
    in_range: bool = False


@dataclass(frozen=True, slots=True)
class Serialize:
    """`serialize [columns]`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """`sample N`."""

    span: Span
    count: Expression


@dataclass(frozen=True, slots=True)
class SampleDistinct:
    """`sample-distinct N of Expr`."""

    span: Span
    count: Expression
    of: NamedExpression


@dataclass(frozen=True, slots=True)
class As:
    """`as [hint.materialized=true] Name`."""

    span: Span
    options: tuple[Option, ...]
    name: Name


@dataclass(frozen=True, slots=True)
class GetSchema:
    """`getschema`."""

    span: Span


@dataclass(frozen=True, slots=True)
class Render:
    """`render kind [with (properties)]`.

    Properties may be names, literals or lists of names (a `Call` named `list`).
    """

    span: Span
    visualization: str
    properties: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """`search [kind=..] [in (tables)] predicate`, as a source or after a pipe.

    Bare terms are string literals in the predicate.
    """

    span: Span
    options: tuple[Option, ...]
    tables: tuple[NameExpression | WildcardName | Pipeline, ...]
    predicate: Expression


@dataclass(frozen=True, slots=True)
class Find:
    """`find [withsource=c] [in (tables)] where predicate [project ...|project-smart] [project-away ...]`."""

    span: Span
    options: tuple[Option, ...]
    tables: tuple[NameExpression | WildcardName | Pipeline, ...]
    predicate: Expression
    project: tuple[NamedExpression | ColumnDeclaration, ...] | None
    pack_all: bool
    project_away: tuple[NameExpression | WildcardName, ...]


@dataclass(frozen=True, slots=True)
class Invoke:
    """`invoke f(arguments)`."""

    span: Span
    call: Call | QualifiedCall


@dataclass(frozen=True, slots=True)
class Evaluate:
    """`evaluate [options] plugin(arguments) [: (schema)]`."""

    span: Span
    options: tuple[Option, ...]
    call: Call
    schema: TypeLiteral | None


@dataclass(frozen=True, slots=True)
class Reduce:
    """`reduce by Expr [with threshold=.., characters=..]`."""

    span: Span
    options: tuple[Option, ...]
    by: NamedExpression
    properties: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Facet:
    """`facet by columns [with (body)]`."""

    span: Span
    columns: tuple[NameExpression, ...]
    body: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Fork:
    """`fork name=(body) (body)`."""

    span: Span
    branches: tuple[tuple[Name | None, tuple[Operator, ...]], ...]


@dataclass(frozen=True, slots=True)
class Partition:
    """`partition [hints] by Column (body)`; `source` where the body is `{ full query }`."""

    span: Span
    options: tuple[Option, ...]
    by: Expression
    body: tuple[Operator, ...]
    source: Pipeline | None
    values: Expression | None = None
    """`in (values)` after the column: the partitions wanted (an old form)."""


@dataclass(frozen=True, slots=True)
class PartitionBy:
    """`__partitionby` / `partition-by`: as `Partition`, kept apart because its scoping differs."""

    span: Span
    options: tuple[Option, ...]
    by: Expression
    context_id: Name | None
    body: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class ScanStep:
    """`step name [optional] [output=last|none|all]: condition => a = 1, b = 2`."""

    span: Span
    name: str
    optional: bool
    output: str | None
    condition: Expression
    assignments: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class ScanDeclaration:
    """`name: type [= default]`."""

    span: Span
    column: ColumnDeclaration
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Scan:
    """`scan [with_match_id=m] [order by ..] [partition by ..] [declare (..)] with (steps)`."""

    span: Span
    options: tuple[Option, ...]
    order_by: tuple[OrderingKey, ...]
    partition_by: tuple[NamedExpression, ...]
    declarations: tuple[ScanDeclaration, ...]
    steps: tuple[ScanStep, ...]


@dataclass(frozen=True, slots=True)
class ExecuteAndCache:
    """`execute-and-cache`."""

    span: Span


@dataclass(frozen=True, slots=True)
class AssertSchema:
    """`assert-schema (columns)`."""

    span: Span
    columns: tuple[ColumnDeclaration, ...]


@dataclass(frozen=True, slots=True)
class Consume:
    """`consume [decodeblocks=..]`."""

    span: Span
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class MacroExpand:
    """`macro-expand [options] group as alias (body)`, a source."""

    span: Span
    options: tuple[Option, ...]
    group: Expression
    alias: Name
    body: QueryBlock


@dataclass(frozen=True, slots=True)
class MakeGraph:
    """`make-graph Source --> Target with Nodes on Id [, ...]`.

    Or `with_node_id=n` in place of the node tables; optionally followed by `partitioned-by c (body)`.
    """

    span: Span
    options: tuple[Option, ...]
    source: Expression
    target: Expression
    nodes: tuple[tuple[Pipeline, Expression], ...]
    node_id: Name | None
    partitioned_by: Expression | None
    body: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class GraphNode:
    """`(name)` in a graph pattern; empty name for `()`."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """`-[name*min..max]->` (`direction` is `->`, `<-` or `--`)."""

    span: Span
    name: str
    direction: str
    min_hops: Expression | None
    max_hops: Expression | None


@dataclass(frozen=True, slots=True)
class GraphMatch:
    """`graph-match [cycles=..] patterns [where ..] [project ..]`.

    `is_shortest_paths` for graph-shortest-paths.
    """

    span: Span
    is_shortest_paths: bool
    options: tuple[Option, ...]
    patterns: tuple[tuple[GraphNode | GraphEdge, ...], ...]
    predicate: Expression | None
    project: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class GraphToTable:
    """`graph-to-table nodes [as N] [with_node_id=..], edges [as E] [...]`."""

    span: Span
    outputs: tuple[tuple[str, Name | None, tuple[Option, ...]], ...]


@dataclass(frozen=True, slots=True)
class GraphMarkComponents:
    """`graph-mark-components [kind=..] [with_component_id=..]`."""

    span: Span
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class GraphWhere:
    """`graph-where-nodes` / `graph-where-edges`; `part` is `nodes` or `edges`."""

    span: Span
    part: str
    predicate: Expression


@dataclass(frozen=True, slots=True)
class UnknownOperator:
    """A word after a pipe that is no operator; a diagnostic says so."""

    span: Span
    word: str


Operator = (
    Where | Extend | Project | ProjectAway | ProjectKeep | ProjectRename | ProjectReorder | ProjectByNames
    | Count | Take | Sort | Top | TopHitters | TopNested | Distinct | Summarize | Join | Lookup | Union
    | MvExpand | MvApply | Parse | ParseKv | MakeSeries | Serialize | Sample | SampleDistinct | As | GetSchema
    | Render | Search | Find | Invoke | Evaluate | Reduce | Facet | Fork | Partition | PartitionBy | Scan
    | ExecuteAndCache | AssertSchema | Consume | MakeGraph | GraphMatch | GraphToTable | GraphMarkComponents
    | GraphWhere | UnknownOperator
)  # fmt: skip
