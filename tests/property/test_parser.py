"""The parser reads whatever it is given, and what it says about a text is a place in that text."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kelp.kql.parser import parse
from kelp.kql.parser.pipeline import OPERATORS
from kelp.kql.text import Span
from kelp.kql.unparse import unparse
from tests.spec.corpus import load_queries
from tests.unit.kql.parser.reading import assert_spans_nest, without_spans

WORDS = [
    *OPERATORS,
    *[
        "let",
        "set",
        "declare",
        "pattern",
        "view",
        "by",
        "on",
        "with",
        "to",
        "from",
        "step",
        "in",
        "typeof",
        "dynamic",
        "default",
        "asc",
        "desc",
        "nulls",
        "limit",
        "as",
        "kind",
    ],
    *[
        "and",
        "or",
        "not",
        "between",
        "has",
        "has_any",
        "matches",
        "regex",
        "datatable",
        "externaldata",
        "print",
        "range",
        "union",
        "search",
        "find",
    ],
    *[
        "a",
        "b",
        "T",
        "$left",
        "f(1)",
        "'x'",
        '"y"',
        "@'z'",
        "h'w'",
        "5",
        "1.5",
        "2h",
        "0x1",
        "true",
        "null",
        "datetime(2020-01-01)",
        "['a",
        "b']",
        "```",
        "'",
        '"',
        "//",
    ],
    *[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "|",
        ",",
        ".",
        ";",
        ":",
        "=",
        "==",
        "!=",
        "=~",
        "!~",
        "<",
        "<=",
        ">",
        ">=",
        "+",
        "-",
        "*",
        "/",
        "%",
        "..",
        "=>",
        "-->",
        "&&",
        "?",
        "!",
        "\\",
        "#",
        "\n",
    ],
]


def check(text: str) -> None:
    """Read a text; where it has no errors, spell it and read that."""
    parsed = parse(text)
    for found in parsed.diagnostics:
        assert 0 <= found.span.start <= found.span.end <= len(text)
        assert found.message
    if not parsed.diagnostics:
        assert_spans_nest(parsed.block, Span(0, len(text)))
        again = parse(unparse(parsed.block))
        assert again.diagnostics == ()
        assert without_spans(again.block) == without_spans(parsed.block)


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
@settings(max_examples=400)
def test_any_words(text: str) -> None:
    check(text)


@given(st.lists(st.sampled_from(WORDS), max_size=20).map("".join))
@settings(max_examples=200)
def test_any_words_without_spaces(text: str) -> None:
    check(text)


@given(st.text(max_size=200))
@settings(max_examples=300)
def test_any_text(text: str) -> None:
    check(text)


@given(st.sampled_from(sorted(OPERATORS)), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
@settings(max_examples=300)
def test_any_words_behind_an_operator(word: str, rest: str) -> None:
    check(f"T | {word} {rest}")


def mutate(query: str, source: random.Random, others: list[str]) -> str:
    """Return a query with a few characters, words or lines lost, doubled, changed or taken from another query."""
    for _ in range(source.randrange(1, 4)):
        start = source.randrange(len(query) + 1)
        end = min(len(query), start + source.randrange(20))
        match source.randrange(5):
            case 0:
                query = query[:start] + query[end:]
            case 1:
                query = query[:end] + query[start:]
            case 2:
                query = query[:start] + source.choice("()[]{}|,;:.=<>!*/-+\"'@`~\\ \n") + query[end:]
            case 3:
                query = query[:start] + f" {source.choice(WORDS)} " + query[start:]
            case _:
                other = source.choice(others)
                place = source.randrange(len(other) + 1)
                query = query[:start] + other[place : place + 40] + query[end:]
    return query


@pytest.mark.parametrize("seed", range(8))
def test_mutated_queries(seed: int) -> None:
    source = random.Random(seed)
    queries = [query for query in load_queries().values() if len(query) < 3000]
    for query in source.sample(queries, 120):
        check(mutate(query, source, queries))


def test_every_beginning_of_a_query() -> None:
    longest = max((query for query in load_queries().values() if len(query) < 1500), key=len)
    for end in range(len(longest)):
        check(longest[:end])


@given(st.text(max_size=50), st.sampled_from(["'", '"']))
def test_strings_come_back(value: str, quote: str) -> None:
    escaped = re.sub(r"[\\'\"\r\n]", lambda match: f"\\x{ord(match.group()):02x}", value)
    parsed = parse(f"print {quote}{escaped}{quote}")
    assert parsed.diagnostics == ()
    assert parse(unparse(parsed.block)).diagnostics == ()
