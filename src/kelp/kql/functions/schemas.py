"""The two steps of `buildschema`, which the binder makes of it: shapes of documents, then the schema of all shapes."""

from __future__ import annotations

from kelp.kql.functions.signature import Function, segment_function
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    segment_function("$shape_of", (T.DYNAMIC,), T.STRING),
    segment_function("$schema_of", (T.DYNAMIC,), T.DYNAMIC),
)
