"""Functions over dynamic arrays that are taken as sets."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("set_union", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("set_intersect", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("set_difference", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("set_has_element", (T.DYNAMIC, Accepts.ANY), T.BOOL),
    function("set_equals", (T.DYNAMIC, T.DYNAMIC), T.BOOL),
    function("jaccard_index", (T.DYNAMIC, T.DYNAMIC), T.REAL),
)
