"""The operators written between or before operands, under the names their calls carry in the bound tree.

Arithmetic and comparison are typed by `binder.operators`, since their results depend on both sides; string operators are rows here.
"""

from __future__ import annotations

from kelp.kql.functions.signature import Function, function, repeated
from kelp.kql.types import ScalarType

STRING_COMPARISONS = (
    "has", "has_cs", "contains", "contains_cs", "startswith", "startswith_cs", "endswith", "endswith_cs",
    "hasprefix", "hasprefix_cs", "hassuffix", "hassuffix_cs", "matches regex", "=~", "!~",
)  # fmt: skip
"""Each also exists negated with `!` in front, except `=~`, `!~` and `matches regex`; the binder writes those as `not(...)`."""

FUNCTIONS: tuple[Function, ...] = (
    *(function(name, (ScalarType.STRING, ScalarType.STRING), ScalarType.BOOL) for name in STRING_COMPARISONS),
    function("and", (repeated(ScalarType.BOOL),), ScalarType.BOOL),
    function("or", (repeated(ScalarType.BOOL),), ScalarType.BOOL),
    function("not", (ScalarType.BOOL,), ScalarType.BOOL),
    function("has_any", (ScalarType.STRING, repeated(ScalarType.STRING)), ScalarType.BOOL),
    function("has_all", (ScalarType.STRING, repeated(ScalarType.STRING)), ScalarType.BOOL),
    function("in~", (ScalarType.STRING, repeated(ScalarType.STRING)), ScalarType.BOOL),
)
