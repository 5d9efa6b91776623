from __future__ import annotations

import pytest

from kelp.kql.syntax import MakeSeries
from kelp.kql.unparse import unparse
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (
            "T | make-series n = count() default = 0, sum(a) on t from ago(1d) to now() step 1h by b, c",
            "T\n| make-series n = count() default = 0, sum(a) on t from ago(1d) to now() step 1h by b, c",
        ),
        (
            "T | make-series kind=nonempty avg(a) on t step 1h",
            "T\n| make-series kind=nonempty avg(a) on t step 1h",
        ),
        (
            "T | make-series count() on t in range(a, b, 1h) by c",
            "T\n| make-series count() on t in range(a, b, 1h) by c",
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | make-series count() on t from a to b «by» c", "expected `step`", None),
        ("T | make-series count() «from» a to b step c", "expected `on`", None),
        ("T | make-series count() on t in range(a, b«)»", "expected `,` and the step", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_in_range_is_not_a_list_of_values() -> None:
    operator = read_operator("T | make-series count() on t in range(1, 2, 3)")
    assert isinstance(operator, MakeSeries)
    assert operator.in_range
    assert [unparse(one) for one in (operator.axis.value, operator.step)] == ["t", "3"]


def test_the_ends_may_be_missing() -> None:
    operator = read_operator("T | make-series count() on t to 5 step 3")
    assert isinstance(operator, MakeSeries)
    assert operator.start is None
    assert operator.stop is not None
