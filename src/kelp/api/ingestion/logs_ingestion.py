"""The Logs Ingestion API: records by the streams of a data collection rule.

Cf. "Logs Ingestion API in Azure Monitor". The hot path of the service: bare ASGI, all but the body from memory.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kelp.api.asgi import Route
from kelp.api.auth import INGESTION_AUDIENCES
from kelp.api.description import Body, Description, Parameter
from kelp.api.errors import Surface
from kelp.api.ingestion.receiving import answer_empty, declared_bytes, receive_body, too_large
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.ingest.intake import ReceivedBody
from kelp.ingest.journal import EnvelopeKind
from kelp.ingest.scan import BodyRefused, scan_body
from kelp.resources.access import TELEMETRY_WRITE
from kelp.resources.data_collection_rule import output_table
from kelp.resources.network_limits import Plane
from kelp.resources.shape import Anything, Choice, Entries, Items, Named, Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from starlette.types import Receive, Scope, Send

    from kelp.api.auth import Authenticator
    from kelp.base.settings import IngestSettings
    from kelp.identity.principal import Principal
    from kelp.ingest.body_budget import BodyBudget
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.ingest.intake import Intake
    from kelp.ingest.scan import ScannedBody
    from kelp.resources.access import Access
    from kelp.resources.data_collection_rule import DataCollectionRule
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

PATH = "/dataCollectionRules/{rule}/streams/{stream}"
_API_VERSION = re.compile(rb"(?:^|&)api-version=(\d{4}-\d{2}-\d{2}(?:-preview)?)(?:&|$)", re.IGNORECASE)
_BYTES_BETWEEN_RECORDS = 2
"""Clients add up the sizes of records; the array's brackets and separators come on top."""


_RECORDS = Named("Records", Items(Entries(Anything()), maximum=1_000_000))
_SAYS = Description(
    takes=Body(_RECORDS),
    gives={204: None},
    parameters=(
        Parameter(
            "api-version",
            Text(pattern=r"20[12][0-9]-[01][0-9]-[0-3][0-9](-preview)?", rule="a date, such as 2023-01-01"),
            is_required=True,
        ),
        Parameter("Content-Encoding", Choice(("gzip", "deflate", "zstd")), place="header"),
    ),
)
_REMEMBERED_STREAMS = 10_000


@dataclass(frozen=True, slots=True)
class _Destination:
    """A stream as its rule spells it, the workspaces that it leads to, and their tables."""

    stream: str
    workspace_ids: frozenset[WorkspaceId]
    tables: frozenset[str]


class LogsIngestionRoutes:
    """The endpoint. `budget` is shared with the other ingestion endpoints of the process."""

    def __init__(
        self,
        intake: Intake,
        store: ResourceStore,
        access: Access,
        authenticator: Authenticator,
        budget: BodyBudget,
        settings: IngestSettings,
        gate: CollectionGate,
    ) -> None:
        self._intake = intake
        self._store = store
        self._access = access
        self._authenticator = authenticator
        self._budget = budget
        self._gate = gate
        self._limit_bytes = settings.maximum_logs_body_bytes
        self._destinations: dict[tuple[str, str], tuple[Resource[DataCollectionRule], _Destination]] = {}

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("POST", PATH, self.post_records, Surface.INGESTION, _SAYS)]

    async def post_records(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept an array of records: 204 once it is durable for every workspace that the stream leads to."""
        principal = self._authenticator.authenticate(scope, INGESTION_AUDIENCES)
        if not _API_VERSION.search(scope["query_string"]):
            raise ServiceError(
                Category.INVALID, "MissingApiVersion", "The request names no api-version, such as 2023-01-01."
            )
        rule = self._get_rule(scope["path_params"]["rule"])
        self._access.require(principal, TELEMETRY_WRITE, rule.id, is_data=True)
        destination = self._find_destination(rule, scope["path_params"]["stream"])
        workspace_ids = destination.workspace_ids
        customers = self._check_sender(principal, destination)
        headers = dict(scope["headers"])
        maximum_bytes = self._limit_bytes * (1 + _BYTES_BETWEEN_RECORDS)
        expected_bytes = declared_bytes(headers)
        if expected_bytes is not None and expected_bytes > maximum_bytes:
            raise too_large(self._limit_bytes)
        self._intake.check_room(workspace_ids, expected_bytes or 0)
        held_bytes = await self._budget.hold(maximum_bytes if expected_bytes is None else expected_bytes)
        try:
            body = await receive_body(receive, maximum_bytes)
            encoding = headers.get(b"content-encoding", b"").decode("latin-1")
            scanned = self._scan(body, encoding, maximum_bytes)
            if scanned.records:
                received = ReceivedBody(
                    kind=EnvelopeKind.LOGS_INGESTION,
                    route=rule.properties.immutable_id,
                    stream=destination.stream,
                    body=body,
                    content_encoding=encoding,
                    principal=str(principal.object_id),
                    plain=scanned.plain if encoding else None,
                )
                await self._intake.accept(workspace_ids, received, customers)
        finally:
            self._budget.release(held_bytes)
        await answer_empty(send, 204)

    def _get_rule(self, immutable_id: str) -> Resource[DataCollectionRule]:
        rule = self._store.snapshot.rules.get(immutable_id) or self._store.snapshot.rules.get(
            immutable_id.lower()
        )
        if rule is None:
            raise ServiceError(
                Category.NOT_FOUND,
                "NotFound",
                f"Data collection rule with immutable Id '{immutable_id}' not found.",
            )
        return rule

    def _check_sender(self, principal: Principal, destination: _Destination) -> Mapping[UUID, UUID]:
        """Return the customers, by workspace, for which the caller sends. Raises `ServiceError` if one may not now."""
        senders = self._store.snapshot.senders
        customers: dict[UUID, UUID] = {}
        for workspace_id in destination.workspace_ids:
            workspace = self._store.snapshot.workspaces.get(WorkspaceId(workspace_id))
            if workspace is not None:
                self._access.network.check(workspace, Plane.INGESTION, principal.address)
            customer = senders.get((workspace_id, principal.object_id))
            self._gate.check(workspace_id, customer, destination.tables)
            if customer is not None:
                customers[workspace_id] = customer.properties.customer_id
        return customers

    def _find_destination(self, rule: Resource[DataCollectionRule], stream: str) -> _Destination:
        known = self._destinations.get((rule.properties.immutable_id, stream))
        if known is not None and known[0] is rule:
            return known[1]
        found = _find_destination(rule.properties, stream)
        if len(self._destinations) >= _REMEMBERED_STREAMS:
            self._destinations.clear()
        self._destinations[rule.properties.immutable_id, stream] = (rule, found)
        return found

    def _scan(self, body: bytes, encoding: str, maximum_bytes: int) -> ScannedBody:
        try:
            scanned = scan_body(body, encoding, maximum_bytes, allows_single=False)
        except BodyRefused as refused:
            if refused.category is Category.TOO_LARGE:
                raise too_large(self._limit_bytes) from refused
            raise ServiceError(Category.INVALID, "InvalidPayload", refused.message) from refused
        if len(scanned.plain) - _BYTES_BETWEEN_RECORDS * scanned.records > self._limit_bytes:
            raise too_large(self._limit_bytes)
        return scanned


def _find_destination(rule: DataCollectionRule, stream: str) -> _Destination:
    """Return where a stream, in any case of its name, leads to. Raises `ServiceError` (invalid)."""
    wanted = stream.lower()
    flows = [flow for flow in rule.data_flows if any(name.lower() == wanted for name in flow.streams)]
    if not flows:
        raise ServiceError(
            Category.INVALID,
            "InvalidStream",
            f"Stream '{stream}' is not configured on the data collection rule '{rule.immutable_id}'.",
        )
    spelled = next(name for name in flows[0].streams if name.lower() == wanted)
    names = {name for flow in flows for name in flow.destinations}
    workspaces = frozenset(
        destination.workspace_id
        for destination in rule.destinations
        if destination.name in names and destination.workspace_id is not None
    )
    return _Destination(spelled, workspaces, frozenset(output_table(flow) for flow in flows))
