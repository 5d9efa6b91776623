"""`join` and `lookup`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions, pipeline
from kelp.kql.binder.context import nearest
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import unique
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import (
    NOT_ALLOWED_HERE,
    TOO_COMPLEX,
    UNKNOWN_NAME,
    WRONG_ARGUMENTS,
    WRONG_TYPE,
    refusal,
)
from kelp.kql.functions.signature import widen
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span

_KINDS = {
    "innerunique": "innerunique", "inner": "inner",
    "leftouter": "leftouter", "rightouter": "rightouter", "fullouter": "fullouter",
    "leftsemi": "leftsemi", "rightsemi": "rightsemi",
    "leftanti": "leftanti", "rightanti": "rightanti", "anti": "leftanti",
    "leftantisemi": "leftanti", "rightantisemi": "rightanti",
}  # fmt: skip
_ONE_SIDED = {"leftsemi": True, "leftanti": True, "rightsemi": False, "rightanti": False}
"""Kinds that give the columns of one side only: True for the left."""

_MAX_COLUMNS = 5_000

Pair = tuple[bound.Expression, bound.Expression]


def bind_join(
    context: BindContext, node: syntax.Join | syntax.Lookup, source: bound.Operator, names: NameScope
) -> bound.Join:
    """Return the join; a right column whose name is taken gets a number after it (JOIN-2).

    `lookup` drops the right keys (JOIN-5).
    """
    is_lookup = isinstance(node, syntax.Lookup)
    kind = _bind_kind(node, default="leftouter" if is_lookup else "innerunique")
    if is_lookup and kind not in ("leftouter", "inner"):
        raise refusal(WRONG_ARGUMENTS, f"'lookup' is of kind leftouter or inner, not {kind}", node.span)
    right = pipeline.bind_pipeline(context, node.right, names)
    pairs = tuple(
        pair
        for condition in node.conditions
        for pair in _bind_condition(context, condition, Scope(names, source.schema, right.schema))
    )
    if not pairs:
        raise refusal(WRONG_ARGUMENTS, "a join needs at least one condition after 'on'", node.span)
    width = len(source.schema.columns) + len(right.schema.columns)
    if width > _MAX_COLUMNS:
        raise refusal(
            TOO_COMPLEX, f"a join of {width} columns is too wide", node.span, "project what is needed"
        )
    outputs = _outputs(kind, source.schema, right.schema, _key_names(pairs) if is_lookup else frozenset())
    sides = (right.schema, source.schema)
    columns = tuple(_column(output, sides[output.is_left]) for output in outputs)
    return bound.Join(kind, source, right, pairs, outputs, RowSchema(columns))


def _column(output: bound.JoinOutput, schema: RowSchema) -> Column:
    found = schema.find_column(output.source)
    assert found is not None
    return Column(output.name, found.type)


def _bind_kind(node: syntax.Join | syntax.Lookup, default: str) -> str:
    for option in node.options:
        if option.name.lower() != "kind":
            continue
        written = option.value.name if isinstance(option.value, syntax.NameExpression) else ""
        kind = _KINDS.get(written.lower())
        if kind is None:
            raise refusal(
                WRONG_ARGUMENTS, f"'{written}' is not a kind of join", option.span, nearest(written, _KINDS)
            )
        return kind
    return default


def _bind_condition(context: BindContext, node: syntax.Expression, scope: Scope) -> Iterable[Pair]:
    match node:
        case syntax.NameExpression():
            yield _same_name(context, node, scope)
        case syntax.Binary(operator="and"):
            yield from _bind_condition(context, node.left, scope)
            yield from _bind_condition(context, node.right, scope)
        case syntax.Binary(operator="=="):
            yield _bind_equality(context, node, scope)
        case syntax.PipelineExpression(pipeline=only) if isinstance(only.source, syntax.ExpressionSource):
            yield from _bind_condition(context, only.source.value, scope)
        case _:
            raise refusal(
                NOT_ALLOWED_HERE, "a join condition is a column name, or $left.a == $right.b", node.span
            )


def _same_name(context: BindContext, node: syntax.NameExpression, scope: Scope) -> Pair:
    assert scope.row is not None
    assert scope.right is not None
    left, right = scope.row.find_column(node.name), scope.right.find_column(node.name)
    if left is None or right is None:
        side, schema = ("left", scope.row) if left is None else ("right", scope.right)
        hint = nearest(node.name, (column.name for column in schema.columns))
        raise refusal(
            UNKNOWN_NAME, f"the {side} side of the join has no column '{node.name}'", node.span, hint
        )
    first = bound.ColumnReference(left.name, left.type, node.span)
    second = bound.ColumnReference(right.name, right.type, node.span)
    return _paired(first, second, node.span)


def _paired(left: bound.Expression, right: bound.Expression, span: Span) -> Pair:
    """Return both sides as values of one type, which the engine's joins need (JOIN-3)."""
    if ScalarType.DYNAMIC in (left.type, right.type):
        others = {left.type, right.type} - {ScalarType.DYNAMIC}
        wanted = others.pop() if others else ScalarType.STRING
    elif left.type == right.type or (left.type.is_numeric and right.type.is_numeric):
        wanted = widen(left.type, right.type)
    else:
        message = f"the keys of a join are of one type, and these are {left.type} and {right.type}"
        raise refusal(WRONG_TYPE, message, span, f"convert one, for example with to{left.type}()")
    return convert(left, wanted), convert(right, wanted)


def _bind_equality(context: BindContext, node: syntax.Binary, scope: Scope) -> Pair:
    sides = {_side_of(part) for part in (node.left, node.right)}
    if sides != {"$left", "$right"}:
        raise refusal(
            NOT_ALLOWED_HERE,
            "each side of a join's == must be of one table",
            node.span,
            "$left.a == $right.b",
        )
    first = expressions.bind_expression(context, node.left, scope)
    second = expressions.bind_expression(context, node.right, scope)
    if _side_of(node.left) == "$right":
        first, second = second, first
    return _paired(first, second, node.span)


def _side_of(node: syntax.Expression) -> str | None:
    match node:
        case syntax.Member(target=syntax.NameExpression(name="$left" | "$right" as side)):
            return side
        case syntax.Member(target=target) | syntax.Index(target=target):
            return _side_of(target)
        case syntax.Call(arguments=arguments):
            sides = {_side_of(argument.value) for argument in arguments} - {None}
            return sides.pop() if len(sides) == 1 else None
        case syntax.PipelineExpression(pipeline=only) if isinstance(only.source, syntax.ExpressionSource):
            return _side_of(only.source.value)
        case _:
            return None


def _key_names(pairs: tuple[Pair, ...]) -> frozenset[str]:
    """Return the right side's columns that are keys, also where they are compared as another type."""
    found: set[str] = set()
    for _, right in pairs:
        key = right.arguments[0] if isinstance(right, bound.Call) and len(right.arguments) == 1 else right
        if isinstance(key, bound.ColumnReference):
            found.add(key.name)
    return frozenset(found)


def _outputs(
    kind: str, left: RowSchema, right: RowSchema, dropped: frozenset[str]
) -> tuple[bound.JoinOutput, ...]:
    if kind in _ONE_SIDED:
        is_left = _ONE_SIDED[kind]
        side = left if is_left else right
        return tuple(bound.JoinOutput(column.name, column.name, is_left) for column in side.columns)
    outputs = [bound.JoinOutput(column.name, column.name, is_left=True) for column in left.columns]
    taken = {output.name for output in outputs} | {column.name for column in right.columns}
    free = {output.name for output in outputs}
    for column in right.columns:
        if column.name in dropped:
            continue
        name = unique(column.name, taken) if column.name in free else column.name
        taken.add(name)
        outputs.append(bound.JoinOutput(name, column.name, is_left=False))
    return tuple(outputs)
