"""Usage, daily caps and what asks for them, put together over the services of a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from kelp.api.management.metering import Metering
from kelp.catalog.job_state import JobStates
from kelp.catalog.usage_book import UsageBook
from kelp.jobs import caps, pull, summary_rules, usage
from kelp.jobs.caps import DailyCaps
from kelp.jobs.own_queries import OwnQueries
from kelp.jobs.prices import load_prices
from kelp.jobs.pull import DataPulls, find_state
from kelp.jobs.schedule import Job
from kelp.jobs.summary_rules import SummaryRules
from kelp.jobs.usage import Usage
from kelp.jobs.usage_report import UsageReport
from kelp.jobs.windows import WindowSender

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from kelp.app.installation import Installation
    from kelp.app.services import Storage
    from kelp.base.ids import WorkspaceId
    from kelp.base.settings import Settings
    from kelp.ingest.ingestion import Ingestion
    from kelp.jobs.usage_report import Period
    from kelp.resources.resource import Resource
    from kelp.resources.summary_rule import SummaryRule

_ANSWER_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class MeteringJobs:
    """The jobs, and the door through which the management API asks them."""

    usage: Usage
    caps: DailyCaps
    summaries: SummaryRules
    pulls: DataPulls
    metering: Metering

    def iter_jobs(self) -> Iterator[Job]:
        """Yield the jobs with their names and intervals."""
        yield Job("usage", usage.INTERVAL, self.usage.run)
        yield Job("daily-caps", caps.INTERVAL, self.caps.run)
        yield Job(summary_rules.NAME, summary_rules.INTERVAL, self.summaries.run)
        yield Job(pull.NAME, pull.INTERVAL, self.pulls.run)


def make_metering(
    installation: Installation, storage: Storage, ingestion: Ingestion, settings: Settings
) -> MeteringJobs:
    """Return the jobs. Call it on the loop that they will run on. Raises `InvalidPrices`."""
    loop = asyncio.get_running_loop()
    book = UsageBook(installation.database)
    states = JobStates(installation.database)
    queries = OwnQueries(storage.stages, storage.scopes)
    measuring = Usage(
        installation.store,
        storage.ledger,
        storage.standard,
        book,
        queries,
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

    summaries, pulls = _make_schedules(installation, storage, ingestion, queries, states)

    def retry_bin(rule: Resource[SummaryRule], start: datetime) -> None:
        asyncio.run_coroutine_threadsafe(summaries.retry_bin(rule, start), loop).result(_ANSWER_SECONDS)

    report = UsageReport(book, load_prices(settings.usage.prices_file))
    return MeteringJobs(
        measuring,
        capping,
        summaries,
        pulls,
        Metering(
            ingestion.gate,
            report,
            measure_today,
            retry_bin,
            partial(find_state, states),
            count_nodes,
        ),
    )


def _make_schedules(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    queries: OwnQueries,
    states: JobStates,
) -> tuple[SummaryRules, DataPulls]:
    """Return what runs queries by schedule and keeps their rows."""
    sender = WindowSender(storage.tables, ingestion.rows)
    summaries = SummaryRules(
        installation.store,
        states,
        queries,
        sender,
        ingestion.rows,
        ingestion.find_oldest_waiting,
        installation.clock,
    )
    pulls = DataPulls(
        installation.store,
        storage.access,
        states,
        queries,
        sender,
        ingestion.rows,
        ingestion.find_oldest_waiting,
        installation.directory.find_live_principal,
        installation.clock,
    )
    return summaries, pulls
