"""Functions of neighbouring rows, which need rows that stand in order."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, same_as_first
from kelp.kql.types import ScalarType as T

_RESTART = optional(T.BOOL)


def _promoted(types: tuple[T, ...]) -> T:
    """The type of the first argument; an int becomes a long."""
    return T.LONG if types[0] is T.INT else types[0]


FUNCTIONS: tuple[Function, ...] = (
    function("prev", (Accepts.ANY, optional(Accepts.CONSTANT_INTEGER), optional(Accepts.ANY)), same_as_first),
    function("next", (Accepts.ANY, optional(Accepts.CONSTANT_INTEGER), optional(Accepts.ANY)), same_as_first),
    function("row_number", (optional(Accepts.CONSTANT_INTEGER), _RESTART), T.LONG),
    function("row_cumsum", (T.TIMESPAN, _RESTART), T.TIMESPAN, ((Accepts.NUMBER, _RESTART), _promoted)),
    function("row_rank_dense", (Accepts.ORDERABLE, _RESTART), T.LONG),
    function("row_rank_min", (Accepts.ORDERABLE, _RESTART), T.LONG),
    function("row_window_session", (T.DATETIME, T.TIMESPAN, T.TIMESPAN, _RESTART), T.DATETIME),
)
