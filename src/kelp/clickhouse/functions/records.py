"""Functions that only Kelp itself calls, while it reads records. No text can name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.clickhouse.functions.spelling import Lowered, Spelling, call

if TYPE_CHECKING:
    from kelp.kql.bound import Call


def _require_container(bound_call: Call, arguments: tuple[Lowered, ...]) -> Lowered:
    """Fail the statement unless the text is empty, an array or a bag; else true."""
    (value,) = arguments
    first = call("substring", value.sql, 1, 1)
    other = call("not", call("in", first, call("tuple", "", "{", "[")))
    return Lowered(call("not", call("throwIf", other)), bound_call.type, nullable=False)


SPELLINGS: dict[str, Spelling] = {"require_container": _require_container}
