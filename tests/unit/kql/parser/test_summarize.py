from __future__ import annotations

import pytest

from kelp.kql.syntax import Summarize
from tests.unit.kql.parser.reading import assert_reads, assert_refuses, read_operator


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("T | summarize count() by a", "T\n| summarize count() by a"),
        ("T | summarize by a, b = bin(c, 1h)", "T\n| summarize by a, b = bin(c, 1h)"),
        (
            "T | summarize n = count(), (m, x) = arg_max(t, *)",
            "T\n| summarize n = count(), (m, x) = arg_max(t, *)",
        ),
        (
            "T | summarize hint.strategy = shuffle hint.shufflekey=k count() by k",
            "T\n| summarize hint.strategy=shuffle hint.shufflekey=k count() by k",
        ),
        ("T | summarize", "T\n| summarize"),
        ("T | summarize by_time = count() by t", "T\n| summarize by_time = count() by t"),
    ],
)
def test_reads(text: str, canonical: str) -> None:
    assert_reads(text, canonical)


@pytest.mark.parametrize(
    ("marked", "message", "hint"),
    [
        ("T | summarize count() «group» by a", "found `group`", "by"),
        ("T | summarize count() «BY» a", "found `BY`", "lower case"),
        ("T | summarize count() by«»", "expected an expression", None),
        ("T | summarize sum(a) «sum»(b)", "found `sum`", "missing"),
    ],
)
def test_refuses(marked: str, message: str, hint: str | None) -> None:
    assert_refuses(marked, message, hint)


def test_options_come_before_aggregates() -> None:
    operator = read_operator("T | summarize hint.strategy=shuffle n = count() by k")
    assert isinstance(operator, Summarize)
    assert [option.name for option in operator.options] == ["hint.strategy"]
    assert [name.text for aggregate in operator.aggregates for name in aggregate.names] == ["n"]
    assert len(operator.keys) == 1
