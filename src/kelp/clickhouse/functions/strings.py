"""Functions over text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call, plain
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from kelp.kql.bound import Call


def _strcat(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    from kelp.clickhouse.functions.conversions import to_text  # noqa: PLC0415

    return Lowered(call("concat", "", *(to_text(argument) for argument in arguments)), bound_call.type, nullable=False)


def _isempty(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    (value,) = arguments
    if value.type in (T.STRING, T.DYNAMIC):
        return Lowered(call("empty", value.sql), bound_call.type, nullable=False)
    return Lowered(call("isNull", value.sql), bound_call.type, nullable=False)


def _isnotempty(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    return Lowered(call("not", _isempty(bound_call, arguments).sql), bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {
    "strlen": plain("lengthUTF8"),
    "tolower": plain("lowerUTF8"),
    "toupper": plain("upperUTF8"),
    "strcat": _strcat,
    "isempty": _isempty,
    "isnotempty": _isnotempty,
}
