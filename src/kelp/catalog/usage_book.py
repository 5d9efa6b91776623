"""The book of usage: what was received in each full hour, by table and customer, and how far that was told.

An hour is entered once and never changes. Synchronous and thread-safe: every call is one short transaction and belongs
on a worker thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import and_, delete, func, insert, select, update

from kelp.base.clock import as_utc
from kelp.catalog.schema import METADATA, USAGE_HOUR, USAGE_PROGRESS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from datetime import datetime
    from typing import Any
    from uuid import UUID

    from sqlalchemy import ColumnElement, Connection, Row

    from kelp.resources.database import Database

_IDS_AT_A_TIME = 500
"""Databases take a limited number of values in a statement."""


@dataclass(frozen=True, slots=True)
class HourOfUse:
    """What a table received in an hour from one customer; `customer_id` is empty for the workspace's own senders."""

    workspace_id: UUID
    hour: datetime
    table: str
    customer_id: str
    billed_bytes: int
    rows: int
    is_billable: bool


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """What a table received on a day (UTC) from one customer, as the hours of the day add up."""

    workspace_id: UUID
    day: date
    table: str
    customer_id: str
    billed_bytes: int
    is_billable: bool


@dataclass(frozen=True, slots=True)
class Progress:
    """Until when the hours of a workspace are in the book, and until when they are in its `Usage` table."""

    measured_until: datetime
    told_until: datetime


class UsageBook:
    """The hours of all workspaces."""

    def __init__(self, database: Database) -> None:
        """Make the book's own database tables where they are missing."""
        self._database = database
        with database.write() as connection:
            METADATA.create_all(connection)

    def find_progress(self, workspace_id: UUID) -> Progress | None:
        """Return how far a workspace is; None for one that nobody measured yet."""
        with self._database.read() as connection:
            row = connection.execute(
                select(USAGE_PROGRESS).where(USAGE_PROGRESS.c.workspace_id == workspace_id)
            ).one_or_none()
        return None if row is None else _read_progress(row)

    def read_progress(self) -> dict[UUID, Progress]:
        """Return how far each workspace is."""
        with self._database.read() as connection:
            return {
                row.workspace_id: _read_progress(row) for row in connection.execute(select(USAGE_PROGRESS))
            }

    def enter(self, workspace_id: UUID, since: datetime, until: datetime, hours: Iterable[HourOfUse]) -> None:
        """Enter what was received from `since`, where the book ends, `until`; hours without records have no entry.

        Does nothing where the book ends elsewhere by now: somebody else entered them.
        """
        values = [
            {
                "workspace_id": workspace_id,
                "hour": one.hour,
                "table_name": one.table,
                "customer_id": one.customer_id,
                "billed_bytes": one.billed_bytes,
                "row_count": one.rows,
                "is_billable": one.is_billable,
            }
            for one in hours
        ]
        progress = USAGE_PROGRESS.c
        with self._database.write() as connection:
            row = connection.execute(
                select(USAGE_PROGRESS).where(progress.workspace_id == workspace_id)
            ).one_or_none()
            if row is None:
                entry = {"workspace_id": workspace_id, "measured_until": until, "told_until": since}
                connection.execute(insert(USAGE_PROGRESS).values(entry))
            elif as_utc(row.measured_until) != since:
                return
            else:
                connection.execute(
                    update(USAGE_PROGRESS)
                    .where(progress.workspace_id == workspace_id)
                    .values(measured_until=until)
                )
            if values:
                connection.execute(insert(USAGE_HOUR), values)

    def note_told(self, workspace_id: UUID, until: datetime) -> None:
        """Note until when the hours are rows of the workspace's `Usage` table."""
        with self._database.write() as connection:
            connection.execute(
                update(USAGE_PROGRESS)
                .where(USAGE_PROGRESS.c.workspace_id == workspace_id)
                .values(told_until=until)
            )

    def read_hours(
        self, since: datetime, until: datetime, workspace_ids: Collection[UUID] | None = None
    ) -> list[HourOfUse]:
        """Return what was received in the hours that begin in [since, until), of all workspaces or of some."""
        hours = USAGE_HOUR.c
        condition = and_(hours.hour >= since, hours.hour < until)
        if workspace_ids is not None:
            condition = and_(condition, hours.workspace_id.in_(list(workspace_ids)))
        statement = (
            select(USAGE_HOUR).where(condition).order_by(hours.hour, hours.table_name, hours.customer_id)
        )
        with self._database.read() as connection:
            return [_read_hour(row) for row in connection.execute(statement)]

    def iter_days(
        self, since: datetime, until: datetime, workspace_ids: Collection[UUID]
    ) -> Iterator[DayOfUse]:
        """Yield what was received in the hours that begin in [since, until), added up by day."""
        hours = USAGE_HOUR.c
        wanted = sorted(workspace_ids)
        with self._database.read() as connection:
            day = _utc_day(connection)
            keys = hours.workspace_id, day, hours.table_name, hours.customer_id, hours.is_billable
            for at in range(0, len(wanted), _IDS_AT_A_TIME):
                chosen = and_(
                    hours.workspace_id.in_(wanted[at : at + _IDS_AT_A_TIME]),
                    hours.hour >= since,
                    hours.hour < until,
                )
                statement = (
                    select(*keys, func.sum(hours.billed_bytes)).where(chosen).group_by(*keys).order_by(*keys)
                )
                for workspace_id, of_day, table, customer_id, is_billable, received in connection.execute(
                    statement
                ):
                    found = date.fromisoformat(str(of_day))
                    yield DayOfUse(workspace_id, found, table, customer_id, int(received), bool(is_billable))

    def sum_days(
        self, since: datetime, until: datetime, workspace_ids: Collection[UUID]
    ) -> dict[tuple[UUID, str], dict[date, int]]:
        """Return the charged bytes of the hours in [since, until) by workspace and customer, then by day in UTC."""
        hours = USAGE_HOUR.c
        sums: dict[tuple[UUID, str], dict[date, int]] = {}
        wanted = sorted(workspace_ids)
        with self._database.read() as connection:
            for at in range(0, len(wanted), _IDS_AT_A_TIME):
                chosen = and_(
                    hours.workspace_id.in_(wanted[at : at + _IDS_AT_A_TIME]),
                    hours.hour >= since,
                    hours.hour < until,
                    hours.is_billable,
                )
                statement = (
                    select(hours.workspace_id, hours.customer_id, hours.hour, func.sum(hours.billed_bytes))
                    .where(chosen)
                    .group_by(hours.workspace_id, hours.customer_id, hours.hour)
                )
                for workspace_id, customer_id, hour, received in connection.execute(statement):
                    days = sums.setdefault((workspace_id, customer_id), {})
                    day = as_utc(hour).date()
                    days[day] = days.get(day, 0) + int(received)
        return sums

    def remove_workspace(self, workspace_id: UUID) -> None:
        """Forget how far a workspace is, whose data is destroyed; what it received stays, for the charge."""
        with self._database.write() as connection:
            connection.execute(delete(USAGE_PROGRESS).where(USAGE_PROGRESS.c.workspace_id == workspace_id))


def _utc_day(connection: Connection) -> ColumnElement[Any]:
    """Return the day of an hour; SQLite keeps moments as texts in UTC."""
    hour = USAGE_HOUR.c.hour
    is_text = connection.dialect.name == "sqlite"
    return func.date(hour) if is_text else func.date(func.timezone("UTC", hour))


def _read_progress(row: Row[Any]) -> Progress:
    return Progress(as_utc(row.measured_until), as_utc(row.told_until))


def _read_hour(row: Row[Any]) -> HourOfUse:
    return HourOfUse(
        workspace_id=row.workspace_id,
        hour=as_utc(row.hour),
        table=row.table_name,
        customer_id=row.customer_id,
        billed_bytes=row.billed_bytes,
        rows=row.row_count,
        is_billable=row.is_billable,
    )
