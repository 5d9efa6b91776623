"""One query as a caller asked for it, already authorised."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.clickhouse.lowering.encoding import Encoding

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from datetime import datetime

    from kelp.identity.principal import Principal
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
    key: Hashable
    """Reaches with an equal key give every text the same meaning."""
    find_owner: Callable[[str], UUID | None] = lambda _: None
    """Tells which workspace a database holds records of."""


@dataclass(frozen=True, slots=True)
class QueryOrigin:
    """How a query came, for its log row: the client by its own word, the path, the id that ties logs together."""

    client: str = ""
    target: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A query to run. `received_at` is what `now()` means throughout.

    `caller` is whom the limits count for. `time_range` is half-open, aware UTC. `tag` names the query for
    cancellation. The maxima only lower those of the settings.
    """

    text: str
    reach: QueryReach
    caller: Principal
    received_at: datetime
    tag: str
    time_range: tuple[datetime, datetime] | None = None
    timeout_seconds: float | None = None
    maximum_rows: int | None = None
    maximum_bytes: int | None = None
    parameters: Mapping[str, Expression] = field(default_factory=lambda: MappingProxyType({}))
    origin: QueryOrigin = field(default_factory=QueryOrigin)
    encoding: Encoding = Encoding.WIRE
    """How the rows of the results come: `WIRE` as lines of JSON, `ARROW` as Arrow."""
