"""Aggregations that make several columns: `arg_max(x, *)`, `take_any(*)`, `percentiles(x, 50, 95)` (AGG-6 to AGG-8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_aggregate
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.naming import name_of, percentile_name, unique
from kelp.kql.binder.project import matching
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from kelp.kql.binder.context import BindContext


@dataclass(frozen=True, slots=True)
class Expansion:
    """One aggregation of the text, and what its place knows.

    `keys` are the columns that the operator groups by as they are; a `*` leaves them out. `taken` are the names
    that other columns have.
    """

    context: BindContext
    node: syntax.Call
    scope: Scope
    keys: frozenset[str]
    taken: frozenset[str]


Column = tuple[str, bound.Expression]


def expand_aggregate(
    context: BindContext,
    item: syntax.NamedExpression,
    scope: Scope,
    keys: Iterable[str],
    taken: Iterable[str],
) -> tuple[bound.Output, ...] | None:
    """Return the columns of an aggregation that makes several, None for any other expression.

    Written names go to the columns in order; those after the first that have none keep their own.
    """
    node = item.value
    expand = _EXPANSIONS.get(node.name.text) if isinstance(node, syntax.Call) else None
    if expand is None or not isinstance(node, syntax.Call):
        return None
    used = set(taken)
    expansion = Expansion(context, node, Scope(scope.names, scope.row), frozenset(keys), frozenset(used))
    names = [name.text for name in item.names]
    outputs: list[bound.Output] = []
    for derived, value in expand(expansion):
        name = names.pop(0) if names else unique(derived, used)
        outputs.append(bound.Output(name, value))
        used.add(name)
    if names:
        raise refusal(NOT_ALLOWED_HERE, "there are more names than columns", item.span)
    return tuple(outputs)


def _bind_arguments(expansion: Expansion, least: int) -> tuple[bound.Expression, ...]:
    if len(expansion.node.arguments) < least:
        message = f"'{expansion.node.name.text}' takes at least {least} arguments"
        raise refusal(WRONG_ARGUMENTS, message, expansion.node.span)
    return expressions.bind_arguments(expansion.context, expansion.node, expansion.scope)


def _aggregate(expansion: Expansion, name: str, *arguments: bound.Expression) -> bound.AggregateCall:
    return call_aggregate(expansion.context, name, arguments, expansion.node.span, allowed=True)


# --- rows ------------------------------------------------------------------------------------------------------------


def _expand_extreme(extreme: str, expansion: Expansion, *, is_legacy: bool) -> Iterator[Column]:
    """`arg_max(by, a, *)`: the maximum, then columns of a row that has it; the legacy `argmax` prefixes their names."""
    node = expansion.node
    if not node.arguments or isinstance(node.arguments[0].value, syntax.WildcardName):
        raise refusal(
            WRONG_ARGUMENTS, f"'{node.name.text}' takes a value to compare, then columns", node.span
        )
    by_node = node.arguments[0].value
    by = expressions.bind_expression(expansion.context, by_node, expansion.scope)
    by_name = name_of(by_node)
    first = (node.arguments[0].name.text if node.arguments[0].name else by_name) or f"{extreme}_"
    yield (f"{extreme}_{by_name or ''}" if is_legacy else first), _aggregate(expansion, extreme, by)
    left_out = frozenset({by.name} if isinstance(by, bound.ColumnReference) else ())
    unnamed = "arg" if is_legacy else f"{extreme}_{by_name or ''}_arg"
    for name, value in _returned(expansion, 1, left_out, unnamed):
        prefixed = f"{extreme}_{by_name or ''}_{name}" if is_legacy else name
        yield prefixed, _aggregate(expansion, f"$arg_{extreme}", by, value)


def _expand_any(expansion: Expansion) -> Iterator[Column]:
    """`take_any(a, b)` gives the columns of one row; `take_any(a)` alone rather looks for a value (AGG-7)."""
    node = expansion.node
    prefix = "any_" if node.name.text == "any" else ""
    alone = len(node.arguments) == 1 and not isinstance(node.arguments[0].value, syntax.WildcardName)
    for name, value in _returned(expansion, 0, frozenset(), "arg" if prefix else "any_arg"):
        yield f"{prefix}{name}", _aggregate(expansion, "take_any" if alone else "$first", value)


def _returned(
    expansion: Expansion, start: int, left_out: frozenset[str], unnamed: str
) -> Iterator[tuple[str, bound.Expression]]:
    """Yield the columns asked for; `*` stands for all that are neither keys nor asked for already."""
    row = expansion.scope.row
    assert row is not None
    seen = set(left_out)
    for index, argument in enumerate(expansion.node.arguments[start:], start=start):
        if isinstance(argument.value, syntax.WildcardName):
            for column in matching(expansion.context, argument.value, row):
                if column.name not in seen and column.name not in expansion.keys:
                    seen.add(column.name)
                    yield column.name, bound.ColumnReference(column.name, column.type)
        else:
            value = expressions.bind_expression(expansion.context, argument.value, expansion.scope)
            if isinstance(value, bound.ColumnReference):
                seen.add(value.name)
            written = argument.name.text if argument.name else name_of(argument.value)
            yield written or f"{unnamed}{index}", value


# --- percentiles -----------------------------------------------------------------------------------------------------


def _expand_percentiles(expansion: Expansion, *, weighted: bool) -> Iterator[Column]:
    values, levels = _percentile_arguments(expansion, weighted=weighted)
    stem = name_of(expansion.node.arguments[0].value)
    suffix = "w" if weighted else ""
    for index, level in enumerate(levels, start=1):
        position = bound.Literal(T.LONG, index)
        yield (
            percentile_name(stem, level.value),
            _aggregate(expansion, f"$percentiles{suffix}", *values, position, *_as_reals(levels)),
        )


def _expand_percentiles_array(expansion: Expansion, *, weighted: bool) -> Iterator[Column]:
    values, levels = _percentile_arguments(expansion, weighted=weighted)
    stem = name_of(expansion.node.arguments[0].value)
    suffix = "w" if weighted else ""
    yield (
        f"percentiles_{stem or ''}",
        _aggregate(expansion, f"$percentiles{suffix}_array", *values, *_as_reals(levels)),
    )


def _percentile_arguments(
    expansion: Expansion, *, weighted: bool
) -> tuple[tuple[bound.Expression, ...], tuple[bound.Literal, ...]]:
    """Return the value (and weight), and the levels: constants, or one constant array of them."""
    count = 1 + weighted
    arguments = _bind_arguments(expansion, count + 1)
    if not expansion.node.name.text.startswith("percentiles") and len(arguments) > count + 1:
        raise refusal(
            WRONG_ARGUMENTS, "this takes one percentile, 'percentiles' takes more", expansion.node.span
        )
    levels: list[bound.Literal] = []
    for level in arguments[count:]:
        for element in _elements(level):
            if not isinstance(element, bound.Literal) or not element.type.is_numeric:
                raise refusal(WRONG_ARGUMENTS, "percentiles are constant numbers", expansion.node.span)
            levels.append(element)
    return arguments[:count], tuple(levels)


def _elements(level: bound.Expression) -> tuple[bound.Expression, ...]:
    if isinstance(level, bound.Call) and level.function == "pack_array":
        return level.arguments
    if isinstance(level, bound.Literal) and level.type is T.DYNAMIC:
        return elements_of(level) or (level,)
    return (level,)


def _as_reals(levels: tuple[bound.Literal, ...]) -> tuple[bound.Expression, ...]:
    return tuple(convert(level, T.REAL) for level in levels)


_EXPANSIONS: dict[str, Callable[[Expansion], Iterator[Column]]] = {
    "arg_max": lambda expansion: _expand_extreme("max", expansion, is_legacy=False),
    "arg_min": lambda expansion: _expand_extreme("min", expansion, is_legacy=False),
    "argmax": lambda expansion: _expand_extreme("max", expansion, is_legacy=True),
    "argmin": lambda expansion: _expand_extreme("min", expansion, is_legacy=True),
    "take_any": _expand_any,
    "any": _expand_any,
    "percentile": lambda expansion: _expand_percentiles(expansion, weighted=False),
    "percentilew": lambda expansion: _expand_percentiles(expansion, weighted=True),
    "percentiles": lambda expansion: _expand_percentiles(expansion, weighted=False),
    "percentilesw": lambda expansion: _expand_percentiles(expansion, weighted=True),
    "percentiles_array": lambda expansion: _expand_percentiles_array(expansion, weighted=False),
    "percentilesw_array": lambda expansion: _expand_percentiles_array(expansion, weighted=True),
}
