"""Finding a needle in text as KQL's text operators mean it, by the term index if there is one (rules TERM-1 to TERM-6).

A term is a maximal run of letters and decimal digits. `terms_of` is the expression that the index is built
over; searching that very expression is what makes the engine use the index.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once
from kelp.clickhouse.functions.regular_expressions import quote_pattern
from kelp.clickhouse.functions.spelling import JsonPath, Lowered, as_text, call, literal
from kelp.clickhouse.sql import SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kelp.clickhouse.functions.spelling import Spelling
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

NOT_OF_A_TERM = r"[^\x00-\x7F\p{L}\p{Nd}]"
"""The characters beyond ASCII that separate terms; ASCII's own the engine knows."""

MAX_SEARCHED = 255
"""The engine looks for no more texts at once."""

MIN_LIKE_LENGTH = 4
"""A shorter run is not looked up in the index's dictionary."""

_ASCII_EDGE = {True: "[^0-9A-Za-z]", False: "[^0-9a-z]"}
_ANY_EDGE = r"[^\p{L}\p{Nd}]"
_UNASSIGNED = "Cn"


class Edge(Enum):
    """What must be beside a needle."""

    ANYTHING = auto()
    SEPARATOR = auto()
    """No letter or digit, where the needle itself ends in one."""
    NOTHING = auto()
    """The text's own start or end."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """How a text operator looks for its needle."""

    before: Edge
    after: Edge
    is_case_sensitive: bool


HAS = Comparison(Edge.SEPARATOR, Edge.SEPARATOR, is_case_sensitive=False)
EQUALS = Comparison(Edge.NOTHING, Edge.NOTHING, is_case_sensitive=False)
EQUALS_EXACTLY = Comparison(Edge.NOTHING, Edge.NOTHING, is_case_sensitive=True)
CONTAINS = Comparison(Edge.ANYTHING, Edge.ANYTHING, is_case_sensitive=False)


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a needle, in lower case; `is_whole` unless the text may continue it."""

    text: str
    is_whole: bool


# --- what is searched ------------------------------------------------------------------------------------------------


def terms_of(text: SqlExpression) -> SqlExpression:
    """Return the text in lower case with nothing but ASCII between terms: the expression of the term index."""
    others = call("replaceRegexpAll", lower(text), NOT_OF_A_TERM, " ")
    return call("if", call("isValidASCII", text), call("lower", text), others)


def terms_as_written(text: SqlExpression) -> SqlExpression:
    """Return the text with nothing but ASCII between terms."""
    return call("if", call("isValidASCII", text), text, call("replaceRegexpAll", text, NOT_OF_A_TERM, " "))


def lower(text: SqlExpression) -> SqlExpression:
    """Return the text in lower case, as all comparisons without case mean it."""
    return call("lowerUTF8", text)


# --- constant needles ------------------------------------------------------------------------------------------------


def find_text(value: Lowered) -> str | None:
    """Return a constant needle, None for any other and for one with characters newer than the tables at hand."""
    text = value.sql.value if isinstance(value.sql, SqlLiteral) else None
    if not isinstance(text, str):
        return None
    is_known = text.isascii() or all(unicodedata.category(character) != _UNASSIGNED for character in text)
    return text if is_known else None


def is_of_a_term(character: str) -> bool:
    """Tell whether a character belongs to terms."""
    if character.isascii():
        return character.isalnum()
    category = unicodedata.category(character)
    return category[0] == "L" or category == "Nd"


def read_terms(needle: str, comparison: Comparison) -> tuple[Term, ...]:
    """Return the terms of a needle. One at an end that may be anything is not whole."""
    lowered = needle.lower()
    if lowered.isascii():
        runs = [match.span() for match in re.finditer("[0-9a-z]+", lowered)]
    else:
        marked = "".join("x" if is_of_a_term(character) else " " for character in lowered)
        runs = [match.span() for match in re.finditer("x+", marked)]
    return tuple(
        Term(
            lowered[start:end],
            (start > 0 or comparison.before is not Edge.ANYTHING)
            and (end < len(lowered) or comparison.after is not Edge.ANYTHING),
        )
        for start, end in runs
    )


def find_single_term(needle: str, comparison: Comparison) -> str | None:
    """Return the term that a needle is, where being among the text's terms is all it asks."""
    if comparison.before is not Edge.SEPARATOR or comparison.after is not Edge.SEPARATOR:
        return None
    terms = read_terms(needle, comparison)
    return terms[0].text if len(terms) == 1 and terms[0].text == needle.lower() else None


def match_needle(subject: Lowered, needle: str, comparison: Comparison) -> SqlExpression:
    """Return the condition that the needle is in the subject as the operator wants it."""
    if not needle:
        is_equality = (comparison.before, comparison.after) == (Edge.NOTHING, Edge.NOTHING)
        return call("empty", subject.sql) if is_equality else literal(True)
    term = find_single_term(needle, comparison)
    if term is not None and not comparison.is_case_sensitive:
        if subject.term_indexed:
            return call("hasAllTokens", terms_of(subject.sql), literal((term,)))
        exact = _look_first(
            subject.sql, term, bind_once((subject.sql,), lambda text: call("hasToken", terms_of(text), term))
        )
    elif term is not None:
        exact = bind_once((subject.sql,), lambda text: call("hasToken", terms_as_written(text), needle))
    else:
        exact = _match_exactly(subject.sql, needle, comparison)
    narrowed = find_candidates(subject, needle, comparison)
    if narrowed is not None:
        exact = call("and", narrowed, exact)
    return _within_json(subject, (needle,), exact)


def find_candidates(subject: Lowered, needle: str, comparison: Comparison) -> SqlExpression | None:
    """Return a condition that the index answers and that holds wherever the needle is.

    None where the index is of no use.
    """
    if not subject.term_indexed:
        return None
    terms = read_terms(needle, comparison)
    whole = tuple(dict.fromkeys(term.text for term in terms if term.is_whole))
    if whole:
        return call("hasAllTokens", terms_of(subject.sql), literal(whole))
    longest = max((term.text for term in terms), key=len, default="")
    if len(longest) < MIN_LIKE_LENGTH:
        return None
    return call("like", terms_of(subject.sql), f"%{longest}%")


def _match_exactly(subject: SqlExpression, needle: str, comparison: Comparison) -> SqlExpression:
    if not comparison.is_case_sensitive:
        needle = needle.lower()
    before = _edge(comparison.before, needle[0])
    after = _edge(comparison.after, needle[-1])
    if Edge.SEPARATOR in (before, after):
        return _match_edges(subject, needle, before, after, is_case_sensitive=comparison.is_case_sensitive)
    text = subject if comparison.is_case_sensitive else lower(subject)
    match before, after:
        case Edge.NOTHING, Edge.NOTHING:
            return call("equals", text, needle)
        case Edge.NOTHING, _:
            return call("startsWith", text, needle)
        case _, Edge.NOTHING:
            return call("endsWith", text, needle)
        case _:
            return call("greater", call("position", text, needle), 0)


def _edge(edge: Edge, end: str) -> Edge:
    return Edge.ANYTHING if edge is Edge.SEPARATOR and not is_of_a_term(end) else edge


def _match_edges(
    subject: SqlExpression, needle: str, before: Edge, after: Edge, *, is_case_sensitive: bool
) -> SqlExpression:
    def pattern(separator: str) -> str:
        start = f"(?:^|{separator})" if before is Edge.SEPARATOR else ""
        end = f"(?:$|{separator})" if after is Edge.SEPARATOR else ""
        return start + quote_pattern(needle) + end

    def spell(text: SqlExpression) -> SqlExpression:
        any_text = call("match", text if is_case_sensitive else lower(text), pattern(_ANY_EDGE))
        if not needle.isascii():
            return any_text
        ascii_text = text if is_case_sensitive else call("lower", text)
        in_ascii = call("match", ascii_text, pattern(_ASCII_EDGE[is_case_sensitive]))
        return call("if", call("isValidASCII", text), in_ascii, any_text)

    return bind_once((subject,), spell)


def _look_first(text: SqlExpression, term: str, exact: SqlExpression) -> SqlExpression:
    """Search a column for a term's letters before its terms are told apart, which costs more."""
    if not isinstance(text, SqlColumn) or not term.isascii():
        return exact
    return call("and", call("or", *_places(text, term)), exact)


def has_in_any(columns: Sequence[SqlColumn], needle: str) -> SqlExpression:
    """Return the condition that at least one of the columns has the needle, which is not empty."""
    term = find_single_term(needle, HAS) if needle.isascii() else None
    return _has_term_in_any(columns, term) if term is not None else _has_phrase_in_any(columns, needle)


def _has_phrase_in_any(columns: Sequence[SqlColumn], needle: str) -> SqlExpression:
    """Look at the rows that hold the letters of the longest run, if there is one, with one expression for all texts."""
    text = SqlColumn("", "text")
    found = match_needle(as_text(text, ScalarType.STRING), needle, HAS)
    in_any = call("arrayExists", SqlLambda(("text",), found), call("array", *columns))
    run = max(re.findall("[0-9a-z]+", needle.lower()), key=len, default="")
    if not run:
        return in_any
    return call("and", call("or", *(place for column in columns for place in _places(column, run))), in_any)


def _has_term_in_any(columns: Sequence[SqlColumn], term: str) -> SqlExpression:
    """Search columns whose text is ASCII one by one; where one is not, the row's texts together."""

    def in_ascii(column: SqlColumn) -> SqlExpression:
        is_near = call("greater", call("positionCaseInsensitive", column, term), 0)
        return call(
            "and", is_near, call("isValidASCII", column), call("hasToken", call("lower", column), term)
        )

    text = SqlColumn("", "text")
    terms = call("replaceRegexpAll", lower(text), NOT_OF_A_TERM, " ")
    in_any = call("arrayExists", SqlLambda(("text",), call("hasToken", terms, term)), call("array", *columns))
    are_ascii = call("and", *(call("isValidASCII", column) for column in columns))
    return call("or", *map(in_ascii, columns), call("if", are_ascii, literal(False), in_any))


def _places(text: SqlExpression, run: str) -> tuple[SqlExpression, ...]:
    """Return conditions of which one holds where ASCII letters stand in a text, in whatever case.

    Beyond ASCII are letters that become ASCII in lower case, such as the sign for kelvin.
    """
    return (
        call("greater", call("positionCaseInsensitive", text, run), 0),
        call("not", call("isValidASCII", text)),
    )


def _within_json(subject: Lowered, needles: Iterable[str], exact: SqlExpression) -> SqlExpression:
    """TERM-7: look into the JSON text that the subject is taken from first; extraction costs ten times a search.

    A run of ASCII letters and digits stands in the JSON as it is, unless an escape spells it out.
    """
    origin = subject.origin
    if not isinstance(origin, Lowered) or origin.type is not ScalarType.DYNAMIC:
        return exact
    json = origin.origin.text if isinstance(origin.origin, JsonPath) else origin.sql
    runs = [_letters_of(needle) for needle in needles]
    if not isinstance(json, SqlColumn) or None in runs or len(runs) >= MAX_SEARCHED:
        return exact
    if len(runs) == 1 and runs[0] is not None:
        return call(
            "and",
            call("or", *_places(json, runs[0]), call("greater", call("position", json, "\\u"), 0)),
            exact,
        )
    sought = (*(run for run in runs if run is not None), "\\u")
    return call("and", call("multiSearchAny", lower(json), literal(sought)), exact)


def _letters_of(needle: str) -> str | None:
    """Return a run of the needle that no other way of writing a number or a truth value could make; None for none."""
    runs = [run for run in re.findall("[0-9a-z]+", needle.lower()) if re.search("[a-df-z]", run)]
    longest = max(runs, key=len, default="")
    return longest if len(longest) > 1 else None


# --- many needles ----------------------------------------------------------------------------------------------------


def match_any(subject: Lowered, needles: Iterable[str], comparison: Comparison) -> SqlExpression:
    """Return the condition that at least one of the needles is in the subject.

    Single terms are looked up together.
    """
    terms: list[str] = []
    conditions: list[SqlExpression] = []
    for needle in dict.fromkeys(needles):
        term = None if comparison.is_case_sensitive else find_single_term(needle, comparison)
        if term is None:
            conditions.append(match_needle(subject, needle, comparison))
        else:
            terms.append(term)
    if len(terms) == 1:
        conditions.insert(0, match_needle(subject, terms[0], comparison))
    elif terms:
        conditions.insert(0, _within_json(subject, terms, _has_tokens("hasAnyTokens", subject, terms)))
    return _join("or", conditions)


def match_all(subject: Lowered, needles: Iterable[str]) -> SqlExpression:
    """Return the condition that all needles are in the subject as `has` means it."""
    terms: list[str] = []
    conditions: list[SqlExpression] = []
    for needle in dict.fromkeys(needles):
        term = find_single_term(needle, HAS)
        if term is None:
            conditions.append(match_needle(subject, needle, HAS))
        else:
            terms.append(term)
    if terms:
        conditions.insert(0, _within_json(subject, terms, _has_tokens("hasAllTokens", subject, terms)))
    return _join("and", conditions)


def _has_tokens(function: str, subject: Lowered, terms: Iterable[str]) -> SqlExpression:
    needles = literal(tuple(dict.fromkeys(terms)))
    if subject.term_indexed:
        return call(function, terms_of(subject.sql), needles)
    return bind_once((subject.sql,), lambda text: call(function, terms_of(text), needles))


def _join(word: str, conditions: list[SqlExpression]) -> SqlExpression:
    if not conditions:
        return literal(word == "and")
    return conditions[0] if len(conditions) == 1 else call(word, *conditions)


def find_any_candidates(subject: Lowered, values: Iterable[str]) -> SqlExpression | None:
    """Return a condition that the index answers and that holds wherever the subject is one of the values."""
    if not subject.term_indexed:
        return None
    keys: dict[str, None] = {}
    whole: tuple[str, ...] = ()
    listed = tuple(values)
    for value in listed:
        whole = tuple(dict.fromkeys(term.text for term in read_terms(value, EQUALS)))
        if not whole:
            return None
        keys[max(whole, key=len)] = None
    if len(listed) == 1:
        return call("hasAllTokens", terms_of(subject.sql), literal(whole))
    return call("hasAnyTokens", terms_of(subject.sql), literal(tuple(keys))) if keys else None


def by_candidates(spelling: Spelling) -> Spelling:
    """Return the spelling of an equality or membership that lets a term index of the subject narrow the rows."""

    def spell(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
        spelled = spelling(bound_call, arguments)
        subject, *values = arguments
        found = [find_text(value) if value.type is ScalarType.STRING else None for value in values]
        texts = [text for text in found if text is not None]
        if spelled.nullable or len(texts) < len(found) or subject.type is not ScalarType.STRING:
            return spelled
        candidates = find_any_candidates(subject, texts)
        if candidates is not None:
            return replace(spelled, sql=call("and", candidates, spelled.sql))
        return replace(spelled, sql=_within_json(subject, texts, spelled.sql))

    return spell


# --- computed needles ------------------------------------------------------------------------------------------------


def match_computed(subject: SqlExpression, needle: SqlExpression, comparison: Comparison) -> SqlExpression:
    """Return the condition that a needle known only row by row is in the subject.

    Every needle holds the empty one.
    """

    def spell(text: SqlExpression, sought: SqlExpression) -> SqlExpression:
        match comparison.before, comparison.after:
            case Edge.NOTHING, Edge.NOTHING:
                return call("equals", text, sought)
            case Edge.NOTHING, _:
                return call("startsWith", text, sought)
            case _, Edge.NOTHING:
                return call("endsWith", text, sought)
            case Edge.ANYTHING, Edge.ANYTHING:
                return call("or", call("empty", sought), call("greater", call("position", text, sought), 0))
            case before, after:
                return call("match", text, _computed_pattern(sought, before, after))

    if comparison.is_case_sensitive:
        return bind_once((subject, needle), spell)
    return bind_once((lower(subject), lower(needle)), spell)


def _computed_pattern(needle: SqlExpression, before: Edge, after: Edge) -> SqlExpression:
    parts: list[SqlExpression] = [call("regexpQuoteMeta", needle)]
    if before is Edge.SEPARATOR:
        parts.insert(0, call("if", call("match", needle, r"^[\p{L}\p{Nd}]"), f"(?:^|{_ANY_EDGE})", ""))
    if after is Edge.SEPARATOR:
        parts.append(call("if", call("match", needle, r"[\p{L}\p{Nd}]$"), f"(?:$|{_ANY_EDGE})", ""))
    return call("concat", *parts)


def exists_in(
    elements: SqlExpression, subject: Lowered, comparison: Comparison, function: str = "arrayExists"
) -> SqlExpression:
    """Return the condition that any (`arrayExists`) or every (`arrayAll`) text of an engine array is in the subject."""
    from kelp.clickhouse.sql import SqlLambda  # noqa: PLC0415

    condition = match_computed(subject.sql, SqlColumn("", "needle"), comparison)
    return call(function, SqlLambda(("needle",), condition), elements)
