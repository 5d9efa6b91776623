"""The names of columns that the text leaves unnamed (rules NAME-1 to NAME-5).

A column, or a path into one, lends its name; a call lends that of its first argument, alone or after a word of
its own, or has none. What has no name is numbered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.diagnostics import DUPLICATE_NAME, NOT_ALLOWED_HERE, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import Scope

NAMED_AFTER_ARGUMENT = frozenset({
    "tostring", "toint", "tolong", "toreal", "todouble", "tobool", "toboolean", "todatetime", "totimespan",
    "totime", "toguid", "todecimal", "todynamic", "toobject", "parse_json", "parsejson", "parse_csv",
    "parse_xml", "tohex", "split", "bin", "floor", "bin_at", "bin_auto", "startofday", "format_datetime",
    "format_timespan", "abs", "round", "ceiling", "sqrt", "pow", "exp", "exp2", "exp10", "log", "log2",
    "log10", "gamma", "loggamma", "rand", "sin", "cos", "tan", "asin", "acos", "atan", "atan2",
    "binary_and", "binary_or", "binary_xor", "binary_not", "binary_shift_left", "binary_shift_right",
    "bitset_count_ones", "binary_all_and", "binary_all_or", "binary_all_xor", "take_any", "take_anyif",
    "erf", "erfc", "format_bytes", "series_fill_backward", "series_fill_const", "series_fill_forward",
    "series_fill_linear", "series_fir", "series_iir", "series_outliers",
})  # fmt: skip
"""NAME-2: calls that keep the name of their first argument."""

NAMED_AFTER_ONLY_ARGUMENT = frozenset({"make_datetime", "make_timespan"})

PREFIXED = {
    "make_list": "list", "make_list_if": "list", "make_list_with_nulls": "list", "makelist": "list",
    "make_set": "set", "make_set_if": "set", "makeset": "set", "make_bag": "bag", "make_bag_if": "bag",
    "make_dictionary": "dictionary", "buildschema": "schema", "tdigest_merge": "merge_tdigests",
    "merge_tdigest": "merge_tdigests", "percentiles_array": "percentiles",
    "percentilesw_array": "percentiles", "gettype": "type", "treepath": "tree",
    "percentiles_array_tdigest": "percentile_tdigest",
    **{name: name for name in (
        "any", "anyif", "avg", "avgif", "cnt", "count", "count_distinct", "count_distinctif", "countif",
        "dcount", "dcountif", "hll", "hll_if", "hll_merge", "max", "maxif", "min", "minif", "stdev",
        "stdevif", "stdevp", "stdevpif", "sum", "sumif", "tdigest", "variance", "varianceif", "variancep",
        "variancepif", "repeat", "strlen", "string_size", "percentile_tdigest", "dcount_hll",
    )},
}  # fmt: skip
"""NAME-3: calls named `prefix_argument`, the name of the argument left out where it has none."""

PREFIXED_BY_TWO = frozenset({"covariance", "covarianceif", "covariancep", "covariancepif"})

SORTS = frozenset({"array_sort_asc", "array_sort_desc"})
"""Calls that give a column for each array they sort, named `argument_sorted`."""

PERCENTILES = frozenset({"percentile", "percentiles", "percentilew", "percentilesw"})


def name_of(node: syntax.Expression) -> str | None:
    """Return the name an expression gives its column, None where it has none of its own."""
    match node:
        case syntax.NameExpression(name=name):
            return name
        case syntax.Member(target=target, name=name):
            stem = name_of(target)
            plain = isinstance(target, syntax.NameExpression) and target.name in ("$left", "$right")
            return name.text if stem is None or plain else f"{stem}_{name.text}"
        case syntax.Index(target=target, index=index):
            return _name_of_element(name_of(target), index)
        case syntax.Call():
            return _name_of_call(node)
        case syntax.PipelineExpression(pipeline=only) if not only.operators:
            source = only.source
            return name_of(source.value) if isinstance(source, syntax.ExpressionSource) else None
        case _:
            return None


def _name_of_element(stem: str | None, index: syntax.Expression) -> str | None:
    position = str(index.value) if isinstance(index, syntax.Literal) else name_of(index)
    return "_".join(part for part in (stem, position) if part) or None


def _name_of_call(node: syntax.Call) -> str | None:
    called, arguments = node.name.text, node.arguments
    first = name_of(arguments[0].value) if arguments else None
    if called in NAMED_AFTER_ARGUMENT or (called in NAMED_AFTER_ONLY_ARGUMENT and len(arguments) == 1):
        return first
    if called in PREFIXED:
        return f"{PREFIXED[called]}_{first or ''}"
    if called in PREFIXED_BY_TWO:
        second = name_of(arguments[1].value) if len(arguments) > 1 else None
        return f"{called}_{first or ''}_{second or ''}"
    if called in SORTS and arguments:
        return sorted_name(arguments[0].value, 0)
    if called == "ingestion_time":
        return "$IngestionTime"
    if called in PERCENTILES and len(arguments) > 1:
        level = arguments[-1].value
        return percentile_name(first, level.value) if isinstance(level, syntax.Literal) else None
    return None


def sorted_name(array: syntax.Expression, index: int) -> str:
    """Return the name of the sorted array that is the argument at `index`."""
    return f"{name_of(array) or f'array{index}'}_sorted"


def percentile_name(stem: str | None, level: object) -> str:
    """Return the name of a percentile's column: `percentile_x_95`, `percentile_x_99_9`."""
    text = str(int(level) if isinstance(level, float) and level.is_integer() else level)
    return f"percentile_{stem or ''}_{text.replace('.', '_').replace('-', '_')}"


def unique(name: str, taken: Iterable[str]) -> str:
    """Return `name`, or `name1`, `name2` ... where it is taken."""
    used = taken if isinstance(taken, (set, frozenset)) else set(taken)
    if name not in used:
        return name
    number = 1
    while f"{name}{number}" in used:
        number += 1
    return f"{name}{number}"


def numbered(taken: Iterable[str], stem: str = "Column") -> str:
    """Return the first of `Column1`, `Column2` ... that is not taken (NAME-5)."""
    used = set(taken)
    number = 1
    while f"{stem}{number}" in used:
        number += 1
    return f"{stem}{number}"


def derived_name(node: syntax.Expression, taken: Iterable[str]) -> str:
    """Return the name of an unnamed column among those that have one already."""
    used = set(taken)
    name = name_of(node)
    return numbered(used) if name is None else unique(name, used)


def output_names(
    context: BindContext,
    columns: Iterable[syntax.NamedExpression],
    scope: Scope,
    stem: str = "",
    first: int = 0,
    *,
    keeps_rest: bool = False,
) -> tuple[bound.Output, ...]:
    """Return the bound columns of a list, each with its name: written, or derived from the expression.

    With a `stem`, as for `print`, unnamed ones are called by it and their place, counted from `first`. `keeps_rest`
    tells whether a function that gives several columns gives those, too, that no name is written for (NAME-6).
    """
    from kelp.kql.binder.several import bind_several  # noqa: PLC0415 - it names columns too

    outputs: list[bound.Output] = []
    taken: set[str] = set()
    for index, column in enumerate(columns):
        several = bind_several(context, column, scope, taken, keeps_rest=keeps_rest)
        if several is not None:
            outputs.extend(several)
            taken.update(output.name for output in several)
            continue
        value = expressions.bind_expression(context, column.value, scope)
        if len(column.names) > 1:
            outputs.extend(_unpack(column, value))
            continue
        if column.names:
            name = column.names[0].text
            if name in taken:
                raise refusal(DUPLICATE_NAME, f"the column '{name}' is given twice", column.span)
        elif stem:
            name = unique(f"{stem}{index + first}", taken)
        else:
            name = derived_name(column.value, taken)
        outputs.append(bound.Output(name, value))
        taken.add(name)
    return tuple(outputs)


def _unpack(column: syntax.NamedExpression, value: bound.Expression) -> Iterable[bound.Output]:
    """`(a, b) = expr` takes the elements of a dynamic array in order."""
    if value.type is not ScalarType.DYNAMIC:
        raise refusal(NOT_ALLOWED_HERE, "several names need a dynamic array to take values from", column.span)
    for index, name in enumerate(column.names):
        position = bound.Literal(ScalarType.LONG, index)
        yield bound.Output(
            name.text, bound.Call("dynamic_index", (value, position), ScalarType.DYNAMIC, column.span)
        )
