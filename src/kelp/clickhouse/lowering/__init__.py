"""From plan to SQL tree. One module a node, with the same stem as in `kql.binder` where there is one."""

from kelp.clickhouse.lowering.query import LoweredQuery, lower_query

__all__ = ["LoweredQuery", "lower_query"]
