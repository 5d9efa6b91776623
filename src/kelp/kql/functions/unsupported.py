"""Names that KQL has and Kelp refuses, so that a refusal can say so instead of calling them unknown."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_TEXT = {
    "hash_many": "how Kusto combines hashes is not published",
    "hash_combine": "how Kusto combines hashes is not published",
}
"""Functions over text, and why."""

_VALUES = {
    "current_cluster_endpoint": "there are no clusters to name",
    "current_node_id": "there are no nodes to name",
    "cursor_after": "there are no cursors",
    "cursor_before_or_at": "there are no cursors",
    "cursor_current": "there are no cursors",
    "current_cursor": "there are no cursors",
    "extent_id": "there are no extents",
    "extent_tags": "there are no extents",
    "extentid": "there are no extents",
}
"""Numbers, times and aggregates, and why."""

_OPERATORS = dict.fromkeys(
    ("like", "likecs", "notlike", "notlikecs"), "no document describes it; use contains or matches regex"
)
"""Functions that are written between their arguments, and why."""

REASONS: Mapping[str, str] = MappingProxyType({**_TEXT, **_VALUES, **_OPERATORS})
"""All of them, and why."""
