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
    for select, source in _scans(query):
        key = (source.table.database, source.table.name)
        if key not in allowed:
            raise OutOfScopeError(f"{key} is not in the scope")
        if not any(_has_guard(select, table) for table in allowed[key]):
            raise OutOfScopeError(f"{key} is read without its predicate")


def _has_guard(select: sql.SqlSelect, table: ScopedTable) -> bool:
    return set(guard_of(table, select.alias)) <= set(select.where)


def _scans(node: object) -> Iterator[tuple[sql.SqlSelect, sql.SqlTable]]:
    """Yield every stored table of the tree with the SELECT that reads it; one anywhere else than there is out of scope."""
    if isinstance(node, sql.SqlTable):
        raise OutOfScopeError(f"{node.table} is read outside of a SELECT of its own")
    if isinstance(node, sql.SqlSelect) and isinstance(node.source, sql.SqlTable):
        yield node, node.source
        children: tuple[object, ...] = tuple(getattr(node, name) for name in node.__slots__ if name != "source")
    elif isinstance(node, tuple):
        children = node
    elif hasattr(node, "__slots__") and not isinstance(node, str):
        children = tuple(getattr(node, name) for name in node.__slots__)
    else:
        return
    for child in children:
        yield from _scans(child)
