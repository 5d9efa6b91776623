"""What queries of tables with a cheaper plan may not do: those of Basic and Auxiliary tables look at one table.

The rules are Azure Monitor's: one such table in a query, in the workspace that is asked; no operator that takes rows of
several tables together, but `lookup` and `union` with up to five tables of the Analytics plan. Wildcards don't mean
such tables: that is the schema provider's to know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, Diagnostic, QueryRefusedError, Severity
from kelp.kql.text import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kelp.kql.parser import ParsedQuery
    from kelp.kql.schema import TableReference

MAXIMUM_ANALYTICS_TABLES = 5
_OPERATORS: dict[type, str] = {
    syntax.Join: "join",
    syntax.Find: "find",
    syntax.Search: "search",
    syntax.ExternalData: "externaldata",
}


def check_plan_limits(query: bound.BoundQuery, parsed: ParsedQuery) -> None:
    """Raise `QueryRefusedError`, with all that is wrong, for a query that such a table doesn't answer."""
    scans: dict[TableReference, bound.TableScan] = {}
    for node in _iter_nodes([result.operator for result in query.results], bound.__name__):
        if isinstance(node, bound.TableScan):
            scans.setdefault(node.symbol.reference, node)
    limited = sorted((scan for scan in scans.values() if scan.symbol.plan), key=lambda scan: scan.span)
    if not limited:
        return
    problems = [*_check_tables(limited, len(scans) - len(limited), parsed)]
    problems += _check_operators(limited[0], parsed)
    if problems:
        raise QueryRefusedError(tuple(sorted(problems, key=lambda problem: problem.span)))


def _check_tables(limited: list[bound.TableScan], others: int, parsed: ParsedQuery) -> Iterator[Diagnostic]:
    first = limited[0]
    for scan in limited[1:]:
        message = (
            f"{_describe(scan)}, as '{first.symbol.reference.name}' does: a query reads one such table only"
        )
        yield _problem(scan, message, parsed)
    if others > MAXIMUM_ANALYTICS_TABLES:
        message = (
            f"{_describe(first)}: a query of it reads up to {MAXIMUM_ANALYTICS_TABLES} tables with the Analytics plan "
            f"beside it, not {others}"
        )
        yield _problem(first, message, parsed)
    for scan in limited:
        if scan.symbol.reference.workspace is not None:
            message = f"{_describe(scan)}: it is queried in its own workspace, not with workspace()"
            yield _problem(scan, message, parsed)


def _check_operators(limited: bound.TableScan, parsed: ParsedQuery) -> Iterator[Diagnostic]:
    for node in _iter_nodes(parsed.block.statements, syntax.__name__):
        name = _OPERATORS.get(type(node))
        if name is not None:
            hint = "use lookup or union, or give the table the Analytics plan"
            message = f"'{name}' is not supported in a query of a table with the {limited.symbol.plan} plan"
            span = getattr(node, "span", NOWHERE)
            yield Diagnostic(NOT_ALLOWED_HERE, Severity.ERROR, message, span, hint)


def _describe(scan: bound.TableScan) -> str:
    return f"the table '{scan.symbol.reference.name}' has the {scan.symbol.plan} plan"


def _problem(scan: bound.TableScan, message: str, parsed: ParsedQuery) -> Diagnostic:
    # A table in a saved function stands in another text.
    is_here = scan.symbol.reference.name in parsed.source.slice(scan.span)
    return Diagnostic(NOT_ALLOWED_HERE, Severity.ERROR, message, scan.span if is_here else NOWHERE)


def _iter_nodes(roots: Iterable[object], package: str) -> Iterator[object]:
    """Yield the nodes of a tree of that package, each once, however often it stands in the tree."""
    seen: set[int] = set()
    waiting = [*roots]
    while waiting:
        node = waiting.pop()
        if isinstance(node, tuple):
            waiting += node
        elif type(node).__module__.startswith(package) and id(node) not in seen:
            seen.add(id(node))
            yield node
            waiting += [getattr(node, name) for name in getattr(node, "__slots__", ())]
