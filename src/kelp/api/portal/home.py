"""`/portal/api/home`: what arrives in a workspace, whether it is well, what went wrong, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from kelp.api.asgi import Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.management.call import Answer
from kelp.api.portal.arrivals import COMPLAINTS_TABLE, MINUTES, Arrivals, Counts, list_rates
from kelp.api.portal.call import answer_with
from kelp.api.portal.descriptions import describe
from kelp.api.portal.health import Finding, find_cap, find_complaints, find_heartbeat, find_lag, find_newest
from kelp.api.portal.recent_answers import RecentAnswers
from kelp.api.query.runner import origin_of
from kelp.base.clock import from_ticks, to_ticks
from kelp.catalog.seals import WorkspaceSealedOff
from kelp.identity.principal import AccountKind
from kelp.query.log_rows import TABLE as QUERY_LOG
from kelp.resources.alert_rules import MetricAlert, ScheduledQueryRule
from kelp.resources.kinds import TYPE_OF_KIND
from kelp.resources.workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.portal.browser import Browsers
    from kelp.api.query.runner import QueryRunner
    from kelp.base.clock import Clock
    from kelp.catalog.ledger import TableSize
    from kelp.identity.directory import Directory
    from kelp.identity.principal import Principal
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.query.request import QueryOrigin
    from kelp.resources.access import Access
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

FindOldest: TypeAlias = Callable[[UUID], "datetime | None"]
_KEPT_FOR, _UNCHANGED_FOR = timedelta(seconds=5), timedelta(minutes=10)
_DAY = timedelta(days=1)
_OWN_TABLES = frozenset((COMPLAINTS_TABLE, "Usage"))
"""What Kelp writes itself is no first record."""
_HEARTBEAT = "Heartbeat"
_LOOKED_AT = 50
_CLIENT = "Kelp portal"


@dataclass(frozen=True, slots=True)
class Facts:
    """Where what is known without a query comes from."""

    store: ResourceStore
    access: Access
    directory: Directory
    gate: CollectionGate
    find_oldest_waiting: FindOldest
    clock: Clock


class Home:
    """The page's facts. Belongs to one event loop."""

    def __init__(self, browsers: Browsers, arrivals: Arrivals, runner: QueryRunner, facts: Facts) -> None:
        self._browsers = browsers
        self._arrivals = arrivals
        self._runner = runner
        self._facts = facts
        self._counts = RecentAnswers[Counts](facts.clock, _KEPT_FOR, _UNCHANGED_FOR)
        self._complaints = RecentAnswers[list[dict[str, Any]]](facts.clock, _KEPT_FOR)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                "/portal/api/home",
                endpoint_app(self.show),
                Surface.PORTAL,
                describe("GET", "/home"),
            )
        ]

    async def show(self, request: Request) -> Response:
        """Tell how a workspace is doing: arrivals of the last hour by table, health, complaints, and first steps."""
        principal = await self._browsers.enter(request)
        name = request.query_params.get("workspace", "")
        try:
            built = self._runner.build_scope(principal, [name])
        except WorkspaceSealedOff as sealed:
            finding = Finding("key", "danger", sealed.message)
            return answer_with(Answer(200, _document(self._facts.clock.now(), [], None, [finding], [], [])))
        workspace = built.provider.own[0].workspace
        workspace_id = workspace.properties.workspace_id
        sizes = self._arrivals.measure_tables(built, workspace_id)
        now, origin = self._facts.clock.now(), origin_of(request, _CLIENT)
        first = now.replace(second=0, microsecond=0) - timedelta(minutes=MINUTES - 1)
        # The log of queries grows by this very question, which is no reason to ask it again.
        loaded = sum(size.rows for name, size in sizes.items() if name != QUERY_LOG)

        counts = await self._counts.get(
            built.key,
            lambda: self._arrivals.count_by_minute(principal, workspace_id, sizes, first, origin),
            loaded,
        )
        rates = list_rates(counts, first)
        complaints = await self._list_complaints(principal, workspace_id, built.key, sizes, origin)
        newest = max((size.last_ticks or 0 for size in sizes.values()), default=0)
        last_record_at = from_ticks(newest) if newest else None
        health = await run_in_threadpool(lambda: list(self._iter_health(workspace, sizes, complaints)))
        steps = await run_in_threadpool(lambda: list(self._iter_steps(principal, workspace, sizes)))
        return answer_with(Answer(200, _document(first, rates, last_record_at, health, complaints, steps)))

    async def _list_complaints(
        self,
        principal: Principal,
        workspace_id: UUID,
        key: object,
        sizes: Mapping[str, TableSize],
        origin: QueryOrigin,
    ) -> list[dict[str, Any]]:
        size = sizes.get(COMPLAINTS_TABLE)
        since = self._facts.clock.now().replace(minute=0, second=0, microsecond=0) - _DAY
        if size is None or (size.last_ticks is not None and size.last_ticks < to_ticks(since)):
            return []
        found = await self._complaints.get(
            (key, since, size.rows),
            lambda: self._arrivals.list_complaints(principal, workspace_id, since, origin),
        )
        return [
            {"at": one["at"], "table": _table_of(one["key"], sizes), "message": one["message"]}
            for one in found
        ]

    def _iter_health(
        self, workspace: Resource[Workspace], sizes: Mapping[str, TableSize], complaints: list[dict[str, Any]]
    ) -> Iterator[Finding]:
        facts, workspace_id = self._facts, workspace.properties.workspace_id
        now = facts.clock.now()
        received = [size for name, size in sizes.items() if name not in _OWN_TABLES]
        yield find_newest(max((size.last_ticks or 0 for size in received), default=0), now)
        yield find_lag(facts.find_oldest_waiting(workspace_id), now)
        beat = sizes.get(_HEARTBEAT)
        yield find_heartbeat(beat.last_ticks if beat is not None else None, now)
        yield find_cap(facts.gate.find_volume(workspace_id), workspace.properties.settings.daily_quota_gb)
        yield find_complaints(len(complaints))

    def _iter_steps(
        self, principal: Principal, workspace: Resource[Workspace], sizes: Mapping[str, TableSize]
    ) -> Iterator[dict[str, Any]]:
        done = {
            "firstRecord": any(name not in _OWN_TABLES for name in sizes),
            "firstAgent": _HEARTBEAT in sizes,
            "firstAlert": self._has_any(principal, workspace, ScheduledQueryRule)
            or self._has_any(principal, workspace, MetricAlert),
            "secondUser": self._count_users(workspace) > 1,
            "firstDashboard": self._has_any(principal, workspace, Workbook),
        }
        for step, is_done in done.items():
            yield {"id": step, "done": is_done}

    def _has_any(self, principal: Principal, workspace: Resource[Workspace], kind: type[Any]) -> bool:
        """Tell whether there is a resource of the kind in the workspace's subscription that the caller may read."""
        subscription = [*workspace.id.iter_ancestors()][-2]
        page = self._facts.store.page(kind, subscription, tenant_id=workspace.tenant_id, limit=_LOOKED_AT)
        action = f"{TYPE_OF_KIND[kind]}/read"
        return any(self._facts.access.decide(principal, action, one.id).allowed for one in page.items)

    def _count_users(self, workspace: Resource[Workspace]) -> int:
        """Return how many users hold a role at the workspace, themselves or by a group; 2 stands for more."""
        users: set[UUID] = set()
        directory, scopes = self._facts.directory, {one.key for one in workspace.id.iter_ancestors()}
        scopes.add(workspace.id.key)
        for principal_id, assignments in self._facts.store.snapshot.assignments.items():
            if len(users) > 1:
                break
            if any(
                one.tenant_id == workspace.tenant_id and one.properties.scope.lower() in scopes
                for one in assignments
            ):
                for member in {principal_id} | directory.groups.find_all_members(principal_id):
                    account = directory.find_live_account(member)
                    if account is not None and account.kind is AccountKind.USER:
                        users.add(member)
        return len(users)


def _table_of(key: str, sizes: Mapping[str, TableSize]) -> str:
    """Return the table that a complaint is about: its key is a table, or a column of one; empty where it is neither."""
    table = key.partition(".")[0]
    return table if table in sizes else ""


def _document(
    first: datetime,
    rates: list[dict[str, Any]],
    last_record_at: datetime | None,
    health: list[Finding],
    errors: list[dict[str, Any]],
    steps: list[dict[str, Any]],
) -> dict[str, Any]:
    return {
        "rates": rates,
        "from": first,
        "lastRecordAt": last_record_at,
        "health": [{"name": one.name, "state": one.state, "reason": one.reason} for one in health],
        "errors": errors,
        "steps": steps,
    }
