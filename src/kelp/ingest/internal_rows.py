"""The way of Kelp's own rows into the tables of workspaces: through the journal, like anybody's."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import structlog

from kelp.base.errors import ServiceError
from kelp.ingest.intake import ReceivedBody
from kelp.ingest.journal import EnvelopeKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from kelp.ingest.intake import Intake

COLUMNS_HEADER = "columns"
"""The header of a frame that names the columns its rows have, so that nobody needs to look for them."""

_FLUSH_SECONDS = 1.0
_MAXIMUM_WAITING_ROWS = 100_000
_ROWS_OF_A_BODY = 5_000


class InternalRows:
    """Takes rows without making anybody wait, and hands them in once a second. Belongs to one event loop."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._waiting: defaultdict[tuple[UUID, str], list[Mapping[str, object]]] = defaultdict(list)
        self._count = 0
        self._lost = 0

    def add(self, workspace_id: UUID, table: str, row: Mapping[str, object]) -> None:
        """Keep a row for a table. Values are what JSON can hold, or times. Never blocks nor raises.

        Rows wait in memory for a second, or for as long as the journal takes none; then the newest are dropped.
        """
        if self._count >= _MAXIMUM_WAITING_ROWS:
            self._lost += 1
            return
        self._waiting[workspace_id, table].append(row)
        self._count += 1

    async def send(
        self,
        workspace_id: UUID,
        table: str,
        body: bytes,
        *,
        once: str = "",
        customer_id: UUID | None = None,
    ) -> None:
        """Return once a body, a JSON array of rows, is durable. Raises `ServiceError`, also where it should wait.

        A body that bears the name `once` may be sent again after an error or a crash: its rows are stored once, those
        of the first to arrive. They go to one partition, or are the same each time. `customer_id` is whose rows these
        are, unless they say themselves.
        """
        self._intake.check_room((workspace_id,), len(body))
        customers = {} if customer_id is None else {workspace_id: customer_id}
        await self._intake.accept((workspace_id,), replace(_received(table, body, {}), once=once), customers)

    async def run(self) -> None:
        """Hand rows in until cancelled; what waits then is handed in at once."""
        try:
            while True:
                await asyncio.sleep(_FLUSH_SECONDS)
                await self.flush()
        finally:
            await self.flush()

    async def flush(self) -> None:
        """Hand in what waits. What the journal does not take goes on waiting."""
        waiting, self._waiting, self._count = self._waiting, defaultdict(list), 0
        for (workspace_id, table), rows in waiting.items():
            for first in range(0, len(rows), _ROWS_OF_A_BODY):
                part = rows[first : first + _ROWS_OF_A_BODY]
                try:
                    await self._intake.accept((workspace_id,), _received_rows(table, part))
                except ServiceError as error:
                    structlog.get_logger("kelp.ingest").warning(
                        "own rows postponed", table=table, rows=len(part), code=error.code
                    )
                    for row in part:
                        self.add(workspace_id, table, row)
        if self._lost:
            structlog.get_logger("kelp.ingest").error("own rows lost", rows=self._lost)
            self._lost = 0


def _received_rows(table: str, rows: list[Mapping[str, object]]) -> ReceivedBody:
    columns = dict.fromkeys(name for row in rows for name in row)
    return _received(table, msgspec.json.encode(rows), {COLUMNS_HEADER: ",".join(columns)})


def _received(table: str, body: bytes, headers: Mapping[str, str]) -> ReceivedBody:
    return ReceivedBody(kind=EnvelopeKind.INTERNAL, route="", stream=table, body=body, headers=headers)
