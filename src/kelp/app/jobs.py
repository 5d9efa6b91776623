"""The jobs of a server: what is done by time, each under its name and at its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.app.services import make_integrity
from kelp.jobs import integrity, property_promotion
from kelp.jobs.schedule import Job

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.app.installation import Installation
    from kelp.app.services import Storage
    from kelp.ingest.ingestion import Ingestion


def iter_jobs(installation: Installation, storage: Storage, ingestion: Ingestion) -> Iterator[Job]:
    """Yield the jobs in the order in which a reader of their states sees them."""
    del ingestion
    record = make_integrity(installation, storage).record
    yield Job("property-promotion", property_promotion.INTERVAL, storage.promotion.run)
    yield Job("integrity", integrity.INTERVAL, record, first_after=integrity.INTERVAL)
