"""Functions over series: arrays of numbers, as `make-series` gives them."""

from __future__ import annotations

from kelp.kql.functions.signature import (
    Accepts,
    Function,
    Parameter,
    function,
    optional,
    repeated,
    segment_function,
)
from kelp.kql.types import ScalarType as T

_ELEMENT_WISE = (
    "abs", "acos", "asin", "atan", "ceiling", "cos", "exp", "floor", "log", "sign", "sin", "tan",
)  # fmt: skip
_OF_TWO = (
    "add", "divide", "equals", "greater", "greater_equals", "less", "less_equals", "multiply", "not_equals",
    "pow", "subtract",
)  # fmt: skip

_PLACEHOLDER = optional(Accepts.NUMBER)


def _of_two(name: str, returns: T) -> Function:
    """Return a function of two series, one of which may be a number in place of as many of it."""
    return function(
        name,
        (T.DYNAMIC, T.DYNAMIC),
        returns,
        ((T.DYNAMIC, Accepts.NUMBER), returns),
        ((Accepts.NUMBER, T.DYNAMIC), returns),
    )


def _packed(name: str, *parameters: Parameter | T | Accepts) -> Function:
    """Return a function of a segment that gives what it makes in one series."""
    return segment_function(name, parameters, T.DYNAMIC, gives_series=True)


FUNCTIONS: tuple[Function, ...] = (
    *(function(f"series_{name}", (T.DYNAMIC,), T.DYNAMIC) for name in _ELEMENT_WISE),
    *(_of_two(f"series_{name}", T.DYNAMIC) for name in _OF_TWO),
    _of_two("series_dot_product", T.REAL),
    function("series_cosine_similarity", (T.DYNAMIC, T.DYNAMIC, optional(T.REAL), optional(T.REAL)), T.REAL),
    function("series_pearson_correlation", (T.DYNAMIC, T.DYNAMIC), T.REAL),
    function("series_product", (T.DYNAMIC,), T.REAL),
    function("series_magnitude", (T.DYNAMIC,), T.REAL),
    function("series_fill_const", (T.DYNAMIC, optional(Accepts.NUMBER), _PLACEHOLDER), T.DYNAMIC),
    function("series_fill_forward", (T.DYNAMIC, _PLACEHOLDER), T.DYNAMIC),
    function("series_fill_backward", (T.DYNAMIC, _PLACEHOLDER), T.DYNAMIC),
    function(
        "series_fill_linear",
        (T.DYNAMIC, _PLACEHOLDER, optional(T.BOOL), optional(Accepts.NUMBER)),
        T.DYNAMIC,
    ),
    function("series_fir", (T.DYNAMIC, T.DYNAMIC, optional(T.BOOL), optional(T.BOOL)), T.DYNAMIC),
    function("series_iir", (T.DYNAMIC, T.DYNAMIC, T.DYNAMIC), T.DYNAMIC),
    function(
        "series_outliers",
        (
            T.DYNAMIC,
            optional(Accepts.CONSTANT_STRING),
            optional(Accepts.NUMBER),
            optional(Accepts.CONSTANT),
            optional(Accepts.CONSTANT),
            optional(Accepts.INTEGER),
        ),
        T.DYNAMIC,
    ),
    function("series_stats_dynamic", (T.DYNAMIC, optional(T.BOOL)), T.DYNAMIC),
    function("series_fit_line_dynamic", (T.DYNAMIC,), T.DYNAMIC),
    # Which bin a value is in, counted from a start, or from where bins are multiples from; see `binder.make_series`.
    function("$bin_place", (Accepts.ANY, Accepts.ANY, optional(Accepts.ANY)), T.LONG),
    # One of the values of a function that gives several, by its name; see `binder.special_series`.
    function("$series_stats", (Accepts.CONSTANT_STRING, T.DYNAMIC, optional(T.BOOL)), T.REAL),
    function("$series_fit_line", (Accepts.CONSTANT_STRING, T.DYNAMIC), T.REAL),
    # Several series and numbers in one; the rows below take them out.
    _packed("$series_fit_2lines", Accepts.SERIES),
    _packed("$series_fit_poly", Accepts.SERIES, T.LONG, optional(Accepts.SERIES)),
    _packed("$series_decompose", Accepts.SERIES, T.LONG, T.STRING, T.LONG, T.REAL),
    _packed("$series_periods_detect", Accepts.SERIES, T.REAL, T.REAL, T.LONG),
    _packed("$series_periods_validate", Accepts.SERIES, repeated(T.REAL)),
    _packed("$series_fft", Accepts.SERIES, optional(Accepts.SERIES)),
    _packed("$series_ifft", Accepts.SERIES, optional(Accepts.SERIES)),
    # Which of how many series of equal length; the number at a place; so many numbers from a place on, null for all.
    function("$series_part", (T.DYNAMIC, Accepts.CONSTANT_INTEGER, Accepts.CONSTANT_INTEGER), T.DYNAMIC),
    function("$series_number", (T.DYNAMIC, Accepts.CONSTANT_INTEGER), T.REAL),
    function("$series_slice", (T.DYNAMIC, T.LONG, T.LONG), T.DYNAMIC),
    function("$series_lines_bag", (T.DYNAMIC,), T.DYNAMIC),
    # Which scores are beyond a limit.
    function("$series_flags", (T.DYNAMIC, Accepts.NUMBER), T.DYNAMIC),
)
