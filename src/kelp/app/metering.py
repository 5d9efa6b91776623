"""Usage, daily caps and what asks for them, put together over the services of a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.api.management.metering import Metering
from kelp.catalog.usage_book import UsageBook
from kelp.jobs import caps, usage
from kelp.jobs.caps import DailyCaps
from kelp.jobs.own_queries import OwnQueries
from kelp.jobs.prices import load_prices
from kelp.jobs.schedule import Job
from kelp.jobs.usage import Usage
from kelp.jobs.usage_report import UsageReport

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date
    from uuid import UUID

    from kelp.app.installation import Installation
    from kelp.app.services import Storage
    from kelp.base.ids import WorkspaceId
    from kelp.base.settings import Settings
    from kelp.ingest.ingestion import Ingestion
    from kelp.jobs.usage_report import Period

_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MeteringJobs:
    """The two jobs, and the door through which the management API asks them."""

    usage: Usage
    caps: DailyCaps
    metering: Metering

    def iter_jobs(self) -> Iterator[Job]:
        """Yield the jobs with their names and intervals."""
        yield Job("usage", usage.INTERVAL, self.usage.run)
        yield Job("daily-caps", caps.INTERVAL, self.caps.run)


def make_metering(
    installation: Installation, storage: Storage, ingestion: Ingestion, settings: Settings
) -> MeteringJobs:
    """Return the jobs. Call it on the loop that they will run on. Raises `InvalidPrices`."""
    loop = asyncio.get_running_loop()
    book = UsageBook(installation.database)
    measuring = Usage(
        installation.store,
        storage.ledger,
        storage.standard,
        book,
        OwnQueries(storage.stages, storage.scopes),
        ingestion.rows,
        ingestion.find_oldest_waiting,
        installation.clock,
    )
    capping = DailyCaps(
        installation.store, storage.ledger, measuring, ingestion.gate, ingestion.rows, installation.clock
    )

    def measure_today(workspace_id: WorkspaceId) -> float:
        return asyncio.run_coroutine_threadsafe(capping.measure_today(workspace_id), loop).result(
            _ANSWER_SECONDS
        )

    def count_nodes(ids: Sequence[WorkspaceId], period: Period) -> Mapping[tuple[UUID, date], int]:
        counting = measuring.count_nodes(ids, period)
        return asyncio.run_coroutine_threadsafe(counting, loop).result(_ANSWER_SECONDS)

    report = UsageReport(book, load_prices(settings.usage.prices_file))
    return MeteringJobs(measuring, capping, Metering(ingestion.gate, report, measure_today, count_nodes))
