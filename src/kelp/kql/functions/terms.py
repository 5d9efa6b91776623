"""Text operators, under the names their calls carry in the bound tree. Any scalar may stand on either side.

It is compared as text.
"""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, repeated
from kelp.kql.types import ScalarType as T

COMPARISONS = (
    "has", "has_cs", "contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs",
    "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "=~", "!~",
)  # fmt: skip
"""Each also exists negated with `!` in front, except `=~` and `!~`; the binder writes those as `not(...)`."""

FUNCTIONS: tuple[Function, ...] = (
    *(function(name, (Accepts.TEXT, Accepts.TEXT), T.BOOL) for name in COMPARISONS),
    function("has_any", (T.STRING, repeated(T.STRING)), T.BOOL),
    function("has_all", (T.STRING, repeated(T.STRING)), T.BOOL),
    function("in~", (T.STRING, repeated(T.STRING)), T.BOOL),
)
