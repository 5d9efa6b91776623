"""`/portal/api/customers`: all customers that somebody serves in one call, with filter, order and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from starlette.concurrency import run_in_threadpool

from kelp.api.asgi import Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.graph.filters import parse_filter
from kelp.api.management.call import Answer
from kelp.api.portal.call import answer_with
from kelp.api.portal.customer_roles import CustomerRoles
from kelp.api.portal.customer_rows import HEARTBEAT, Architecture, Beats, CustomerRow
from kelp.api.portal.descriptions import describe
from kelp.api.portal.recent_answers import RecentAnswers
from kelp.api.query.runner import origin_of
from kelp.base.errors import Category, ServiceError
from kelp.jobs.charge import MICRO, sum_lines
from kelp.jobs.usage_report import Period

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.customer_rows import CustomerRows
    from kelp.api.portal.home import Facts
    from kelp.api.query.runner import QueryRunner
    from kelp.identity.principal import Principal
    from kelp.jobs.usage_report import UsageReport
    from kelp.query.request import QueryOrigin

_KEPT_FOR, _COSTS_KEPT_FOR = timedelta(seconds=30), timedelta(minutes=10)
_PAGE_ITEMS, _MAXIMUM_PAGE_ITEMS = 100, 1_000
_ASKED_WORKSPACES = 20
"""Central workspaces whose heartbeats are asked for; those of more are left unknown."""
_ASKED_TOGETHER = 100
"""Workspaces that one query takes."""
_COST_ACTION = "Microsoft.CostManagement/query/action"
_CLIENT = "Kelp portal"
_STATES = ("none", "ok", "warning", "danger")
_FILTERED = ("id", "kind", "name", "domain", "health", "tenantId")
_ORDERS: Mapping[str, Callable[[CustomerRow], Any]] = MappingProxyType(
    {
        "name": lambda row: row.name.lower(),
        "kind": lambda row: row.kind,
        "health": lambda row: _STATES.index(row.health.state),
        "lastHeartbeatAt": lambda row: row.last_heartbeat_at,
        "lastRecordAt": lambda row: row.last_record_at,
        "todayBytes": lambda row: row.days[-1],
        "sevenDaysBytes": lambda row: sum(row.days),
        "capUsed": lambda row: row.cap_used,
    }
)
_decode_row = msgspec.json.Decoder(list[Any]).decode


class Customers:
    """The roll-up. Belongs to one event loop."""

    def __init__(
        self,
        browsers: Browsers,
        rows: CustomerRows,
        runner: QueryRunner,
        report: UsageReport,
        facts: Facts,
    ) -> None:
        self._browsers = browsers
        self._rows = rows
        self._runner = runner
        self._report = report
        self._facts = facts
        self._known = RecentAnswers[list[CustomerRow]](facts.clock, _KEPT_FOR)
        self._agents = RecentAnswers[dict[str, tuple[int, int]]](facts.clock, _KEPT_FOR)
        self._costs = RecentAnswers[dict[tuple[str, str], int]](facts.clock, _COSTS_KEPT_FOR)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route(
                "GET",
                "/portal/api/customers",
                endpoint_app(self.list_customers),
                Surface.PORTAL,
                describe("GET", "/customers"),
            )
        ]

    async def list_customers(self, request: Request) -> Response:
        """List the customers that the caller serves, with their health, volumes, caps and costs."""
        principal = await self._browsers.enter(request)
        chosen = parse_filter(request.query_params.get("$filter", ""), _FILTERED)
        key, descending = _read_order(request.query_params.get("$orderby", ""))
        top = _read_number(request, "$top", _PAGE_ITEMS, _MAXIMUM_PAGE_ITEMS)
        skip = _read_number(request, "$skiptoken", 0, 1_000_000)
        words = request.query_params.get("search", "").lower().split()

        access, snapshot = self._facts.access, self._facts.store.snapshot
        who = (principal.tenant_id, principal.object_id, principal.group_ids, principal.address)
        rows = await self._known.get(
            (who, access.temporary_key(principal), snapshot.version),
            lambda: self._gather(principal, origin_of(request, _CLIENT)),
        )
        found = [
            row
            for row in rows
            if chosen(_filtered(row)) and all(word in f"{row.name} {row.domain}".lower() for word in words)
        ]
        ordered = _order(found, key, descending=descending)
        page = ordered[skip : skip + top]
        costs = await self._find_costs(principal, page)
        agents = await self._agents.get(
            (who, access.temporary_key(principal), snapshot.version, tuple(row.id for row in page)),
            lambda: self._count_agents(principal, page, origin_of(request, _CLIENT)),
        )
        roles = CustomerRoles(self._facts, principal)
        document = {
            "value": [self._encode(principal, row, costs, agents, roles) for row in page],
            "total": len(found),
            "summary": _summarize(rows),
            "measuredUntil": self._facts.clock.now().replace(minute=0, second=0, microsecond=0),
            "currency": self._report.prices.currency,
            "skipToken": str(skip + top) if skip + top < len(ordered) else None,
        }
        return answer_with(Answer(200, document))

    async def _gather(self, principal: Principal, origin: QueryOrigin) -> list[CustomerRow]:
        central = await run_in_threadpool(self._rows.list_central, principal)
        beats: dict[UUID, Mapping[str, Beats]] = {}
        for workspace_id in sorted(central)[:_ASKED_WORKSPACES]:
            try:
                by_customer = "tostring(column_ifexists('_CustomerId', ''))"
                beats[workspace_id] = await self._ask_heartbeats(
                    principal, [str(workspace_id)], by_customer, origin
                )
            except ServiceError:
                continue  # who may list customers need not be allowed to query what they sent
        return await run_in_threadpool(self._rows.gather, principal, beats)

    async def _ask_heartbeats(
        self, principal: Principal, workspaces: Sequence[str], owner: str, origin: QueryOrigin
    ) -> dict[str, Beats]:
        """Return what agents told in the last day, by what the expression tells of whose they are.

        Raises `ServiceError`.
        """
        now = self._facts.clock.now()
        text = (
            f"{HEARTBEAT} | where TimeGenerated > {_print(now - timedelta(days=1))} "
            f"| summarize max(TimeGenerated), dcount(Computer), "
            f"dcountif(Computer, TimeGenerated > {_print(now - timedelta(minutes=10))}) "
            f"by Owner_ = {owner}"
        )
        query = await self._runner.start(principal, workspaces, text, origin=origin)
        beats: dict[str, Beats] = {}
        async with query:
            async for table in query.iter_tables():
                async for chunk in table.iter_chunks():
                    for found, last, agents, reporting in map(_decode_row, chunk.splitlines()):
                        beats[found] = Beats(datetime.fromisoformat(last), agents, reporting)
        return beats

    async def _find_costs(
        self, principal: Principal, page: Iterable[CustomerRow]
    ) -> dict[tuple[str, str], int]:
        """Return what the workspaces of a page cost this month, in millionths, by workspace and customer."""
        allowed = {
            one.properties.workspace_id
            for row in page
            for one in row.workspaces
            if self._facts.access.decide(principal, _COST_ACTION, one.id).allowed
        }
        today = self._facts.clock.now().astimezone(UTC).date()
        period = Period(today.replace(day=1), today)

        def charge() -> dict[tuple[str, str], int]:
            lines = self._report.charge(self._facts.store.snapshot, period, allowed, (), {})
            sums = sum_lines(lines, lambda line: (line.resource_id.lower(), line.customer_id))
            return {key: amount for key, (_, amount) in sums.items()}

        if not allowed:
            return {}
        key = (frozenset(allowed), today)
        return await self._costs.get(key, lambda: run_in_threadpool(charge))

    async def _count_agents(
        self, principal: Principal, page: Iterable[CustomerRow], origin: QueryOrigin
    ) -> dict[str, tuple[int, int]]:
        """Return how many agents told something in the last day, and lately, by id of the customers of a page."""
        counted = {row.id: (row.beats.agents, row.beats.reporting) for row in page if row.beats is not None}
        owners = {
            str(one.properties.workspace_id): row.id
            for row in page
            if row.kind is Architecture.DELEGATED and row.may_report
            for one in row.workspaces
        }
        asked = list(owners)
        for at in range(0, len(asked), _ASKED_TOGETHER):
            together = asked[at : at + _ASKED_TOGETHER]
            try:
                found = await self._ask_heartbeats(principal, together, "TenantId", origin)
            except ServiceError:
                continue  # of workspaces that may not be queried, or can't be now, nothing is known
            for workspace_id, beats in found.items():
                agents, reporting = counted.get(owners[workspace_id], (0, 0))
                counted[owners[workspace_id]] = (agents + beats.agents, reporting + beats.reporting)
        return counted

    def _encode(
        self,
        principal: Principal,
        row: CustomerRow,
        costs: Mapping[tuple[str, str], int],
        counted: Mapping[str, tuple[int, int]],
        roles: CustomerRoles,
    ) -> dict[str, Any]:
        customer, (agents, reporting) = row.customer, counted.get(row.id, (None, None))
        return {
            "id": row.id,
            "kind": row.kind.value,
            "name": row.name,
            "domain": row.domain or None,
            "tenantId": str(row.tenant_id),
            "resourceId": str(customer.id) if customer is not None else None,
            "state": customer.properties.settings.state.value if customer is not None else None,
            "workspaces": [
                {"id": str(one.properties.workspace_id), "resourceId": str(one.id), "name": one.id.name}
                for one in row.workspaces
            ],
            "roles": roles.gather(row.workspaces),
            "health": {"name": row.health.name, "state": row.health.state, "reason": row.health.reason},
            "findings": [
                {"name": one.name, "state": one.state, "reason": one.reason} for one in row.findings
            ],
            "lastHeartbeatAt": row.last_heartbeat_at,
            "lastRecordAt": row.last_record_at,
            "agents": agents,
            "agentsReporting": reporting,
            "todayBytes": row.days[-1],
            "days": list(row.days),
            "capBytes": row.cap_bytes,
            "capUsed": row.cap_used,
            "costMonthToDate": self._cost_of(principal, row, costs),
            "accessUntil": None,
        }

    def _cost_of(
        self, principal: Principal, row: CustomerRow, costs: Mapping[tuple[str, str], int]
    ) -> float | None:
        """Return what a customer cost this month; None for who may not know."""
        decide = self._facts.access.decide
        if not all(decide(principal, _COST_ACTION, one.id).allowed for one in row.workspaces):
            return None
        own = {one.id.key for one in row.workspaces}
        is_central = row.kind is Architecture.CENTRAL
        total = sum(
            amount
            for (resource, customer), amount in costs.items()
            if resource in own and (not is_central or customer == row.id)
        )
        return total / MICRO


def _filtered(row: CustomerRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind.value,
        "name": row.name,
        "domain": row.domain,
        "health": row.health.state,
        "tenantId": str(row.tenant_id),
    }


def _order(
    rows: list[CustomerRow], key: Callable[[CustomerRow], Any], *, descending: bool
) -> list[CustomerRow]:
    """Return the rows in order; those without a value come last either way, those alike by name."""
    by_name = sorted(rows, key=lambda row: (row.name.lower(), row.id))
    known = [row for row in by_name if key(row) is not None]
    known.sort(key=key, reverse=descending)
    return [*known, *(row for row in by_name if key(row) is None)]


def _summarize(rows: list[CustomerRow]) -> dict[str, Any]:
    health = dict.fromkeys(_STATES, 0)
    for row in rows:
        health[row.health.state] += 1
    return {"customers": len(rows), "health": health, "todayBytes": sum(row.days[-1] for row in rows)}


def _read_order(text: str) -> tuple[Callable[[CustomerRow], Any], bool]:
    name, _, direction = (text.strip() or "name").partition(" ")
    found = {one.lower(): one for one in _ORDERS}.get(name.lower())
    if found is None or direction.strip().lower() not in ("", "asc", "desc"):
        message = f"'$orderby' is one of {', '.join(_ORDERS)}, with 'asc' or 'desc' behind it."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target="$orderby")
    return _ORDERS[found], direction.strip().lower() == "desc"


def _read_number(request: Request, name: str, default: int, maximum: int) -> int:
    text = request.query_params.get(name, "") or str(default)
    if not text.isdecimal() or len(text) > 18:
        message = f"'{name}' is a whole number, not '{text[:50]}'."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target=name)
    return min(int(text), maximum)


def _print(moment: datetime) -> str:
    return f"datetime({moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ})"
