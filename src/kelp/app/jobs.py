"""The jobs of a server: what is done by time, each under its name and at its interval."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from kelp.app.activity_routes import ActivityRoutes
from kelp.app.key_rotation import make_key_rotation
from kelp.app.seals import ClusterSeals
from kelp.app.services import (
    make_cluster_provisioning,
    make_integrity,
    make_reconciler,
    make_row_removal,
)
from kelp.catalog.part_manifest import PartManifest
from kelp.catalog.purge_conditions import PurgeConditions
from kelp.catalog.retention_marks import RetentionMarks
from kelp.identity.signing_keys import SigningKeys
from kelp.jobs import (
    activity_log,
    archive_reading,
    cluster_provisioning,
    customer_retention,
    integrity,
    key_rotation,
    key_watch,
    property_promotion,
    purge,
    retention,
    vault_upkeep,
    workspace_destruction,
)
from kelp.jobs.activity_log import ActivityLog
from kelp.jobs.customer_retention import CustomerRetention
from kelp.jobs.key_watch import KeyWatch
from kelp.jobs.purge import Purge
from kelp.jobs.retention import Retention
from kelp.jobs.schedule import Job
from kelp.jobs.vault_upkeep import VaultUpkeep
from kelp.jobs.workspace_destruction import WorkspaceDestruction

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.app.installation import Installation
    from kelp.app.metering import MeteringJobs
    from kelp.app.services import Storage
    from kelp.base.settings import Settings
    from kelp.ingest.ingestion import Ingestion


def iter_jobs(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    metering: MeteringJobs,
    activity: ActivityLog,
    settings: Settings,
) -> Iterator[Job]:
    """Yield the jobs in the order in which a reader of their states sees them."""
    yield Job(activity_log.NAME, activity_log.INTERVAL, activity.run)
    provisioning = make_cluster_provisioning(installation, storage, ingestion, settings)
    yield Job("clusters", cluster_provisioning.INTERVAL, provisioning.run_once)
    yield from _iter_key_jobs(installation, storage, ingestion, settings)
    yield Job("property-promotion", property_promotion.INTERVAL, storage.promotion.run)
    parts = make_integrity(installation, storage)
    yield Job("integrity", integrity.INTERVAL, parts.record, first_after=integrity.INTERVAL)
    removal = make_row_removal(storage, ingestion, parts)
    removing = Retention(
        installation.store,
        storage.ledger,
        removal,
        ingestion,
        RetentionMarks(installation.database),
        installation.clock,
        timedelta(days=settings.retention.grace_days),
    )
    yield Job("retention", retention.INTERVAL, removing.run, first_after=retention.FIRST_AFTER)
    conditions = PurgeConditions(installation.store, storage.directory)
    purging = Purge(installation.store, storage.ledger, conditions, removal, ingestion)
    yield Job(archive_reading.NAME, archive_reading.INTERVAL, storage.readings.run)
    yield Job(purge.NAME, purge.INTERVAL, purging.run)
    destruction = make_workspace_destruction(installation, storage, ingestion, settings)
    yield Job(workspace_destruction.NAME, workspace_destruction.INTERVAL, destruction.run)
    yield from metering.iter_jobs()
    of_customers = CustomerRetention(
        installation.store,
        storage.ledger,
        storage.engine,
        make_row_removal(storage, ingestion, parts),
        installation.clock,
    )
    yield Job(customer_retention.NAME, customer_retention.INTERVAL, of_customers.run)


def _iter_key_jobs(
    installation: Installation, storage: Storage, ingestion: Ingestion, settings: Settings
) -> Iterator[Job]:
    """Yield the jobs that look after keys."""
    watch = KeyWatch(
        installation.store,
        installation.keys,
        storage.customer_keys,
        ClusterSeals(installation, storage.reconciler, storage.running, ingestion),
        installation.clock,
        timedelta(minutes=settings.vault.unreachable_minutes),
    )
    upkeep = VaultUpkeep(installation.store, installation.vault_items, installation.clock)
    yield Job(vault_upkeep.NAME, vault_upkeep.INTERVAL, upkeep.run, first_after=vault_upkeep.INTERVAL)
    signing_keys = SigningKeys(installation.database, installation.keys, installation.clock)
    rotation = make_key_rotation(installation, settings, signing_keys)
    yield Job(key_rotation.NAME, key_rotation.INTERVAL, rotation.run, first_after=key_rotation.FIRST_AFTER)
    yield Job(key_watch.NAME, timedelta(seconds=settings.vault.poll_seconds), watch.run_once)


def make_workspace_destruction(
    installation: Installation, storage: Storage, ingestion: Ingestion, settings: Settings
) -> WorkspaceDestruction:
    """Return the job that destroys closed workspaces."""
    database = installation.database
    return WorkspaceDestruction(
        installation.store,
        storage.ledger,
        make_reconciler(installation, storage),
        ingestion,
        storage.blobs,
        installation.keys,
        database,
        (PartManifest(database), RetentionMarks(database)),
        installation.clock,
        timedelta(days=settings.retention.destroy_after_days),
    )


def make_activity_log(installation: Installation, ingestion: Ingestion) -> ActivityLog:
    """Return the job that tells workspaces of what is done to resources."""
    store = installation.store
    routes = ActivityRoutes(store, installation.directory, installation.find_names())
    return ActivityLog(store, ingestion.rows, routes, installation.clock)
