"""A SELECT under construction.

Operators are added to it as long as SQL's order of clauses allows, then it becomes a subquery.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.chance import CHANCE_FUNCTIONS
from kelp.clickhouse.functions.spelling import JsonPath, Lowered
from kelp.clickhouse.sql import (
    SqlCall,
    SqlCast,
    SqlColumn,
    SqlLambda,
    SqlLiteral,
    SqlSelect,
    SqlSubquery,
    SqlWindow,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from kelp.clickhouse.lowering.segment import LoweredSegment
    from kelp.clickhouse.sql import SqlExpression, SqlOrder, SqlSource
    from kelp.clickhouse.types import EngineTable
    from kelp.kql import bound
    from kelp.kql.types import Column
    from kelp.plan.nodes import Plan, Segment
    from kelp.plan.scope import PropertyPath


_REPEATED_NODES = 120
"""Longer expressions become a level of their own before others are built on them."""
_NEVER_REPEATED = CHANCE_FUNCTIONS | {"rowNumberInAllBlocks"}
"""Functions of the engine that give another value each time."""


@dataclass(slots=True)
class LoweringContext:
    """State of one statement's lowering: fresh aliases, the stored tables it reads, and the shared parts by name.

    `plan_inner` plans the queries that stand inside expressions, through the same passes.
    """

    plan_inner: Callable[[bound.Operator], Plan]
    tables: set[EngineTable] = field(default_factory=set)
    materialized: dict[str, Materialization] = field(default_factory=dict)
    scalars: dict[int, tuple[bound.Operator, Lowered]] = field(default_factory=dict)
    """Scalar queries by the identity of the bound query: one that is used often is the same SQL, computed once."""
    staged: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)
    """The shared parts that several statements read, and which columns of them: each is a segment."""
    stages: dict[str, str] = field(default_factory=dict)
    """The segments of those that are lowered, by the name of the part."""
    segments: list[LoweredSegment] = field(default_factory=list)
    """The segments of the query so far, each behind those that it reads."""
    plans: dict[str, Segment] = field(default_factory=dict)
    """What each of them was lowered from."""
    statements: list[LoweringContext] = field(default_factory=list)
    """All statements of the query but the last."""
    property_reads: dict[EngineTable, set[PropertyPath]] = field(default_factory=dict)
    """The properties of dynamic columns that the query takes out of stored tables."""
    reads_segments: set[str] = field(default_factory=set)
    """Those that this statement reads, by name."""
    _numbers: Iterator[int] = field(default_factory=count)

    def for_statement(self) -> LoweringContext:
        """Return the context of another statement of the same query."""
        other = replace(self, tables=set(), materialized={}, scalars={}, reads_segments=set())
        self.statements.append(other)
        return other

    def fresh_alias(self) -> str:
        """Return an alias not used before in this query, nor as the name of a column: KQL allows no `$` in those."""
        return f"${next(self._numbers)}"


@dataclass(slots=True)
class Materialization:
    """A part of the plan that is computed once, and the columns that its uses read so far."""

    plan: Plan
    columns: dict[str, Column]


@dataclass(slots=True)
class Level:
    """`columns` are what the level gives, each as an expression over its source."""

    source: SqlSource | None
    alias: str
    columns: dict[str, Lowered]
    where: list[SqlExpression] = field(default_factory=list)
    array_join: list[tuple[str, SqlExpression]] = field(default_factory=list)
    group_by: list[SqlExpression] = field(default_factory=list)
    is_aggregate: bool = False
    has_few_groups: bool = False
    order_by: list[SqlOrder] = field(default_factory=list)
    limit_by: tuple[SqlExpression, tuple[SqlExpression, ...]] | None = None
    limit: SqlExpression | None = None

    @property
    def is_cut(self) -> bool:
        """Whether rows were dropped by count, so that no filter or order may be added any more."""
        return self.limit is not None or self.limit_by is not None

    def computes(self, names: Iterable[str]) -> bool:
        """Tell whether any of the columns is more than a column, a constant, or a place in JSON text."""
        return any(name in self.columns and not _is_at_hand(self.columns[name]) for name in names)

    def may_repeat(self, names: Iterable[str]) -> bool:
        """Tell whether the columns' expressions may stand in further ones of this SELECT.

        The engine computes what is written twice once, so that only length speaks against it, and a value of chance.
        """
        left = _REPEATED_NODES
        for name in names:
            if name in self.columns:
                left = _nodes_left(self.columns[name].sql, left)
        return left > 0

    def to_select(self) -> SqlSelect:
        """Return the finished SELECT."""
        return SqlSelect(
            projections=tuple((name, value.sql) for name, value in self.columns.items()),
            source=self.source,
            alias=self.alias,
            where=tuple(self.where),
            array_join=tuple(self.array_join),
            group_by=tuple(self.group_by),
            is_aggregate=self.is_aggregate,
            order_by=tuple(self.order_by),
            limit_by=self.limit_by,
            limit=self.limit,
        )

    def close(self, context: LoweringContext) -> Level:
        """Return a new level over this one as a subquery. An order survives as the order of the subquery's rows."""
        return over(context, self.to_select(), self.columns)


def _is_at_hand(value: Lowered) -> bool:
    """A place in JSON text is: what reads on from there reaches the end in one extraction."""
    if isinstance(value.origin, JsonPath) and value.origin.keys:
        return isinstance(value.origin.text, SqlColumn)
    return isinstance(value.sql, (SqlColumn, SqlLiteral))


def _nodes_left(value: SqlExpression, left: int) -> int:
    """Return `left` less the nodes of the expression; 0 where it must not be repeated."""
    match value:
        case SqlColumn() | SqlLiteral():
            return left - 1
        case SqlCall():
            if value.function in _NEVER_REPEATED:
                return 0
            left -= 1
            for argument in value.arguments:
                if left <= 0:
                    return 0
                left = _nodes_left(argument, left)
            return left
        case SqlCast():
            return _nodes_left(value.value, left - 1)
        case SqlLambda():
            return _nodes_left(value.body, left - 1)
        case SqlSubquery() | SqlWindow():
            return 0
        case _:
            assert_never(value)


def over(context: LoweringContext, source: SqlSource, columns: dict[str, Lowered]) -> Level:
    """Return a level that passes the columns of a source through."""
    alias = context.fresh_alias()
    passed = {
        name: Lowered(SqlColumn(alias, name), value.type, value.nullable, value.term_indexed)
        for name, value in columns.items()
    }
    return Level(source, alias, passed)
