"""What `search` and `find` look for.

Terms in any column or in one, and ordinary conditions (rules SEARCH-1 to SEARCH-4).
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.any_column import match_any_column
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.text import Span

_SENSITIVE = {
    "has": "has_cs",
    "hasprefix": "hasprefix_cs",
    "hassuffix": "hassuffix_cs",
    "contains": "contains_cs",
    "startswith": "startswith_cs",
    "endswith": "endswith_cs",
    "=~": "==",
    "!~": "!=",
}


def bind_predicate(
    context: BindContext, node: syntax.Expression, scope: Scope, *, is_case_sensitive: bool
) -> bound.Expression:
    """Return the condition over the scope's row; it is of type bool."""
    match node:
        case syntax.Literal(type=T.STRING, value=str() as text):
            return _bind_term(context, text, None, scope, node.span, is_case_sensitive=is_case_sensitive)
        case syntax.WildcardName(pattern="*"):
            return bound.Literal(T.BOOL, value=True, span=node.span)
        case syntax.PipelineExpression(pipeline=only) if not only.operators and isinstance(
            only.source, syntax.ExpressionSource
        ):
            return bind_predicate(context, only.source.value, scope, is_case_sensitive=is_case_sensitive)
        case syntax.Binary(operator="and" | "or" as word):
            sides = [
                bind_predicate(context, side, scope, is_case_sensitive=is_case_sensitive)
                for side in (node.left, node.right)
            ]
            return _join(word, sides, node.span)
        case syntax.Call(name=name, arguments=(only,)) if name.text == "not" and only.name is None:
            inner = bind_predicate(context, only.value, scope, is_case_sensitive=is_case_sensitive)
            return bound.Call("not", (inner,), T.BOOL, node.span)
        case syntax.Binary(operator=":"):
            return _bind_column_term(context, node, scope, is_case_sensitive=is_case_sensitive)
        case syntax.Binary(operator=operator) if is_case_sensitive:
            node = syntax.Binary(node.span, _sensitive(operator), node.left, node.right)
    return expressions.bind_as(context, node, scope, T.BOOL, "what is searched for")


def referenced_names(node: object) -> Iterator[str]:
    """Yield every name in a predicate that may be a column."""
    if isinstance(node, syntax.NameExpression):
        yield node.name
    elif isinstance(node, tuple):
        for part in node:
            yield from referenced_names(part)
    elif is_dataclass(node) and not isinstance(node, type):
        for part in fields(node):
            yield from referenced_names(getattr(node, part.name))


def is_never(predicate: bound.Expression) -> bool:
    """Tell whether the predicate is false for every row: it compares what is missing."""
    match predicate:
        case bound.Literal(value=value):
            return value is not True
        case bound.Call(function="and", arguments=arguments):
            return any(is_never(part) for part in arguments)
        case bound.Call(function="or", arguments=arguments):
            return all(is_never(part) for part in arguments)
        case bound.Call(
            function="==" | "<" | "<=" | ">" | ">=" | "in" | "=~" | "in~", arguments=(left, *others)
        ):
            return _is_missing(left) and not any(_is_missing(other) or _is_empty(other) for other in others)
        case bound.Call(function=function, arguments=(left, needle)) if (
            function in _SENSITIVE or function.endswith("_cs")
        ):
            return _is_missing(left) and not _is_empty(needle)
        case _:
            return False


def _is_missing(value: bound.Expression) -> bool:
    if isinstance(value, bound.Call) and len(value.arguments) == 1:
        return _is_missing(value.arguments[0])
    return isinstance(value, bound.Literal) and value.value is None


def _is_empty(value: bound.Expression) -> bool:
    return not isinstance(value, bound.Literal) or value.value == ""


def _join(word: str, sides: list[bound.Expression], span: Span) -> bound.Expression:
    parts: list[bound.Expression] = []
    for side in sides:
        parts.extend(side.arguments if isinstance(side, bound.Call) and side.function == word else (side,))
    return bound.Call(word, tuple(parts), T.BOOL, span)


def _sensitive(operator: str) -> str:
    if operator.startswith("!") and operator[1:] in _SENSITIVE:
        return f"!{_SENSITIVE[operator[1:]]}"
    return _SENSITIVE.get(operator, operator)


def _bind_column_term(
    context: BindContext, node: syntax.Binary, scope: Scope, *, is_case_sensitive: bool
) -> bound.Expression:
    needle = expressions.bind_expression(context, node.right, scope)
    if not isinstance(needle, bound.Literal) or not isinstance(needle.value, str):
        raise refusal(WRONG_TYPE, "after ':' stands a string", node.right.span)
    column = None
    if not isinstance(node.left, syntax.WildcardName):
        column = expressions.bind_expression(context, node.left, scope)
    return _bind_term(context, needle.value, column, scope, node.span, is_case_sensitive=is_case_sensitive)


def _bind_term(
    context: BindContext,
    term: str,
    column: bound.Expression | None,
    scope: Scope,
    span: Span,
    *,
    is_case_sensitive: bool,
) -> bound.Expression:
    """SEARCH-1: stars at the ends of a term turn `has` into a prefix, a suffix or any substring.

    Inside, into a pattern.
    """
    operator, text = _operator_of(term, is_case_sensitive=is_case_sensitive)
    if text is None:
        return bound.Literal(T.BOOL, value=True, span=span)
    needle = bound.Literal(T.STRING, text, span)
    if column is None:
        return match_any_column(context, operator, needle, scope, span)
    return call_function(context, operator, (convert(column, T.STRING), needle), span)


def _operator_of(term: str, *, is_case_sensitive: bool) -> tuple[str, str | None]:
    inner = term.strip("*")
    if not inner:
        return "has", None if term else ""
    if "*" in inner:
        pattern = ".*".join(re.escape(part) for part in inner.split("*"))
        start = "" if term.startswith("*") else r"\b"
        end = "" if term.endswith("*") else r"\b"
        return "matches regex", f"{'' if is_case_sensitive else '(?i)'}{start}{pattern}{end}"
    operator = {
        (False, False): "has",
        (True, False): "hassuffix",
        (False, True): "hasprefix",
        (True, True): "contains",
    }[term.startswith("*"), term.endswith("*")]
    return _SENSITIVE[operator] if is_case_sensitive else operator, inner
