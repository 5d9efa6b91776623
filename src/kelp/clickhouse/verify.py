"""The last check before SQL leaves the compiler: only stored tables of the scope, each with its mandatory predicate.

It works on the finished tree and knows nothing of how it was made. It has no switch.
"""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from kelp.clickhouse import sql
from kelp.clickhouse.lowering.scan import guard_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.plan.scope import QueryScope, ScopedTable


class OutOfScopeError(Exception):
    """The compiler made SQL that reaches outside of its scope: a defect of ours, never the caller's."""


def verify(query: sql.SqlQuery, scope: QueryScope, segments: Iterable[str] = ()) -> None:
    """Raise `OutOfScopeError` unless every stored table read is of the scope and carries its predicate.

    `segments` are the relations that are made of statements which were looked at before.
    """
    allowed: dict[tuple[str, str], list[ScopedTable]] = {}
    for tables in scope.tables.values():
        for table in tables:
            allowed.setdefault((table.database, table.table), []).append(table)
    relations = frozenset((*segments, *(name for database, name in allowed if not database)))
    for select, source in _scans(query, relations):
        key = (source.table.database, source.table.name)
        if key not in allowed:
            raise OutOfScopeError(f"{key} is not in the scope")
        if not any(_has_guard(select, table) for table in allowed[key]):
            raise OutOfScopeError(f"{key} is read without its predicate")


def _has_guard(select: sql.SqlSelect, table: ScopedTable) -> bool:
    return all(condition in select.where for condition in guard_of(table, select.alias))


def _scans(node: object, named: frozenset[str]) -> Iterator[tuple[sql.SqlSelect, sql.SqlTable]]:
    """Yield every stored table of the tree with the SELECT that reads it; one anywhere else is out of scope.

    `named` are the relations that may be read by a bare name here: those of the scope and of enclosing WITH clauses.
    Parts that stand in several places of the tree are looked at once.
    """
    waiting: list[tuple[object, frozenset[str]]] = [(node, named)]
    seen: set[tuple[int, frozenset[str]]] = set()
    while waiting:
        part, names = waiting.pop()
        if isinstance(part, tuple):
            waiting.extend([(child, names) for child in part if type(child) not in _LEAVES])
            continue
        if (id(part), names) in seen:
            continue
        seen.add((id(part), names))
        match part:
            case sql.SqlCall():
                waiting.append((part.arguments, names))
            case sql.SqlTable():
                raise OutOfScopeError(f"{part.table} is read outside of a SELECT of its own")
            case sql.SqlSharedSource() if part.name not in names:
                raise OutOfScopeError(f"there is no relation '{part.name}' here")
            case sql.SqlSelect():
                if part.shared:
                    names |= {name for name, _ in part.shared}
                if isinstance(part.source, sql.SqlTable):
                    yield part, part.source
                else:
                    waiting.append((part.source, names))
                waiting.extend((getattr(part, name), names) for name in _BESIDE_SOURCE)
            case _ if hasattr(part, "__slots__"):
                waiting.extend((getattr(part, name), names) for name in part.__slots__)


_LEAVES = frozenset({str, int, bool, float, type(None), sql.SqlLiteral, sql.SqlColumn})
_BESIDE_SOURCE = tuple(field.name for field in fields(sql.SqlSelect) if field.name != "source")
