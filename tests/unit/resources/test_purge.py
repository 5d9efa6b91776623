"""Filters of a purge: what fits its column becomes KQL that parses, everything else is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kelp.clickhouse.row_predicate import compile_row_predicate
from kelp.kql.types import Column, ScalarType
from kelp.plan.scope import ScopedTable
from kelp.resources.purge import PurgeFilter, PurgeOperator, check_filters, print_filters

TYPES = {
    "Text": ScalarType.STRING,
    "Whole": ScalarType.LONG,
    "Real": ScalarType.REAL,
    "Truth": ScalarType.BOOL,
    "Time": ScalarType.DATETIME,
    "Id": ScalarType.GUID,
    "Bag": ScalarType.DYNAMIC,
}
SCALARS = st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.just("2026-01-01"))


@pytest.mark.parametrize(
    "filter_, kql",
    [
        (("Text", "==", 'a "quoted"\nline'), '[\'Text\'] == "a \\"quoted\\"\\nline"'),
        (("Text", "in~", ("a", "b")), '[\'Text\'] in~ ("a", "b")'),
        (("Whole", "between", (1, 2.0)), "['Whole'] between (long(1) .. long(2))"),
        (("Real", "<", "1.5"), "['Real'] < real(1.5)"),
        (("Truth", "==", True), "['Truth'] == true"),
        (("Time", ">=", "2026-01-01"), "['Time'] >= todatetime(\"2026-01-01\")"),
        (("Bag", "==", 5, "n"), "toreal(['Bag'][\"n\"]) == real(5.0)"),
        (("Bag", "has", "x"), "tostring(['Bag']) has \"x\""),
    ],
)
def test_a_filter_is_written_as_kql(filter_: tuple[Any, ...], kql: str) -> None:
    column, operator, value, *key = filter_
    one = PurgeFilter(column, PurgeOperator(operator), value, *key)
    assert check_filters([one], TYPES) == []
    assert print_filters([one], TYPES) == kql


@pytest.mark.parametrize(
    "filter_, target",
    [
        (("Gone", "==", "x"), "filters[0].column"),
        (("text", "==", "x"), "filters[0].column"),
        (("Truth", "<", True), "filters[0].operator"),
        (("Text", "==", 5), "filters[0].value"),
        (("Whole", "==", 1.5), "filters[0].value"),
        (("Whole", "==", 1 << 63), "filters[0].value"),
        (("Real", "==", 10**400), "filters[0].value"),
        (("Id", "==", "no guid"), "filters[0].value"),
        (("Time", "<", "yesterday"), "filters[0].value"),
        (("Whole", "between", (1,)), "filters[0].value"),
        (("Text", "in", ()), "filters[0].value"),
        (("Text", "==", "x", "key"), "filters[0].key"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(filter_: tuple[Any, ...], target: str) -> None:
    column, operator, value, *key = filter_
    problems = check_filters([PurgeFilter(column, PurgeOperator(operator), value, *key)], TYPES)
    assert target in [problem.target for problem in problems]


def test_no_filter_is_no_purge_and_neither_are_too_many() -> None:
    assert [problem.target for problem in check_filters([], TYPES)] == ["filters"]
    one = PurgeFilter("Text", PurgeOperator.EQUAL, "x")
    assert [problem.target for problem in check_filters([one] * 101, TYPES)] == ["filters"]


@given(
    st.sampled_from(sorted(TYPES)),
    st.sampled_from(PurgeOperator),
    st.one_of(SCALARS, st.lists(SCALARS, max_size=3).map(tuple)),
    st.one_of(st.just(""), st.text(min_size=1, max_size=5)),
)
def test_whatever_is_not_refused_compiles(column: str, operator: PurgeOperator, value: Any, key: str) -> None:
    one = PurgeFilter(column, operator, value, key)
    if check_filters([one], TYPES):
        return
    columns = tuple(Column(name, kind) for name, kind in TYPES.items())
    table = ScopedTable("db", "T", exists=True, stored_columns=TYPES, predicate=None)
    assert compile_row_predicate(print_filters([one], TYPES), table, columns, 0)
