"""Functions over regular expressions."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("matches regex", (Accepts.TEXT, T.STRING), T.BOOL),
    function("extract", (T.STRING, Accepts.CONSTANT_INTEGER, Accepts.TEXT), T.STRING),
    function(
        "extract_all",
        (T.STRING, Accepts.TEXT),
        T.DYNAMIC,
        ((T.STRING, Accepts.CONSTANT, Accepts.TEXT), T.DYNAMIC),
        aliases=("extractall",),
    ),
    function("replace_regex", (Accepts.TEXT, T.STRING, T.STRING), T.STRING),
    function("replace", (T.STRING, T.STRING, Accepts.TEXT), T.STRING),
    function("trim", (T.STRING, Accepts.TEXT), T.STRING),
    function("trim_start", (T.STRING, Accepts.TEXT), T.STRING),
    function("trim_end", (T.STRING, Accepts.TEXT), T.STRING),
    function(
        "indexof_regex",
        (Accepts.TEXT, T.STRING, optional(T.LONG), optional(T.LONG), optional(T.LONG)),
        T.LONG,
    ),
    function("regex_quote", (Accepts.TEXT,), T.STRING),
)
