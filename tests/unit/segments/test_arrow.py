"""The border: what is written for the engine reads back, nulls and all, and what does not fit is refused."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from kelp.kql.bound import Literal
from kelp.kql.types import ScalarType as T
from kelp.plan.segment_operations import ConstantArgument, Form, SegmentColumn
from kelp.segments.arrow import arrow_type, read_table, repeat, write_table


@pytest.mark.parametrize(
    ("kind", "form", "values"),
    [
        (T.BOOL, Form.VALUE, [True, None, False]),
        (T.INT, Form.VALUE, [1, None, -(1 << 31)]),
        (T.LONG, Form.VALUE, [1, None, (1 << 63) - 1]),
        (T.REAL, Form.VALUE, [1.5, None, float("inf")]),
        (T.DECIMAL, Form.VALUE, [Decimal("1.5"), None, Decimal("-0.000000000000000001")]),
        (T.DATETIME, Form.VALUE, [17_672_256_000_000_000, None]),
        (T.TIMESPAN, Form.VALUE, [-1, None]),
        (T.STRING, Form.VALUE, ["", "ä", "a\nb"]),
        (T.DYNAMIC, Form.VALUE, ["", '{"a":1}']),
        (T.DYNAMIC, Form.SERIES, [[1.0, None, 2.0], [], None, [None], [3.0]]),
        (T.DYNAMIC, Form.SERIES, [None, None]),
        (T.DYNAMIC, Form.SERIES, []),
    ],
)
def test_what_is_written_reads_back(kind: T, form: Form, values: list[Any]) -> None:
    column = SegmentColumn("c", kind, form)
    table = pa.table({"c": pa.array(values, arrow_type(kind, form))})
    assert read_table(write_table(table, [column])).column("c").to_pylist() == values


def test_only_the_columns_asked_for_are_written_in_their_order() -> None:
    table = pa.table({"a": ["x"], "b": [1], "c": [2.0]})
    columns = [SegmentColumn("c", T.REAL), SegmentColumn("a", T.STRING)]
    assert read_table(write_table(table, columns)).column_names == ["c", "a"]


def test_a_column_of_another_type_is_a_defect() -> None:
    with pytest.raises(pa.ArrowInvalid):
        write_table(pa.table({"a": ["no number"]}), [SegmentColumn("a", T.LONG)])


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        (Literal(T.LONG, 3), Form.VALUE, 3),
        (Literal(T.STRING, None), Form.VALUE, ""),
        (Literal(T.DYNAMIC, "null"), Form.VALUE, ""),
        (Literal(T.DYNAMIC, "[1]"), Form.VALUE, "[1]"),
        (Literal(T.DECIMAL, "1.25"), Form.VALUE, Decimal("1.25")),
        (Literal(T.DECIMAL, None), Form.VALUE, None),
        (Literal(T.REAL, None), Form.VALUE, None),
        (Literal(T.DYNAMIC, "[1, null, 2.5]"), Form.SERIES, [1.0, None, 2.5]),
        (Literal(T.DYNAMIC, '{"a": 1}'), Form.SERIES, None),
        (Literal(T.DYNAMIC, None), Form.SERIES, None),
    ],
)
def test_a_constant_is_a_column_of_itself(value: Literal, form: Form, expected: object) -> None:
    assert repeat(ConstantArgument(value, form), 2).to_pylist() == [expected, expected]
