"""Everything that runs: the engine, the catalog, ingestion and queries over one installation."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.api.query.runner import QueryRunner
from kelp.app.cluster_blobs import ClusterBlobs
from kelp.app.customer_keys import CustomerKeys, make_customer_keys
from kelp.app.managed_identities import DirectoryIdentities
from kelp.app.own_addresses import addresses_of
from kelp.base.settings import split_list
from kelp.blobs.filesystem import FilesystemBlobs
from kelp.blobs.routed import RoutedBlobs
from kelp.blobs.sealed import SealedBlobs
from kelp.catalog.archive_search import ArchiveSearch
from kelp.catalog.engine_tables import EngineTables
from kelp.catalog.ledger import TableLedger
from kelp.catalog.part_manifest import PartManifest
from kelp.catalog.property_use import PropertyUse
from kelp.catalog.reconciler import Reconciler
from kelp.catalog.saved_functions import SavedFunctions
from kelp.catalog.scope import ScopeBuilder
from kelp.catalog.stocktaking import Stocktaking
from kelp.catalog.tables import StandardTables, load_standard_tables
from kelp.catalog.workspace_directory import WorkspaceDirectory
from kelp.engine.embedded import EmbeddedEngine
from kelp.engine.settings import EmbeddedSettings
from kelp.ingest.ingestion import Surroundings
from kelp.jobs.archive_reading import ArchiveReadings
from kelp.jobs.cluster_provisioning import ClusterProvisioning
from kelp.jobs.cluster_storage import ClusterStorage
from kelp.jobs.integrity import Integrity
from kelp.jobs.property_promotion import PropertyPromotion
from kelp.jobs.row_removal import RowRemoval
from kelp.query.running_queries import RunningQueries
from kelp.query.segment_worker import SegmentWorkers
from kelp.query.service import QueryService
from kelp.query.stages import Stages
from kelp.resources.access import Access
from kelp.resources.lockbox import LockboxGrants
from kelp.resources.network_limits import NetworkLimits
from kelp.resources.stores import find_owner

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path
    from uuid import UUID

    from kelp.app.installation import Installation
    from kelp.base.settings import Settings
    from kelp.ingest.ingestion import Ingestion
    from kelp.query.log import QueryLog

_DOUBLE_ENCRYPTION_KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Storage:
    """The engine and what is known of its tables. Enough to query."""

    engine: EmbeddedEngine
    ledger: TableLedger
    standard: StandardTables
    directory: WorkspaceDirectory
    tables: EngineTables
    scopes: ScopeBuilder
    access: Access
    blobs: SealedBlobs
    stages: Stages
    property_use: PropertyUse
    promotion: PropertyPromotion
    archive_search: ArchiveSearch
    readings: ArchiveReadings
    reconciler: Reconciler
    running: RunningQueries
    customer_keys: CustomerKeys


@asynccontextmanager
async def open_storage(installation: Installation, settings: Settings) -> AsyncIterator[Storage]:
    """Open the engine over the installation's folder; closed in order when the block ends. Raises `ServiceError`."""
    async with AsyncExitStack() as stack:
        customer_keys = await asyncio.to_thread(_attach_customer_keys, installation, settings)
        engine = await EmbeddedEngine.open(
            _engine_settings(installation, settings),
            installation.keys,
            installation.keys.get_installation_key("engine disks")[:_DOUBLE_ENCRYPTION_KEY_BYTES],
        )
        stack.push_async_callback(engine.close)
        workers = SegmentWorkers(settings.segments)
        stack.push_async_callback(workers.close)
        store = installation.store
        functions = SavedFunctions(store)
        ledger = await asyncio.to_thread(TableLedger, installation.database)
        standard = await asyncio.to_thread(load_standard_tables)
        directory = WorkspaceDirectory(store, ledger, standard)
        tables = EngineTables(engine, store, ledger, standard)
        property_use = PropertyUse(settings.engine.promotion_rows)
        search = ArchiveSearch(directory)
        stages = Stages(engine, workers, settings)
        find_seal = installation.keys.find_seal
        scopes = ScopeBuilder(
            directory,
            find_function=functions.find,
            list_functions=functions.iter_searches,
            maximum_workspaces=settings.query.maximum_workspaces,
            find_seal=find_seal,
        )
        yield Storage(
            engine=engine,
            ledger=ledger,
            standard=standard,
            directory=directory,
            tables=tables,
            scopes=scopes,
            access=Access(
                store,
                NetworkLimits(split_list(settings.network.private_ranges)),
                LockboxGrants(store, installation.clock),
            ),
            blobs=SealedBlobs(_open_blobs(installation, settings), installation.keys),
            stages=stages,
            property_use=property_use,
            promotion=PropertyPromotion(engine, tables, property_use, settings.engine.promoted_properties),
            archive_search=search,
            readings=ArchiveReadings(engine, store, ledger, tables, search, installation.clock),
            reconciler=Reconciler(
                engine,
                store,
                ledger,
                tables,
                Stocktaking(engine, ledger, directory),
                find_seal=find_seal,
            ),
            running=RunningQueries(stages, scopes.find_refusal),
            customer_keys=customer_keys,
        )


def _open_blobs(installation: Installation, settings: Settings) -> RoutedBlobs:
    home = FilesystemBlobs(installation.layout.blobs)
    return RoutedBlobs(ClusterBlobs(home, clusters_folder(installation, settings), installation.store))


def clusters_folder(installation: Installation, settings: Settings) -> Path:
    """Return the folder that holds one for each dedicated cluster."""
    return (settings.clusters.folder or installation.layout.clusters).resolve()


def _attach_customer_keys(installation: Installation, settings: Settings) -> CustomerKeys:
    """Make the customers' keys known that clusters are under; whether they can be used shows when they are."""
    customer_keys = make_customer_keys(installation, settings, addresses_of(settings))
    for key in customer_keys.iter_present():
        installation.keys.attach_root_key(key)
    return customer_keys


def _engine_settings(installation: Installation, settings: Settings) -> EmbeddedSettings:
    return EmbeddedSettings(
        data_directory=installation.layout.engine,
        clusters_directory=clusters_folder(installation, settings),
        reader_threads=settings.engine.connections,
        memory_bytes=settings.engine.memory_bytes,
        query_condition_cache=settings.engine.condition_cache,
    )


def make_reconciler(installation: Installation, storage: Storage) -> Reconciler:
    """Return the worker that makes the engine follow the resource store: one for all who ask it to."""
    return storage.reconciler


def make_query_runner(
    installation: Installation, storage: Storage, settings: Settings, log: QueryLog
) -> QueryRunner:
    """Return the door through which every surface runs queries."""
    service = QueryService(
        storage.stages, settings, installation.clock, log, storage.property_use, storage.running
    )
    return QueryRunner(service, storage.scopes, storage.access, installation.clock)


def make_integrity(installation: Installation, storage: Storage) -> Integrity:
    """Return the job that records and compares the hashes of what is stored."""
    key = installation.keys.get_installation_key("part manifest")

    def owner_of(store_id: UUID) -> UUID:
        owner = find_owner(installation.store.snapshot, store_id)
        return store_id if owner is None else owner.properties.workspace_id

    return Integrity(storage.engine, storage.ledger, PartManifest(installation.database), key, owner_of)


def make_row_removal(storage: Storage, ingestion: Ingestion, integrity: Integrity) -> RowRemoval:
    """Return what removes rows of stored tables for good."""
    return RowRemoval(storage.engine, storage.ledger, ingestion.writer, integrity)


def make_cluster_provisioning(
    installation: Installation, storage: Storage, ingestion: Ingestion, settings: Settings
) -> ClusterProvisioning:
    """Return the job that ends what was begun with clusters and links."""
    store, keys = installation.store, installation.keys
    return ClusterProvisioning(
        store,
        installation.clock,
        DirectoryIdentities(installation.directory),
        ClusterStorage(
            clusters_folder(installation, settings),
            store,
            keys,
            storage.tables,
            ingestion.moves,
            make_reconciler(installation, storage),
        ),
        storage.customer_keys.bring,
    )


def surroundings_of(installation: Installation, storage: Storage) -> Surroundings:
    """Return what ingestion is given."""
    return Surroundings(
        journal_folder=installation.layout.journal,
        plans_file=installation.layout.plans,
        keys=installation.keys,
        clock=installation.clock,
        store=installation.store,
        directory=storage.directory,
        tables=storage.tables,
        ledger=storage.ledger,
        engine=storage.engine,
        blobs=storage.blobs,
    )
