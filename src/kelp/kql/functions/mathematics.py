"""Numeric functions, functions of bits, and a few that give something out of nothing."""

from __future__ import annotations

from kelp.kql.functions.signature import (
    Accepts,
    Function,
    function,
    optional,
    same_as_first,
    segment_function,
)
from kelp.kql.types import ScalarType as T

OF_A_REAL = (
    "acos", "asin", "atan", "cos", "cot", "degrees", "erf", "erfc", "exp", "exp10", "exp2", "gamma", "log",
    "log10", "log2", "loggamma", "radians", "sign", "sin", "sqrt", "tan",
)  # fmt: skip
"""Functions of one number that give a real."""


def _promoted(types: tuple[T, ...]) -> T:
    return T.LONG if types[0] is T.INT else types[0]


FUNCTIONS: tuple[Function, ...] = (
    function("abs", (T.TIMESPAN,), T.TIMESPAN, ((Accepts.NUMBER,), _promoted)),
    function("ceiling", (Accepts.NUMBER,), same_as_first),
    function("round", (Accepts.NUMBER, optional(T.LONG)), same_as_first),
    *(function(name, (T.REAL,), T.REAL) for name in OF_A_REAL),
    function("pow", (T.REAL, T.REAL), T.REAL),
    function("atan2", (T.REAL, T.REAL), T.REAL),
    function("beta_pdf", (T.REAL, T.REAL, T.REAL), T.REAL),
    segment_function("beta_cdf", (T.REAL, T.REAL, T.REAL), T.REAL),
    segment_function("beta_inv", (T.REAL, T.REAL, T.REAL), T.REAL),
    segment_function("welch_test", (T.REAL, T.REAL, T.REAL, T.REAL, T.REAL, T.REAL), T.REAL),
    function("pi", (), T.REAL),
    function("rand", (optional(T.LONG),), T.REAL),
    function("isnan", (T.REAL,), T.BOOL),
    function("isinf", (T.REAL,), T.BOOL),
    function("isfinite", (T.REAL,), T.BOOL),
    function("isnull", (Accepts.ANY,), T.BOOL),
    function("isnotnull", (Accepts.ANY,), T.BOOL, aliases=("notnull",)),
    function("binary_and", (T.LONG, T.LONG), T.LONG),
    function("binary_or", (T.LONG, T.LONG), T.LONG),
    function("binary_xor", (T.LONG, T.LONG), T.LONG),
    function("binary_not", (T.LONG,), T.LONG),
    function("binary_shift_left", (T.LONG, T.LONG), T.LONG),
    function("binary_shift_right", (T.LONG, T.LONG), T.LONG),
    function("bitset_count_ones", (T.LONG,), T.LONG),
    function("tohex", (Accepts.INTEGER, optional(T.LONG)), T.STRING),
    function("new_guid", (), T.GUID),
    function("assert", (T.BOOL, Accepts.CONSTANT_STRING), T.BOOL),
)
