"""Access into dynamic values."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("dynamic_member", (T.DYNAMIC, Accepts.CONSTANT_STRING), T.DYNAMIC),
    function("dynamic_index", (T.DYNAMIC, T.STRING), T.DYNAMIC, ((T.DYNAMIC, Accepts.INTEGER), T.DYNAMIC)),
    function("dynamic_to_json", (T.DYNAMIC,), T.STRING),
    function("treepath", (T.DYNAMIC,), T.DYNAMIC),
)
