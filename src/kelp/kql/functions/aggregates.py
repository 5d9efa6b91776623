"""Aggregation functions.

Those that make several columns (`arg_max`, `take_any(*)`, `percentiles`) are expanded by `binder.aggregates` into calls
of rows whose names no text can write.
"""

from __future__ import annotations

from kelp.kql.functions.signature import Accepts, Function, function, optional, repeated, same_as_first
from kelp.kql.types import ScalarType as T

_MAX_SIZE = optional(Accepts.CONSTANT_INTEGER)
_ACCURACY = optional(Accepts.CONSTANT_INTEGER)


def _promoted(types: tuple[T, ...]) -> T:
    """The type of the first argument; an int becomes a long."""
    return T.LONG if types[0] is T.INT else types[0]


def _percentile(types: tuple[T, ...]) -> T:
    """As `_promoted`; a decimal becomes a real."""
    return T.REAL if types[0] is T.DECIMAL else _promoted(types)


def _averages(name: str, *more: T) -> Function:
    return function(
        name,
        (T.TIMESPAN, *more),
        T.TIMESPAN,
        ((T.DATETIME, *more), T.DATETIME),
        ((T.DECIMAL, *more), T.DECIMAL),
        ((Accepts.NUMBER, *more), T.REAL),
    )


def _spreads(name: str, values: int = 1) -> tuple[Function, ...]:
    """`variance` and the like: of a sample and of a population (`p`), each also over rows where a condition holds."""
    forms: tuple[tuple[str, tuple[T, ...]], ...] = (
        ("", ()),
        ("p", ()),
        ("if", (T.BOOL,)),
        ("pif", (T.BOOL,)),
    )
    return tuple(
        function(
            f"{name}{suffix}",
            (*(T.TIMESPAN for _ in range(values)), *more),
            T.REAL,
            ((*(Accepts.NUMBER for _ in range(values)), *more), T.REAL),
        )
        for suffix, more in forms
    )


FUNCTIONS: tuple[Function, ...] = (
    function("count", (), T.LONG, ((T.BOOL,), T.LONG), ((Accepts.ANY,), T.LONG), aliases=("cnt",)),
    function("countif", (T.BOOL,), T.LONG),
    function("sum", (T.TIMESPAN,), T.TIMESPAN, ((Accepts.NUMBER,), _promoted)),
    function("sumif", (T.TIMESPAN, T.BOOL), T.TIMESPAN, ((Accepts.NUMBER, T.BOOL), _promoted)),
    _averages("avg"),
    _averages("avgif", T.BOOL),
    function("min", (Accepts.ORDERABLE,), same_as_first),
    function("minif", (Accepts.ORDERABLE, T.BOOL), same_as_first),
    function("max", (Accepts.ORDERABLE,), same_as_first),
    function("maxif", (Accepts.ORDERABLE, T.BOOL), same_as_first),
    function("dcount", (Accepts.ANY, _ACCURACY), T.LONG),
    function("dcountif", (Accepts.ANY, T.BOOL, _ACCURACY), T.LONG),
    function("count_distinct", (Accepts.ANY,), T.LONG),
    function("count_distinctif", (Accepts.ANY, T.BOOL), T.LONG),
    function("make_list", (Accepts.ANY, _MAX_SIZE), T.DYNAMIC),
    function("make_list_if", (Accepts.ANY, T.BOOL, _MAX_SIZE), T.DYNAMIC),
    function("make_list_with_nulls", (Accepts.ANY,), T.DYNAMIC),
    function("makelist", (Accepts.ANY, _MAX_SIZE), T.DYNAMIC),
    function("make_set", (Accepts.ANY, _MAX_SIZE), T.DYNAMIC),
    function("make_set_if", (Accepts.ANY, T.BOOL, _MAX_SIZE), T.DYNAMIC),
    function("makeset", (Accepts.ANY, _MAX_SIZE), T.DYNAMIC),
    function("make_bag", (T.DYNAMIC, _MAX_SIZE), T.DYNAMIC),
    function("make_bag_if", (T.DYNAMIC, T.BOOL, _MAX_SIZE), T.DYNAMIC),
    function("make_dictionary", (T.DYNAMIC, _MAX_SIZE), T.DYNAMIC),
    function("take_any", (Accepts.ANY,), same_as_first, aliases=("any",)),
    function("take_anyif", (Accepts.ANY, T.BOOL), same_as_first, aliases=("anyif",)),
    function("percentile", (Accepts.SUMMABLE, Accepts.CONSTANT), _percentile),
    function("percentilew", (Accepts.SUMMABLE, Accepts.INTEGER, Accepts.CONSTANT), _percentile),
    *_spreads("stdev"),
    *_spreads("variance"),
    *_spreads("covariance", 2),
    function("binary_all_and", (Accepts.INTEGER,), same_as_first),
    function("binary_all_or", (Accepts.INTEGER,), same_as_first),
    function("binary_all_xor", (Accepts.INTEGER,), same_as_first),
    function("hll", (Accepts.ANY, _ACCURACY), T.DYNAMIC),
    function("hll_if", (Accepts.ANY, T.BOOL, _ACCURACY), T.DYNAMIC),
    function("hll_merge", (T.DYNAMIC,), T.DYNAMIC),
    function("tdigest", (Accepts.SUMMABLE, optional(Accepts.INTEGER)), T.DYNAMIC),
    function("merge_tdigest", (T.DYNAMIC,), T.DYNAMIC, aliases=("tdigest_merge",)),
    # What follows is what `binder.aggregates` expands into.
    # The value of the second argument in the row where the first is greatest (least).
    function("$arg_max", (Accepts.ORDERABLE, Accepts.ANY), lambda types: types[1]),
    function("$arg_min", (Accepts.ORDERABLE, Accepts.ANY), lambda types: types[1]),
    # The value in the group's first row, null or not, so that all such values come from one row.
    function("$first", (Accepts.ANY,), same_as_first),
    # One of several percentiles: the value, which of them, and all of them, so that they are computed together.
    function("$percentiles", (Accepts.SUMMABLE, T.LONG, repeated(T.REAL)), _percentile),
    function("$percentilesw", (Accepts.SUMMABLE, Accepts.INTEGER, T.LONG, repeated(T.REAL)), _percentile),
    function("$percentiles_array", (Accepts.SUMMABLE, repeated(T.REAL)), T.DYNAMIC),
    function("$percentilesw_array", (Accepts.SUMMABLE, Accepts.INTEGER, repeated(T.REAL)), T.DYNAMIC),
)
