"""Bound queries and plans as indented text, for people. What it says is no interface: it follows the nodes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from enum import Enum
from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.rendering import format_literal
from kelp.kql.schema import TableSymbol
from kelp.kql.types import Column, RowSchema
from kelp.plan.scope import ScopedTable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.plan.nodes import Plan

_EXPRESSIONS = (
    bound.Literal,
    bound.ColumnReference,
    bound.Call,
    bound.AggregateCall,
    bound.WindowCall,
    bound.ScalarQuery,
    bound.InQuery,
)
_INLINE = (*_EXPRESSIONS, bound.Output, bound.SortKey, bound.JoinOutput, Column, TableSymbol, ScopedTable)
_LEFT_OUT = frozenset({"schema", "span"})
_MOST_ITEMS = 40
"""Longer lists are cut: nobody reads ten thousand addresses."""


def outline(node: bound.Operator | Plan) -> str:
    """Return a line for each node, what it reads from indented below it."""
    return "\n".join(_iter_lines(node, 0))


def holds_scalar_query(node: object) -> bool:
    """Tell whether a query or plan has a `toscalar()` in it, whose value the engine computes before all else."""
    if isinstance(node, bound.ScalarQuery):
        return True
    if isinstance(node, tuple):
        return any(map(holds_scalar_query, node))
    return is_dataclass(node) and any(holds_scalar_query(getattr(node, one.name)) for one in fields(node))


def _iter_lines(node: object, depth: int) -> Iterator[str]:
    words: list[str] = []
    children: list[object] = []
    for name, value in _iter_members(node):
        nodes = value if isinstance(value, tuple) else (value,)
        if nodes and all(map(_is_node, nodes)):
            children.extend(nodes)
        elif value not in (None, (), "", False):
            words.append(f"{name}={_spell(value)}")
    kind = type(node).__name__
    yield "  " * depth + " ".join([kind, *words])
    for child in children:
        yield from _iter_lines(child, depth + 1)


def _iter_members(node: object) -> Iterator[tuple[str, object]]:
    assert is_dataclass(node)
    for one in fields(node):
        if one.name not in _LEFT_OUT:
            yield one.name, getattr(node, one.name)


def _is_node(value: object) -> bool:
    return is_dataclass(value) and not isinstance(value, (*_INLINE, RowSchema))


def _spell(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, tuple):
        shown = [_spell(item) for item in value[:_MOST_ITEMS]]
        more = [f"... {len(value) - _MOST_ITEMS} more"] if len(value) > _MOST_ITEMS else []
        return f"[{', '.join([*shown, *more])}]"
    if isinstance(value, _EXPRESSIONS):
        return _spell_expression(value)
    match value:
        case bound.Output():
            return f"{value.name} = {_spell_expression(value.value)}"
        case bound.SortKey():
            direction = "desc" if value.descending else "asc"
            return f"{_spell(value.value)} {direction} nulls {'first' if value.nulls_first else 'last'}"
        case bound.JoinOutput():
            return f"{value.name} = ${'left' if value.is_left else 'right'}.{value.source}"
        case Column():
            return f"{value.name}: {value.type.value}"
        case TableSymbol():
            return value.reference.name
        case ScopedTable():
            rows = "" if value.predicate is None else f" where {_spell_expression(value.predicate)}"
            return f"{value.table}{rows}" if value.exists else f"{value.table} (no data)"
        case _:
            return str(value)


def _spell_expression(value: bound.Expression) -> str:
    match value:
        case bound.Literal():
            return format_literal(value.type, value.value)
        case bound.ColumnReference(name=name):
            return name
        case bound.ScalarQuery(query=query):
            return f"toscalar({_spell_query(query)})"
        case bound.InQuery():
            operator = ("!in" if value.negated else "in") + ("~" if value.ignore_case else "")
            return f"{_spell_expression(value.subject)} {operator} ({_spell_query(value.query)})"
        case _:
            arguments = [_spell_expression(argument) for argument in value.arguments[:_MOST_ITEMS]]
            cut = ["..."] if len(value.arguments) > _MOST_ITEMS else []
            if len(arguments) == 2 and not value.function[0].isalpha():
                return f"({arguments[0]} {value.function} {arguments[1]})"
            return f"{value.function}({', '.join([*arguments, *cut])})"


def _spell_query(query: bound.Operator) -> str:
    """Return a query inside of an expression, on one line in the order of its operators."""
    return " | ".join(line.strip() for line in reversed(outline(query).splitlines()))
