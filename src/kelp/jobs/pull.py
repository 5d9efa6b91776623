"""Pulls records from other workspaces: windows of time of their arrival, each brought once, one after the other.

A window ends where everything that was accepted in the source by then is loaded, so nothing comes into it later. Its
rows bear a name of their own on the way, so a window that was cut short is simply pulled again.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import structlog

from kelp.base.errors import Category, ServiceError
from kelp.catalog.table_access import RoleAccess
from kelp.ingest.operation_log import TABLE, operation_row
from kelp.jobs.listing import Listing
from kelp.jobs.own_queries import AnswerTooLarge
from kelp.kql.diagnostics import QueryRefusedError
from kelp.resources.data_pull import DataPull

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from kelp.base.clock import Clock
    from kelp.base.ids import WorkspaceId
    from kelp.catalog.job_state import JobStates
    from kelp.identity.principal import Principal
    from kelp.ingest.internal_rows import InternalRows
    from kelp.jobs.own_queries import OwnQueries
    from kelp.jobs.windows import WindowSender
    from kelp.resources.access import Access
    from kelp.resources.data_pull import Reader
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

NAME = "data-pulls"
INTERVAL = timedelta(seconds=10)
MAXIMUM_ROWS = 200_000
_LONGEST_WINDOW = timedelta(hours=6)
_SHORTEST_WINDOW = timedelta(milliseconds=1)
_GRACE = timedelta(seconds=5)
"""A record may be on its way from its stamp to the journal so long."""
_WINDOWS_AT_ONCE = 20


class PullState(msgspec.Struct):
    """Everything that arrived before `pulled_until` was brought; `last_error` is why the last run stopped early.

    `open_until` is the end of a window that was begun: should it have been handed in, it must be the same once more.
    """

    pulled_until: datetime
    open_until: datetime | None = None
    pulled_rows: int = 0
    last_run_at: datetime | None = None
    last_error: str = ""


class DataPulls:
    """The job. Belongs to one event loop."""

    def __init__(
        self,
        store: ResourceStore,
        access: Access,
        states: JobStates,
        queries: OwnQueries,
        sender: WindowSender,
        rows: InternalRows,
        find_oldest_waiting: Callable[[UUID], datetime | None],
        find_principal: Callable[[UUID], Principal | None],
        clock: Clock,
    ) -> None:
        """`find_principal` gives an account as it is now, with its groups; None for one that may not act."""
        self._store = store
        self._access = access
        self._states = states
        self._queries = queries
        self._sender = sender
        self._rows = rows
        self._find_oldest_waiting = find_oldest_waiting
        self._find_principal = find_principal
        self._clock = clock
        self._listing = Listing(store, DataPull)
        self._log = structlog.get_logger("kelp.jobs")

    async def run(self) -> None:
        """Run every pull that is due. One that fails doesn't stop the others."""
        for pull in await self._listing.read():
            state = await asyncio.to_thread(find_state, self._states, pull)
            now = self._clock.now()
            interval = timedelta(minutes=pull.properties.interval_minutes)
            if state.last_run_at is None or state.last_run_at + interval <= now:
                await self._run_pull(pull, state)

    async def _run_pull(self, pull: Resource[DataPull], state: PullState) -> None:
        before = state.last_error
        state.last_run_at, state.last_error = self._clock.now(), ""
        try:
            await self._pull_windows(pull, state)
        except QueryRefusedError as refused:
            state.last_error = "; ".join(found.message for found in refused.diagnostics)
        except ServiceError as error:
            state.last_error = error.message
        await asyncio.to_thread(self._states.put, _name(pull), state)
        if state.last_error and state.last_error != before:
            self._log.warning("pull stopped", pull=pull.id.name, error=state.last_error)
            self._tell(pull, state.last_error)

    async def _pull_windows(self, pull: Resource[DataPull], state: PullState) -> None:
        snapshot, definition = self._store.snapshot, pull.properties
        destination = snapshot.workspaces_by_key.get(str(pull.id.parent).lower())
        source = snapshot.workspaces_by_key.get(definition.source_workspace.rstrip("/").lower())
        if destination is None or source is None:
            raise ServiceError(
                Category.NOT_FOUND, "WorkspaceNotFound", "The workspace to pull from is not there any more."
            )
        customers = snapshot.customers_of.get(destination.properties.workspace_id, ())
        named = [one for one in customers if one.id.name.lower() == definition.customer.lower()]
        if definition.customer and not named:
            raise ServiceError(
                Category.NOT_FOUND, "CustomerNotFound", f"There is no customer '{definition.customer}'."
            )
        customer_id = named[0].properties.customer_id if named else None
        source_id = source.properties.workspace_id
        until = self._find_end(source_id)
        length = _LONGEST_WINDOW
        for _ in range(_WINDOWS_AT_ONCE):
            start = state.pulled_until
            if start >= until:
                return
            end = state.open_until or min(until, start + length)
            state.open_until = end
            await asyncio.to_thread(self._states.put, _name(pull), state)
            try:
                pulled = await self._pull(
                    pull, source_id, destination.properties.workspace_id, customer_id, (start, end)
                )
            except AnswerTooLarge:
                length, state.open_until = (end - start) / 2, None
                if length < _SHORTEST_WINDOW:
                    raise
                continue
            state.pulled_until, state.open_until = end, None
            state.pulled_rows += pulled
            await asyncio.to_thread(self._states.put, _name(pull), state)

    async def _pull(
        self,
        pull: Resource[DataPull],
        source_id: WorkspaceId,
        destination_id: WorkspaceId,
        customer_id: UUID | None,
        window: tuple[datetime, datetime],
    ) -> int:
        definition, (start, end) = pull.properties, window
        answer = await self._queries.read(
            _print_query(definition, start, end),
            RoleAccess(self._access, self._get_reader(definition.reader)),
            source_id,
            end,
            maximum_rows=MAXIMUM_ROWS,
        )
        return await self._sender.send(
            destination_id,
            definition.destination_table,
            answer,
            once=f"pull/{pull.uid}/{start.isoformat()}/{end.isoformat()}",
            customer_id=customer_id,
        )

    def _get_reader(self, reader: Reader) -> Principal:
        """Return who reads, as the directory knows them now. Raises `ServiceError` (forbidden)."""
        principal = self._find_principal(reader.object_id)
        if principal is None or principal.tenant_id != reader.tenant_id:
            raise ServiceError(
                Category.FORBIDDEN,
                "PrincipalNotFound",
                f"'{reader.name}' ({reader.object_id}), with whose rights it reads, was disabled or removed. Enable "
                "the account, or have someone who may query the source put the pull again.",
            )
        return principal

    def _find_end(self, source_id: UUID) -> datetime:
        """Return until when everything that the source accepted is loaded."""
        end = self._clock.now() - _GRACE
        oldest = self._find_oldest_waiting(source_id)
        return end if oldest is None else min(end, oldest)

    def _tell(self, pull: Resource[DataPull], error: str) -> None:
        destination = self._store.snapshot.workspaces_by_key.get(str(pull.id.parent).lower())
        if destination is None:
            return
        detail = f"The pull '{pull.id.name}' stopped: {error} It goes on where it stopped once it can."
        row = operation_row(self._clock.now(), "Warning", "Data Pull", pull.id.name, detail)
        self._rows.add(destination.properties.workspace_id, TABLE, row)


def find_state(states: JobStates, pull: Resource[DataPull]) -> PullState:
    """Return how far a pull is. Blocks."""
    return states.find(_name(pull), PullState) or PullState(pull.properties.since or pull.created.at)


def _print_query(pull: DataPull, start: datetime, end: datetime) -> str:
    window = f"ingestion_time() >= {_print_time(start)} and ingestion_time() < {_print_time(end)}"
    operators = pull.operators.strip().removeprefix("|").strip()
    return f"['{pull.source_table}'] | where {window}" + (f" | {operators}" if operators else "")


def _print_time(moment: datetime) -> str:
    return f"datetime({moment.astimezone(UTC).isoformat().replace('+00:00', 'Z')})"


def _name(pull: Resource[DataPull]) -> str:
    return f"pull/{pull.uid}"
