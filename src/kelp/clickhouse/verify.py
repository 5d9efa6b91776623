"""The last check before SQL leaves the compiler: it reads only stored tables of the scope, each with its mandatory predicate.

It works on the finished tree and knows nothing of how it was made. It has no switch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse import sql
from kelp.clickhouse.lowering.scan import guard_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.plan.scope import QueryScope, ScopedTable


class OutOfScopeError(Exception):
    """The compiler made SQL that reaches outside of its scope: a defect of ours, never the caller's."""


def verify(query: sql.SqlQuery, scope: QueryScope) -> None:
    """Raise `OutOfScopeError` unless every stored table read is of the scope and carries its predicate."""
    allowed: dict[tuple[str, str], list[ScopedTable]] = {}
    for tables in scope.tables.values():
        for table in tables:
            allowed.setdefault((table.database, table.table), []).append(table)
    relations = {name for database, name in allowed if not database}
    for select, source in _scans(query, relations):
        key = (source.table.database, source.table.name)
        if key not in allowed:
            raise OutOfScopeError(f"{key} is not in the scope")
        if not any(_has_guard(select, table) for table in allowed[key]):
            raise OutOfScopeError(f"{key} is read without its predicate")


def _has_guard(select: sql.SqlSelect, table: ScopedTable) -> bool:
    return set(guard_of(table, select.alias)) <= set(select.where)


def _scans(node: object, named: set[str]) -> Iterator[tuple[sql.SqlSelect, sql.SqlTable]]:
    """Yield every stored table of the tree with the SELECT that reads it; one anywhere else is out of scope.

    `named` are the relations that may be read by a bare name here: those of the scope and of enclosing WITH clauses.
    """
    match node:
        case sql.SqlTable():
            raise OutOfScopeError(f"{node.table} is read outside of a SELECT of its own")
        case sql.SqlSharedSource() if node.name not in named:
            raise OutOfScopeError(f"there is no relation '{node.name}' here")
        case sql.SqlSelect():
            yield from _scans_of_select(node, named | {name for name, _ in node.shared})
        case tuple():
            for child in node:
                yield from _scans(child, named)
        case str():
            return
        case _ if hasattr(node, "__slots__"):
            for name in node.__slots__:
                yield from _scans(getattr(node, name), named)


def _scans_of_select(select: sql.SqlSelect, named: set[str]) -> Iterator[tuple[sql.SqlSelect, sql.SqlTable]]:
    if isinstance(select.source, sql.SqlTable):
        yield select, select.source
    else:
        yield from _scans(select.source, named)
    for name in select.__slots__:
        if name != "source":
            yield from _scans(getattr(select, name), named)
