"""`find`.

Rows of any table for which a predicate holds, in the columns they share (rules SEARCH-1 to SEARCH-7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import search, union
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.parse import option_text
from kelp.kql.binder.project import matching, project_columns
from kelp.kql.binder.search_predicate import referenced_names
from kelp.kql.diagnostics import DUPLICATE_NAME, UNKNOWN_NAME, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.types import Column, RowSchema, ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

SOURCE_COLUMN = "source_"
PACK_COLUMN = "pack_"


@dataclass(frozen=True, slots=True)
class _Layout:
    """The columns of the result after the source's name; `packs` puts all others into one bag."""

    columns: tuple[Column, ...]
    packs: bool


def bind_find(context: BindContext, node: syntax.Find, names: NameScope) -> bound.Operator:
    """Return the rows found, each with the name of its table."""
    members = list(search.members_of(context, node.tables, names, node))
    found = search.filter_members(context, members, node.predicate, names, is_case_sensitive=False)
    layout = _project_smart(node, found) if node.project is None else _project(node, found)
    source = _source_column(node)
    shaped = [union.with_source(_shape(operator, layout), source, name) for name, operator in found]
    united = union.unite(shaped, is_inner=False)
    if not node.project_away:
        return united
    gone = {column.name for item in node.project_away for column in matching(context, item, united.schema)}
    kept = (column for column in united.schema.columns if column.name not in gone)
    return project_columns(
        united, tuple(bound.Output(c.name, bound.ColumnReference(c.name, c.type)) for c in kept)
    )


def _source_column(node: syntax.Find) -> str:
    for option in node.options:
        if option.name in ("withsource", "with_source"):
            name = option_text(option.value)
            if name is None:
                raise refusal(WRONG_ARGUMENTS, "'withsource' takes the name of a column", option.span)
            return name
    return SOURCE_COLUMN


def _project_smart(node: syntax.Find, found: list[search.Member]) -> _Layout:
    """SEARCH-6: the predicate's columns and those that all tables share; the others are packed."""
    schemas = [operator.schema for _, operator in found]
    named = dict.fromkeys(referenced_names(node.predicate))
    chosen: dict[tuple[str, ScalarType], Column] = {}
    for name in named:
        for schema in schemas:
            column = schema.find_column(name)
            if column is not None:
                chosen.setdefault((column.name, column.type), column)
    for column in schemas[0].columns:
        if all(schema.find_column(column.name) == column for schema in schemas):
            chosen.setdefault((column.name, column.type), column)
    packs = any((column.name, column.type) not in chosen for schema in schemas for column in schema.columns)
    return _Layout(tuple(chosen.values()), packs)


def _project(node: syntax.Find, found: list[search.Member]) -> _Layout:
    """SEARCH-7: the columns listed, as the type that is written with them."""
    kinds: dict[str, set[ScalarType]] = {}
    for _, operator in found:
        for column in operator.schema.columns:
            kinds.setdefault(column.name, set()).add(column.type)
    columns: dict[str, Column] = {}
    for item in node.project or ():
        column = _listed_column(item, kinds)
        if column.name in columns:
            raise refusal(DUPLICATE_NAME, f"the column '{column.name}' is given twice", item.span)
        columns[column.name] = column
    return _Layout(tuple(columns.values()), node.pack_all)


def _listed_column(
    item: syntax.NamedExpression | syntax.ColumnDeclaration, kinds: dict[str, set[ScalarType]]
) -> Column:
    if isinstance(item, syntax.ColumnDeclaration):
        return Column(item.name, item.type)
    if not isinstance(item.value, syntax.NameExpression):
        raise refusal(WRONG_ARGUMENTS, "'find' projects columns by name", item.span)
    name = item.value.name
    types = kinds.get(name, set())
    if not types:
        raise refusal(UNKNOWN_NAME, f"no table of 'find' has a column '{name}'", item.span)
    if len(types) > 1:
        hint = f"write {name}: {min(types)}"
        raise refusal(
            WRONG_TYPE, f"the column '{name}' has several types: {', '.join(sorted(types))}", item.span, hint
        )
    return Column(name, *types)


def _shape(operator: bound.Operator, layout: _Layout) -> bound.Operator:
    """Return the rows in the columns of the layout that the table has.

    Those it lacks are added where tables are united.
    """
    schema = operator.schema
    is_smart = not _is_converted(layout, schema)
    outputs: list[bound.Output] = []
    shown: set[str] = set()
    for column in layout.columns:
        held = schema.find_column(column.name)
        if held is None:
            outputs.append(bound.Output(column.name, bound.Literal(column.type, None)))
        elif held.type is column.type or not is_smart:
            value = convert(bound.ColumnReference(held.name, held.type), column.type)
            outputs.append(bound.Output(column.name, value))
            shown.add(column.name)
    if layout.packs:
        outputs.append(bound.Output(PACK_COLUMN, _pack(schema, shown)))
    return project_columns(operator, _without_repeats(outputs))


def _is_converted(layout: _Layout, schema: RowSchema) -> bool:
    """Whether a column is wanted in one type only, other than the table's."""
    names = [column.name for column in layout.columns]
    return any(
        names.count(column.name) == 1
        and (held := schema.find_column(column.name)) is not None
        and held.type != column.type
        for column in layout.columns
    )


def _without_repeats(outputs: list[bound.Output]) -> tuple[bound.Output, ...]:
    """A name of several types stands once in each table: the one it has there."""
    kept: dict[str, bound.Output] = {}
    for output in outputs:
        is_missing = isinstance(output.value, bound.Literal) and output.value.value is None
        if output.name not in kept or not is_missing:
            kept[output.name] = output
    return tuple(kept.values())


def _pack(schema: RowSchema, shown: set[str]) -> bound.Expression:
    parts: list[bound.Expression] = []
    for column in schema.columns:
        if column.name not in shown:
            parts.append(bound.Literal(ScalarType.STRING, column.name))
            parts.append(bound.ColumnReference(column.name, column.type))
    return bound.Call("bag_pack", tuple(parts), ScalarType.DYNAMIC)
