"""`set`: the options that change what a query gives, and those that are known and change nothing here (rule LANG-3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound, syntax
from kelp.kql.binder import expressions
from kelp.kql.binder.conversion import adapt
from kelp.kql.binder.scope import NameScope, Scope
from kelp.kql.diagnostics import UNKNOWN_NAME, WRONG_TYPE, Diagnostic, Severity, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from kelp.kql.binder.context import BindContext
    from kelp.kql.schema import TableSymbol
    from kelp.kql.text import Span

HONOURED = frozenset({
    "best_effort", "query_bin_auto_at", "query_bin_auto_size", "query_datetimescope_column",
    "query_datetimescope_from", "query_datetimescope_to", "query_now", "query_take_max_records",
    "truncationmaxrecords",
})  # fmt: skip
IGNORED = frozenset({
    "client_max_redirect_count", "client_results_reader_allow_varying_row_widths", "deferpartialqueryfailures",
    "materialized_view_shuffle_query", "max_memory_consumption_per_query_per_node",
    "maxmemoryconsumptionperiterator", "maxoutputcolumns", "norequesttimeout", "notruncation",
    "push_selection_through_aggregation", "query_cursor_after_default", "query_cursor_before_or_at_default",
    "query_cursor_current", "query_cursor_disabled", "query_cursor_scoped_tables", "query_datascope",
    "query_distribution_nodes_span", "query_fanout_nodes_percent", "query_fanout_threads_percent",
    "query_force_row_level_security", "query_language", "query_log_query_parameters",
    "query_max_entities_in_union", "query_optimize_fts_at_relop", "query_print_max_records", "query_python_debug",
    "query_results_apply_getschema", "query_results_cache_force_refresh", "query_results_cache_max_age",
    "query_results_cache_per_shard", "query_results_progressive_row_count",
    "query_results_progressive_update_period", "query_weakconsistency_session_id", "queryconsistency",
    "querytrace", "request_app_name", "request_block_row_level_security", "request_callout_disabled",
    "request_description", "request_external_data_disabled", "request_external_table_disabled",
    "request_impersonation_disabled", "request_readonly", "request_readonly_hardline",
    "request_remote_entities_disabled", "request_sandboxed_execution_disabled", "request_user",
    "results_error_reporting_placement", "results_progressive_enabled", "results_v2_fragment_primary_tables",
    "results_v2_newlines_between_frames", "servertimeout", "truncation_max_size", "truncationmaxsize",
    "validate_permissions", "validatepermissions",
})  # fmt: skip
"""Options of Kusto's service: of its caches, its clusters and its clients. Limits of Kelp are those of the server."""


def bind_option(context: BindContext, node: syntax.SetOption) -> None:
    """Take an option in; one that is unknown is warned about."""
    name = node.name.lower()
    if name not in HONOURED and name not in IGNORED:
        message = f"the option '{node.name}' is not known, and changes nothing"
        context.warnings.append(Diagnostic(UNKNOWN_NAME, Severity.WARNING, message, node.span))
    # An option without a value is switched on.
    context.options[name] = node.value or syntax.Literal(node.span, ScalarType.BOOL, value=True)
    if name == "query_now":
        context.now_ticks = _constant(context, name, ScalarType.DATETIME) or context.now_ticks


def limit_result(context: BindContext, operator: bound.Operator) -> bound.Operator:
    """Return the result with as many rows as `set query_take_max_records` leaves it."""
    count = _constant(context, "query_take_max_records", ScalarType.LONG)
    return operator if count is None else bound.Take(operator, bound.Literal(ScalarType.LONG, count))


def scan_table(context: BindContext, symbol: TableSymbol, span: Span) -> bound.Operator:
    """Return the rows of a table, of the time that `set query_datetimescope_*` leaves."""
    rows = bound.TableScan(symbol, span)
    named = context.options.get("query_datetimescope_column")
    if named is None:
        return rows
    name = named.name if isinstance(named, syntax.NameExpression) else getattr(named, "value", None)
    column = symbol.schema.find_column(name) if isinstance(name, str) else None
    if column is None or column.type is not ScalarType.DATETIME:
        return rows
    time = bound.ColumnReference(column.name, column.type)
    conditions = [
        bound.Call(operator, (time, bound.Literal(ScalarType.DATETIME, ticks)), ScalarType.BOOL)
        for operator, option in ((">=", "query_datetimescope_from"), ("<", "query_datetimescope_to"))
        if (ticks := _constant(context, option, ScalarType.DATETIME)) is not None
    ]
    if not conditions:
        return rows
    condition = (
        conditions[0] if len(conditions) == 1 else bound.Call("and", tuple(conditions), ScalarType.BOOL)
    )
    return bound.Where(rows, condition)


def _constant(context: BindContext, option: str, kind: ScalarType) -> int | None:
    node = context.options.get(option)
    if node is None:
        return None
    given = expressions.bind_expression(context, node, Scope(NameScope()))
    value = adapt(given, kind)
    if (
        not isinstance(value, bound.Literal)
        or not isinstance(value.value, int)
        or isinstance(value.value, bool)
    ):
        raise refusal(WRONG_TYPE, f"the option '{option}' is a constant of type {kind}", node.span)
    return value.value
