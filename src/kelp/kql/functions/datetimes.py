"""Functions over datetimes and timespans."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, same_as_first
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function(
        "bin",
        (T.DATETIME, T.TIMESPAN),
        T.DATETIME,
        ((T.TIMESPAN, T.TIMESPAN), T.TIMESPAN),
        ((Accepts.NUMBER, Accepts.NUMBER), same_as_first),
        aliases=("floor",),
    ),
)
