"""Where the calls that the engine can't compute go: out of expressions, each once, behind what needs none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kelp.clickhouse.transformation import check_transformation
from kelp.kql.binder import bind
from kelp.kql.diagnostics import QueryRefusedError
from kelp.kql.parser import parse
from kelp.kql.types import Column, ScalarType
from kelp.plan import nodes
from kelp.plan.builder import build_plan
from kelp.plan.passes import PlanContext, run_passes
from kelp.plan.rewrite import iter_inputs
from kelp.plan.segment_operations import Calls, operation_name
from tests.spec.events import NOW, Tables

PACK = "zlib_compress_to_base64_string"
UNPACK = "zlib_decompress_from_base64_string"


def planned(text: str) -> nodes.Plan:
    tables = Tables()
    result = bind(parse(text), tables, NOW).results[0]
    return run_passes(build_plan(result.operator), PlanContext(tables.scope))


def segments_of(plan: nodes.Plan) -> Iterator[nodes.Segment]:
    if isinstance(plan, nodes.Segment):
        yield plan
    for part in iter_inputs(plan):
        yield from segments_of(part)


def calls_of(text: str) -> list[int]:
    """How many calls each segment has, from the last one to the first."""
    operations = [segment.operation for segment in segments_of(planned(text))]
    return [len(operation.calls) for operation in operations if isinstance(operation, Calls)]


@pytest.mark.parametrize(
    ("query", "calls"),
    [
        (f"Events | extend a = {PACK}(Name)", [1]),
        (f"Events | extend a = {PACK}(Name), b = strcat({PACK}(Name), 'x')", [1]),
        (f"Events | extend a = {PACK}(Name), b = {PACK}(tostring(Count))", [2]),
        (f"Events | extend a = {UNPACK}({PACK}(Name))", [1, 1]),
        (f"Events | extend a = {PACK}(Name) | project Count", []),
        (f"Events | extend a = {PACK}(Name), b = {UNPACK}(Name) | project b", [1]),
        (f"Events | extend a = {PACK}('x')", []),
        ("Events | extend a = strlen(Name)", []),
    ],
)
def test_calls_are_gathered(query: str, calls: list[int]) -> None:
    assert calls_of(query) == calls


def test_a_segment_gets_and_gives_only_what_is_needed() -> None:
    (segment,) = segments_of(planned(f"Events | project Count, a = {PACK}(Name)"))
    assert [column.name for column in segment.inputs[0].columns] == ["Name", "Count"]
    assert [column.name for column in segment.columns[:1]] == ["Count"]


def test_a_filter_asks_the_engine_first() -> None:
    (segment,) = segments_of(planned(f"Events | where {PACK}(Name) != '' and Count > 1"))
    assert isinstance(segment.inputs[0].plan, nodes.Filter)


def reaching(text: str) -> nodes.Plan:
    """What stands below the one segment of a query."""
    (segment,) = segments_of(planned(text))
    return segment.inputs[0].plan


@pytest.mark.parametrize(
    "rest",
    [
        "where Count > 1",
        "where Count > 1 and a != ''",
        "extend b = Count + 1 | where Count > 1 and b > 2",
        "project a, c = Count | where c > 1",
        "where a != '' | where Count > 1",
    ],
)
def test_a_later_filter_goes_before_the_segment(rest: str) -> None:
    assert isinstance(reaching(f"Events | extend a = {PACK}(Name) | {rest}"), nodes.Filter)


@pytest.mark.parametrize("rest", ["where a != ''", "where strcat(a, Name) != ''"])
def test_a_filter_of_what_the_segment_makes_stays_behind_it(rest: str) -> None:
    assert isinstance(reaching(f"Events | extend a = {PACK}(Name) | {rest}"), nodes.ScopedScan)


@pytest.mark.parametrize(
    "rest", ["take 3", "sort by Count | take 3", "project a, c = Count | top 3 by c", "extend b = a | take 3"]
)
def test_a_cut_goes_before_the_segment(rest: str) -> None:
    assert isinstance(reaching(f"Events | extend a = {PACK}(Name) | {rest}"), nodes.Limit)


@pytest.mark.parametrize("rest", ["top 3 by a", "where a != '' | take 3", "summarize count() by a | take 3"])
def test_a_cut_that_depends_on_the_segment_stays_behind_it(rest: str) -> None:
    assert isinstance(reaching(f"Events | extend a = {PACK}(Name) | {rest}"), nodes.ScopedScan)


@pytest.mark.parametrize(
    "rest",
    [
        "project a, ingestion_time()",
        "where ingestion_time() > ago(1d)",
        "summarize max(ingestion_time()) by a",
    ],
)
def test_a_segment_passes_on_when_rows_were_received(rest: str) -> None:
    text = f"Events | extend a = {PACK}(Name), b = {PACK}(tostring(Count)) | where b != '' | {rest}"
    (segment,) = segments_of(planned(text))
    assert "$received" in {column.name for column in segment.columns}


def test_a_segment_is_named_after_its_functions() -> None:
    (segment,) = segments_of(planned(f"Events | extend {PACK}(Name), {UNPACK}(Name), {PACK}(Id)"))
    assert operation_name(segment.operation) == f"{PACK}, {UNPACK}"


@pytest.mark.parametrize(
    "text",
    [
        f"source | extend Text = {PACK}(Text)",
        f"source | where strlen({PACK}(Text)) > 1",
        f"source | parse {PACK}(Text) with 'x' Text",
    ],
)
def test_a_transformation_can_not_hold_them(text: str) -> None:
    with pytest.raises(QueryRefusedError) as refused:
        check_transformation(text, (Column("Text", ScalarType.STRING),))
    (found,) = refused.value.diagnostics
    assert f"'{PACK}' can't stand in a transformation" in found.message
    assert text[found.span.start : found.span.end].startswith(PACK)
