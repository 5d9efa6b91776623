"""What holds for any text: limits, order of messages, no exception."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass

import pytest

from kelp.kql.diagnostics import TOO_COMPLEX
from kelp.kql.parser import parse
from kelp.kql.parser.cursor import MAX_DEPTH, MAX_DIAGNOSTICS, MAX_HEIGHT
from kelp.kql.text import Span
from kelp.kql.unparse import unparse

NESTED = {
    "brackets": ("print ", "(", "1", ")"),
    "calls": ("print ", "f(", "1", ")"),
    "indices": ("print ", "a[", "1", "]"),
    "lists": ("T | where a ", "in (b ", "in (1)", ")"),
    "pipelines": ("T | where a", " in (U | where b", "", ")"),
    "joins": ("T", " | join (U", "", ") on a"),
    "sorts": ("T", " | sort by (U", "", ")"),
    "bodies": ("T | ", "mv-apply a on (", "take 1", ")"),
    "functions": ("let f = ", "() { let f = ", "1", "; f() }"),
    "macros": ("", "macro-expand a as b (", "T", ")"),
    "dynamic lists": ("print dynamic(", "['a', ", "1", "]"),
    "dynamic bags": ("print dynamic(", "{'a': ", "1", "}"),
}


def height(root: object) -> int:
    """Return the height of a tree without going down Python's stack."""
    highest, waiting = 0, [(root, 0)]
    while waiting:
        node, level = waiting.pop()
        highest = max(highest, level)
        if is_dataclass(node):
            waiting.extend((getattr(node, one.name), level + 1) for one in fields(node) if one.name != "span")
        elif isinstance(node, tuple) and not isinstance(node, Span):
            waiting.extend((part, level) for part in node)
    return highest


@pytest.mark.parametrize("kind", NESTED)
def test_some_levels_are_read(kind: str) -> None:
    start, opening, middle, closing = NESTED[kind]
    levels = 10
    assert (
        parse(
            start + opening * levels + middle + closing * levels + (")" if "dynamic" in kind else "")
        ).diagnostics
        == ()
    )


@pytest.mark.parametrize("kind", NESTED)
@pytest.mark.parametrize("closed", [True, False])
def test_too_many_levels_are_refused(kind: str, closed: bool) -> None:
    start, opening, middle, closing = NESTED[kind]
    levels = 5000
    parsed = parse(start + opening * levels + (middle + closing * levels if closed else ""))
    assert [one.code for one in parsed.diagnostics] == [TOO_COMPLEX]


@pytest.mark.parametrize("kind", NESTED)
def test_the_deepest_text_fits_into_a_part_of_the_stack(kind: str) -> None:
    start, opening, middle, closing = NESTED[kind]
    frame, used = sys._getframe(), 0
    while frame.f_back is not None:
        frame, used = frame.f_back, used + 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(used + 800)
    try:
        parse(start + opening * (MAX_DEPTH + 5) + middle + closing * (MAX_DEPTH + 5))
    finally:
        sys.setrecursionlimit(limit)


@pytest.mark.parametrize("operator", ["+", "-", "*", "==", " has ", ":"])
def test_a_chain_that_is_too_long_is_refused(operator: str) -> None:
    assert parse("print " + operator.join(["a"] * MAX_HEIGHT)).diagnostics == ()
    parsed = parse("print " + operator.join(["a"] * 10_000))
    assert [one.code for one in parsed.diagnostics] == [TOO_COMPLEX]


@pytest.mark.parametrize("part", [".b", "[0]", ".b()"])
def test_a_path_that_is_too_long_is_refused(part: str) -> None:
    assert parse("print a" + part * 50).diagnostics == ()
    parsed = parse("print a" + part * 10_000)
    assert [one.code for one in parsed.diagnostics] == [TOO_COMPLEX]


def test_chains_in_chains_are_counted_together() -> None:
    inner = "a" + " + 1" * 20
    text = inner
    for _ in range(20):
        text = f"({text})" + " + 1" * 20
    assert [one.code for one in parse(f"print {text}").diagnostics] == [TOO_COMPLEX]


@pytest.mark.parametrize(
    "text",
    [
        "T | where " + " or ".join(f"a.b == {number} and c != -{number}" for number in range(5000)),
        "T | where a in (" + ", ".join(f"'{number}'" for number in range(5000)) + ")",
        "T" + " | extend a = b + 1" * 2000,
        "T | project " + ", ".join(f"a.b[{number}] + -1 * c" for number in range(2000)),
        "union " + ", ".join(f"database('d').T{number}, (U | take 1)" for number in range(500)),
        "datatable(a: long) [" + "-1, " * 5000 + "]",
        "T | fork " + "(where a == b) " * 500,
        "\n".join(f"let a{number} = {number};" for number in range(2000)),
    ],
)
def test_wide_queries_are_read_and_stay_flat(text: str) -> None:
    parsed = parse(text)
    assert parsed.diagnostics == ()
    assert height(parsed.block) < 40
    assert parse(unparse(parsed.block)).diagnostics == ()


def test_messages_come_in_text_order() -> None:
    found = parse("T | where a = 'b\n| foo ? | project c d").diagnostics
    assert [one.span.start for one in found] == sorted(one.span.start for one in found)
    assert len(found) >= 3


@pytest.mark.parametrize(
    "text", ["|foo" * 1000, "?" * 1000, "'\n" * 1000, "let a;" * 1000, "(" * 1000, ")" * 1000]
)
def test_the_number_of_messages_is_limited(text: str) -> None:
    assert 1 <= len(parse(text).diagnostics) <= MAX_DIAGNOSTICS


def test_spans_are_places_in_the_text() -> None:
    text = "T\n| where a == 1"
    parsed = parse(text)
    assert parsed.block.span == Span(0, len(text))
    assert parsed.source.slice(parsed.block.statements[0].span) == text
    assert parsed.source.text == text
