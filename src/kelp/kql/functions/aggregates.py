"""Aggregation functions."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, same_as_first
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("count", (), T.LONG),
    function("countif", (T.BOOL,), T.LONG),
    function("sum", (T.INT,), T.LONG, ((Accepts.SUMMABLE,), same_as_first)),
    function("avg", (T.TIMESPAN,), T.TIMESPAN, ((T.DATETIME,), T.DATETIME), ((Accepts.NUMBER,), T.REAL)),
    function("min", (Accepts.ANY,), same_as_first),
    function("max", (Accepts.ANY,), same_as_first),
    function("dcount", (Accepts.ANY, optional(Accepts.CONSTANT_INTEGER)), T.LONG),
    function("make_list", (Accepts.ANY, optional(Accepts.CONSTANT_INTEGER)), T.DYNAMIC, aliases=("makelist",)),
    function("make_set", (Accepts.ANY, optional(Accepts.CONSTANT_INTEGER)), T.DYNAMIC, aliases=("makeset",)),
    function("take_any", (Accepts.ANY,), same_as_first, aliases=("any",)),
)
