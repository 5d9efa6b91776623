"""The syntax tree: what the text says, before any name has a meaning.

Closed unions of frozen nodes, each with the span of the text it stands for. `Expression`, `Operator` and `Statement` at the end
list every member; dispatch on them with `match` ending in `assert_never`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kelp.kql.text import Span
from kelp.kql.types import ScalarType

# --- names and expressions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, plain (`a`), bracketed (`['a b']`) or `$left`/`$right`; `text` is the name itself."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of a known type.

    `value`: bool, int (int, long), float (real; may be inf or nan), str (string; decimal and guid as text), int of 100 ns ticks since
    1970-01-01 UTC (datetime), int of 100 ns ticks (timespan), JSON text (dynamic), or None for `type(null)`.
    """

    span: Span
    type: ScalarType
    value: bool | int | float | str | None


@dataclass(frozen=True, slots=True)
class NameExpression:
    """A reference to a column, a let variable, a table or a function without parentheses."""

    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class WildcardName:
    """A name pattern with `*` in it: `*`, `Sec*`, `*_CL` (project-away, union, search, arg_max ...)."""

    span: Span
    pattern: str


@dataclass(frozen=True, slots=True)
class Member:
    """`target.name`."""

    span: Span
    target: Expression
    name: Name


@dataclass(frozen=True, slots=True)
class Index:
    """`target[index]`."""

    span: Span
    target: Expression
    index: Expression


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call; `name` for `f(x = 1)`. `value` may be a `PipelineExpression`."""

    span: Span
    name: Name | None
    value: Expression


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`. Also `database("x")`, `toscalar(...)`, `materialize(...)`: the binder knows which are special."""

    span: Span
    name: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class QualifiedCall:
    """`target.f(arguments)`: `workspace("w").Table` is a `Member` of a `Call`; this is `database("d").function(1)`."""

    span: Span
    target: Expression
    call: Call


@dataclass(frozen=True, slots=True)
class Unary:
    """`-x` or `+x`."""

    span: Span
    operator: str
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """`left operator right` for `or and == != =~ !~ < <= > >= + - * / % :` and the string operators.

    String operators carry their full lower-case spelling: `has`, `!has`, `has_cs`, `contains`, `startswith`, `hasprefix`, `matches regex`,
    `like`...
    """

    span: Span
    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Between:
    """`subject between (low .. high)`, negated for `!between`."""

    span: Span
    negated: bool
    subject: Expression
    low: Expression
    high: Expression


@dataclass(frozen=True, slots=True)
class Membership:
    """`subject operator (items)` for `in !in in~ !in~ has_any !has_any has_all !has_all`.

    One item may be a `PipelineExpression` or a name that turns out to be tabular.
    """

    span: Span
    operator: str
    subject: Expression
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class TypeLiteral:
    """`typeof(long)` or `typeof(a: long, b: string)`; `columns` has one entry with an empty name for the first form."""

    span: Span
    columns: tuple[ColumnDeclaration, ...]
    extends: bool = False
    """True where `*` stands in the list: the input's columns, then these."""


@dataclass(frozen=True, slots=True)
class PipelineExpression:
    """A tabular expression where a scalar may stand: in parentheses, or as an argument."""

    span: Span
    pipeline: Pipeline


@dataclass(frozen=True, slots=True)
class FunctionLiteral:
    """`(a: long, T: (x: string), b: int = 3) { let ...; body }`, also `view () { body }`."""

    span: Span
    is_view: bool
    parameters: tuple[Parameter, ...]
    body: QueryBlock


@dataclass(frozen=True, slots=True)
class ErrorExpression:
    """Where an expression was expected and none could be read; a diagnostic says so."""

    span: Span


@dataclass(frozen=True, slots=True)
class NamedExpression:
    """`expr`, `name = expr` or `(a, b) = expr`."""

    span: Span
    names: tuple[Name, ...]
    value: Expression


@dataclass(frozen=True, slots=True)
class ColumnDeclaration:
    """`name: type`."""

    span: Span
    name: str
    type: ScalarType


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter: scalar (`type`), or tabular (`columns`; `any_columns` for `(*)`)."""

    span: Span
    name: str
    type: ScalarType | None
    columns: tuple[ColumnDeclaration, ...]
    any_columns: bool
    default: Expression | None


@dataclass(frozen=True, slots=True)
class OrderingKey:
    """`expr [asc|desc] [nulls first|last]`; None where not written."""

    span: Span
    value: NamedExpression
    descending: bool | None
    nulls_first: bool | None


@dataclass(frozen=True, slots=True)
class Option:
    """`name = value` between an operator and its arguments: `kind=inner`, `hint.strategy=shuffle`, `isfuzzy=true`."""

    span: Span
    name: str
    value: Expression


# --- tabular operators -----------------------------------------------------------------------------------------------


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
    """`render kind [with (properties)]`; properties may be names, literals or lists of names (a `Call` named `list`)."""

    span: Span
    visualization: str
    properties: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """`search [kind=..] [in (tables)] predicate`, as a source or after a pipe; bare terms are string literals in the predicate."""

    span: Span
    options: tuple[Option, ...]
    tables: tuple[NameExpression | WildcardName | Pipeline, ...]
    predicate: Expression


@dataclass(frozen=True, slots=True)
class Find:
    """`find [withsource=c] [in (tables)] where predicate [project ... | project-smart] [project-away ...]`."""

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
    """`make-graph Source --> Target with Nodes on Id [, ...]` or `with_node_id=n`, optionally `partitioned-by c (body)`."""

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
    """`graph-match [cycles=..] patterns [where ..] [project ..]`; `is_shortest_paths` for graph-shortest-paths."""

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


# --- sources and statements ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Print:
    """`print a = 1, b`."""

    span: Span
    columns: tuple[NamedExpression, ...]


@dataclass(frozen=True, slots=True)
class RangeSource:
    """`range name from a to b step c`."""

    span: Span
    column: Name
    start: Expression
    stop: Expression
    step: Expression


@dataclass(frozen=True, slots=True)
class DataTable:
    """`datatable (columns) [literals]`; `values` are in row order."""

    span: Span
    columns: tuple[ColumnDeclaration, ...]
    values: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class ExternalData:
    """`externaldata (columns) [uris] with (properties)`."""

    span: Span
    columns: tuple[ColumnDeclaration, ...]
    uris: tuple[Expression, ...]
    properties: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ExpressionSource:
    """A name, call, member access or parenthesised pipeline as the start of a pipeline."""

    span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A source and the operators after it."""

    span: Span
    source: Source
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Let:
    """`let name = value`; `value` may be a `FunctionLiteral` or a `PipelineExpression`."""

    span: Span
    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class SetOption:
    """`set name [= value]`."""

    span: Span
    name: str
    value: Expression | None


@dataclass(frozen=True, slots=True)
class DeclareParameters:
    """`declare query_parameters (a: long = 1)`."""

    span: Span
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Alias:
    """`alias database name = expr`."""

    span: Span
    name: Name
    value: Expression


@dataclass(frozen=True, slots=True)
class Restrict:
    """`restrict access to (names)`."""

    span: Span
    names: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class DeclarePattern:
    """`declare pattern name = (args)[path] { ("a") = { body }; }`; the body is kept as text: patterns are refused when used."""

    span: Span
    name: Name
    text: str


@dataclass(frozen=True, slots=True)
class DeclareEntityGroup:
    """`let g = entity_group [a, b]` keeps its members here."""

    span: Span
    members: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class QueryStatement:
    """A tabular (or, in a function body, scalar) expression statement."""

    span: Span
    value: Expression


@dataclass(frozen=True, slots=True)
class QueryBlock:
    """Statements in order; a whole query, or the body of a function."""

    span: Span
    statements: tuple[Statement, ...]


Expression = (
    Literal
    | NameExpression
    | WildcardName
    | Member
    | Index
    | Call
    | QualifiedCall
    | Unary
    | Binary
    | Between
    | Membership
    | TypeLiteral
    | PipelineExpression
    | FunctionLiteral
    | DeclareEntityGroup
    | ErrorExpression
)

Operator = (
    Where | Extend | Project | ProjectAway | ProjectKeep | ProjectRename | ProjectReorder | ProjectByNames
    | Count | Take | Sort | Top | TopHitters | TopNested | Distinct | Summarize | Join | Lookup | Union
    | MvExpand | MvApply | Parse | ParseKv | MakeSeries | Serialize | Sample | SampleDistinct | As | GetSchema
    | Render | Search | Find | Invoke | Evaluate | Reduce | Facet | Fork | Partition | PartitionBy | Scan
    | ExecuteAndCache | AssertSchema | Consume | MakeGraph | GraphMatch | GraphToTable | GraphMarkComponents
    | GraphWhere | UnknownOperator
)  # fmt: skip

Source = Print | RangeSource | DataTable | ExternalData | ExpressionSource | Union | Search | Find | Evaluate | MacroExpand

Statement = Let | SetOption | DeclareParameters | Alias | Restrict | DeclarePattern | QueryStatement
