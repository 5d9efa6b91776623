"""`search`: rows of any table in which a term, or a condition, is found (rules SEARCH-1 to SEARCH-5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import pipeline, union
from kelp.kql.binder.parse import option_text
from kelp.kql.binder.scope import ScalarBinding, Scope, TabularBinding
from kelp.kql.binder.search_predicate import bind_predicate, is_never, referenced_names
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNKNOWN_NAME, WRONG_ARGUMENTS, refusal
from kelp.kql.types import RowSchema, ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope

TABLE_COLUMN = "$table"
CASE_KINDS = {"default": False, "case_insensitive": False, "case_sensitive": True}

Member = tuple[str, bound.Operator]
"""A table or query that is searched, and its name in the result."""


def bind_search(
    context: BindContext, node: syntax.Search, source: bound.Operator | None, names: NameScope
) -> bound.Operator:
    """Return the rows found, with the name of their table in `$table`.

    Refused when no table can be searched.
    """
    is_case_sensitive = _read_kind(node)
    if source is None:
        members = list(members_of(context, node.tables, names, node))
    elif node.tables:
        raise refusal(NOT_ALLOWED_HERE, "'search in' cannot follow a pipe", node.span, "leave out the tables")
    else:
        members = [(name_of(source, "search_arg0"), source)]
    found = filter_members(context, members, node.predicate, names, is_case_sensitive=is_case_sensitive)
    labelled = [union.with_source(operator, TABLE_COLUMN, name) for name, operator in found]
    return union.unite(labelled, is_inner=False)


def _read_kind(node: syntax.Search) -> bool:
    for option in node.options:
        if option.name == "kind":
            kind = option_text(option.value)
            if kind not in CASE_KINDS:
                raise refusal(
                    WRONG_ARGUMENTS, f"the kind of 'search' is one of {', '.join(CASE_KINDS)}", option.span
                )
            return CASE_KINDS[kind]
    return False


def members_of(
    context: BindContext,
    tables: tuple[syntax.NameExpression | syntax.WildcardName | syntax.Pipeline, ...],
    names: NameScope,
    node: syntax.Search | syntax.Find,
) -> Iterable[Member]:
    """Yield the tables and queries to search: those listed, else every table of the scope that holds rows."""
    listed = tables or (syntax.WildcardName(node.span, "*"),)
    seen: set[str] = set()
    for item in listed:
        for name, operator in _bind_listed(context, item, names):
            if name not in seen:
                seen.add(name)
                yield name, operator
    if not seen:
        raise refusal(UNKNOWN_NAME, "there is no table with rows to search", node.span)


def _bind_listed(
    context: BindContext,
    item: syntax.NameExpression | syntax.WildcardName | syntax.Pipeline,
    names: NameScope,
) -> Iterable[Member]:
    if isinstance(item, syntax.WildcardName):
        return union.wildcard_members(context, item, names)
    if isinstance(item, syntax.NameExpression):
        binding = names.find(item.name)
        operator = pipeline.bind_tabular(context, item, names)
        return [
            (item.name if isinstance(binding, TabularBinding) else name_of(operator, item.name), operator)
        ]
    operator = pipeline.bind_pipeline(context, item, names)
    return [(name_of(operator, "search_arg0"), operator)]


def name_of(operator: bound.Operator, otherwise: str) -> str:
    """Return the table whose rows these are, or another name for what is composed."""
    match operator:
        case bound.TableScan(symbol=symbol):
            workspace = symbol.reference.workspace
            return f'workspace("{workspace}").{symbol.reference.name}' if workspace else symbol.reference.name
        case (
            bound.Where(input=inner)
            | bound.Sort(input=inner)
            | bound.Take(input=inner)
            | bound.Shared(input=inner)
        ):
            return name_of(inner, otherwise)
        case bound.Extend(input=inner):
            return name_of(inner, otherwise)
        case _:
            return otherwise


def filter_members(
    context: BindContext,
    members: list[Member],
    predicate: syntax.Expression,
    names: NameScope,
    *,
    is_case_sensitive: bool,
) -> list[Member]:
    """Return the rows of each member for which the predicate holds.

    SEARCH-4: a column that a table lacks is null there; a table in which the predicate can't hold is left
    out, as long as one stays.
    """
    kinds = {column.name: column.type for _, operator in members for column in operator.schema.columns}
    wanted = {name: kinds[name] for name in referenced_names(predicate) if name in kinds}
    found: list[Member] = []
    empty: list[Member] = []
    for name, operator in members:
        condition = bind_predicate(
            context,
            predicate,
            Scope(_with_missing(names, operator.schema, wanted), operator.schema),
            is_case_sensitive=is_case_sensitive,
        )
        is_everything = isinstance(condition, bound.Literal) and condition.value is True
        rows = operator if is_everything else bound.Where(operator, condition)
        (empty if is_never(condition) else found).append((name, rows))
    return found or empty[:1]


def _with_missing(names: NameScope, schema: RowSchema, wanted: dict[str, ScalarType]) -> NameScope:
    for name, kind in wanted.items():
        if schema.find_column(name) is None:
            names = names.define(name, ScalarBinding(bound.Literal(kind, None)))
    return names
