"""An installation that has been there for two months, with what its workspaces received by the book of usage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import update

from kelp.app.installation import Installation
from kelp.catalog.usage_book import HourOfUse, UsageBook
from kelp.resources.author import system_author
from kelp.resources.schema import RESOURCE
from kelp.resources.workspace import Workspace
from tests.servers import Place, Population, populate

GB = 1_000_000_000
DAYS = 40
CAP_GB = 9.0
DAILY_GB = {"Perf": 4.0, "Syslog": 2.0}
"""What the first workspace received each day; its neighbour gets a fifth of the first table."""


def populate_with_history(installation: Installation) -> Population:
    """Make the population, and 40 days of the past with hours at noon, until midnight of today."""
    population = populate(installation)
    names = installation.find_names()
    assert names is not None
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=DAYS)
    with installation.database.write() as connection:
        connection.execute(update(RESOURCE).values(created_at=today - timedelta(days=60)))
    home = installation.store.get(Workspace, names.workspace_resource_id)
    with installation.store.write(system_author(names.tenant_id)) as transaction:
        settings = replace(home.properties.settings, daily_quota_gb=CAP_GB)
        transaction.put(home.id, replace(home.properties, settings=settings))
    book = UsageBook(installation.database)
    _enter(book, Place(names.tenant_id, home.id, str(names.workspace_id), ""), first, today, DAILY_GB)
    _enter(book, population.neighbour, first, today, {"Perf": 0.8})
    _enter(book, population.foreign, first, today, {"Secret_CL": 50.0})
    return population


def _enter(
    book: UsageBook, place: Place, first: datetime, until: datetime, daily_gb: dict[str, float]
) -> None:
    workspace_id = UUID(place.workspace_id)
    hours = [
        HourOfUse(workspace_id, first + timedelta(days=day, hours=12), table, "", round(size * GB), 1, True)
        for day in range(DAYS)
        for table, size in daily_gb.items()
    ]
    book.enter(workspace_id, first, until, hours)
