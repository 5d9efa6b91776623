"""`union`: rows of several tables under one set of columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import pipeline, query_options
from kelp.kql.binder.naming import unique
from kelp.kql.binder.project import extend_columns
from kelp.kql.binder.scope import FunctionBinding, NameScope
from kelp.kql.diagnostics import UNKNOWN_NAME, Diagnostic, QueryRefusedError, Severity, refusal
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.kql.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.kql.binder.context import BindContext
    from kelp.kql.text import Span

Member = tuple[str, bound.Operator]
"""A source of the union, and the name that `withsource` shows for it."""


def bind_union(
    context: BindContext, node: syntax.Union, source: bound.Operator | None, names: NameScope
) -> bound.Operator:
    """Return the union; with `isfuzzy=true` sources that do not exist are left out, as long as one is left."""
    options = {option.name.lower(): option.value for option in node.options}
    is_fuzzy = is_true(options.get("isfuzzy")) or is_true(context.options.get("best_effort"))
    members: list[Member] = [] if source is None else [(_name_of(source) or "union_arg0", source)]
    refused: list[QueryRefusedError] = []
    for item in node.sources:
        try:
            members.extend(_bind_members(context, item, names, len(members)))
        except QueryRefusedError as error:
            if not is_fuzzy or error.diagnostics[0].code != UNKNOWN_NAME:
                raise
            refused.append(error)
            context.warnings.append(_left_out(error, item.span))
    if not members:
        if refused:
            raise refused[0]
        raise refusal(UNKNOWN_NAME, "no table matches the sources of 'union'", node.span)
    source_column = options.get("withsource") or options.get("with_source")
    if isinstance(source_column, syntax.NameExpression):
        members = [(name, with_source(operator, source_column.name, name)) for name, operator in members]
    is_inner = is_name(options.get("kind"), "inner")
    return unite([operator for _, operator in members], is_inner=is_inner)


def _left_out(error: QueryRefusedError, span: Span) -> Diagnostic:
    message = f"a source of 'union' was left out: {error.diagnostics[0].message}"
    return Diagnostic(UNKNOWN_NAME, Severity.WARNING, message, span)


def is_true(value: syntax.Expression | None) -> bool:
    """Tell whether an option is the constant `true`."""
    return isinstance(value, syntax.Literal) and value.value is True


def is_name(value: syntax.Expression | None, name: str) -> bool:
    """Tell whether an option is that word, in any case."""
    return isinstance(value, syntax.NameExpression) and value.name.lower() == name


def _name_of(operator: bound.Operator) -> str | None:
    """Return the name of the table that the rows come from, as `withsource` shows it (UNION-1)."""
    match operator:
        case bound.TableScan(symbol=symbol):
            return symbol.reference.name
        case bound.Shared(is_materialized=False, name=name):
            return name
        case (
            bound.Where(input=inner)
            | bound.Sort(input=inner)
            | bound.Take(input=inner)
            | bound.Shared(input=inner)
            | bound.Extend(input=inner)
            | bound.Project(input=inner)
        ):
            return _name_of(inner)
        case _:
            return None


def _bind_members(
    context: BindContext, item: syntax.Pipeline | syntax.WildcardName, names: NameScope, index: int
) -> Iterable[Member]:
    if isinstance(item, syntax.WildcardName):
        return [*_view_members(context, item, names), *wildcard_members(context, item, names)]
    operator = pipeline.bind_pipeline(context, item, names)
    return [(_name_of(operator) or _called(item) or f"union_arg{index}", operator)]


def _called(item: syntax.Pipeline) -> str | None:
    """Return the name that a pipeline starts with: of a function, whose table has none of its own."""
    value = item.source.value if isinstance(item.source, syntax.ExpressionSource) else None
    match value:
        case syntax.NameExpression(name=name):
            return name
        case syntax.Call(name=name):
            return name.text
        case syntax.PipelineExpression(pipeline=inner):
            return _called(inner)
        case _:
            return None


def _view_members(context: BindContext, item: syntax.WildcardName, names: NameScope) -> Iterable[Member]:
    """Yield the functions that are declared as views; a wildcard passes over all other names of the text."""
    for name, binding in names.bindings.items():
        if isinstance(binding, FunctionBinding) and binding.literal.is_view and matches(name, item.pattern):
            yield name, pipeline.bind_tabular(context, syntax.NameExpression(item.span, name), names)


def wildcard_members(
    context: BindContext, item: syntax.WildcardName, names: NameScope, workspace: str | None = None
) -> Iterable[Member]:
    """Yield the tables that hold data and match the pattern."""
    for symbol in context.provider.iter_tables(workspace):
        name = symbol.reference.name
        if matches(name, item.pattern) and names.shows(workspace, name):
            yield name, query_options.scan_table(context, symbol, item.span)


def bind_wildcard(
    context: BindContext, item: syntax.WildcardName, names: NameScope, workspace: str | None = None
) -> bound.Operator:
    """Return the union of all tables that match a pattern; refused when none does."""
    members = [*_view_members(context, item, names), *wildcard_members(context, item, names, workspace)]
    if not members:
        raise refusal(UNKNOWN_NAME, f"no table with data matches '{item.pattern}'", item.span)
    return unite([operator for _, operator in members], is_inner=False)


def with_source(operator: bound.Operator, column: str, name: str) -> bound.Extend:
    """Return the rows with the name of where they come from in front."""
    label = bound.Output(column, bound.Literal(ScalarType.STRING, name))
    rest = (found for found in operator.schema.columns if found.name != column)
    return bound.Extend(operator, (label,), RowSchema((Column(column, ScalarType.STRING), *rest)))


def unite(inputs: Sequence[bound.Operator], *, is_inner: bool) -> bound.Operator:
    """Return the rows of all inputs. A name that has several types becomes a column for each type (UNION-2)."""
    if len(inputs) == 1:
        return inputs[0]
    seen = dict.fromkeys(column for operator in inputs for column in operator.schema.columns)
    names = _united_names(seen)
    columns = {names.get(column, column.name): column for column in _in_order(seen)}
    if is_inner:
        shared = set.intersection(*({*operator.schema.columns} for operator in inputs))
        columns = {name: column for name, column in columns.items() if column in shared}
    schema = RowSchema(tuple(Column(name, column.type) for name, column in columns.items()))
    renamed = tuple(_renamed(operator, names) for operator in inputs) if names else ()
    return bound.Union(tuple(inputs), schema, renamed)


def _in_order(columns: Iterable[Column]) -> Iterable[Column]:
    """Yield the columns in the order they come in, those of one name and several types together."""
    groups: dict[str, list[Column]] = {}
    for column in columns:
        groups.setdefault(column.name, []).append(column)
    return (column for group in groups.values() for column in group)


def _renamed(operator: bound.Operator, names: dict[Column, str]) -> dict[str, str]:
    return {names[column]: column.name for column in operator.schema.columns if column in names}


def _united_names(columns: Iterable[Column]) -> dict[Column, str]:
    """Return the new names of columns whose name has several types: `name_type`, numbered where that is taken."""
    kinds: dict[str, list[Column]] = {}
    for column in columns:
        kinds.setdefault(column.name, []).append(column)
    taken = set(kinds)
    names: dict[Column, str] = {}
    for several in kinds.values():
        if len(several) > 1:
            for column in several:
                names[column] = unique(f"{column.name}_{column.type}", taken)
                taken.add(names[column])
    return names


__all__ = ["bind_union", "bind_wildcard", "extend_columns", "unite", "wildcard_members", "with_source"]
