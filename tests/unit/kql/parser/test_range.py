from __future__ import annotations

import pytest

from kelp.kql.syntax import Call
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_value


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("range x from 1 to 10 step 2", "range x from 1 to 10 step 2"),
        (
            'range ["a b"] from ago(1d) to now() step 1h | take 1',
            'range ["a b"] from ago(1d) to now() step 1h\n| take 1',
        ),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("range x from 1 to 10«»", "expected `step`", None),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_range_with_brackets_is_a_call() -> None:
    assert isinstance(read_value("range(1, 2, 3)"), Call)
