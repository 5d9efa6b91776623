"""`/portal/api/usage`: what a tenant's workspaces received and cost, by day and one dimension, in one call.

From the book of usage and the prices: it asks no engine, but for tiers that are charged by the computer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from kelp.api.asgi import Route, endpoint_app
from kelp.api.errors import Surface
from kelp.api.management.call import Answer
from kelp.api.portal.call import answer_with
from kelp.api.portal.recent_answers import RecentAnswers
from kelp.api.portal.usage_description import USAGE
from kelp.api.portal.usage_documents import encode_forecast, encode_groups
from kelp.api.portal.usage_tiers import iter_tiers
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import ResourceId, WorkspaceId
from kelp.jobs.charge import sum_lines
from kelp.jobs.usage_outlook import AVERAGED_DAYS, COMPARED_DAYS, Forecast, forecast_month
from kelp.jobs.usage_report import Period, find_cluster
from kelp.jobs.usage_rollup import Dimension, Place, roll_up
from kelp.resources.workspace import Sku

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from kelp.api.management.metering import Metering
    from kelp.api.portal.browser import Browsers
    from kelp.api.portal.home import Facts
    from kelp.catalog.usage_book import UsageBook
    from kelp.identity.principal import Principal
    from kelp.jobs.charge import Line
    from kelp.resources.cluster import Cluster
    from kelp.resources.resource import Resource
    from kelp.resources.snapshot import Snapshot
    from kelp.resources.workspace import Workspace

_KEPT_FOR = timedelta(seconds=30)
_LONGEST_DAYS = 366
_VOLUME_ACTION = "Microsoft.OperationalInsights/workspaces/usages/read"
_COST_ACTION = "Microsoft.CostManagement/query/action"
_BYTES_OF_A_GB = 1_000_000_000
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for. Without a workspace it is about all of the caller's tenant."""

    period: Period
    dimension: Dimension
    workspace_id: UUID | None


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of that the caller may know: volumes of workspaces, amounts of those that are priced."""

    workspaces: tuple[Resource[Workspace], ...]
    priced: tuple[Resource[Workspace], ...]
    clusters: tuple[Resource[Cluster], ...]

    @property
    def key(self) -> tuple[tuple[str, ...], ...]:
        """The same for all who may know the same."""
        groups = self.workspaces, self.priced, self.clusters
        return tuple(tuple(one.id.key for one in group) for group in groups)


class UsageRollup:
    """The route. Belongs to one event loop."""

    def __init__(self, browsers: Browsers, metering: Metering, book: UsageBook, facts: Facts) -> None:
        self._browsers = browsers
        self._metering = metering
        self._book = book
        self._facts = facts
        self._known = RecentAnswers[dict[str, Any]](facts.clock, _KEPT_FOR)

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("GET", "/portal/api/usage", endpoint_app(self.show), Surface.PORTAL, USAGE)]

    async def show(self, request: Request) -> Response:
        """Tell volumes and amounts by day of a period, what the month will cost, and what other tiers would."""
        principal = await self._browsers.enter(request)
        today = self._facts.clock.now().astimezone(UTC).date()
        asked = read_asked(request.query_params, today)
        seen = self._find_seen(principal, asked)
        key = (asked, today, seen.key, self._facts.store.snapshot.version)
        document = await self._known.get(key, lambda: run_in_threadpool(self._make, asked, seen, today))
        return answer_with(Answer(200, document))

    def _find_seen(self, principal: Principal, asked: Asked) -> _Seen:
        """Return what the caller may know. Raises `ServiceError` where that is nothing."""
        snapshot, access = self._facts.store.snapshot, self._facts.access
        found = list(_iter_asked(snapshot, principal, asked))
        workspaces = [one for one in found if access.decide(principal, _VOLUME_ACTION, one.id).allowed]
        if asked.workspace_id is not None and not workspaces:
            message = f"The workspace '{asked.workspace_id}' was not found, or you may not see its usage."
            raise ServiceError(Category.NOT_FOUND, "WorkspaceNotFound", message, target="workspace")
        priced = [one for one in workspaces if access.decide(principal, _COST_ACTION, one.id).allowed]
        clusters = [
            one
            for one in snapshot.clusters.values()
            if asked.workspace_id is None
            and one.tenant_id == principal.tenant_id
            and access.decide(principal, _COST_ACTION, one.id).allowed
        ]
        if not workspaces and not clusters:
            # Says which right is missing, and where.
            access.require(principal, _VOLUME_ACTION, ResourceId())
        return _Seen(tuple(workspaces), tuple(priced), tuple(clusters))

    def _make(self, asked: Asked, seen: _Seen, today: date) -> dict[str, Any]:
        snapshot, prices = self._facts.store.snapshot, self._metering.report.prices
        looked = _cover(asked.period, today)
        lines = self._charge(snapshot, seen, looked)
        places: dict[UUID, Place] = {one.properties.workspace_id: _place_of(one) for one in seen.workspaces}
        period = asked.period
        uses = self._book.iter_days(_begin(period.first), _begin(period.last + _DAY), places)
        inside = [line for line in lines if period.first <= line.day <= period.last]
        groups = roll_up(asked.dimension, uses, inside, places)
        caps = [one.properties.settings.daily_quota_gb for one in seen.workspaces]
        known = [cap for cap in caps if cap is not None]
        return {
            "currency": prices.currency,
            "pricesAreSet": prices.are_set,
            "measuredUntil": self._find_measured(seen.workspaces),
            "days": [day.isoformat() for day in period.days()],
            "groups": encode_groups(groups, period, snapshot, has_amounts=bool(seen.priced or seen.clusters)),
            "capBytes": sum(known) * _BYTES_OF_A_GB if known and len(known) == len(caps) else None,
            "capped": len(known),
            "workspaces": len(seen.workspaces),
            "unpriced": len(seen.workspaces) - len(seen.priced),
            "resetHour": self._metering.gate.next_reset().hour,
            "forecast": encode_forecast(_forecast(lines, seen, today)),
            "tiers": list(iter_tiers(self._book, snapshot, seen.priced, seen.clusters, lines, prices, today)),
        }

    def _charge(self, snapshot: Snapshot, seen: _Seen, period: Period) -> list[Line]:
        ids = [one.properties.workspace_id for one in seen.priced]
        by_nodes = [
            one.properties.workspace_id for one in seen.priced if one.properties.settings.sku is Sku.PER_NODE
        ]
        nodes = self._metering.count_nodes(by_nodes, period) if by_nodes else {}
        clusters = [one.properties.cluster_id for one in seen.clusters]
        return self._metering.report.charge(snapshot, period, ids, clusters, nodes)

    def _find_measured(self, workspaces: Collection[Resource[Workspace]]) -> datetime | None:
        """Return until when everything asked for is measured; None for nothing yet."""
        progress = self._book.read_progress()
        ends = [progress.get(one.properties.workspace_id) for one in workspaces]
        return min((one.measured_until for one in ends if one is not None), default=None)


def read_asked(query: Mapping[str, str], today: date) -> Asked:
    """Read the query string. Raises `ServiceError` (invalid)."""
    first = _read_day(query.get("from", ""), "from", today.replace(day=1))
    last = _read_day(query.get("to", ""), "to", today)
    if last < first or (last - first).days >= _LONGEST_DAYS:
        message = f"'from' and 'to' name a period of 1 to {_LONGEST_DAYS} days, not {first} to {last}."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target="to")
    name = query.get("by", "") or Dimension.TABLE
    if name not in tuple(Dimension):
        message = f"'by' is one of {', '.join(Dimension)}, not '{name[:50]}'."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target="by")
    return Asked(Period(first, last), Dimension(name), _read_workspace(query.get("workspace", "")))


def _read_day(text: str, name: str, default: date) -> date:
    try:
        return date.fromisoformat(text) if text else default
    except ValueError as error:
        message = f"'{name}' is a day such as {default}, not '{text[:50]}'."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target=name) from error


def _read_workspace(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError as error:
        message = f"'workspace' is the id of a workspace, not '{text[:50]}'."
        raise ServiceError(Category.INVALID, "InvalidParameter", message, target="workspace") from error


def _iter_asked(snapshot: Snapshot, principal: Principal, asked: Asked) -> Iterator[Resource[Workspace]]:
    """Yield the workspace asked for, whosever it is, or all of the caller's tenant."""
    if asked.workspace_id is None:
        for workspace in snapshot.workspaces.values():
            if workspace.tenant_id == principal.tenant_id:
                yield workspace
    elif (found := snapshot.workspaces.get(WorkspaceId(asked.workspace_id))) is not None:
        yield found


def _cover(period: Period, today: date) -> Period:
    """Return the days that the period, the forecast and the comparison of tiers look at."""
    ago = max(COMPARED_DAYS, AVERAGED_DAYS, today.day)
    return Period(min(period.first, today - ago * _DAY), max(period.last, today))


def _place_of(workspace: Resource[Workspace]) -> Place:
    return Place(str(workspace.id), workspace.id.subscription_id or "", find_cluster(workspace))


def _forecast(lines: Iterable[Line], seen: _Seen, today: date) -> Forecast | None:
    begins = [one.created for one in seen.priced] + [one.created for one in seen.clusters]
    begin = min((one.at.date() for one in begins), default=today)
    amounts = {day: amount for day, (_, amount) in sum_lines(lines, lambda line: line.day).items()}
    return forecast_month(amounts, today, begin)


def _begin(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
