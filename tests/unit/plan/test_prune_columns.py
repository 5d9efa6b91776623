"""Which columns of the stored tables a query reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kelp.kql.binder import bind
from kelp.kql.parser import parse
from kelp.kql.schema import StoredFunction, TableReference, TableSymbol
from kelp.kql.types import Column, RowSchema, ScalarType
from kelp.plan import nodes
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.passes.prune_columns import keep_columns
from kelp.plan.rewrite import iter_inputs
from kelp.plan.scope import QueryScope, ScopedTable

COLUMNS = {"A": ScalarType.LONG, "B": ScalarType.STRING, "C": ScalarType.DYNAMIC, "D": ScalarType.LONG}
REFERENCE = TableReference(None, "T")
SYMBOL = TableSymbol(REFERENCE, RowSchema(tuple(Column(name, kind) for name, kind in COLUMNS.items())))
SCOPE = QueryScope(
    {REFERENCE: (ScopedTable("db", "T", exists=True, stored_columns=COLUMNS, predicate=None),)}
)


class OneTable:
    def find_table(self, reference: TableReference) -> TableSymbol | None:
        return SYMBOL if reference == REFERENCE else None

    def has_workspace(self, workspace: str) -> bool:
        del workspace
        return False

    def iter_tables(self, workspace: str | None) -> Iterator[TableSymbol]:
        del workspace
        yield SYMBOL

    def table_names(self) -> Iterator[str]:
        yield "T"

    def find_function(self, name: str) -> StoredFunction | None:
        del name
        return None


def planned(text: str) -> nodes.Plan:
    return run_passes(build_plan(bind(parse(text), OneTable(), 0).results[0].operator), PlanContext(SCOPE))


def scans(plan: nodes.Plan) -> list[str]:
    """Return the columns of each scan, left to right, as one word each."""
    if isinstance(plan, nodes.ScopedScan):
        return ["".join(column.name for column in plan.columns)]
    return [scan for part in iter_inputs(plan) for scan in scans(part)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("T", ["ABCD"]),
        ("T | count", [""]),
        ("T | where A > 1 | project B", ["AB"]),
        ("T | extend X = A + D, Y = B | project X", ["AD"]),
        ("T | extend X = A, B = strcat(B, D) | project-away B, C | where D > 0", ["AD"]),
        ("T | summarize max(A) by B | project B", ["B"]),
        ("T | summarize a = max(A), d = max(D) by B | project a", ["AB"]),
        ("T | sort by D | project A", ["AD"]),
        ("T | sort by D | count", ["D"]),
        ("T | take 3 | project A", ["A"]),
        ("T | join kind=inner (T | where D > 0) on A | project B, C1", ["AB", "ACD"]),
        ("T | join T on $left.A == $right.D | project X = B1", ["A", "BD"]),
        ("T | join kind=leftanti T on B | project A", ["AB", "B"]),
        ("T | lookup (T | summarize n = count() by B) on B | project A, n", ["AB", "B"]),
        ("T | project A, B | union (T | project B, D) | where A > 1 | project B", ["AB", "B"]),
        ("T | mv-expand C | project A", ["AC"]),
        ("T | mv-expand X = C to typeof(long) | where X > 1 | summarize count() by B", ["BC"]),
        ("T | mv-apply X = C on (summarize s = sum(toint(X))) | project A, s", ["AC"]),
        ("T | parse B with * 'x' Y:long | project Y", ["B"]),
        ("T | distinct A, B | project A", ["AB"]),
        ("let S = T | where A > 1; S | project B | union (S | project D)", ["AB", "AD"]),
    ],
)
def test_a_scan_reads_what_is_used(text: str, read: list[str]) -> None:
    assert scans(planned(text)) == read


def test_what_is_materialized_is_pruned_when_its_uses_are_known() -> None:
    plan = planned("let M = materialize(T | where A > 1); M | project B | union (M | project D)")
    assert isinstance(plan, nodes.UnionAll)
    uses = [part.input for part in plan.inputs if isinstance(part, nodes.Project)]
    assert [use.columns for use in uses if isinstance(use, nodes.Materialized)] == [
        (Column("B", ScalarType.STRING),),
        (Column("D", ScalarType.LONG),),
    ]
    first = uses[0]
    assert isinstance(first, nodes.Materialized)
    assert scans(first.input) == ["ABCD"]
    assert scans(keep_columns(first.input, ("B", "D"))) == ["ABD"]
