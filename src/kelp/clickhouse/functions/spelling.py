"""What a spelling is, and the small vocabulary that spellings are written in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from kelp.clickhouse.sql import SqlCall, SqlCast, SqlColumn, SqlExpression, SqlLiteral
from kelp.clickhouse.types import expression_type
from kelp.kql.bound import AggregateCall, Call, WindowCall
from kelp.kql.types import ScalarType
from kelp.plan.scope import PropertyPath


@dataclass(frozen=True, slots=True)
class StoredText:
    """A stored dynamic column, and the columns that some of its properties have of their own.

    `reads` takes down which properties a statement reads.
    """

    column: SqlColumn
    promoted: Mapping[PropertyPath, str]
    reads: set[PropertyPath]

    def find(self, keys: tuple[SqlExpression, ...], reading: str) -> SqlColumn | None:
        """Return the column that holds the property, read as that type."""
        names = tuple(key.value for key in keys if isinstance(key, SqlLiteral) and isinstance(key.value, str))
        if not names or len(names) < len(keys):
            return None
        path = PropertyPath(self.column.name, names, reading)
        self.reads.add(path)
        name = self.promoted.get(path)
        return SqlColumn(self.column.source, name) if name is not None else None


@dataclass(frozen=True, slots=True)
class JsonPath:
    """Where a dynamic value stands in a JSON text.

    `keys` lead there: texts, and positions counted from 1, or from the end below 0. `guards` are conditions that must
    hold too, else the value is null: a position reaches into arrays only. The text may be no valid JSON, in which there
    is nothing to take. `stored` is set where the text is a stored column.
    """

    text: SqlExpression
    keys: tuple[SqlExpression, ...] = ()
    guards: tuple[SqlExpression, ...] = ()
    stored: StoredText | None = None


@dataclass(frozen=True, slots=True)
class EngineArray:
    """The engine array that a dynamic array was made of: never null, its items of the engine's type for `type`."""

    items: SqlExpression
    type: ScalarType


@dataclass(frozen=True, slots=True)
class EngineSeries:
    """The numbers that a dynamic array was made of, of the engine's type `types.SERIES`."""

    series: SqlExpression


@dataclass(frozen=True, slots=True)
class Lowered:
    """An expression in SQL, of the engine's expression type for `type`.

    `nullable`: whether it may be NULL (texts and dynamic values never are). `term_indexed`: a stored column with a
    term index, so that `has` should be spelled over the index's expression. `origin`: what a dynamic value was made of
    (a place in JSON text, an array, a series, a scalar), or the dynamic value that a string was made of, for those who
    can use that without going by way of JSON text: `tostring(split(x, "/")[0])` is no JSON at all.
    """

    sql: SqlExpression
    type: ScalarType
    nullable: bool
    term_indexed: bool = False
    origin: JsonPath | EngineArray | EngineSeries | Lowered | None = None


Spelling = Callable[[Call, tuple[Lowered, ...]], Lowered]
"""Spells a call over its lowered arguments."""

AggregateSpelling = Callable[[AggregateCall, tuple[Lowered, ...]], Lowered]
WindowSpelling = Callable[[WindowCall, tuple[Lowered, ...]], Lowered]


def call(name: str, *arguments: SqlExpression | str | float) -> SqlCall:
    """Return a call of an engine function; plain Python values become literals."""
    return SqlCall(
        name, tuple(SqlLiteral(part) if isinstance(part, (str, int, float)) else part for part in arguments)
    )


def literal(value: str | float | bool | None | tuple[str, ...]) -> SqlLiteral:  # noqa: FBT001 - a truth value too
    """Return a constant."""
    return SqlLiteral(value)


def null_of(kind: ScalarType) -> SqlExpression:
    """Return the null of a type: NULL, or the empty text."""
    if kind in (ScalarType.STRING, ScalarType.DYNAMIC):
        return SqlLiteral("")
    return SqlCast(SqlLiteral(None), expression_type(kind))


def or_else(value: Lowered, default: SqlExpression) -> SqlExpression:
    """Return the value with `default` in null's place; the bare value where it is never null."""
    return call("ifNull", value.sql, default) if value.nullable else value.sql


def plain(name: str) -> Spelling:
    """Return the spelling that calls one engine function over the arguments; null where an argument is null."""

    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        nullable = any(argument.nullable for argument in arguments)
        return Lowered(
            SqlCall(name, tuple(argument.sql for argument in arguments)), bound_call.type, nullable
        )

    return spell


def retyped(value: Lowered, kind: ScalarType) -> Lowered:
    """Return the same SQL under another type."""
    return replace(value, type=kind, origin=None)


def as_text(value: SqlExpression, kind: ScalarType) -> Lowered:
    """Return SQL that gives text (string or dynamic), never null."""
    return Lowered(value, kind, nullable=False)
