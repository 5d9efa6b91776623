"""Functions over dynamic values: arrays and property bags."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("dynamic_member", (T.DYNAMIC, Accepts.CONSTANT_STRING), T.DYNAMIC),
    function("dynamic_index", (T.DYNAMIC, Accepts.ANY), T.DYNAMIC),
    function("array_length", (T.DYNAMIC,), T.LONG),
    function("pack_array", (repeated(Accepts.ANY),), T.DYNAMIC),
)
