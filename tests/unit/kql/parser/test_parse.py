from __future__ import annotations

import pytest

from kelp.kql.syntax import Parse
from kelp.kql.types import ScalarType
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | parse a with * 'x=' b: long ' ' c *", 'T\n| parse a with * "x=" b: long " " c *'),
        (
            "T | parse kind=regex flags=Ui a with b 'x' c:string",
            'T\n| parse kind=regex flags=Ui a with b "x" c: string',
        ),
        (
            'T | parse-where kind=simple f(a) with ("x" "y" b: datetime) ',
            'T\n| parse-where kind=simple f(a) with "xy" b: datetime',
        ),
        ('T | parse a with ["b c"] "-" *', 'T\n| parse a with ["b c"] "-" *'),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | parse a with«»", "expected a pattern", "skip"),
        ('T | parse a with "x" b: «strng»', "expected a type", "string"),
        ('T | parse a «"x"» b', "expected `with`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_the_parts_of_a_pattern() -> None:
    operator = read_operator("T | parse kind=relaxed a with * 'x' b: long c")
    assert isinstance(operator, Parse)
    assert [(one.star, one.text is not None, one.column, one.type) for one in operator.pattern] == [
        (True, False, None, None),
        (False, True, None, None),
        (False, False, "b", ScalarType.LONG),
        (False, False, "c", None),
    ]
    assert not operator.is_filter
