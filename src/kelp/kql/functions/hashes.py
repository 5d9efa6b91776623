"""Functions that hash a scalar."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("hash", (Accepts.ANY, optional(T.LONG)), T.LONG, aliases=("hash_xxhash64",)),
    function("hash_md5", (Accepts.TEXT,), T.STRING),
    function("hash_sha1", (Accepts.TEXT,), T.STRING),
    function("hash_sha256", (Accepts.TEXT,), T.STRING),
)
