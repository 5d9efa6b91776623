from __future__ import annotations

import pytest

from kelp.kql import tokens
from kelp.kql.diagnostics import SYNTAX
from kelp.kql.lexer import tokenize
from kelp.kql.text import SourceText, Span


def read(text: str) -> list[tuple[str, str]]:
    """Return kind and text of the tokens of a text without errors, and check their places."""
    found, diagnostics = tokenize(SourceText(text))
    assert diagnostics == []
    assert all(text[token.start : token.end] == token.text for token in found)
    assert found[-1].kind == tokens.END
    return [(token.kind, token.text) for token in found[:-1]]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a", tokens.NAME),
        ("_a1", tokens.NAME),
        ("$left", tokens.NAME),
        ("größe", tokens.NAME),
        ("2fa", tokens.NAME),
        ("1dayz", tokens.NAME),
        ("in~", tokens.NAME),
        ("datetimes", tokens.NAME),
        ("0", tokens.LONG),
        ("007", tokens.LONG),
        ("0x1F", tokens.LONG),
        ("1.5", tokens.REAL),
        ("1.", tokens.REAL),
        ("1e5", tokens.REAL),
        ("1.5E-3", tokens.REAL),
        ("1d", tokens.TIMESPAN),
        ("1.5h", tokens.TIMESPAN),
        ("3min", tokens.TIMESPAN),
        ("10ms", tokens.TIMESPAN),
        ("7microseconds", tokens.TIMESPAN),
        ("8ticks", tokens.TIMESPAN),
        ("9nanoseconds", tokens.TIMESPAN),
        ("74be27de-1e4e-49d9-b579-fe0b331d3642", tokens.GUID),
        ("datetime(2024-01-01 10:00:00)", tokens.TYPED),
        ("int (null)", tokens.TYPED),
        ("real(+inf)", tokens.TYPED),
        ("guid({74be27de-1e4e-49d9-b579-fe0b331d3642})", tokens.TYPED),
        ('dynamic({"a": [1, "x)"]})', tokens.DYNAMIC),
        ("dynamic ( null )", tokens.DYNAMIC),
        ('"a"', tokens.STRING),
        ("'a'", tokens.STRING),
        (r'"a\"b"', tokens.STRING),
        ('@"a\\"', tokens.STRING),
        ("@'a''b'", tokens.STRING),
        ('h"a"', tokens.STRING),
        ("H@'a'", tokens.STRING),
        ("```a\n`b```", tokens.STRING),
        ("~~~a\nb~~~", tokens.STRING),
        ('""', tokens.STRING),
    ],
)
def test_one_token(text: str, kind: str) -> None:
    assert read(text) == [(kind, text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a==b", ["a", "==", "b"]),
        ("a=~b!~c", ["a", "=~", "b", "!~", "c"]),
        ("a!in~(b)", ["a", "!in~", "(", "b", ")"]),
        ("a !has_any (b)", ["a", "!has_any", "(", "b", ")"]),
        ("1..5", ["1", "..", "5"]),
        ("1...5", ["1.", "..", "5"]),
        ("ago(1d)..now()", ["ago", "(", "1d", ")", "..", "now", "(", ")"]),
        ("a<=b<>c>=d=>e", ["a", "<=", "b", "<>", "c", ">=", "d", "=>", "e"]),
        ("(a)-[e]->(b)", ["(", "a", ")", "-", "[", "e", "]", "-", ">", "(", "b", ")"]),
        ("mv-expand", ["mv", "-", "expand"]),
        ("a.b[0]", ["a", ".", "b", "[", "0", "]"]),
        ("1.a", ["1", ".", "a"]),
        ("print // a | b\n\t1//", ["print", "1"]),
        ("\ufeffa\u00a0b", ["a", "b"]),
        ("dynamic([1,'a'])", ["dynamic", "(", "[", "1", ",", "'a'", "]", ")"]),
        ("datetime(now())", ["datetime", "(", "now", "(", ")", ")"]),
        ("x.datetime", ["x", ".", "datetime"]),
        ("a||b", ["a", "|", "|", "b"]),
        ("", []),
        ("//", []),
    ],
)
def test_several_tokens(text: str, words: list[str]) -> None:
    assert [word for _, word in read(text)] == words


def test_punctuation_is_its_own_kind() -> None:
    assert all(kind == word for kind, word in read("( ) [ ] { } | , : ; = . + - * / % < > == !has"))


@pytest.mark.parametrize(
    ("text", "span", "message", "hint"),
    [
        ('a == "b', Span(5, 7), 'no closing "', "on the same line"),
        ("a == 'b\nc", Span(5, 7), "no closing '", "on the same line"),
        ('a == @"b\\', Span(5, 9), 'no closing "', "on the same line"),
        ("a ```b\nc", Span(2, 8), "no closing ```", "end the string with ```"),
        ("a ? b", Span(2, 3), "`?` (U+003F) means nothing here", ""),
        ("a && b", Span(2, 4), "means nothing here", "`and`"),
        ("“a", Span(0, 1), "U+201C", "straight quotes"),
        ("a ! b", Span(2, 3), "means nothing here", "not(...)"),
    ],
)
def test_what_is_no_token(text: str, span: Span, message: str, hint: str) -> None:
    _, (found,) = tokenize(SourceText(text))
    assert (found.code, found.span) == (SYNTAX, span)
    assert message in found.message
    assert hint in (found.hint or "")


def test_an_unclosed_string_is_still_a_string() -> None:
    found, _ = tokenize(SourceText('where a == "b\n| take 1'))
    assert [token.kind for token in found][3:5] == [tokens.STRING, "|"]


def test_noise_is_reported_a_limited_number_of_times() -> None:
    _, diagnostics = tokenize(SourceText("?" * 1000))
    assert len(diagnostics) == 20


def test_json_that_ends_too_late_is_left_to_the_parser() -> None:
    found, _ = tokenize(SourceText("dynamic([1, 2)"))
    assert [token.text for token in found] == ["dynamic", "(", "[", "1", ",", "2", ")", ""]


def test_after_many_failures_json_is_not_tried_again() -> None:
    text = "dynamic(x) " * 25 + "dynamic([1])"
    found, diagnostics = tokenize(SourceText(text))
    assert diagnostics == []
    assert tokens.DYNAMIC not in {token.kind for token in found}
