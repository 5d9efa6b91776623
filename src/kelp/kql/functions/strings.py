"""Functions over text."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("strlen", (T.STRING,), T.LONG),
    function("tolower", (T.STRING,), T.STRING),
    function("toupper", (T.STRING,), T.STRING),
    function("strcat", (repeated(Accepts.ANY),), T.STRING),
    function("substring", (T.STRING, T.LONG, optional(T.LONG)), T.STRING),
    function("isempty", (Accepts.ANY,), T.BOOL),
    function("isnotempty", (Accepts.ANY,), T.BOOL, aliases=("notempty",)),
    function("extract", (Accepts.CONSTANT_STRING, Accepts.CONSTANT_INTEGER, T.STRING), T.STRING),
)
