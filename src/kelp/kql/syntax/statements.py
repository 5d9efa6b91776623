"""Where rows come from, pipelines, and the statements of a query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql.syntax.operators import Evaluate, Find, MacroExpand, Search, Union
from kelp.kql.text import Span

if TYPE_CHECKING:
    from kelp.kql.syntax.expressions import (
        ColumnDeclaration,
        Expression,
        Name,
        NamedExpression,
        Option,
        Parameter,
    )
    from kelp.kql.syntax.operators import Operator


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
class InlineExternalTable:
    """`inline_external_table (columns) kind=... (addresses)`.

    What follows the columns is kept as text: the source is refused when used.
    """

    span: Span
    columns: tuple[ColumnDeclaration, ...]
    text: str


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
    """`declare pattern name = (args)[path] { ("a") = { body }; }`.

    The body is kept as text: patterns are refused when used.
    """

    span: Span
    name: Name
    text: str


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


Source = (
    Print | RangeSource | DataTable | ExternalData | InlineExternalTable | ExpressionSource
    | Union | Search | Find | Evaluate | MacroExpand
)  # fmt: skip

Statement = Let | SetOption | DeclareParameters | Alias | Restrict | DeclarePattern | QueryStatement
