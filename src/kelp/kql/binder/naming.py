"""The names of columns that the text leaves unnamed (docs/semantics.md, "Names")."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope

NAMED_AFTER_ARGUMENT = frozenset({
    "bin", "floor", "tostring", "toint", "tolong", "toreal", "todouble", "tobool", "todatetime", "totimespan", "toguid", "todecimal", "todynamic",
    "parse_json", "parsejson", "toobject", "toboolean", "bin_at", "bin_auto",
})  # fmt: skip
"""Functions whose result keeps the name of their first argument."""

AGGREGATE_STEMS = {"make_set": "set", "makeset": "set", "make_list": "list", "makelist": "list", "make_bag": "bag", "any": "any", "take_any": "any"}
"""Aggregations whose result is not named after themselves."""


def name_of(node: syntax.Expression) -> str | None:
    """Return the name an expression gives its column, None where it has none of its own."""
    match node:
        case syntax.NameExpression(name=name):
            return name
        case syntax.Member(target=target, name=name):
            stem = name_of(target)
            plain = isinstance(target, syntax.NameExpression) and target.name in ("$left", "$right")
            return name.text if stem is None or plain else f"{stem}_{name.text}"
        case syntax.Index(target=target, index=syntax.Literal(value=value)):
            stem = name_of(target)
            return f"{stem}_{value}" if stem is not None else None
        case syntax.Call(name=called, arguments=arguments) if called.text in NAMED_AFTER_ARGUMENT and arguments:
            return name_of(arguments[0].value)
        case syntax.PipelineExpression(pipeline=only) if not only.operators:
            source = only.source
            return name_of(source.value) if isinstance(source, syntax.ExpressionSource) else None
        case _:
            return None


def aggregate_name(node: syntax.Expression) -> str | None:
    """Return the name of an unnamed aggregate: `count_`, `sum_x`, `dcountif_x`; None for anything but a call."""
    if not isinstance(node, syntax.Call):
        return None
    called = node.name.text
    stem = AGGREGATE_STEMS.get(called, called)
    first = name_of(node.arguments[0].value) if node.arguments else None
    return f"{stem}_{first or ''}"


def unique(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or `name1`, `name2` ... where it is taken."""
    used = set(taken)
    if name not in used:
        return name
    number = 1
    while f"{name}{number}" in used:
        number += 1
    return f"{name}{number}"


def output_names(
    context: BindContext,
    columns: Iterable[syntax.NamedExpression],
    scope: Scope,
    stem: str = "Column",
    first: int = 1,
) -> tuple[bound.Output, ...]:
    """Return the bound columns of a list, each with its name: written, derived from the expression, or `stem` and a number."""
    outputs: list[bound.Output] = []
    taken: set[str] = set()
    for index, column in enumerate(columns):
        value = expressions.bind_expression(context, column.value, scope)
        if len(column.names) > 1:
            outputs.extend(_unpack(column, value))
            continue
        if column.names:
            name = column.names[0].text
            if name in taken:
                raise refusal(DUPLICATE_NAME, f"the column '{name}' is given twice", column.span)
        else:
            name = unique(name_of(column.value) or f"{stem}{index + first}", taken)
        outputs.append(bound.Output(name, value))
        taken.add(name)
    return tuple(outputs)


def _unpack(column: syntax.NamedExpression, value: bound.Expression) -> Iterable[bound.Output]:
    """`(a, b) = expr` takes the elements of a dynamic array in order."""
    if value.type is not ScalarType.DYNAMIC:
        raise refusal(NOT_ALLOWED_HERE, "several names need a dynamic array to take values from", column.span)
    for index, name in enumerate(column.names):
        position = bound.Literal(ScalarType.LONG, index)
        yield bound.Output(name.text, bound.Call("dynamic_index", (value, position), ScalarType.DYNAMIC, column.span))
