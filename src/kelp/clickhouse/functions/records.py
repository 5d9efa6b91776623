"""Functions that only Kelp itself calls, while it reads records. No text can name them.

The engine reads every member of a record as text, because its own typed reading wraps numbers that are too large and
takes a number for a time without a word.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, assert_never

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, literal, null_of
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.clickhouse.sql import SqlExpression
    from kelp.kql.bound import Call

_READ = "read_"
_REQUIRE = "require_"


def reading(kind: T) -> str:
    """Return the name of the function that reads a text as a value of the type, null where it is not plainly one."""
    return _READ + kind


def requirement(kind: T) -> str:
    """Return the name of the function that fails the statement for a text that `reading` would make null."""
    return _REQUIRE + kind


def _read(text: SqlExpression, kind: T) -> SqlExpression:
    """Read the usual spelling of a value fast. What is spelled otherwise is left to the conversions of the language."""
    match kind:
        case T.STRING | T.DYNAMIC:
            return text
        case T.BOOL:
            no_truth = null_of(kind)
            is_true, is_false = (call("equals", text, word) for word in ("true", "false"))
            return call("multiIf", is_true, literal(True), is_false, literal(False), no_truth)
        case T.INT:
            return call("toInt32OrNull", text)
        case T.LONG:
            return call("toInt64OrNull", text)
        case T.REAL:
            return call("toFloat64OrNull", text)
        case T.DECIMAL:
            return call("toDecimal128OrNull", text, 18)
        case T.GUID:
            return call("toUUIDOrNull", text)
        case T.DATETIME:
            # A bare number is no time here, though the engine would take it for seconds.
            moment = call("parseDateTime64BestEffortOrNull", text, 7, "UTC")
            return call("if", call("equals", call("substring", text, 5, 1), "-"), moment, null_of(kind))
        case T.TIMESPAN:
            return null_of(kind)
        case _:
            assert_never(kind)


def _spell_reading(kind: T, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    del bound_call
    return Lowered(_read(arguments[0].sql, kind), kind, nullable=kind not in (T.STRING, T.DYNAMIC))


def _spell_requirement(kind: T, bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    text = arguments[0].sql
    if kind is T.DYNAMIC:
        # The text would not tell the string "1" from the number 1; of an array or bag it is exact.
        unfit: SqlExpression = call(
            "not", call("in", call("substring", text, 1, 1), call("tuple", "", "{", "["))
        )
    else:
        unfit = call("and", call("notEmpty", text), call("isNull", _read(text, kind)))
    return Lowered(call("not", call("throwIf", unfit)), bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {
    **{reading(kind): partial(_spell_reading, kind) for kind in T},
    **{requirement(kind): partial(_spell_requirement, kind) for kind in T if kind is not T.STRING},
}
