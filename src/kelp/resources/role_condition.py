"""The condition of a role assignment: in which tables, and on which of their records, the role lets somebody read.

Azure's attribute-based conditions, version 2.0, with the attributes of granular access to Log Analytics: the table's
name and the columns of its records. A condition is kept in a normal form without negation of a whole: only comparisons
are negated. So a comparison that can't be made may always be taken to fail, and never lets anybody read more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias, assert_never

TABLE_DATA_READ = "Microsoft.OperationalInsights/workspaces/tables/data/read"
"""The data action of reading records, which conditions name; they hold for every other way of reading them too."""


class Family(StrEnum):
    """What kind of values a comparison is between."""

    STRING = "String"
    NUMERIC = "Numeric"
    DATETIME = "DateTime"
    BOOL = "Bool"
    GUID = "Guid"


class Relation(StrEnum):
    """How the attribute is to the value."""

    EQUALS = "Equals"
    STARTS_WITH = "StartsWith"
    LIKE = "Like"
    LESS = "LessThan"
    LESS_EQUALS = "LessThanEquals"
    GREATER = "GreaterThan"
    GREATER_EQUALS = "GreaterThanEquals"


@dataclass(frozen=True, slots=True)
class TableName:
    """The name of the table that is read."""


@dataclass(frozen=True, slots=True)
class RecordColumn:
    """A column of the records that are read."""

    name: str


Attribute: TypeAlias = TableName | RecordColumn
Value: TypeAlias = str | int | float | bool
"""Moments are ticks (100 ns since 1970), GUIDs their lower-case text."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The attribute stands in the relation to any of the values, or to all; `is_negated` negates each relation."""

    attribute: Attribute
    family: Family
    relation: Relation
    values: tuple[Value, ...]
    ignores_case: bool = False
    is_negated: bool = False
    needs_all: bool = False


@dataclass(frozen=True, slots=True)
class ActionMatch:
    """The action that is asked for matches the pattern."""

    pattern: str
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Some part holds."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Truth:
    """Holds always, or never."""

    value: bool


Condition: TypeAlias = "Comparison | ActionMatch | AllOf | AnyOf | Truth"
ALWAYS, NEVER = Truth(True), Truth(False)


def negate(condition: Condition) -> Condition:
    """Return the opposite, in normal form."""
    match condition:
        case Comparison():
            return replace(condition, is_negated=not condition.is_negated, needs_all=not condition.needs_all)
        case ActionMatch():
            return replace(condition, is_negated=not condition.is_negated)
        case AllOf(parts):
            return AnyOf(tuple(map(negate, parts)))
        case AnyOf(parts):
            return AllOf(tuple(map(negate, parts)))
        case Truth(value):
            return Truth(not value)
        case _ as unreachable:
            assert_never(unreachable)


def limit(condition: Condition, action: str, table: str | None) -> Condition:
    """Return what is left of the condition for an action: `ALWAYS`, `NEVER`, or one that asks for columns only.

    `table` is the table whose records the action reads; None for any other action, which has no attributes.
    """
    match condition:
        case ActionMatch(pattern, is_negated):
            asked = (action,) if table is None else (action, TABLE_DATA_READ)
            return Truth(any(matches_pattern(pattern, one) for one in asked) is not is_negated)
        case Comparison(attribute=TableName()):
            return Truth(table is not None and _holds(condition, table))
        case Comparison():
            return NEVER if table is None else condition
        case AllOf(parts):
            return conjunction([limit(part, action, table) for part in parts])
        case AnyOf(parts):
            return disjunction([limit(part, action, table) for part in parts])
        case Truth():
            return condition
        case _ as unreachable:
            assert_never(unreachable)


def conjunction(parts: list[Condition]) -> Condition:
    """Return what holds where all parts do."""
    if NEVER in parts:
        return NEVER
    left = tuple(dict.fromkeys(part for part in parts if part != ALWAYS))
    return AllOf(left) if len(left) > 1 else next(iter(left), ALWAYS)


def disjunction(parts: list[Condition]) -> Condition:
    """Return what holds where any part does."""
    if ALWAYS in parts:
        return ALWAYS
    left = tuple(dict.fromkeys(part for part in parts if part != NEVER))
    return AnyOf(left) if len(left) > 1 else next(iter(left), NEVER)


def matches_pattern(pattern: str, action: str) -> bool:
    """Tell whether an action matches a pattern, in which `*` stands for any characters; case does not matter."""
    return _compile_pattern(pattern).fullmatch(action) is not None


def like_expression(pattern: str) -> str:
    """Return the regular expression of a `StringLike` pattern: `*` any characters, `?` one."""
    return "^" + "".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in pattern) + "$"


def compare_text(comparison: Comparison, text: str, value: str) -> bool:
    """Tell whether a text stands in a comparison's relation to a value, negation left aside."""
    if comparison.ignores_case:
        text, value = text.lower(), value.lower()
    match comparison.relation:
        case Relation.EQUALS:
            return text == value
        case Relation.STARTS_WITH:
            return text.startswith(value)
        case Relation.LIKE:
            return re.search(like_expression(value), text, re.DOTALL) is not None
        case _:
            return False


def _holds(comparison: Comparison, text: str) -> bool:
    found = [
        compare_text(comparison, text, str(value)) is not comparison.is_negated for value in comparison.values
    ]
    return all(found) if comparison.needs_all else any(found)


@lru_cache(maxsize=4096)
def _compile_pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.IGNORECASE)
