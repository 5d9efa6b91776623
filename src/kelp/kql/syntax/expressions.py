"""Names, constants and expressions, and the small parts operators are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql.text import Span
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.syntax.statements import Pipeline, QueryBlock


@dataclass(frozen=True, slots=True)
class Name:
    """An identifier, plain (`a`), bracketed (`['a b']`) or `$left`/`$right`; `text` is the name itself."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant of a known type.

    `value`: bool, int (int, long), float (real; may be inf or nan), str (string; decimal and guid as
    text), int of 100 ns ticks since 1970-01-01 UTC (datetime), int of 100 ns ticks (timespan), JSON text (dynamic),
    or None for `type(null)`.
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
    """`name(arguments)`.

    Also `database("x")`, `toscalar(...)`, `materialize(...)`: the binder knows which are special.
    """

    span: Span
    name: Name
    arguments: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class QualifiedCall:
    """`target.f(arguments)`, as in `database("d").function(1)`.

    `workspace("w").Table` is a `Member` of a `Call`.
    """

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

    String operators carry their full lower-case spelling: `has`, `!has`, `has_cs`, `contains`, `startswith`,
    `hasprefix`, `matches regex`, `like`...
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
    """`typeof(long)` or `typeof(a: long, b: string)`.

    `columns` has one entry with an empty name for the first form.
    """

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
class DeclareEntityGroup:
    """`let g = entity_group [a, b]` keeps its members here."""

    span: Span
    members: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class MalformedLiteral:
    """`datetime("some day")`: what has the form of a constant of a type, and names no value of it."""

    span: Span
    type: ScalarType
    text: str


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
    """`name = value` between an operator and its arguments.

    `kind=inner`, `hint.strategy=shuffle`, `isfuzzy=true`.
    """

    span: Span
    name: str
    value: Expression


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
    | MalformedLiteral
    | ErrorExpression
)
