"""What a query's author probably meant, told by the word that does not fit."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from kelp.kql import tokens
from kelp.kql.tokens import Token

_INSTEAD = {
    "=": "compare with `==`, or with `=~` to ignore case",
    "is": "write isnull(x), isnotnull(x), isempty(x) or isnotempty(x)",
    "not": "negate with not(...), or with `!=`, `!in`, `!has`, `!contains`",
    "group": "write summarize ... by Column",
    "from": "a query starts with the table: Table | where ... | project ...",
    "as": "name a column with `=`: project NewName = Column",
    "exists": "write isnotnull(x)",
    "=>": "write `>=`",
    "{": "the parameters of a function have types: (a: long, b: string) { ... }",
}
_OPERATORS_ELSEWHERE = {
    "select": "project",
    "fields": "project",
    "table": "project",
    "having": "where",
    "stats": "summarize",
    "group": "summarize",
    "head": "take",
    "first": "take",
    "eval": "extend",
    "rename": "project-rename",
    "drop": "project-away",
    "dedup": "distinct",
    "rex": "parse",
    "flatten": "mv-expand",
}
_STATEMENTS = frozenset({"let", "set", "declare"})
_LOWER_CASE_WORDS = frozenset(
    {
        "and",
        "or",
        "in",
        "has",
        "contains",
        "startswith",
        "endswith",
        "between",
        "by",
        "on",
        "asc",
        "desc",
        "with",
        "to",
    }
)

NEVER_FIRST = frozenset(_LOWER_CASE_WORDS | _INSTEAD.keys() | {word.upper() for word in _LOWER_CASE_WORDS})
"""Words that belong to the line above them, so no new statement starts with one."""


def advise(found: Token) -> str | None:
    """Return what to write instead of a token that can't stand where it does."""
    text = found.text
    lowered = text.lower() if len(text) < 20 else ""
    if lowered in _LOWER_CASE_WORDS and lowered != text:
        return f"write `{lowered}` in lower case"
    if lowered in _INSTEAD:
        return _INSTEAD[lowered]
    if found.kind in {tokens.NAME, tokens.STRING, tokens.LONG, tokens.REAL, tokens.TIMESPAN}:
        return "is a `,` or an operator missing before it?"
    return None


def advise_operator(word: str, known: Iterable[str]) -> str | None:
    """Return which operator was probably meant by a word that is none."""
    lowered = word.lower()
    if lowered in _STATEMENTS:
        return f"`{lowered}` is a statement: put it before the query and end it with `;`"
    if lowered in _OPERATORS_ELSEWHERE:
        return f"in KQL this is `{_OPERATORS_ELSEWHERE[lowered]}`"
    near = get_close_matches(lowered, known, 1) if len(word) <= 30 else []
    return f"did you mean `{near[0]}`?" if near else None


def advise_start(found: Token, following: Token) -> str | None:
    """Return what to do about a statement that starts like another language."""
    if found.text.lower() in {"select", "explain", "with", "insert", "update", "delete"}:
        return "this looks like SQL; a KQL query starts with the table: Table | where ... | project ..."
    if (found.kind, following.kind) in {("-", "-"), ("/", "*")} and found.end == following.start:
        return "comments start with //"
    if found.kind == "|":
        return "a query starts with a table or another source before the first `|`"
    return None
