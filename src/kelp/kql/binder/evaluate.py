"""`evaluate`: which plugins there are (rules PLUG-1 to PLUG-17), and why others are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.kql import bound
from kelp.kql.binder import (
    activity,
    intersections,
    lookups,
    mining,
    pivot,
    rolling_percentile,
    rows_near,
    schema_merge,
    sequences,
    unpack,
)
from kelp.kql.binder.branches import SEVERAL
from kelp.kql.binder.context import nearest
from kelp.kql.binder.plugin_arguments import arguments_of
from kelp.kql.binder.summarize import schema_of
from kelp.kql.binder.web_requests import REQUESTS, bind_web_request
from kelp.kql.diagnostics import NOT_ALLOWED_HERE, UNKNOWN_FUNCTION, UNSUPPORTED, QueryRefusedError, refusal
from kelp.kql.types import ScalarType

if TYPE_CHECKING:
    from collections.abc import Callable

    from kelp.kql import syntax
    from kelp.kql.binder.context import BindContext
    from kelp.kql.binder.scope import NameScope


def _bind_identity(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the rows as they are."""
    del context, names
    arguments_of(node.call, (), required=0)
    return source


def _bind_rows_count(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return how many rows there are: no estimate is better."""
    del context, names
    arguments_of(node.call, (), required=0)
    count = bound.AggregateCall("count", (), ScalarType.LONG, node.span)
    output = bound.Output("EstimatedRowsCount", count)
    return bound.Summarize(source, (), (output,), schema_of((output,)))


_PLUGINS: dict[str, Callable[[BindContext, syntax.Evaluate, bound.Operator, NameScope], bound.Operator]] = {
    "active_users_count": activity.bind_active_users_count,
    "activity_counts_metrics": activity.bind_activity_counts_metrics,
    "activity_engagement": activity.bind_activity_engagement,
    "activity_metrics": activity.bind_activity_metrics,
    "autocluster": mining.bind_mining,
    "bag_unpack": unpack.bind_bag_unpack,
    "basket": mining.bind_mining,
    "dcount_intersect": intersections.bind_dcount_intersect,
    "diffpatterns": mining.bind_mining,
    "diffpatterns_text": mining.bind_diffpatterns_text,
    "estimate_rows_count": _bind_rows_count,
    "funnel_sequence_completion": sequences.bind_funnel_sequence_completion,
    "geo_line_lookup": lookups.bind_geo_lookup,
    "geo_polygon_lookup": lookups.bind_geo_lookup,
    "identity": _bind_identity,
    "ipv4_lookup": lookups.bind_ip_lookup,
    "ipv6_lookup": lookups.bind_ip_lookup,
    "narrow": unpack.bind_narrow,
    "new_activity_metrics": activity.bind_new_activity_metrics,
    "pivot": pivot.bind_pivot,
    "rolling_percentile": rolling_percentile.bind_rolling_percentile,
    "rows_near": rows_near.bind_rows_near,
    "schema_merge": schema_merge.bind_schema_merge,
    "sequence_detect": sequences.bind_sequence_detect,
    "session_count": activity.bind_session_count,
    "sliding_window_counts": activity.bind_sliding_window_counts,
}

_CODE = "it would run code of the query's author inside of the server"
_CONNECTIONS = "queries open no connections to other databases; ingest the rows, or write them as a datatable"
_SERVICES = "queries call no services of Azure"
_STORAGE = (
    "queries read no storage accounts; 'kelp query' shows the schema of files, and externaldata takes one"
)

_REASONS = {
    "ai_chat_completion": _SERVICES,
    "ai_chat_completion_prompt": _SERVICES,
    "ai_embed_text": _SERVICES,
    "ai_embeddings": _SERVICES,
    "azure_digital_twins_query_request": _SERVICES,
    "cosmosdb_sql_request": _CONNECTIONS,
    "csharp": _CODE,
    "dax_request": _CONNECTIONS,
    "execute_query": _CONNECTIONS,
    "execute_show_command": _CONNECTIONS,
    "external_datatable": "no rows can be sent beside the text of a query; write them into it as a datatable",
    "funnel_analysis": "no document describes it; use funnel_sequence or funnel_sequence_completion",
    "identity_v3": "no document describes it; use identity",
    "infer_storage_schema": _STORAGE,
    "infer_storage_schema_with_suggestions": _STORAGE,
    "mysql_request": _CONNECTIONS,
    "postgresql_request": _CONNECTIONS,
    "python": _CODE,
    "r": _CODE,
    "sql_request": _CONNECTIONS,
}
"""Plugins that are refused for good, and why."""


def bind_evaluate(
    context: BindContext, node: syntax.Evaluate, source: bound.Operator, names: NameScope
) -> bound.Operator:
    """Return the table that a plugin makes of the input."""
    name = node.call.name.text
    if name in SEVERAL:
        raise refusal(NOT_ALLOWED_HERE, f"'{name}' gives several tables, so it must stand last", node.span)
    plugin = _PLUGINS.get(name)
    if plugin is None:
        raise _refusal_of(node)
    return plugin(context, node, source, names)


def bind_evaluate_source(context: BindContext, node: syntax.Evaluate, names: NameScope) -> bound.Operator:
    """Return the table that a plugin gives without an input."""
    if node.call.name.text in REQUESTS:
        return bind_web_request(context, node, names)
    raise _refusal_of(node)


def _refusal_of(node: syntax.Evaluate) -> QueryRefusedError:
    """Return the refusal of a plugin that is none of those that run over an input."""
    name = node.call.name.text
    if name in _REASONS:
        return refusal(
            UNSUPPORTED, f"the plugin '{name}' is not supported by Kelp: {_REASONS[name]}", node.span
        )
    if name in REQUESTS:
        return refusal(NOT_ALLOWED_HERE, f"the plugin '{name}' takes no input", node.span)
    if name in _PLUGINS or name in SEVERAL:
        message, hint = (
            f"the plugin '{name}' needs an input",
            f"write it after a query: T | evaluate {name}(...)",
        )
        return refusal(NOT_ALLOWED_HERE, message, node.span, hint)
    found = nearest(name, (*_PLUGINS, *SEVERAL, *REQUESTS))
    return refusal(UNKNOWN_FUNCTION, f"there is no plugin named '{name}'", node.call.name.span, found)
