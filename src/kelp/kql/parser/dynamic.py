"""`dynamic(...)` where its content is not JSON as it stands: KQL's strings, dates and numbers are allowed in it."""

from __future__ import annotations

import json

from kelp.kql import tokens
from kelp.kql.parser.constants import TRUTHS, find_constant
from kelp.kql.parser.cursor import Cursor
from kelp.kql.rendering import format_datetime, format_real, format_timespan
from kelp.kql.syntax import Literal
from kelp.kql.types import ScalarType


def parse_dynamic(cursor: Cursor) -> Literal:
    """Read `dynamic(value)` and give it as canonical JSON text. The current token is `dynamic`."""
    start = cursor.advance().start
    opening = cursor.open("(")
    parts: list[str] = []
    _read_value(cursor, parts)
    cursor.close(opening)
    text = "".join(parts)
    return Literal(cursor.span_from(start), ScalarType.DYNAMIC, None if text == "null" else text)


def _read_value(cursor: Cursor, parts: list[str]) -> None:
    token = cursor.token
    if token.kind == "[":
        _read_list(cursor, parts)
    elif token.kind == "{":
        _read_bag(cursor, parts)
    elif token.kind == "-":
        cursor.advance()
        if cursor.token.kind not in {tokens.LONG, tokens.REAL}:
            cursor.fail("a number after `-`")
        parts.append("-")
        _read_value(cursor, parts)
    elif token.kind == tokens.NAME:
        _read_word(cursor, parts)
    else:
        constant = find_constant(cursor)
        if not isinstance(constant, Literal):
            cursor.fail(
                "a JSON value",
                "dynamic(...) holds constants only; build values with bag_pack() or pack_array()",
            )
        parts.append(_as_json(constant))


def _read_word(cursor: Cursor, parts: list[str]) -> None:
    text = cursor.token.text
    if text == "dynamic" and cursor.peek().kind == "(":
        inner = parse_dynamic(cursor)
        parts.append(_as_json(inner))
    elif text in TRUTHS:
        cursor.advance()
        parts.append("true" if TRUTHS[text] else "false")
    elif text == "null":
        cursor.advance()
        parts.append("null")
    else:
        cursor.fail(
            "a JSON value", "dynamic(...) holds constants only; build values with bag_pack() or pack_array()"
        )


def _read_list(cursor: Cursor, parts: list[str]) -> None:
    opening = cursor.open("[")
    parts.append("[")
    if cursor.token.kind != "]":
        _read_value(cursor, parts)
        while cursor.take(","):
            parts.append(",")
            _read_value(cursor, parts)
    cursor.close(opening)
    parts.append("]")


def _read_bag(cursor: Cursor, parts: list[str]) -> None:
    opening = cursor.open("{")
    parts.append("{")
    if cursor.token.kind != "}":
        _read_property(cursor, parts)
        while cursor.take(","):
            parts.append(",")
            _read_property(cursor, parts)
    cursor.close(opening)
    parts.append("}")


def _read_property(cursor: Cursor, parts: list[str]) -> None:
    if cursor.token.kind != tokens.STRING:
        cursor.fail("a property name in quotes")
    parts.append(json.dumps(cursor.decode(cursor.advance()), ensure_ascii=False))
    cursor.expect(":", " after the property name")
    parts.append(":")
    _read_value(cursor, parts)


def _as_json(constant: Literal) -> str:
    value = constant.value
    if value is None:
        return "null"
    if constant.type is ScalarType.DYNAMIC:
        return str(value)
    if constant.type is ScalarType.DATETIME and isinstance(value, int):
        return f'"{format_datetime(value)}"'
    if constant.type is ScalarType.TIMESPAN and isinstance(value, int):
        return f'"{format_timespan(value)}"'
    if isinstance(value, float):
        return format_real(value)
    if isinstance(value, str) and constant.type is ScalarType.DECIMAL:
        return f'"{value}"'
    return json.dumps(value, ensure_ascii=False)
