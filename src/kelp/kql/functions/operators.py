"""The operators written between or before operands, under the names their calls carry in the bound tree.

Arithmetic and comparison are typed by `binder.operators`, since their results depend on both sides; text
operators are in `terms`.
"""

from __future__ import annotations

from kelp.kql.functions.signature import Function, function, repeated
from kelp.kql.types import ScalarType

FUNCTIONS: tuple[Function, ...] = (
    function("and", (repeated(ScalarType.BOOL),), ScalarType.BOOL),
    function("or", (repeated(ScalarType.BOOL),), ScalarType.BOOL),
    function("not", (ScalarType.BOOL,), ScalarType.BOOL),
)
