"""How large a bound query is once every shared part stands at each of its uses, as later stages will have it.

Names stand for what they were bound to, so that thirty `let` statements can make a query of a billion nodes. Such a one
is refused here, before anybody walks all of it; so is one that is nested too deeply for stages that recurse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.diagnostics import TOO_COMPLEX, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.diagnostics import QueryRefusedError
    from kelp.kql.text import Span

MAX_DEPTH = 720
MAX_SIZE = 300_000
_OPERATOR_DEPTH, _EXPRESSION_DEPTH = 3, 4
"""Calls that a later stage nests for each level, of the thousand that Python allows."""
_NODE_SIZE, _LEAF_SIZE = 5, 1
_PASSED_OVER = frozenset({"schema", "symbol", "span", "type", "rows"})

_LEAVES = (bound.Literal, bound.ColumnReference)
_CALLS = (bound.Call, bound.AggregateCall, bound.WindowCall)

_Measure = tuple[int, int]
"""Depth and size."""


def check_complexity(operator: bound.Operator, span: Span) -> None:
    """Raise `QueryRefusedError` for a query that is too deep or too large to be compiled."""
    depth, size = _measure(operator)
    if depth > MAX_DEPTH:
        raise too_deep(span)
    if size > MAX_SIZE:
        hint = "name less in let statements that use each other, or materialize() them"
        raise refusal(TOO_COMPLEX, "the query is too large with all its names written out", span, hint)


def too_deep(span: Span) -> QueryRefusedError:
    """Return the refusal of a query that is nested too deeply."""
    return refusal(TOO_COMPLEX, "the query nests operators or expressions too deeply", span)


def _measure(root: object) -> _Measure:
    known: dict[int, _Measure] = {}
    waiting: list[tuple[object, tuple[object, ...] | None]] = [(root, None)]
    while waiting:
        node, parts = waiting.pop()
        if id(node) in known:
            continue
        if parts is None:
            parts = tuple(_parts(node))
            waiting.append((node, parts))
            waiting.extend((part, None) for part in parts if not isinstance(part, _LEAVES))
            continue
        known[id(node)] = _sum(
            node, [known[id(part)] for part in parts if not isinstance(part, _LEAVES)], len(parts)
        )
    return known[id(root)]


def _sum(node: object, parts: list[_Measure], count: int) -> _Measure:
    """Return the measure of a node with so many parts, of which those that are no leaves have been measured."""
    level = _EXPRESSION_DEPTH if isinstance(node, _CALLS) else _OPERATOR_DEPTH
    size = len(node.rows) * len(node.schema.columns) if isinstance(node, bound.Rows) else _NODE_SIZE
    leaves = (count - len(parts)) * _LEAF_SIZE
    deepest = max([depth for depth, _ in parts], default=1)
    return level + deepest, size + leaves + sum([size for _, size in parts])


def _parts(node: object) -> Iterator[object]:
    """Yield the operators, expressions and what lies between that a node is made of."""
    for name in getattr(node, "__slots__", ()):
        if name not in _PASSED_OVER:
            yield from _nodes(getattr(node, name))


def _nodes(value: object) -> Iterator[object]:
    if isinstance(value, tuple):
        for part in value:
            yield from _nodes(part)
    elif hasattr(value, "__slots__") and not isinstance(value, (str, bound.ParseItem, bound.JoinOutput)):
        yield value
