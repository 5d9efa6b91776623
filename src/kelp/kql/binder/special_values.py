"""Special forms that choose among values or tell about them.

Their types depend on all their arguments, their values on the query's time or its options.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.calls import call_function
from kelp.kql.binder.conversion import convert
from kelp.kql.binder.operators import bind_arithmetic, bind_comparison
from kelp.kql.binder.project import matching
from kelp.kql.binder.scope import Scope
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, WRONG_ARGUMENTS, WRONG_TYPE, refusal
from kelp.kql.functions.signature import widen
from kelp.kql.time_zones import time_zones
from kelp.kql.types import ScalarType as T

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.special import SpecialForm
    from kelp.kql.text import Span

_MANY = 1000


def special_forms() -> Mapping[str, SpecialForm]:
    """Return the forms by name."""
    return {
        "iff": _bind_iff,
        "iif": _bind_iff,
        "case": _bind_case,
        "coalesce": _bind_coalesce,
        "min_of": _bind_extreme,
        "max_of": _bind_extreme,
        "around": _bind_around,
        "gettype": _bind_gettype,
        "now": _bind_now,
        "ago": _bind_ago,
        "ingestion_time": _bind_ingestion_time,
        "bin_auto": _bind_bin_auto,
        "estimate_data_size": _bind_data_size,
        "datetime_list_timezones": _bind_list_timezones,
    }


def bind_arguments(
    context: BindContext, node: syntax.Call, scope: Scope, counts: range
) -> tuple[bound.Expression, ...]:
    """Return the arguments, whose number must be among `counts`."""
    arguments = expressions.bind_arguments(context, node, scope)
    if len(arguments) not in counts:
        wanted = f"{counts.start}" if len(counts) == 1 else f"at least {counts.start}"
        message = f"'{node.name.text}' takes {wanted} arguments, not {len(arguments)}"
        raise refusal(WRONG_ARGUMENTS, message, node.span)
    return arguments


# --- choice ----------------------------------------------------------------------------------------------------------


def bring_to_common_type(values: tuple[bound.Expression, ...], span: Span) -> tuple[bound.Expression, ...]:
    """Return the values as one type (TYPE-4): numbers widen, beside a dynamic all are dynamic, nulls take any type."""
    result = values[0].type
    is_null = _is_null(values[0])
    for value in values[1:]:
        wider = widen(result, value.type)
        if wider is not T.DYNAMIC or T.DYNAMIC in (result, value.type):
            result = wider
        elif is_null or _is_null(value):
            result = value.type if is_null else result
        else:
            message = f"the values to choose from are of different types, {result} and {value.type}"
            raise refusal(WRONG_TYPE, message, span, f"convert them to one, for example with to{result}()")
        is_null = is_null and _is_null(value)
    return tuple(_as(value, result) for value in values)


def _as(value: bound.Expression, kind: T) -> bound.Expression:
    if kind is T.DYNAMIC and value.type is T.STRING and not _is_null(value):
        # A text among dynamic values is a string; todynamic() would look for JSON in it.
        return bound.Call("$as_dynamic", (value,), T.DYNAMIC, value.span)
    return convert(value, kind)


def _is_null(value: bound.Expression) -> bool:
    return isinstance(value, bound.Literal) and value.value is None


def _condition(value: bound.Expression) -> bound.Expression:
    if value.type not in (T.BOOL, T.DYNAMIC) and not value.type.is_numeric:
        raise refusal(
            WRONG_TYPE, f"a condition is expected here, and this is of type {value.type}", value.span
        )
    return convert(value, T.BOOL)


def _bind_iff(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    condition, *branches = bind_arguments(context, node, scope, range(3, 4))
    then, otherwise = bring_to_common_type(tuple(branches), node.span)
    return bound.Call("iff", (_condition(condition), then, otherwise), then.type, node.span)


def _bind_case(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = bind_arguments(context, node, scope, range(3, _MANY))
    if len(arguments) % 2 == 0:
        message = "'case' takes pairs of condition and value, then a value for else"
        raise refusal(WRONG_ARGUMENTS, message, node.span)
    conditions = tuple(_condition(value) for value in arguments[:-1:2])
    values = bring_to_common_type((*arguments[1::2], arguments[-1]), node.span)
    paired = [part for pair in zip(conditions, values[:-1], strict=True) for part in pair]
    return bound.Call("case", (*paired, values[-1]), values[-1].type, node.span)


def _bind_coalesce(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = bring_to_common_type(bind_arguments(context, node, scope, range(1, _MANY)), node.span)
    return bound.Call("coalesce", arguments, arguments[0].type, node.span)


def _bind_extreme(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`min_of` and `max_of`: nulls do not count (NULL-5)."""
    arguments = bring_to_common_type(bind_arguments(context, node, scope, range(1, _MANY)), node.span)
    if arguments[0].type is T.DYNAMIC:
        raise refusal(WRONG_TYPE, "dynamic values have no order", node.span, "convert them first")
    return bound.Call(node.name.text, arguments, arguments[0].type, node.span)


def _bind_around(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`around(value, center, delta)`: no further from the center than delta."""
    value, center, delta = bind_arguments(context, node, scope, range(3, 4))
    low = bind_comparison(">=", value, bind_arithmetic("-", center, delta, node.span), node.span)
    high = bind_comparison("<=", value, bind_arithmetic("+", center, delta, node.span), node.span)
    return bound.Call("and", (low, high), T.BOOL, node.span)


# --- what is known when the query is compiled ------------------------------------------------------------------------


def _bind_gettype(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    (value,) = bind_arguments(context, node, scope, range(1, 2))
    if value.type is T.DYNAMIC:
        return bound.Call("gettype", (value,), T.STRING, node.span)
    return bound.Literal(T.STRING, value.type.value, node.span)


def _bind_now(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    arguments = bind_arguments(context, node, scope, range(2))
    now = bound.Literal(T.DATETIME, context.read_clock(), node.span)
    return bind_arithmetic("+", now, arguments[0], node.span) if arguments else now


def _bind_list_timezones(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    bind_arguments(context, node, scope, range(1))
    names = json.dumps(list(time_zones().values()), separators=(",", ":"))
    return bound.Literal(T.DYNAMIC, names, node.span)


def _bind_ago(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    (span,) = bind_arguments(context, node, scope, range(1, 2))
    return bind_arithmetic("-", bound.Literal(T.DATETIME, context.read_clock(), node.span), span, node.span)


def _bind_ingestion_time(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """When a row was received; null where that is no longer known, as after `summarize`."""
    bind_arguments(context, node, scope, range(1))
    if scope.row is None:
        raise refusal(NOT_ALLOWED_HERE, "'ingestion_time' needs the rows of a table", node.span)
    return bound.Call("ingestion_time", (), T.DATETIME, node.span)


def _bind_bin_auto(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`bin_at` with the size and the point that `set` statements gave."""
    (value,) = bind_arguments(context, node, scope, range(1, 2))
    size = context.options.get("query_bin_auto_size")
    if size is None:
        raise refusal(WRONG_ARGUMENTS, "'bin_auto' needs `set query_bin_auto_size=...;` first", node.span)
    outside = Scope(scope.names)
    step = expressions.bind_expression(context, size, outside)
    at = context.options.get("query_bin_auto_at")
    if at is None:
        return call_function(context, "bin", (value, step), node.span)
    point = expressions.bind_expression(context, at, outside)
    return call_function(context, "bin_at", (value, step, point), node.span)


def _bind_data_size(context: BindContext, node: syntax.Call, scope: Scope) -> bound.Expression:
    """`estimate_data_size(*)` or of some columns: the bytes that a row's values take."""
    if scope.row is None or not node.arguments:
        raise refusal(NOT_ALLOWED_HERE, "'estimate_data_size' takes columns of a table", node.span)
    values: list[bound.Expression] = []
    for argument in node.arguments:
        if isinstance(argument.value, syntax.WildcardName):
            columns = matching(context, argument.value, scope.row)
            values.extend(bound.ColumnReference(column.name, column.type) for column in columns)
        else:
            values.append(expressions.bind_expression(context, argument.value, scope))
    return bound.Call("estimate_data_size", tuple(values), T.LONG, node.span)
