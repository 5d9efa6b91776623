"""`format_datetime` and `format_timespan`: formats are read when the query is compiled (FORMAT-1 to FORMAT-3)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, as_text, call, literal
from kelp.clickhouse.functions.ticks import TICKS_PER_DAY, TICKS_PER_SECOND, ticks_of
from kelp.clickhouse.sql import SqlCall, SqlLiteral
from kelp.kql.bound import Literal
from kelp.kql.diagnostics import WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_RUNS = re.compile(r"([A-Za-z])\1*|[^A-Za-z]+")

_DIRECTIVES = {
    "dd": "%d", "HH": "%H", "hh": "%I", "mm": "%i", "ss": "%S", "MM": "%m", "yyyy": "%Y", "yy": "%y", "tt": "%p",
}  # fmt: skip
"""What the engine's own formatting does."""

_NUMBERS = {"d": "toDayOfMonth", "H": "toHour", "m": "toMinute", "M": "toMonth", "s": "toSecond"}

Piece = str | SqlCall
"""A part of the result: text, as a directive of the engine, or an expression."""


def _format_of(bound_call: Call) -> str:
    format_ = bound_call.arguments[1]
    text = format_.value if isinstance(format_, Literal) else None
    if not isinstance(text, str) or not text:
        raise refusal(WRONG_ARGUMENTS, f"'{bound_call.function}' needs a format", bound_call.span)
    return text


def _runs(bound_call: Call, render: Callable[[str], Piece | None]) -> list[Piece]:
    """Return the pieces of a format; a letter that means nothing stands for itself (FORMAT-1)."""
    pieces: list[Piece] = []
    for match in _RUNS.finditer(_format_of(bound_call)):
        run = match.group()
        piece = render(run) if match.group(1) else None
        pieces.append(run.replace("%", "%%") if piece is None else piece)
    return pieces


def _format_datetime(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORMAT-2: one pass by the engine for all it has a directive for."""
    value = arguments[0]

    def render(run: str) -> Piece | None:
        letter = run[0]
        if run in _DIRECTIVES:
            return _DIRECTIVES[run]
        if run in _NUMBERS:
            return call("toString", call(_NUMBERS[run], value.sql))
        if run == "h":
            return call("toString", _hour_of_twelve(value.sql))
        if run == "y":
            return call("toString", call("modulo", call("toYear", value.sql), 100))
        if letter in "fF" and len(run) <= 7:
            return _fraction(call("positiveModulo", ticks_of(value), TICKS_PER_SECOND), run)
        return None

    parts: list[SqlExpression] = []
    directives = ""
    for piece in [*_runs(bound_call, render), ""]:
        if isinstance(piece, str) and piece:
            directives += piece
            continue
        if directives:
            parts.append(call("formatDateTime", value.sql, directives))
            directives = ""
        if isinstance(piece, SqlCall):
            parts.append(piece)
    return _joined(parts, value)


def _hour_of_twelve(sql: SqlExpression) -> SqlExpression:
    return call("plus", call("modulo", call("plus", call("toHour", sql), 11), 12), 1)


def _format_timespan(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """FORMAT-3: of a negative timespan, its size."""
    value = arguments[0]
    size = call("abs", value.sql)
    seconds = call("intDiv", size, TICKS_PER_SECOND)
    numbers = {
        "d": call("intDiv", size, TICKS_PER_DAY),
        "h": call("modulo", call("intDiv", seconds, 3600), 24),
        "m": call("modulo", call("intDiv", seconds, 60), 60),
        "s": call("modulo", seconds, 60),
    }

    def render(run: str) -> Piece | None:
        letter = run[0]
        if letter in "fF" and len(run) <= 7:
            return _fraction(call("modulo", size, TICKS_PER_SECOND), run)
        unit = "h" if letter == "H" else letter
        if unit not in numbers or len(run) > (8 if unit == "d" else 2):
            return None
        return _padded(numbers[unit], len(run))

    parts: list[SqlExpression] = [
        literal(piece.replace("%%", "%")) if isinstance(piece, str) else piece
        for piece in _runs(bound_call, render)
    ]
    return _joined(parts, value)


def _padded(number: SqlExpression, width: int) -> SqlCall:
    """Pad with zeros, and cut nothing."""
    text = call("toString", number)
    if width == 1:
        return text
    return call(
        "concat", call("repeat", "0", call("minus", width, call("least", call("length", text), width))), text
    )


def _fraction(ticks: SqlExpression, run: str) -> SqlCall:
    digits = call("substring", call("leftPad", call("toString", ticks), 7, "0"), 1, len(run))
    return digits if run[0] == "f" else call("trimRight", digits, "0")


def _joined(parts: list[SqlExpression], value: Lowered) -> Lowered:
    text = parts[0] if len(parts) == 1 else SqlCall("concat", tuple(parts))
    if value.nullable:
        text = call("ifNull", text, "") if not isinstance(text, SqlLiteral) else text
    return as_text(text, T.STRING)


SPELLINGS: dict[str, Spelling] = {
    "format_datetime": _format_datetime,
    "format_timespan": _format_timespan,
}
