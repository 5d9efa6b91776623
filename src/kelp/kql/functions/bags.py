"""Functions that make and take property bags."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    # Keys and values by turns; see binder, which also makes bag_pack_columns and pack_all into this.
    function("bag_pack", (repeated(Accepts.ANY),), T.DYNAMIC, aliases=("pack", "pack_dictionary")),
    function("bag_pack nonempty", (repeated(Accepts.ANY),), T.DYNAMIC),
    function("bag_keys", (T.DYNAMIC,), T.DYNAMIC),
    # Keys that may be JSONPaths arrive as the steps of the path; see binder.
    function("bag_has_key", (T.DYNAMIC, repeated(T.STRING)), T.BOOL),
    function("bag_set_key", (T.DYNAMIC, Accepts.ANY, repeated(T.STRING)), T.DYNAMIC),
    function("bag_remove_keys path", (T.DYNAMIC, repeated(T.STRING)), T.DYNAMIC),
    function("bag_remove_keys", (T.DYNAMIC, T.DYNAMIC), T.DYNAMIC),
    function("bag_merge", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("bag_zip", (T.DYNAMIC, T.DYNAMIC), T.DYNAMIC),
)
