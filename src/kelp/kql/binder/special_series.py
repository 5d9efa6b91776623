"""Functions over series that give several columns, and functions of one value that are taken from such.

What a segment computes is one series, in which the parts stand one after the other, so that it is computed once however
many parts are used; functions of the engine take the parts out of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.operators import bind_arithmetic
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, refusal
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope
    from kelp.kql.binder.special import SpecialForm
    from kelp.kql.text import Span

Arguments = tuple[bound.Expression, ...]
Part = tuple[str, bound.Expression]

_SERIES_FOR_SEASONS = 0.7
_AUTOMATIC, _TREND, _NOT_TESTED, _THRESHOLD = (
    bound.Literal(T.LONG, -1),
    bound.Literal(T.STRING, "avg"),
    bound.Literal(T.LONG, 0),
    bound.Literal(T.REAL, 0.6),
)
_LINE = ("rsquare", "slope", "interception", "variance", "rvariance")


@dataclass(frozen=True, slots=True)
class _Several:
    """A function that gives several columns: how many arguments it takes, and how it makes the columns of them."""

    counts: range
    bind: Callable[[BindContext, Arguments, Span], tuple[Part, ...]]


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {
        **dict.fromkeys(_functions(), _refuse_alone),
        "series_seasonal": _bind_seasonal,
        "series_decompose_forecast": _bind_forecast,
        "series_fit_2lines_dynamic": _bind_two_lines_dynamic,
    }


def gives_several(name: str) -> bool:
    """Tell whether the function of that name gives several columns."""
    return name in _functions()


def bind_parts(context: BindContext, node: syntax.Call, scope: Scope) -> tuple[Part, ...]:
    """Return the names of the columns, without what stands in front of them, and their values."""
    function = _functions()[node.name.text]
    return function.bind(context, _arguments(context, node, scope, function.counts), node.span)


def _functions() -> Mapping[str, _Several]:
    return {
        "series_stats": _Several(range(1, 3), _stats),
        "series_fit_line": _Several(range(1, 2), _fit_line),
        "series_fit_2lines": _Several(range(1, 2), _fit_two_lines),
        "series_fit_poly": _Several(range(1, 4), _fit_polynomial),
        "series_decompose": _Several(range(1, 6), _decompose),
        "series_decompose_anomalies": _Several(range(1, 8), _anomalies),
        "series_periods_detect": _Several(range(4, 5), _detect_periods),
        "series_periods_validate": _Several(range(2, 18), _validate_periods),
        "series_fft": _Several(range(1, 3), _transform("$series_fft")),
        "series_ifft": _Several(range(1, 3), _transform("$series_ifft")),
    }


def _refuse_alone(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    del context, scope
    name = node.name.text
    raise refusal(
        NOT_ALLOWED_HERE,
        f"'{name}' gives several columns, which is not possible inside of an expression",
        node.span,
        f"extend (a, b) = {name}(...)",
    )


def _arguments(context: BindContext, node: syntax.Call, scope: Scope, counts: range) -> Arguments:
    arguments = expressions.bind_arguments(context, node, scope)
    if len(arguments) not in counts:
        wanted = f"{counts.start}" if len(counts) == 1 else f"{counts.start} to {counts.stop - 1}"
        message = f"'{node.name.text}' takes {wanted} arguments, not {len(arguments)}"
        raise refusal(WRONG_ARGUMENTS, message, node.span)
    return arguments


def _or_usual(arguments: Arguments, usual: Arguments) -> Arguments:
    """Return the arguments with the usual ones in place of those that are left out."""
    return (*arguments, *usual[len(arguments) :])


def _part(
    context: BindContext, packed: bound.Expression, index: int, count: int, span: Span
) -> bound.Expression:
    """Return one of `count` series of equal length."""
    place = (bound.Literal(T.LONG, index), bound.Literal(T.LONG, count))
    return call_function(context, "$series_part", (packed, *place), span)


def _parts(
    context: BindContext, packed: bound.Expression, names: tuple[str, ...], span: Span
) -> tuple[Part, ...]:
    return tuple((name, _part(context, packed, index, len(names), span)) for index, name in enumerate(names))


def _numbers(
    context: BindContext, packed: bound.Expression, names: tuple[str, ...], span: Span
) -> tuple[Part, ...]:
    places = (bound.Literal(T.LONG, index) for index in range(len(names)))
    return tuple(
        (name, call_function(context, "$series_number", (packed, place), span))
        for name, place in zip(names, places, strict=True)
    )


# --- statistics and lines --------------------------------------------------------------------------------------------


def _stats(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    names = ("min", "min_idx", "max", "max_idx", "avg", "stdev", "variance")
    types = (T.REAL, T.LONG, T.REAL, T.LONG, T.REAL, T.REAL, T.REAL)
    return _of_engine(context, "$series_stats", tuple(zip(names, types, strict=True)), arguments, span)


def _fit_line(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    reals = ("rsquare", "slope", "variance", "rvariance", "interception")
    parts = (*((name, T.REAL) for name in reals), ("line_fit", T.DYNAMIC))
    return _of_engine(context, "$series_fit_line", parts, arguments, span)


def _of_engine(
    context: BindContext, function: str, parts: tuple[tuple[str, T], ...], arguments: Arguments, span: Span
) -> tuple[Part, ...]:
    """Return what the engine computes part by part, by their names."""
    made: list[Part] = []
    for name, kind in parts:
        found = call_function(context, function, (bound.Literal(T.STRING, name), *arguments), span)
        assert isinstance(found, bound.Call)
        made.append((name, bound.Call(found.function, found.arguments, kind, span)))
    return tuple(made)


def _fit_two_lines(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    packed = call_function(context, "$series_fit_2lines", arguments, span)
    sides = tuple(f"{side}_{name}" for side in ("right", "left") for name in _LINE)
    numbers = dict(_numbers(context, packed, ("rsquare", "split_idx", "variance", "rvariance", *sides), span))
    numbers["split_idx"] = convert(numbers["split_idx"], T.LONG)
    first, rest = bound.Literal(T.LONG, len(numbers)), bound.Literal(T.LONG, None)
    fit = call_function(context, "$series_slice", (packed, first, rest), span)
    whole = ("rsquare", "split_idx", "variance", "rvariance")
    return (
        *((name, numbers[name]) for name in whole),
        ("line_fit", fit),
        *((name, numbers[name]) for name in sides),
    )


def _bind_two_lines_dynamic(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = _arguments(context, node, scope, range(1, 2))
    packed = call_function(context, "$series_fit_2lines", arguments, node.span)
    return call_function(context, "$series_lines_bag", (packed,), node.span)


def _fit_polynomial(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    """The places may be left out by a null, too."""
    values, *rest = arguments
    given = [place for place in rest[:1] if not (isinstance(place, bound.Literal) and place.value is None)]
    degree = rest[1] if len(rest) > 1 else bound.Literal(T.LONG, 1)
    packed = call_function(context, "$series_fit_poly", (values, degree, *given), span)
    numbers = dict(_numbers(context, packed, ("rsquare", "variance", "rvariance"), span))
    count = bind_arithmetic("+", degree, bound.Literal(T.LONG, 1), span)
    first = bound.Literal(T.LONG, len(numbers))
    rest_of_it = (bind_arithmetic("+", count, first, span), bound.Literal(T.LONG, None))
    return (
        ("rsquare", numbers["rsquare"]),
        ("coefficients", call_function(context, "$series_slice", (packed, first, count), span)),
        ("variance", numbers["variance"]),
        ("rvariance", numbers["rvariance"]),
        ("poly_fit", call_function(context, "$series_slice", (packed, *rest_of_it), span)),
    )


# --- decomposition ---------------------------------------------------------------------------------------------------


def _decompose(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    usual = (arguments[0], _AUTOMATIC, _TREND, _NOT_TESTED, _THRESHOLD)
    packed = call_function(context, "$series_decompose", _or_usual(arguments, usual), span)
    return _parts(context, packed, ("baseline", "seasonal", "trend", "residual"), span)


def _anomalies(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    """Outliers of the residuals."""
    limit, method = bound.Literal(T.REAL, 1.5), bound.Literal(T.STRING, "ctukey")
    usual = (arguments[0], limit, _AUTOMATIC, _TREND, _NOT_TESTED, method, _THRESHOLD)
    series, limit_given, period, trend, tested, kind, threshold = _or_usual(arguments, usual)
    parts = dict(_decompose(context, (series, period, trend, tested, threshold), span))
    borders = tuple(bound.Literal(T.REAL, value) for value in (None, None, None))
    score = call_function(context, "series_outliers", (parts["residual"], kind, *borders, tested), span)
    flag = call_function(context, "$series_flags", (score, limit_given), span)
    return (("ad_flag", flag), ("ad_score", score), ("baseline", parts["baseline"]))


def _bind_forecast(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    series, points, *rest = _arguments(context, node, scope, range(2, 6))
    period, trend, threshold = _or_usual(tuple(rest), (_AUTOMATIC, _TREND, _THRESHOLD))
    parts = _decompose(context, (series, period, trend, points, threshold), node.span)
    return dict(parts)["baseline"]


def _bind_seasonal(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    series, *rest = _arguments(context, node, scope, range(1, 4))
    period, tested = _or_usual(tuple(rest), (_AUTOMATIC, _NOT_TESTED))
    none, threshold = bound.Literal(T.STRING, "none"), bound.Literal(T.REAL, _SERIES_FOR_SEASONS)
    return dict(_decompose(context, (series, period, none, tested, threshold), node.span))["seasonal"]


# --- periods and waves -----------------------------------------------------------------------------------------------


def _detect_periods(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    packed = call_function(context, "$series_periods_detect", arguments, span)
    return _parts(context, packed, ("periods", "periods_scores"), span)


def _validate_periods(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
    packed = call_function(context, "$series_periods_validate", arguments, span)
    return _parts(context, packed, ("periods", "scores"), span)


def _transform(function: str) -> Callable[[BindContext, Arguments, Span], tuple[Part, ...]]:
    def bind(context: BindContext, arguments: Arguments, span: Span) -> tuple[Part, ...]:
        packed = call_function(context, function, arguments, span)
        return _parts(context, packed, ("real", "imag"), span)

    return bind
