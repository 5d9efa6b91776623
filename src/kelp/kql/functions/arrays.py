"""Functions that make and take dynamic arrays."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("array_length", (T.DYNAMIC,), T.LONG, aliases=("arraylength",)),
    function("array_concat", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("array_slice", (T.DYNAMIC, T.LONG, T.LONG), T.DYNAMIC),
    function("array_split", (T.DYNAMIC, T.LONG), T.DYNAMIC, ((T.DYNAMIC, T.DYNAMIC), T.DYNAMIC)),
    function(
        "array_index_of",
        (T.DYNAMIC, Accepts.ANY, optional(T.LONG), optional(T.LONG), optional(T.LONG)),
        T.LONG,
    ),
    function("array_iff", (T.DYNAMIC, Accepts.ANY, Accepts.ANY), T.DYNAMIC, aliases=("array_iif",)),
    function("array_reverse", (T.DYNAMIC,), T.DYNAMIC),
    function("array_rotate_left", (T.DYNAMIC, T.LONG), T.DYNAMIC),
    function("array_rotate_right", (T.DYNAMIC, T.LONG), T.DYNAMIC),
    function("array_shift_left", (T.DYNAMIC, T.LONG, optional(Accepts.ANY)), T.DYNAMIC),
    function("array_shift_right", (T.DYNAMIC, T.LONG, optional(Accepts.ANY)), T.DYNAMIC),
    # The array to give in the order of the first one, the first one, and whether nulls come last; see binder.
    function("array_sort_asc", (T.DYNAMIC, T.DYNAMIC, T.BOOL), T.DYNAMIC),
    function("array_sort_desc", (T.DYNAMIC, T.DYNAMIC, T.BOOL), T.DYNAMIC),
    function("array_sum", (T.DYNAMIC,), T.REAL, aliases=("series_sum",)),
    function("strcat_array", (T.DYNAMIC, Accepts.ANY), T.STRING, aliases=("array_strcat",)),
    function("zip", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("repeat", (Accepts.ANY, T.LONG), T.DYNAMIC),
    function(
        "range",
        (Accepts.INTEGER, Accepts.INTEGER, optional(Accepts.INTEGER)),
        T.DYNAMIC,
        ((Accepts.NUMBER, Accepts.NUMBER, optional(Accepts.NUMBER)), T.DYNAMIC),
        ((T.DATETIME, T.DATETIME, optional(T.TIMESPAN)), T.DYNAMIC),
        ((T.TIMESPAN, T.TIMESPAN, optional(T.TIMESPAN)), T.DYNAMIC),
    ),
    function("pack_array", (repeated(Accepts.ANY),), T.DYNAMIC),
)
