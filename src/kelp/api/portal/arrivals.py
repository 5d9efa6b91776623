"""What arrives in a workspace, asked with the caller's own rights: records by table and minute, and complaints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from kelp.base.clock import to_ticks
from kelp.catalog.stored_tables import list_held_tables

if TYPE_CHECKING:
    from uuid import UUID

    from kelp.api.query.runner import QueryRunner
    from kelp.catalog.ledger import TableLedger, TableSize
    from kelp.catalog.scope import BuiltScope
    from kelp.identity.principal import Principal
    from kelp.query.request import QueryOrigin
    from kelp.resources.store import ResourceStore

MINUTES = 60
COMPLAINTS_TABLE = "Operation"
_TIME = "TimeGenerated"
_MAXIMUM_TABLES = 100
_MAXIMUM_COMPLAINTS = 10
_TIMEOUT_SECONDS = 20.0
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
Counts: TypeAlias = Mapping[str, Mapping[datetime, int]]
"""Records by table and minute."""
_decode_row = msgspec.json.Decoder(list[Any]).decode


class Arrivals:
    """Asks what arrived. Belongs to one event loop."""

    def __init__(self, runner: QueryRunner, store: ResourceStore, ledger: TableLedger) -> None:
        self._runner = runner
        self._store = store
        self._ledger = ledger

    def measure_tables(self, built: BuiltScope, workspace_id: UUID) -> dict[str, TableSize]:
        """Return the tables with records that the caller may read at least in part, and how much they hold."""
        readable = {symbol.reference.name for symbol in built.provider.iter_tables(None)}
        held = list_held_tables(self._ledger, self._store.snapshot, workspace_id)
        sizes: dict[str, TableSize] = {}
        for one in held:
            known = sizes.get(one.name)
            if one.name in readable and (
                known is None or (one.size.last_ticks or 0) > (known.last_ticks or 0)
            ):
                sizes[one.name] = one.size
        return sizes

    async def count_by_minute(
        self,
        principal: Principal,
        workspace_id: UUID,
        sizes: Mapping[str, TableSize],
        first: datetime,
        origin: QueryOrigin,
    ) -> Counts:
        """Count each table's records since `first` by minute. Raises `ServiceError`."""
        since = to_ticks(first)
        recent = [name for name, size in sizes.items() if size.last_ticks is None or size.last_ticks >= since]
        recent.sort(key=lambda name: -(sizes[name].last_ticks or 0))
        if not recent:
            return {}
        tables = ", ".join(_quote(name) for name in recent[:_MAXIMUM_TABLES])
        text = (
            f"union withsource=Table_ {tables} | where {_TIME} >= {_print(first)} "
            f"| summarize Count_ = count() by Table_, Minute_ = bin({_TIME}, 1m)"
        )
        counts: dict[str, dict[datetime, int]] = {}
        for table, minute, count in await self._read(principal, workspace_id, text, origin):
            counts.setdefault(table, {})[datetime.fromisoformat(minute)] = count
        return counts

    async def list_complaints(
        self, principal: Principal, workspace_id: UUID, since: datetime, origin: QueryOrigin
    ) -> list[dict[str, Any]]:
        """Return what went wrong with records since then, the last first. Raises `ServiceError`."""
        text = (
            f'{COMPLAINTS_TABLE} | where {_TIME} >= {_print(since)} and OperationStatus != "Succeeded" '
            f"| top {_MAXIMUM_COMPLAINTS} by {_TIME} | project {_TIME}, OperationKey, Detail"
        )
        rows = await self._read(principal, workspace_id, text, origin)
        return [{"at": at, "key": key or "", "message": detail or ""} for at, key, detail in rows]

    async def _read(
        self, principal: Principal, workspace_id: UUID, text: str, origin: QueryOrigin
    ) -> Sequence[list[Any]]:
        query = await self._runner.start(
            principal, (str(workspace_id),), text, timeout_seconds=_TIMEOUT_SECONDS, origin=origin
        )
        rows: list[list[Any]] = []
        async with query:
            async for table in query.iter_tables():
                async for chunk in table.iter_chunks():
                    rows += map(_decode_row, chunk.splitlines())
        return rows


def list_rates(counts: Counts, first: datetime) -> list[dict[str, Any]]:
    """Return the counts of the hour from `first` by table, the busiest first."""
    minutes = [first + timedelta(minutes=number) for number in range(MINUTES)]
    rates = []
    for table, by_minute in counts.items():
        shown = [by_minute.get(minute, 0) for minute in minutes]
        if any(shown):
            rates.append({"table": table, "perMinute": shown, "total": sum(shown)})
    return sorted(rates, key=lambda one: (-one["total"], one["table"]))


def _quote(name: str) -> str:
    return name if _PLAIN_NAME.fullmatch(name) else f"['{name}']"


def _print(moment: datetime) -> str:
    return f"datetime({moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"
