"""A whole server: storage, workers, routes, the listener; started and stopped in order."""

from __future__ import annotations

import asyncio
import sys
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

from kelp.api.asgi import Api, Route
from kelp.api.auth import Authenticator
from kelp.api.forwarding import TrustedProxies
from kelp.api.graph.call import GraphServices
from kelp.api.graph.routes import graph_routes
from kelp.api.identity.routes import IdentityRoutes
from kelp.api.ingestion.data_collector import DataCollectorRoutes
from kelp.api.ingestion.logs_ingestion import LogsIngestionRoutes
from kelp.api.kusto.routes import KustoRoutes
from kelp.api.management import deployment_execution, resource_groups
from kelp.api.management.background_runs import BackgroundRuns
from kelp.api.management.call import Services
from kelp.api.management.routes import management_routes
from kelp.api.openapi import openapi_route
from kelp.api.portal.browser import Browsers
from kelp.api.query.routes import QueryRoutes
from kelp.api.query.search import SearchRoutes
from kelp.api.vault.routes import VaultRoutes
from kelp.app.directory_log import DirectoryLog
from kelp.app.jobs import iter_jobs, make_activity_log
from kelp.app.key_rotation import make_key_rotation
from kelp.app.listener import Listener
from kelp.app.metering import make_metering
from kelp.app.own_addresses import addresses_of
from kelp.app.portal import portal_api_routes, portal_query_routes
from kelp.app.query_log import IngestedQueryLog
from kelp.app.rule_queries import make_query_check
from kelp.app.services import (
    Storage,
    make_query_runner,
    make_reconciler,
    open_storage,
    surroundings_of,
)
from kelp.app.transformations import find_transformation_problems
from kelp.base.settings import split_list
from kelp.base.telemetry import configure_telemetry
from kelp.catalog.tables import StandardBuiltInTables
from kelp.identity.certificates import CertificateAuthority, read_server_certificate
from kelp.identity.services import make_identity_services
from kelp.ingest.ingestion import open_ingestion
from kelp.ingest.sources.machine.collection import collect_machine_logs
from kelp.jobs import key_watch
from kelp.jobs.schedule import Schedule
from kelp.resources.cluster import Cluster
from kelp.resources.kinds import TYPE_OF_KIND
from kelp.resources.lockbox import LockboxGrants

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from kelp.app.installation import Installation
    from kelp.app.metering import MeteringJobs
    from kelp.base.settings import ServerSettings, Settings
    from kelp.identity.addresses import Addresses
    from kelp.identity.certificates import ServerCertificate
    from kelp.identity.services import IdentityServices
    from kelp.ingest.ingestion import Ingestion
    from kelp.resources.store import EngineChange


async def serve(
    installation: Installation,
    settings: Settings,
    announce: Callable[[str], None],
    *,
    local_logs: bool = False,
) -> None:
    """Serve until SIGTERM or SIGINT; `announce` is called with the address once requests are accepted.

    Raises `ServiceError` where the folder can't be opened, `OSError` where the address can't be listened on.
    """
    configure_telemetry(settings.telemetry, sys.stderr)
    addresses = addresses_of(settings)
    certificate = _find_certificate(installation, settings.server, addresses.host_names)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(open_storage(installation, settings))
        ingestion = await stack.enter_async_context(
            open_ingestion(surroundings_of(installation, storage), settings.ingest)
        )
        metering = make_metering(installation, storage, ingestion, settings)
        activity = make_activity_log(installation, ingestion)
        schedule = Schedule(
            iter_jobs(installation, storage, ingestion, metering, activity, settings), installation.clock
        )
        installation.store.subscribe(partial(_note_clusters, schedule))
        workers = await stack.enter_async_context(asyncio.TaskGroup())
        for name, work in _iter_workers(installation, storage, ingestion, schedule, local_logs=local_logs):
            stack.callback(workers.create_task(work, name=name).cancel)
        for end_interrupted in (deployment_execution.end_interrupted, resource_groups.end_interrupted):
            await asyncio.to_thread(end_interrupted, installation.store)
        runs = BackgroundRuns()
        stack.push_async_callback(asyncio.to_thread, runs.close)
        routes = build_routes(
            installation, storage, ingestion, metering, settings, addresses, schedule, runs, stack
        )
        proxies = TrustedProxies(split_list(settings.network.trusted_proxies))
        application = Api(routes, addresses, installation.clock, proxies=proxies)
        listener = Listener(
            application, settings.server, certificate, lambda port: announce(_address(settings, port))
        )
        await listener.serve()


def _note_clusters(schedule: Schedule, change: EngineChange) -> None:
    """Have the keys of clusters looked at as soon as a cluster changed."""
    if any(resource_id.type == TYPE_OF_KIND[Cluster] for resource_id in change.resource_ids):
        schedule.request_run(key_watch.NAME)


def _find_certificate(
    installation: Installation, settings: ServerSettings, names: frozenset[str]
) -> ServerCertificate:
    """Return the certificate that the settings name, else one that the built-in authority issues."""
    if settings.certificate_file is not None:
        key_file = settings.certificate_key_file or settings.certificate_file
        return read_server_certificate(settings.certificate_file, key_file)
    authority = CertificateAuthority(installation.layout.certificates, installation.keys, installation.clock)
    return authority.ensure_server_certificate(names)


def _iter_workers(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    schedule: Schedule,
    *,
    local_logs: bool,
) -> Iterator[tuple[str, Coroutine[None, None, None]]]:
    """Yield what runs beside the listener, by name; each runs until it is cancelled."""
    yield "reconciler", make_reconciler(installation, storage).run()
    yield "ingestion", ingestion.run()
    yield "schedule", schedule.run()
    names = installation.find_names()
    if local_logs and names is not None:
        send = partial(ingestion.rows.send, names.workspace_id)
        yield "machine", collect_machine_logs(send, installation.layout.machine_sources, installation.clock)


def _address(settings: Settings, port: int) -> str:
    return settings.server.public_url or f"https://{settings.server.host}:{port}"


def _make_identity(
    installation: Installation, ingestion: Ingestion, addresses: Addresses, settings: Settings
) -> IdentityServices:
    directory, loop = installation.directory, asyncio.get_running_loop()
    log = DirectoryLog(ingestion.rows, installation.store, directory, loop)
    return make_identity_services(
        installation.database,
        installation.keys,
        installation.clock,
        directory,
        addresses,
        log.tell,
        split_list(settings.server.sign_in_hosts),
    )


def build_routes(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    metering: MeteringJobs,
    settings: Settings,
    addresses: Addresses,
    schedule: Schedule,
    runs: BackgroundRuns | None = None,
    stack: AsyncExitStack | None = None,
) -> list[Route]:
    """Return the routes of every surface. What must end before the storage closes is pushed on the stack."""
    clock, store = installation.clock, installation.store
    identity = _make_identity(installation, ingestion, addresses, settings)
    authenticator = Authenticator(identity.tokens)
    log = IngestedQueryLog(ingestion.rows, store, LockboxGrants(store, clock))
    runner = make_query_runner(installation, storage, settings, log)
    management = _make_management(
        installation, storage, metering, settings, addresses, schedule, runs or BackgroundRuns()
    )
    names = installation.find_names()
    management = replace(
        management,
        rotation=make_key_rotation(installation, settings, identity.signing_keys),
        operator_tenant_id=names.tenant_id if names else None,
        key_uses=ingestion.key_uses,
    )
    graph = GraphServices(identity, store, storage.access, names.tenant_id if names else None)
    vault = VaultRoutes(
        installation.vault_items,
        store,
        storage.access,
        authenticator,
        addresses,
        lambda: schedule.request_run(key_watch.NAME),
    )
    browsers = Browsers(identity.sessions, addresses)
    open_to_browsers = [
        *graph_routes(graph, authenticator),
        *management_routes(management, authenticator),
        *SearchRoutes(runner, authenticator, store, storage.access).routes(),
        *QueryRoutes(runner, authenticator, settings.query).routes(),
        *vault.routes(),
    ]
    routes = [
        *IdentityRoutes(identity).build(),
        *browsers.admit(open_to_browsers),
        *KustoRoutes(
            runner, authenticator, storage.scopes, storage.access, store, addresses, version("kelp-logs")
        ).routes(),
        *_make_ingestion_routes(installation, storage, ingestion, authenticator, settings),
        *portal_api_routes(installation, storage, ingestion, identity, browsers, runner, metering, settings),
        *portal_query_routes(installation, storage, browsers, runner, settings, stack),
    ]
    return [*routes, openapi_route(routes, version("kelp-logs"))]


def _make_ingestion_routes(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    authenticator: Authenticator,
    settings: Settings,
) -> list[Route]:
    intake, budget, gate = ingestion.intake, ingestion.budget, ingestion.gate
    store, access, limits = installation.store, storage.access, settings.ingest
    return [
        *DataCollectorRoutes(
            intake, store, access, budget, installation.clock, limits, gate, ingestion.key_uses
        ).routes(),
        *LogsIngestionRoutes(intake, store, access, authenticator, budget, limits, gate).routes(),
    ]


def _make_management(
    installation: Installation,
    storage: Storage,
    metering: MeteringJobs,
    settings: Settings,
    addresses: Addresses,
    schedule: Schedule,
    runs: BackgroundRuns,
) -> Services:
    """Return what the management API works on."""
    return Services(
        store=installation.store,
        access=storage.access,
        directory=installation.directory,
        addresses=addresses,
        built_in_tables=StandardBuiltInTables(storage.standard),
        check_transformation=find_transformation_problems,
        clock=installation.clock,
        region=settings.server.region,
        clusters=settings.clusters,
        request_run=schedule.request_run,
        validate_key=storage.customer_keys.find_problem,
        archive_search=storage.archive_search,
        find_progress=storage.readings.find_progress,
        read_secret=installation.vault_items.read_secret,
        destroy_vault=installation.vault_items.purge_vault,
        check_query=make_query_check(storage.scopes, storage.access, installation.clock),
        metering=metering.metering,
        runs=runs,
    )
