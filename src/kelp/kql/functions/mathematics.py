"""Numeric and conditional functions."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, same_as_first
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("abs", (Accepts.NUMBER,), same_as_first, ((T.TIMESPAN,), T.TIMESPAN)),
    function("isnull", (Accepts.ANY,), T.BOOL),
    function("isnotnull", (Accepts.ANY,), T.BOOL, aliases=("notnull",)),
)
