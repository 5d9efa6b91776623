"""What is run before a statement: each part once, whoever reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kelp.clickhouse.compiler import CompiledResult, compile_query
from kelp.clickhouse.lowering import lower_query
from kelp.clickhouse.lowering.encoding import Encoding
from kelp.clickhouse.verify import OutOfScopeError, verify
from kelp.kql.binder import bind
from kelp.kql.bound import Call, ColumnReference, Literal, Operator
from kelp.kql.parser import parse
from kelp.kql.types import ScalarType
from kelp.plan.builder import build_plan
from kelp.plan.nodes import Plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.scope import QueryScope
from kelp.plan.segment_operations import operation_name
from tests.spec.events import NOW, OPTIONS, Tables

PACK = "zlib_compress_to_base64_string"


def compiled(query: str) -> CompiledResult:
    tables = Tables()
    return compile_query(query, tables, tables.scope, OPTIONS).results[0]


@pytest.mark.parametrize(
    ("query", "operations"),
    [
        ("Events | count", []),
        (f"print {PACK}('a'), {PACK}('a')", [PACK]),
        (f"let T = Events | extend P = {PACK}(Name); T | join kind=inner T on P", [PACK]),
        (
            f"let X = {PACK}('a'); Events | where Name == X | extend P = {PACK}(Name) | where P != X",
            [PACK, PACK],
        ),
        (
            f"let M = materialize(Events | project Name); M | extend P = {PACK}(Name) | join kind=inner M on Name",
            ["materialize", PACK],
        ),
        (f"let M = materialize(Events | project Name); M | extend P = {PACK}(Name)", [PACK]),
    ],
)
def test_each_part_is_run_once(query: str, operations: list[str]) -> None:
    assert [operation_name(segment.operation) for segment in compiled(query).segments] == operations


def test_a_result_knows_all_tables_that_are_read_for_it() -> None:
    result = compiled(f"Events | extend P = {PACK}(Name) | summarize by P")
    assert [table.name for table in result.all_tables] == ["Events"]
    assert not result.tables


def test_a_cut_of_the_result_is_one_of_what_the_segment_gets() -> None:
    (segment,) = compiled(f"Events | extend P = {PACK}(Name) | project P").segments
    assert "LIMIT" in segment.inputs[0].sql


def test_what_a_segment_gets_is_verified_like_any_other_statement() -> None:
    tables = Tables()
    (table,) = tables.scope.tables[tables.reference]
    own = Call(
        "==", (ColumnReference("Name", ScalarType.STRING), Literal(ScalarType.STRING, "own")), ScalarType.BOOL
    )
    scope = QueryScope({tables.reference: (replace(table, predicate=own),)})
    operator = (
        bind(parse(f"Events | extend P = {PACK}(Name) | where P != ''"), tables, NOW).results[0].operator
    )

    def plan(part: Operator) -> Plan:
        return run_passes(build_plan(part), PlanContext(scope))

    lowered = lower_query(
        plan(operator), operator.schema.columns, encoding=Encoding.WIRE, row_cap=None, plan_inner=plan
    )
    (segment,) = lowered.segments
    select = segment.inputs[0].select
    verify(select, scope)
    with pytest.raises(OutOfScopeError, match="without its predicate"):
        verify(replace(select, where=()), scope)
    verify(lowered.statement.select, scope, lowered.statement.segments)
    with pytest.raises(OutOfScopeError, match="there is no relation"):
        verify(lowered.statement.select, scope)
