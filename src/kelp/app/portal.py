"""The portal's own routes, put together: what its page asks for and no contract of Azure has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kelp.api.management.linked_services import make_link_rules
from kelp.api.portal.activity import ActivityRoutes
from kelp.api.portal.arrivals import Arrivals
from kelp.api.portal.call import portal_routes
from kelp.api.portal.clusters import ClusterRoutes
from kelp.api.portal.customer_rows import CustomerRows
from kelp.api.portal.customers import Customers
from kelp.api.portal.home import Facts, Home
from kelp.api.portal.kql_routes import KqlRoutes
from kelp.api.portal.own_account import OwnAccount
from kelp.api.portal.person import People
from kelp.api.portal.personal_routes import PersonalRoutes, make_personal
from kelp.api.portal.readers import Readers
from kelp.api.portal.rule_trials import RuleTrials
from kelp.api.portal.runs import Runs
from kelp.api.portal.runs_history import recording_in
from kelp.api.portal.runs_routes import RunRoutes
from kelp.api.portal.scopes import Scopes
from kelp.api.portal.session_routes import SessionRoutes
from kelp.api.portal.single_page import SinglePage
from kelp.api.portal.usage import UsageRollup
from kelp.catalog.usage_book import UsageBook

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from kelp.api.asgi import Route
    from kelp.api.portal.browser import Browsers
    from kelp.api.query.runner import QueryRunner
    from kelp.app.installation import Installation
    from kelp.app.metering import MeteringJobs
    from kelp.app.services import Storage
    from kelp.base.settings import Settings
    from kelp.identity.services import IdentityServices
    from kelp.ingest.ingestion import Ingestion


def portal_api_routes(
    installation: Installation,
    storage: Storage,
    ingestion: Ingestion,
    identity: IdentityServices,
    browsers: Browsers,
    runner: QueryRunner,
    metering: MeteringJobs,
    settings: Settings,
) -> list[Route]:
    """Return the page's routes and those below `/portal/api`."""
    store, access = installation.store, storage.access
    people = People(installation.directory, access)
    personal = make_personal(installation.database, installation.keys, installation.clock)
    facts = Facts(
        store,
        access,
        installation.directory,
        ingestion.gate,
        ingestion.find_oldest_waiting,
        installation.clock,
    )
    book = UsageBook(installation.database)
    customer_rows = CustomerRows(facts, storage.ledger, book, installation.keys.find_seal)
    works = {
        **OwnAccount(identity).works(),
        **PersonalRoutes(personal, people, installation.directory, store, access).works(),
        **ActivityRoutes(store, access, installation.clock).works(),
        **ClusterRoutes(store, access, make_link_rules(settings.clusters), installation.clock).works(),
        **Scopes(people, installation.directory, store, access, storage.ledger).works(),
    }
    return [
        *SinglePage().routes(),
        *SessionRoutes(identity, browsers, people, store, access).routes(),
        *portal_routes(browsers, works),
        *Customers(browsers, customer_rows, runner, metering.metering.report, facts).routes(),
        *UsageRollup(browsers, metering.metering, book, facts).routes(),
        *Home(browsers, Arrivals(runner, store, storage.ledger), runner, facts).routes(),
    ]


def portal_query_routes(
    installation: Installation,
    storage: Storage,
    browsers: Browsers,
    runner: QueryRunner,
    settings: Settings,
    stack: AsyncExitStack | None = None,
) -> list[Route]:
    """Return the routes of the page's queries, which end before the storage closes if there is a stack to say so."""
    clock = installation.clock
    history = make_personal(installation.database, installation.keys, clock).history
    runs = Runs(runner, settings.portal, clock, recording_in(history))
    storage.running.when_sealed(runs.forget_rows)
    if stack is not None:
        stack.push_async_callback(runs.close)
    return [
        *RunRoutes(browsers, runs, runner, settings.query, clock).routes(),
        *KqlRoutes(browsers, runner).routes(),
        *Readers(browsers, runner, storage.access, installation.directory).routes(),
        *RuleTrials(browsers, runner, storage.engine).routes(),
    ]
