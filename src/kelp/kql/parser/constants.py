"""Constants: numbers, strings, times and the forms `type(value)`."""

from __future__ import annotations

from collections.abc import Callable

from kelp.kql import literals, tokens
from kelp.kql.parser.cursor import Cursor
from kelp.kql.syntax import Literal, MalformedLiteral
from kelp.kql.text import Span
from kelp.kql.tokens import Token
from kelp.kql.types import TYPE_NAMES, ScalarType

TRUTHS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}

TYPED_WORDS = frozenset(
    {
        "bool",
        "date",
        "datetime",
        "decimal",
        "double",
        "guid",
        "int",
        "int32",
        "int64",
        "long",
        "real",
        "time",
        "timespan",
    }
)
"""Words that make a constant with the brackets behind them, so no function is called like that."""

_READERS: dict[ScalarType, Callable[[str], bool | int | float | str | None]] = {
    ScalarType.BOOL: literals.read_bool,
    ScalarType.INT: literals.read_int,
    ScalarType.LONG: literals.read_long,
    ScalarType.REAL: literals.read_real,
    ScalarType.DECIMAL: literals.read_decimal,
    ScalarType.DATETIME: literals.read_datetime,
    ScalarType.TIMESPAN: literals.read_timespan,
    ScalarType.GUID: literals.read_guid,
}
_ADVICE = {
    ScalarType.DATETIME: "write datetime(2024-01-31 10:00:00); convert other values with todatetime(...)",
    ScalarType.TIMESPAN: "write 1d, 2h, 30m or timespan(1.02:03:04); convert other values with totimespan(...)",
}


def advise_constant(word: str) -> str:
    """Return how to write a constant of a type, and what to do with other values."""
    kind = TYPE_NAMES[word]
    return _ADVICE.get(kind, f"{kind}(...) holds a single constant; convert other values with to{kind}(...)")


def find_constant(cursor: Cursor) -> Literal | MalformedLiteral | None:
    """Read a constant if there is one: any but `dynamic` in KQL's own spelling, which takes several tokens."""
    token = cursor.token
    kind = token.kind
    if kind == tokens.STRING:
        return read_string(cursor)
    if kind == tokens.LONG:
        cursor.advance()
        return _number(cursor, token)
    if kind == tokens.TYPED:
        cursor.advance()
        return _typed(token)
    if kind == tokens.TIMESPAN:
        cursor.advance()
        return _checked(cursor, token, ScalarType.TIMESPAN, literals.read_timespan(token.text))
    if kind == tokens.REAL:
        cursor.advance()
        return _checked(cursor, token, ScalarType.REAL, literals.read_real(token.text))
    if kind == tokens.DYNAMIC:
        cursor.advance()
        return _dynamic(token)
    if kind == tokens.GUID:
        cursor.advance()
        return Literal(Span(token.start, token.end), ScalarType.GUID, token.text.lower())
    return None


def read_string(cursor: Cursor) -> Literal:
    """Read a string; strings side by side are one string. The current token is a string."""
    first = cursor.advance()
    value = cursor.decode(first)
    if cursor.token.kind == tokens.STRING:
        parts = [value]
        while cursor.token.kind == tokens.STRING:
            parts.append(cursor.decode(cursor.advance()))
        value = "".join(parts)
    return Literal(cursor.span_from(first.start), ScalarType.STRING, value)


def _number(cursor: Cursor, token: Token) -> Literal:
    value = literals.read_long(token.text)
    return _checked(cursor, token, ScalarType.LONG, value)


def _dynamic(token: Token) -> Literal:
    content = token.text[token.text.index("(") + 1 : -1].strip()
    return Literal(Span(token.start, token.end), ScalarType.DYNAMIC, None if content == "null" else content)


def _typed(token: Token) -> Literal | MalformedLiteral:
    name, _, rest = token.text.partition("(")
    content = rest[:-1].strip()
    kind = TYPE_NAMES[name.rstrip()]
    span = Span(token.start, token.end)
    if content == "null":
        return Literal(span, kind, None)
    value = _READERS[kind](content)
    return Literal(span, kind, value) if value is not None else MalformedLiteral(span, kind, token.text)


def _checked(cursor: Cursor, token: Token, kind: ScalarType, value: bool | float | str | None) -> Literal:  # noqa: FBT001
    span = Span(token.start, token.end)
    if value is None:
        shown = token.text if len(token.text) <= 60 else f"{token.text[:57]}..."
        cursor.add(
            f"`{shown}` is no {kind} constant",
            span,
            advise_constant(kind),
        )
    return Literal(span, kind, value)
