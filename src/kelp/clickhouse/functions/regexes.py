"""Functions over regular expressions (rules REGEX-1 to REGEX-7)."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.json_text import bind_once, json_string
from kelp.clickhouse.functions.regular_expressions import (
    EnginePattern,
    computed_pattern,
    is_constant,
    read_pattern,
    with_pattern,
)
from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal, or_else
from kelp.clickhouse.functions.strings import window_of
from kelp.clickhouse.sql import SqlCall, SqlColumn, SqlLambda, SqlLiteral
from kelp.kql.diagnostics import UNSUPPORTED, WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call
    from kelp.kql.text import Span

    Spell = Callable[[SqlExpression, SqlExpression], SqlExpression]


_MOST_GROUPS = 9
"""A replacement can name no more."""


def _constant_text(value: Lowered) -> str | None:
    return value.sql.value if isinstance(value.sql, SqlLiteral) and isinstance(value.sql.value, str) else None


def _apply(subject: Lowered, pattern: Lowered, span: Span, spell: Spell) -> SqlExpression:
    """Return `spell(text, pattern)`. REGEX-5: a pattern may be computed, but not from the row."""
    constant = _constant_text(pattern)
    if constant is not None:
        forms = read_pattern(constant, span).print()
        return with_pattern(subject.sql, forms, lambda text, form: spell(text, literal(form)))
    if not is_constant(pattern.sql):
        raise refusal(
            UNSUPPORTED, "a regular expression that changes from row to row is not supported by Kelp", span
        )
    return spell(subject.sql, computed_pattern(pattern.sql))


def _matches(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, pattern = arguments
    constant = _constant_text(pattern)
    if constant is None:
        found: SqlExpression = call("match", subject.sql, computed_pattern(pattern.sql))
    else:
        found = _apply(subject, pattern, bound_call.span, lambda text, form: call("match", text, form))
    return Lowered(found, bound_call.type, nullable=False)


def _extract(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """REGEX-2: group 0 is the whole match; no match gives the empty text."""
    pattern, group, subject = arguments
    span = bound_call.span
    index = _integer(group)
    if index is None:
        raise refusal(WRONG_ARGUMENTS, "'extract' takes the number of a group", span)
    constant = _constant_text(pattern)
    if constant is None:
        if not is_constant(pattern.sql):
            raise refusal(
                UNSUPPORTED,
                "a regular expression that changes from row to row is not supported by Kelp",
                span,
            )
        return as_text(call("regexpExtract", subject.sql, computed_pattern(pattern.sql), index), T.STRING)
    read = read_pattern(constant, span)
    if not 0 <= index <= read.groups:
        raise refusal(WRONG_ARGUMENTS, f"the regular expression has no group {index}", span)
    found = with_pattern(subject.sql, read.capture(index), lambda text, form: call("extract", text, form))
    return as_text(found, T.STRING)


def _integer(value: Lowered) -> int | None:
    """Return the constant that a `CONSTANT_INTEGER` was lowered to: `toInt64(n)`; None for null."""
    (only,) = value.sql.arguments if isinstance(value.sql, SqlCall) else (value.sql,)
    return only.value if isinstance(only, SqlLiteral) and isinstance(only.value, int) else None


def _extract_all(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """REGEX-3: one group gives a list of texts, several a list of lists; no match gives null."""
    pattern, *groups, subject = arguments
    span = bound_call.span
    constant = _constant_text(pattern)
    if constant is None:
        raise refusal(
            UNSUPPORTED, "'extract_all' over a computed regular expression is not supported by Kelp", span
        )
    read = read_pattern(constant, span)
    if read.groups == 0:
        raise refusal(
            WRONG_ARGUMENTS, "the regular expression of 'extract_all' needs a group in brackets", span
        )
    chosen = _chosen_groups(groups[0], read, span) if groups else tuple(range(1, read.groups + 1))
    if len(chosen) == 1:
        found = with_pattern(
            subject.sql, read.capture(chosen[0]), lambda text, form: call("extractAll", text, form)
        )
    else:
        found = with_pattern(
            subject.sql,
            read.print(),
            lambda text, form: _pick_groups(chosen, read, call("extractAllGroupsVertical", text, form)),
        )
    listed = bind_once((found,), lambda texts: call("if", call("empty", texts), "", json_string(texts)))
    return as_text(listed, T.DYNAMIC)


def _pick_groups(chosen: tuple[int, ...], read: EnginePattern, matches: SqlExpression) -> SqlExpression:
    if chosen == tuple(range(1, read.groups + 1)):
        return matches
    parts = tuple(call("arrayElement", SqlColumn("", "g"), index) for index in chosen)
    return call("arrayMap", SqlLambda(("g",), SqlCall("array", parts)), matches)


def _chosen_groups(value: Lowered, read: EnginePattern, span: Span) -> tuple[int, ...]:
    wanted = json.loads(_constant_text(value) or "null") if value.type is T.DYNAMIC else None
    if not isinstance(wanted, list) or not wanted:
        raise refusal(
            WRONG_ARGUMENTS, "the groups of 'extract_all' are a constant array: dynamic([1, 2])", span
        )
    indices: list[int] = []
    for item in wanted:
        index = read.names.index(item) + 1 if item in read.names else item
        if not isinstance(index, int) or not 1 <= index <= read.groups:
            raise refusal(WRONG_ARGUMENTS, f"the regular expression has no group {item!r}", span)
        indices.append(index)
    return tuple(indices)


def _replace_regex(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    subject, pattern, rewrite = arguments
    constant = _constant_text(pattern)
    written = _constant_text(rewrite)
    groups = _MOST_GROUPS if constant is None else read_pattern(constant, bound_call.span).groups
    if written is None:
        replacement = _known_computed_references(rewrite.sql, groups)
    else:
        replacement = literal(_known_references(written, groups))

    def spell(text: SqlExpression, form: SqlExpression) -> SqlExpression:
        return call("replaceRegexpAll", text, form, replacement)

    return as_text(_apply(subject, pattern, bound_call.span, spell), T.STRING)


def _known_references(rewrite: str, groups: int) -> str:
    """Drop references to groups that are not there, and keep a lone backslash a backslash."""

    def rewritten(found: re.Match[str]) -> str:
        following = found.group(1)
        if following.isdigit():
            return found.group() if int(following) <= groups else ""
        return "\\\\" if following == "\\" else f"\\\\{following}"

    return re.sub(r"\\(.|$)", rewritten, rewrite, flags=re.DOTALL)


def _known_computed_references(rewrite: SqlExpression, groups: int) -> SqlExpression:
    """Do the same for a replacement that is known row by row only."""
    doubled = call("replaceRegexpAll", rewrite, r"(\\[0-9\\])|\\", r"\1" + "\x01")
    kept = call("replaceRegexpAll", doubled, r"(\\[0-9\\])\x01", r"\1")
    whole = call("replaceAll", kept, "\x01", "\\\\")
    if groups >= _MOST_GROUPS:
        return whole
    return call("replaceRegexpAll", whole, rf"(\\\\)|\\[{groups + 1}-9]", r"\1")


def _replace(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    pattern, rewrite, subject = arguments
    return _replace_regex(bound_call, (subject, pattern, rewrite))


def _trim(shape: str, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """REGEX-6: `shape` puts the pattern to an end of the text."""
    pattern, subject = arguments
    constant = _constant_text(pattern)
    if constant is None:
        raise refusal(
            UNSUPPORTED, "trimming by a computed regular expression is not supported by Kelp", bound_call.span
        )
    forms = read_pattern(constant, bound_call.span).print()
    for_ascii, for_any = (shape.replace("%", form) for form in forms)

    def spell(text: SqlExpression, form: str) -> SqlExpression:
        return call("replaceRegexpAll", text, form, "")

    return as_text(with_pattern(subject.sql, (for_ascii, for_any), spell), T.STRING)


def _indexof_regex(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """REGEX-7: as `indexof`, but a start below zero gives null."""
    subject, pattern, *window = arguments
    searched = window_of(subject.sql, window)
    occurrence = or_else(window[2], literal(1)) if len(window) > 2 else literal(1)

    def spell(text: SqlExpression, form: SqlExpression) -> SqlExpression:
        place = call("regexpInstr", text, form, 1, call("greatest", call("toInt64", occurrence), 1))
        characters = call("lengthUTF8", call("substring", text, 1, call("minus", place, 1)))
        start = window[0].sql if window else literal(0)
        found = call("plus", call("toInt64", characters), start)
        return call("if", call("equals", place, 0), call("toInt64", -1), found)

    text = Lowered(searched, T.STRING, nullable=False)
    found = _apply(text, pattern, bound_call.span, spell)
    if not window:
        return Lowered(found, T.LONG, nullable=False)
    invalid = [
        call("less", or_else(part, literal(-2)), low) for part, low in zip(window, (0, -1, 0), strict=False)
    ]
    condition = invalid[0] if len(invalid) == 1 else call("or", *invalid)
    return Lowered(call("if", condition, literal(None), found), T.LONG, nullable=True)


def _regex_quote(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return as_text(call("replaceRegexpAll", arguments[0].sql, r"[\\.+*?()|\[\]{}^$#&~\-]", r"\\\0"), T.STRING)


SPELLINGS: dict[str, Spelling] = {
    "matches regex": _matches,
    "extract": _extract,
    "extract_all": _extract_all,
    "replace_regex": _replace_regex,
    "replace": _replace,
    "trim": partial(_trim, "^(?:%)+|(?:%)+$"),
    "trim_start": partial(_trim, "^(?:%)"),
    "trim_end": partial(_trim, "(?:%)$"),
    "indexof_regex": _indexof_regex,
    "regex_quote": _regex_quote,
}
