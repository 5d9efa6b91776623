"""Work that takes a value at a time, done once for each value that occurs."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa


def map_distinct(
    function: Callable[[str], str | None], texts: pa.Array, result: pa.DataType | None = None
) -> pa.Array:
    """Return what the function makes of each text, computed once for equal ones; of null it makes null."""
    encoded = texts.dictionary_encode()
    made = pa.array([function(text) for text in encoded.dictionary.to_pylist()], result or pa.utf8())
    return made.take(encoded.indices)
