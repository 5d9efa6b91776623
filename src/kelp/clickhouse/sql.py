"""The SQL tree: what the lowering makes and only the printer spells. It has no node for raw text."""

from __future__ import annotations

from dataclasses import dataclass, field

from kelp.clickhouse.types import EngineTable

# --- expressions
# -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SqlLiteral:
    """A constant: text, number, truth value or NULL. Floats may be infinite or NaN. A tuple is an array of texts."""

    value: str | int | float | bool | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column of the source with that alias; an empty alias for a lambda's parameter."""

    source: str
    name: str


@dataclass(frozen=True, slots=True)
class SqlCall:
    """A function (a name of the engine, allow-listed by `verify`) over expressions.

    `parameters` are those of parametric aggregates.
    """

    function: str
    arguments: tuple[SqlExpression, ...]
    parameters: tuple[SqlExpression, ...] = ()


@dataclass(frozen=True, slots=True)
class SqlCast:
    """`CAST(value AS type)`; the type is one of ours, never of a user."""

    value: SqlExpression
    type: str


@dataclass(frozen=True, slots=True)
class SqlLambda:
    """`(a, b) -> body`."""

    parameters: tuple[str, ...]
    body: SqlExpression


@dataclass(frozen=True, slots=True)
class SqlSubquery:
    """A query in an expression's place: a scalar, or the set after IN."""

    query: SqlQuery


@dataclass(frozen=True, slots=True)
class SqlWindow:
    """`call OVER (PARTITION BY ... ORDER BY ... ROWS ...)`; `frame` is one of our constants."""

    call: SqlCall
    partition_by: tuple[SqlExpression, ...]
    order_by: tuple[SqlOrder, ...]
    frame: str


SqlExpression = SqlLiteral | SqlColumn | SqlCall | SqlCast | SqlLambda | SqlSubquery | SqlWindow


@dataclass(frozen=True, slots=True)
class SqlOrder:
    """One key of ORDER BY."""

    value: SqlExpression
    descending: bool
    nulls_first: bool


# --- sources and queries
# ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SqlTable:
    """A stored table."""

    table: EngineTable


@dataclass(frozen=True, slots=True)
class SqlTableFunction:
    """`numbers(10)`, `values(...)`, `input(...)`: table functions that reach no stored data."""

    function: str
    arguments: tuple[SqlExpression, ...]


@dataclass(frozen=True, slots=True)
class SqlJoin:
    """Two aliased sources; `kind` is one of our constants (`INNER`, `LEFT`, `LEFT SEMI` ...)."""

    kind: str
    left: SqlSource
    left_alias: str
    right: SqlSource
    right_alias: str
    pairs: tuple[tuple[SqlExpression, SqlExpression], ...]


@dataclass(frozen=True, slots=True)
class SqlSharedSource:
    """A common table expression by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class SqlSelect:
    """One SELECT. `array_join` unrolls arrays beside each other; `limit_by` is `LIMIT n BY keys`."""

    projections: tuple[tuple[str, SqlExpression], ...]
    source: SqlSource | None
    alias: str
    where: tuple[SqlExpression, ...] = ()
    array_join: tuple[tuple[str, SqlExpression], ...] = ()
    group_by: tuple[SqlExpression, ...] = ()
    is_aggregate: bool = False
    order_by: tuple[SqlOrder, ...] = ()
    limit_by: tuple[SqlExpression, tuple[SqlExpression, ...]] | None = None
    limit: SqlExpression | None = None
    shared: tuple[tuple[str, SqlQuery], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SqlUnion:
    """`UNION ALL` of queries with the same columns in the same order."""

    queries: tuple[SqlSelect, ...]


SqlQuery = SqlSelect | SqlUnion
SqlSource = SqlTable | SqlTableFunction | SqlJoin | SqlSharedSource | SqlSelect | SqlUnion
