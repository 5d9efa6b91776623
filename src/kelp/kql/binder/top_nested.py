"""`top-nested`: the top values of each level within those of the level above (rules NEST-1 to NEST-3).

It is put together of simpler operators: a `Summarize` and a cut for each level, over the rows whose values of
the levels above made it, and one over the rows that did not, for `with others`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.naming import derived_name, unique
from kelp.kql.binder.project import extend_columns, project_columns
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.sort import bind_count
from kelp.kql.binder.summarize import bind_aggregates, schema_of
from kelp.kql.diagnostics import WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext

_ZEROS: dict[T, bool | int | float | str] = {
    T.BOOL: False, T.INT: 0, T.LONG: 0, T.REAL: 0.0, T.DECIMAL: "0", T.DATETIME: 0, T.TIMESPAN: 0,
    T.GUID: "00000000-0000-0000-0000-000000000000",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """A clause: its key (over the source), its aggregation, and the hidden columns that hold them."""

    clause: syntax.TopNestedClause
    value: bound.Expression
    aggregation: bound.Expression
    key: bound.ColumnReference
    weight: bound.ColumnReference
    names: tuple[str, str]
    count: bound.Expression | None
    others: bound.Expression | None


def bind_top_nested(
    context: BindContext, node: syntax.TopNested, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return two columns a clause, value and aggregation, from the heaviest to the lightest, the others last."""
    levels: list[_Level] = []
    for clause in node.clauses:
        taken = {name for level in levels for name in level.names}
        levels.append(_bind_level(context, clause, source, names, taken))
    rows = extend_columns(source, tuple(bound.Output(level.key.name, level.value) for level in levels))
    parts: list[bound.Operator] = []
    tops: bound.Operator | None = None
    for depth, level in enumerate(levels):
        members = rows if tops is None else _members(rows, tops, levels[:depth])
        tops = _tops(members, levels[:depth], level)
        if level.count is not None and any(below.others is not None for below in levels[depth:]):
            parts.append(_others(context, members, tops, levels, depth))
    main = _shown(tops, levels, len(levels)) if tops is not None else source
    return _in_order((main, *parts), levels)


def _bind_level(
    context: BindContext,
    clause: syntax.TopNestedClause,
    source: bound.Operator,
    names: NameScope,
    taken: set[str],
) -> _Level:
    scope = Scope(names, source.schema)
    value = expressions.bind_expression(context, clause.of.value, scope)
    if value.type is T.DYNAMIC:
        raise refusal(WRONG_TYPE, "'top-nested' is of scalars, not of dynamic values", clause.of.span)
    stem = clause.of.names[0].text if clause.of.names else derived_name(clause.of.value, taken)
    key_name = unique(stem, taken)
    by = clause.by.value
    (output, *_) = bind_aggregates(context, (by,), source, names, ())
    weight_name = unique(by.names[0].text if by.names else f"aggregated_{stem}", {*taken, key_name})
    count = None if clause.count is None else bind_count(context, clause.count, names)
    return _Level(
        clause,
        value,
        output.value,
        bound.ColumnReference(context.unique_name("key"), value.type),
        bound.ColumnReference(context.unique_name("weight"), output.value.type),
        (key_name, weight_name),
        count,
        _bind_others(context, clause, value.type, names),
    )


def _bind_others(
    context: BindContext, clause: syntax.TopNestedClause, kind: T, names: NameScope
) -> bound.Expression | None:
    if clause.others is None:
        return None
    others = expressions.bind_expression(context, clause.others, Scope(names))
    adapted = adapt(others, kind)
    if adapted is None:
        message = f"'with others' is of type {others.type}, and the values of type {kind}"
        raise refusal(WRONG_TYPE, message, clause.others.span)
    return adapted


# --- rows ------------------------------------------------------------------------------------------------------------


def _path(levels: Iterable[_Level]) -> tuple[bound.ColumnReference, ...]:
    return tuple(column for level in levels for column in (level.key, level.weight))


def _outputs(columns: Iterable[bound.ColumnReference]) -> tuple[bound.Output, ...]:
    return tuple(bound.Output(column.name, column) for column in columns)


def _same_keys(levels: Iterable[_Level]) -> tuple[tuple[bound.Expression, bound.Expression], ...]:
    """Return the conditions of a join on the keys, of which a null is one like any other."""
    pairs: list[tuple[bound.Expression, bound.Expression]] = []
    for level in levels:
        if level.key.type is T.STRING:
            pairs.append((level.key, level.key))
            continue
        is_null = bound.Call("isnull", (level.key,), T.BOOL)
        zero = bound.Literal(level.key.type, _ZEROS[level.key.type])
        value = bound.Call("coalesce", (level.key, zero), level.key.type)
        pairs.extend(((is_null, is_null), (value, value)))
    return tuple(pairs)


def _members(rows: bound.Operator, tops: bound.Operator, above: list[_Level]) -> bound.Join:
    """Return the rows whose values made it on all levels above, with these levels' aggregations."""
    kept = tuple(bound.JoinOutput(column.name, column.name, is_left=True) for column in rows.schema.columns)
    weights = tuple(bound.JoinOutput(level.weight.name, level.weight.name, is_left=False) for level in above)
    columns = (*rows.schema.columns, *(Column(level.weight.name, level.weight.type) for level in above))
    return bound.Join("inner", rows, tops, _same_keys(above), (*kept, *weights), RowSchema(columns))


def _tops(members: bound.Operator, above: list[_Level], level: _Level) -> bound.Operator:
    keys = _outputs((*_path(above), level.key))
    weight = bound.Output(level.weight.name, level.aggregation)
    groups = bound.Summarize(members, keys, (weight,), schema_of((*keys, weight)))
    if level.count is None:
        return groups
    return bound.Take(bound.Sort(groups, (_by_weight(level),)), level.count, tuple(up.key for up in above))


def _by_weight(level: _Level) -> bound.SortKey:
    descending = level.clause.by.descending is not False
    nulls_first = level.clause.by.nulls_first
    return bound.SortKey(level.weight, descending, not descending if nulls_first is None else nulls_first)


def _others(
    context: BindContext, members: bound.Operator, tops: bound.Operator, levels: list[_Level], depth: int
) -> bound.Operator:
    """Return a row for the rest of each group: that did not make it on the level of this depth."""
    kept = tuple(bound.JoinOutput(c.name, c.name, is_left=True) for c in members.schema.columns)
    pairs = _same_keys(levels[: depth + 1])
    rest = bound.Join("leftanti", members, tops, pairs, kept, members.schema)
    keys = _outputs(_path(levels[:depth]))
    weights = [
        bound.Output(level.weight.name, level.aggregation)
        for level in levels[depth:]
        if level.others is not None
    ]
    number = bound.Output(context.unique_name("number"), bound.AggregateCall("count", (), T.LONG))
    groups = bound.Summarize(rest, keys, (*weights, number), schema_of((*keys, *weights, number)))
    counted = bound.ColumnReference(number.name, T.LONG)
    some = bound.Call(">", (counted, bound.Literal(T.LONG, 0)), T.BOOL)
    return _shown(bound.Where(groups, some), levels, depth)


# --- the result ------------------------------------------------------------------------------------------------------


def _shown(groups: bound.Operator, levels: list[_Level], depth: int) -> bound.Project:
    """Return the columns of all levels, those from `depth` on as of others, and for each level whether it is."""
    outputs: list[bound.Output] = []
    for index, level in enumerate(levels):
        is_kept = index < depth or level.others is not None
        key = level.key if index < depth else level.others or _null(level.key.type)
        outputs.append(bound.Output(level.key.name, key))
        outputs.append(bound.Output(level.weight.name, level.weight if is_kept else _null(level.weight.type)))
        outputs.append(bound.Output(_flag(level).name, bound.Literal(T.BOOL, index >= depth)))
    return project_columns(groups, tuple(outputs))


def _null(kind: T) -> bound.Literal:
    return bound.Literal(kind, "" if kind is T.STRING else None)


def _flag(level: _Level) -> bound.ColumnReference:
    return bound.ColumnReference(f"{level.key.name}.other", T.BOOL)


def _in_order(parts: tuple[bound.Operator, ...], levels: list[_Level]) -> bound.Operator:
    rows = parts[0] if len(parts) == 1 else bound.Union(parts, parts[0].schema)
    keys: list[bound.SortKey] = []
    for level in levels:
        keys.append(bound.SortKey(_flag(level), descending=False, nulls_first=True))
        keys.append(_by_weight(level))
        keys.append(bound.SortKey(level.key, descending=False, nulls_first=True))
    shown = tuple(
        bound.Output(name, column)
        for level in levels
        for name, column in zip(level.names, (level.key, level.weight), strict=True)
    )
    return project_columns(bound.Sort(rows, tuple(keys)), shown)
