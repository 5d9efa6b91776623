"""One query as a caller asked for it, already authorised."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from kelp.kql.schema import SchemaProvider
    from kelp.kql.syntax import Expression
    from kelp.plan.scope import QueryScope


@dataclass(frozen=True, slots=True)
class QueryReach:
    """What the caller may read:

    names for the binder, stored tables for the plan, and the workspaces behind them.
    """

    provider: SchemaProvider
    scope: QueryScope
    workspace_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query to run. `received_at` is what `now()` means throughout.

    `caller_id` is whom the limits count for (an object id). `time_range` is half-open, aware UTC. `tag` names
    the query for cancellation and in the log.
    """

    text: str
    reach: QueryReach
    caller_id: str
    received_at: datetime
    tag: str
    time_range: tuple[datetime, datetime] | None = None
    timeout_seconds: float | None = None
    maximum_rows: int | None = None
    parameters: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    client: str = ""
    """What the caller says it is (`x-ms-app`, user agent); only for the log."""
