"""`extend`, `project` and its family: which columns come out, in which order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, assert_never

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.context import BindContext, nearest
from kelp.kql.binder.naming import output_names
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.binder.windows import row_scope
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, UNKNOWN_NAME, WRONG_TYPE, refusal
from kelp.kql.json_text import elements_of
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.kql.wildcards import matches

if TYPE_CHECKING:
    from collections.abc import Iterable


def reference(column: Column) -> bound.Output:
    """Return the output that passes a column through."""
    return bound.Output(column.name, bound.ColumnReference(column.name, column.type))


def project_columns(source: bound.Operator, outputs: tuple[bound.Output, ...]) -> bound.Project:
    """Return a projection with the schema that its outputs make."""
    return bound.Project(source, outputs, RowSchema(tuple(Column(o.name, o.value.type) for o in outputs)))


def extend_columns(source: bound.Operator, outputs: tuple[bound.Output, ...]) -> bound.Extend:
    """Return the input with columns added or replaced; a replaced column keeps its place."""
    made = {output.name: Column(output.name, output.value.type) for output in outputs}
    kept = tuple(made.pop(column.name, column) for column in source.schema.columns)
    return bound.Extend(source, outputs, RowSchema((*kept, *made.values())))


def bind_columns(
    context: BindContext,
    node: syntax.Extend | syntax.Project | syntax.ProjectByNames,
    source: bound.Operator,
    names: NameScope,
) -> bound.Extend | bound.Project:
    """Return the operators that compute columns, or choose them by names that are computed."""
    match node:
        case syntax.Extend():
            return _bind_extend(context, node, source, names)
        case syntax.Project():
            return _bind_project(context, node, source, names)
        case syntax.ProjectByNames():
            return _bind_project_by_names(context, node, source, names)
        case _:
            assert_never(node)


def _bind_extend(
    context: BindContext, node: syntax.Extend, source: bound.Operator, names: NameScope
) -> bound.Extend:
    """Return `extend`. An unnamed column that would hide an input column of the same name replaces it."""
    return extend_columns(source, output_names(context, node.columns, row_scope(names, source)))


def _bind_project(
    context: BindContext, node: syntax.Project, source: bound.Operator, names: NameScope
) -> bound.Project:
    """Return `project`."""
    outputs = output_names(context, node.columns, row_scope(names, source), keeps_rest=True)
    return project_columns(source, outputs)


def bind_selection(
    context: BindContext,
    node: syntax.ProjectAway | syntax.ProjectKeep | syntax.ProjectRename | syntax.ProjectReorder,
    source: bound.Operator,
) -> bound.Project:
    """Return the operators that choose, rename or order columns without computing any."""
    match node:
        case syntax.ProjectAway():
            gone = {column.name for item in node.columns for column in matching(context, item, source.schema)}
            return project_columns(
                source, tuple(reference(c) for c in source.schema.columns if c.name not in gone)
            )
        case syntax.ProjectKeep():
            kept = {column.name for item in node.columns for column in matching(context, item, source.schema)}
            return project_columns(
                source, tuple(reference(c) for c in source.schema.columns if c.name in kept)
            )
        case syntax.ProjectRename():
            return _rename(node, source)
        case syntax.ProjectReorder():
            return _reorder(context, node, source)
        case _:
            assert_never(node)


def matching(
    context: BindContext, item: syntax.NameExpression | syntax.WildcardName, schema: RowSchema
) -> tuple[Column, ...]:
    """Return the columns that a name or pattern stands for; a plain name must exist."""
    del context
    if isinstance(item, syntax.WildcardName):
        return tuple(column for column in schema.columns if matches(column.name, item.pattern))
    column = schema.find_column(item.name)
    if column is None:
        hint = nearest(item.name, (found.name for found in schema.columns))
        raise refusal(UNKNOWN_NAME, f"there is no column named '{item.name}'", item.span, hint)
    return (column,)


def _bind_project_by_names(
    context: BindContext, node: syntax.ProjectByNames, source: bound.Operator, names: NameScope
) -> bound.Project:
    """Return the columns that constant names, patterns and arrays of them stand for.

    What names no column is ignored.
    """
    chosen: dict[str, Column] = {}
    for item in node.columns:
        for pattern in _name_patterns(context, item, source.schema, names):
            for column in source.schema.columns:
                if matches(column.name, pattern):
                    chosen.setdefault(column.name, column)
    return project_columns(source, tuple(reference(column) for column in chosen.values()))


def _name_patterns(
    context: BindContext, item: syntax.Expression, schema: RowSchema, names: NameScope
) -> tuple[str, ...]:
    if isinstance(item, syntax.WildcardName):
        return (item.pattern,)
    if (
        isinstance(item, syntax.NameExpression)
        and names.find(item.name) is None
        and schema.find_column(item.name)
    ):
        return (item.name,)
    value = expressions.bind_expression(context, item, Scope(names))
    items: tuple[bound.Expression, ...] | None = (value,)
    if value.type is ScalarType.DYNAMIC and isinstance(value, bound.Literal):
        items = elements_of(value)
    found = tuple(part.value for part in items or () if isinstance(part, bound.Literal))
    texts = tuple(text for text in found if isinstance(text, str))
    if items is None or len(texts) < len(items):
        hint = "use constant strings, or arrays of them"
        raise refusal(WRONG_TYPE, "'project-by-names' takes the names of columns", item.span, hint)
    return texts


def _rename(node: syntax.ProjectRename, source: bound.Operator) -> bound.Project:
    new_names: dict[str, str] = {}
    for item in node.columns:
        if len(item.names) != 1 or not isinstance(item.value, syntax.NameExpression):
            raise refusal(NOT_ALLOWED_HERE, "'project-rename' takes New = Old", item.span)
        if source.schema.find_column(item.value.name) is None:
            hint = nearest(item.value.name, (found.name for found in source.schema.columns))
            raise refusal(
                UNKNOWN_NAME, f"there is no column named '{item.value.name}'", item.value.span, hint
            )
        new_names[item.value.name] = item.names[0].text
    outputs = tuple(
        bound.Output(new_names.get(column.name, column.name), bound.ColumnReference(column.name, column.type))
        for column in source.schema.columns
    )
    if len({output.name for output in outputs}) < len(outputs):
        raise refusal(DUPLICATE_NAME, "'project-rename' makes two columns of one name", node.span)
    return project_columns(source, outputs)


def _reorder(context: BindContext, node: syntax.ProjectReorder, source: bound.Operator) -> bound.Project:
    ordered: dict[str, Column] = {}
    for item, order in node.columns:
        found = matching(context, item, source.schema)
        for column in _sorted_by_name(found, order):
            ordered.setdefault(column.name, column)
    rest = (column for column in source.schema.columns if column.name not in ordered)
    return project_columns(source, tuple(reference(column) for column in (*ordered.values(), *rest)))


def _sorted_by_name(columns: tuple[Column, ...], order: str | None) -> Iterable[Column]:
    match order:
        case None:
            return columns
        case "asc" | "desc":
            return sorted(columns, key=lambda column: column.name, reverse=order == "desc")
        case _:
            return sorted(columns, key=lambda column: _granny(column.name), reverse=order == "granny-desc")


def _granny(name: str) -> list[tuple[int, int, str]]:
    """Order digits inside names as numbers: a2 before a10."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name) if part
    ]
