"""Functions over the states that `hll` and `tdigest` leave, which are dynamic values that may be stored and merged."""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, repeated
from kelp.kql.types import ScalarType as T

FUNCTIONS: tuple[Function, ...] = (
    function("dcount_hll", (T.DYNAMIC,), T.LONG),
    function("hll_merge", (repeated(T.DYNAMIC),), T.DYNAMIC),
    function("merge_tdigest", (repeated(T.DYNAMIC),), T.DYNAMIC, aliases=("tdigest_merge",)),
    # With a type, `typeof(long)`, it is converted to that; see binder.
    function("percentile_tdigest", (T.DYNAMIC, Accepts.NUMBER), T.DYNAMIC),
    function(
        "percentiles_array_tdigest",
        (T.DYNAMIC, repeated(T.REAL)),
        T.DYNAMIC,
    ),
    function("percentiles_array_tdigest list", (T.DYNAMIC, T.DYNAMIC), T.DYNAMIC),
    function("rank_tdigest", (T.DYNAMIC, Accepts.ORDERABLE), T.REAL),
    function("percentrank_tdigest", (T.DYNAMIC, Accepts.ORDERABLE), T.REAL),
)
