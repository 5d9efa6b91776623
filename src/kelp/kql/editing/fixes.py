"""What to write instead, as an edit that an editor can make: read out of the advice that a finding has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from kelp.kql import slow_patterns, tokens
from kelp.kql.diagnostics import UNKNOWN_NAME
from kelp.kql.editing.spelling import spell_name
from kelp.kql.lexer import tokenize
from kelp.kql.text import SourceText, Span

if TYPE_CHECKING:
    from kelp.kql.diagnostics import Diagnostic
    from kelp.kql.tokens import Token

_MEANT = re.compile(r"did you mean ['`](.+)['`]\?")
_WRITE = re.compile(r"write `([^`]+)`(?: in lower case)?")
_CLOSE = re.compile(r"close the `([(\[{])`")
_CLOSED_BY = {"(": ")", "[": "]", "{": "}"}
_END_STRING = re.compile(r"end the string with (\S+)")
_COMPARE = re.compile(r"compare with `==`")
_FOLDED = re.compile(r"to(?:lower|upper)\s*\((.+)\)\s*(==|!=)\s*(.+)", re.DOTALL)
_LAST_DAY = " | where TimeGenerated > ago(1d)"


@dataclass(frozen=True, slots=True)
class Fix:
    """Put `text` in the place of the span."""

    span: Span
    text: str
    title: str


def find_fix(found: Diagnostic, text: str) -> Fix | None:
    """Return the edit that a finding's advice asks for, where it is one that needs no thought."""
    if found.code == slow_patterns.NO_TIME_FILTER:
        end = found.span.end
        return Fix(Span(end, end), _LAST_DAY, "Read the last day only")
    if found.code == slow_patterns.INSIDE_WORDS:
        return _replace_word(found, text, {"contains": "has", "contains_cs": "has_cs"})
    if found.code == slow_patterns.FOLDED_CASE:
        return _compare_without_case(found, text)
    if closing := _CLOSE.match(found.hint or ""):
        return Fix(Span(found.span.end, found.span.end), _CLOSED_BY[closing[1]], f"Close the {closing[1]}")
    if unended := _END_STRING.match(found.hint or ""):
        return Fix(Span(found.span.end, found.span.end), unended[1], f"End the string with {unended[1]}")
    if _COMPARE.match(found.hint or "") and text[found.span.start : found.span.end].strip() == "=":
        start = text.index("=", found.span.start)
        return Fix(Span(start, start + 1), "==", "Compare with ==")
    if meant := _MEANT.fullmatch(found.hint or ""):
        return _replace_nearest(found, text, meant[1])
    if wanted := _WRITE.fullmatch(found.hint or ""):
        return Fix(found.span, wanted[1], f"Write {wanted[1]}")
    return None


def _replace_nearest(found: Diagnostic, text: str, meant: str) -> Fix | None:
    """Put the meant word in the place of that word at the finding which is most like it."""
    spelled = spell_name(meant) if found.code == UNKNOWN_NAME else meant
    words = [word for word in _words_of(found.span, text) if _name_of(word) != meant]
    if not words:
        return None
    nearest = max(
        words, key=lambda word: SequenceMatcher(None, _name_of(word).lower(), meant.lower()).ratio()
    )
    span = _with_brackets(nearest, text) if found.code == UNKNOWN_NAME else Span(nearest.start, nearest.end)
    if nearest.kind == tokens.STRING and span == (nearest.start, nearest.end):
        quote = nearest.text[0]
        spelled = f"{quote}{meant}{quote}"
    return Fix(span, spelled, f"Change to {meant}")


def _replace_word(found: Diagnostic, text: str, instead: dict[str, str]) -> Fix | None:
    for word in _words_of(found.span, text):
        if word.kind == tokens.NAME and word.text in instead:
            other = instead[word.text]
            return Fix(Span(word.start, word.end), other, f"Search whole words with {other}")
    return None


def _compare_without_case(found: Diagnostic, text: str) -> Fix | None:
    written = _FOLDED.fullmatch(text[found.span.start : found.span.end])
    if written is None:
        return None
    subject, operator, value = written.groups()
    return Fix(found.span, f"{subject} {'=~' if operator == '==' else '!~'} {value}", "Compare without case")


def _words_of(span: Span, text: str) -> list[Token]:
    found, _ = tokenize(SourceText(text))
    inside = [word for word in found if span.start <= word.start and word.end <= span.end]
    return [word for word in inside if word.kind in (tokens.NAME, tokens.STRING)]


def _name_of(word: Token) -> str:
    return word.text[1:-1] if word.kind == tokens.STRING else word.text


def _with_brackets(word: Token, text: str) -> Span:
    """Return a name with the brackets and quotes around it."""
    if word.kind == tokens.STRING and text[: word.start].endswith("[") and text[word.end :].startswith("]"):
        return Span(word.start - 1, word.end + 1)
    return Span(word.start, word.end)
