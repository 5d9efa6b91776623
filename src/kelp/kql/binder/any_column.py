"""A text operator over every column: `* has "x"`, and the bare terms of `search` and `find` (rules SEARCH-1, SEARCH-2).

A column whose type can't print the needle is left out: no number holds the letters of "timeout".
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import adapt, convert
from kelp.kql.binder.operators import bind_comparison
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, QueryRefusedError, refusal
from kelp.kql.functions.signature import Accepts
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.text import Span

TEXT_OPERATORS = frozenset(
    {
        *(
            "has",
            "has_cs",
            "hasprefix",
            "hasprefix_cs",
            "hassuffix",
            "hassuffix_cs",
            "contains",
            "contains_cs",
        ),
        *("startswith", "startswith_cs", "endswith", "endswith_cs", "=~"),
    }
)
_DIGITS = frozenset("0123456789")
_PRINTED_WITH: dict[T, frozenset[str]] = {
    T.BOOL: frozenset("truefals"),
    T.INT: _DIGITS | frozenset("-"),
    T.LONG: _DIGITS | frozenset("-"),
    T.REAL: _DIGITS | frozenset("+-.einfaty"),
    T.DECIMAL: _DIGITS | frozenset("+-.e"),
    T.DATETIME: _DIGITS | frozenset("-:.tz"),
    T.TIMESPAN: _DIGITS | frozenset("-:."),
    T.GUID: _DIGITS | frozenset("abcdef-"),
}
"""The lower-case characters that `tostring` makes of a type."""


def bind_any_column(
    context: BindContext, operator: str, right: syntax.Expression, scope: Scope, span: Span
) -> bound.Expression:
    """Return the condition that at least one column of the row compares so.

    Refused for a negation, which would not say which.
    """
    needle = expressions.bind_expression(context, right, scope)
    return match_any_column(context, operator, needle, scope, span)


def match_any_column(
    context: BindContext, operator: str, needle: bound.Expression, scope: Scope, span: Span
) -> bound.Expression:
    """Return the condition over every column that can hold the needle; false where none can."""
    if operator not in TEXT_OPERATORS and operator not in ("matches regex", "=="):
        message = f"'*' stands for any column only before has, contains and the like, not before '{operator}'"
        raise refusal(
            NOT_ALLOWED_HERE, message, span, f"negate the whole: not(* {operator.removeprefix('!')} ...)"
        )
    columns = scope.row.columns if scope.row else ()
    conditions: list[bound.Expression] = []
    for column in columns:
        reference = bound.ColumnReference(column.name, column.type, span)
        condition = _compare(context, operator, reference, needle, span)
        if condition is not None:
            conditions.append(condition)
    return any_of(conditions, span)


def bind_any_membership(context: BindContext, node: syntax.Membership, scope: Scope) -> bound.Expression:
    """Return `* in (...)`, `* has_any (...)` and the like over the text columns of the row."""
    if node.operator.startswith("!"):
        hint = f"negate the whole: not(* {node.operator[1:]} ...)"
        raise refusal(
            NOT_ALLOWED_HERE, f"'*' stands for any column, not before '{node.operator}'", node.span, hint
        )
    columns = scope.row.columns if scope.row else ()
    conditions = [
        expressions.bind_expression(
            context, replace(node, subject=syntax.NameExpression(node.subject.span, column.name)), scope
        )
        for column in columns
        if column.type in (T.STRING, T.DYNAMIC)
    ]
    return any_of(conditions, node.span)


def any_of(conditions: list[bound.Expression], span: Span) -> bound.Expression:
    """Return the condition that at least one holds; false where there is none."""
    if not conditions:
        return bound.Literal(T.BOOL, value=False, span=span)
    return conditions[0] if len(conditions) == 1 else bound.Call("or", tuple(conditions), T.BOOL, span)


def _compare(
    context: BindContext, operator: str, column: bound.ColumnReference, needle: bound.Expression, span: Span
) -> bound.Expression | None:
    if operator == "==":
        return _equals(column, needle, span)
    if operator != "matches regex" and not _can_print(column.type, needle):
        return None
    return call_function(context, operator, (adapt(column, Accepts.TEXT) or column, needle), span)


def _equals(column: bound.ColumnReference, needle: bound.Expression, span: Span) -> bound.Expression | None:
    if (
        T.STRING in (column.type, needle.type)
        and column.type is not needle.type
        and column.type is not T.DYNAMIC
    ):
        return bind_comparison("==", convert(column, T.STRING), convert(needle, T.STRING), span)
    try:
        return bind_comparison("==", column, needle, span)
    except QueryRefusedError:
        return None


def _can_print(kind: T, needle: bound.Expression) -> bool:
    alphabet = _PRINTED_WITH.get(kind)
    if alphabet is None or not isinstance(needle, bound.Literal) or not isinstance(needle.value, str):
        return True
    return set(needle.value.lower()) <= alphabet
