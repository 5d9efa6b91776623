"""The HTTP Data Collector API: records that define their table, signed with a key of the workspace or of a customer.

Cf. "HTTP Data Collector API". The workspace is the one of the Authorization header; the host name says the same and is
not looked at, because such names do not resolve everywhere. A customer's sender gives the customer's id in its place,
or the workspace's and signs with the customer's key.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs
from uuid import UUID

from kelp.api.asgi import Route
from kelp.api.description import Body, Description, Parameter
from kelp.api.errors import Surface
from kelp.api.http import client_address, find_header
from kelp.api.ingestion.receiving import answer_empty, declared_bytes, receive_body, too_large
from kelp.base.errors import Category, ServiceError
from kelp.base.ids import WorkspaceId
from kelp.identity.errors import InvalidSharedKey
from kelp.identity.shared_key import Signature, SignedRequest, parse_authorization, verify_shared_key
from kelp.ingest.intake import ReceivedBody
from kelp.ingest.journal import EnvelopeKind
from kelp.ingest.planning import RESOURCE_HEADER, TIME_FIELD_HEADER
from kelp.ingest.scan import BodyRefused, find_reserved_property, scan_body
from kelp.resources.network_limits import Plane
from kelp.resources.shape import Choice, Text
from kelp.resources.shared_keys import KeySlot
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from kelp.base.clock import Clock
    from kelp.base.settings import IngestSettings
    from kelp.ingest.body_budget import BodyBudget
    from kelp.ingest.collection_gate import CollectionGate
    from kelp.ingest.intake import Intake
    from kelp.ingest.key_uses import KeyUses
    from kelp.resources.access import Access
    from kelp.resources.customer import Customer
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore

PATH = "/api/logs"
_API_VERSION = "2016-04-01"
_SAYS = Description(
    takes=Body(),
    gives={200: None},
    parameters=(
        Parameter("api-version", Choice((_API_VERSION,)), is_required=True),
        Parameter("Log-Type", Text(100, 1), "The table, without _CL.", "header", is_required=True),
        Parameter("x-ms-date", Text(), "When it was signed, as RFC 1123.", "header", is_required=True),
        Parameter("time-generated-field", Text(), "The member with the record's time.", "header"),
        Parameter("x-ms-AzureResourceId", Text(), "What the records are about.", "header"),
    ),
)
_LOG_TYPE = re.compile(r"[A-Za-z0-9_]{1,100}")
_CONTENT_TYPE = "application/json"
_CUSTOMER = re.compile(r"sharedkey\s+([^:]*):", re.IGNORECASE)
_SLOTS = KeySlot.PRIMARY, KeySlot.SECONDARY
"""Which key stands where in what `_keys_of` returns."""
_THREAD_BYTES = 1024 * 1024
"""A body of more than this is checked on a thread: it would keep everybody else waiting."""


@dataclass(frozen=True, slots=True)
class _Sender:
    """Whose records these are: the workspace's own, or a customer's of it."""

    workspace_id: WorkspaceId
    customer: Resource[Customer] | None = None

    @property
    def owner_id(self) -> UUID:
        """Whose keys sign: the workspace's, or the customer's."""
        return self.workspace_id if self.customer is None else self.customer.properties.customer_id

    @property
    def customers(self) -> Mapping[UUID, UUID]:
        """The customer by its workspace, as `Intake.accept` wants it."""
        return {} if self.customer is None else {self.workspace_id: self.customer.properties.customer_id}


class DataCollectorRoutes:
    """The endpoint. `budget` is shared with the other ingestion endpoints of the process."""

    def __init__(
        self,
        intake: Intake,
        store: ResourceStore,
        access: Access,
        budget: BodyBudget,
        clock: Clock,
        settings: IngestSettings,
        gate: CollectionGate,
        uses: KeyUses,
    ) -> None:
        self._intake = intake
        self._store = store
        self._budget = budget
        self._clock = clock
        self._gate = gate
        self._network = access.network
        self._uses = uses
        self._limit_bytes = settings.maximum_collector_body_bytes

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("POST", PATH, self.post_records, Surface.DATA_COLLECTOR, _SAYS)]

    async def post_records(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Accept an object or an array of objects: 200 once it is durable."""
        _check_api_version(scope)
        named = await self._find_owner(find_header(scope, b"authorization"))
        log_type = _read_log_type(scope)
        _check_content_type(scope)
        length_bytes = declared_bytes(dict(scope["headers"]))
        sender = named if length_bytes is None else self._check_sender(scope, named, log_type, length_bytes)
        try:
            await self._receive(scope, receive, sender, log_type, length_bytes)
        except ServiceError as error:
            if error.category is Category.TOO_LARGE:
                # This API has no other word for it.
                raise ServiceError(Category.NOT_FOUND, "NotFound", error.message) from error
            raise
        await answer_empty(send, 200)

    async def _receive(
        self,
        scope: Scope,
        receive: Receive,
        sender: _Sender,
        log_type: str,
        length_bytes: int | None,
    ) -> None:
        if length_bytes is not None and length_bytes > self._limit_bytes:
            raise too_large(self._limit_bytes)
        self._intake.check_room((sender.workspace_id,), length_bytes or 0)
        held_bytes = await self._budget.hold(self._limit_bytes if length_bytes is None else length_bytes)
        try:
            body = await receive_body(receive, self._limit_bytes)
            if length_bytes is None:
                sender = self._check_sender(scope, sender, log_type, len(body))
            await self._accept(scope, sender, log_type, body)
        finally:
            self._budget.release(held_bytes)

    async def _accept(self, scope: Scope, sender: _Sender, log_type: str, body: bytes) -> None:
        encoding = find_header(scope, b"content-encoding")
        if len(body) > _THREAD_BYTES:
            records = await asyncio.to_thread(_count_records, body, encoding, self._limit_bytes)
        else:
            records = _count_records(body, encoding, self._limit_bytes)
        if not records:
            return
        headers = {
            name: value
            for name in (TIME_FIELD_HEADER, RESOURCE_HEADER)
            if (value := find_header(scope, name.encode()))
        }
        received = ReceivedBody(
            kind=EnvelopeKind.DATA_COLLECTOR,
            route=log_type,
            stream=f"{log_type}_CL",
            body=body,
            content_encoding=encoding,
            headers=headers,
        )
        await self._intake.accept((sender.workspace_id,), received, sender.customers)

    async def _find_owner(self, authorization: str) -> _Sender:
        """Return the workspace, or the customer of one, that the header names."""
        named = _CUSTOMER.match(authorization)
        if named is None:
            raise InvalidSharedKey(
                "The Authorization header is missing or not 'SharedKey <workspace id>:<signature>'."
            )
        try:
            owner_id = UUID(named[1].strip())
        except ValueError:
            raise _invalid("InvalidCustomerId", f"'{named[1].strip()}' is no workspace id.") from None
        snapshot, workspace_id = self._store.snapshot, WorkspaceId(owner_id)
        if workspace_id in snapshot.workspaces:
            return _Sender(workspace_id)
        customer = snapshot.customers.get(owner_id)
        if customer is not None:
            return _Sender(customer.properties.workspace_id, customer)
        closed = await asyncio.to_thread(self._store.list_closed, Workspace)
        if any(one.properties.workspace_id == workspace_id for one in closed):
            raise _invalid("InactiveCustomer", f"The workspace '{workspace_id}' has been closed.")
        raise _invalid("InvalidCustomerId", f"There is no workspace '{workspace_id}'.")

    def _check_sender(self, scope: Scope, named: _Sender, log_type: str, length_bytes: int) -> _Sender:
        """Return who signed the request, from whom records must be taken now. Raises `ServiceError`."""
        request = SignedRequest(
            method="POST",
            length_bytes=length_bytes,
            content_type=find_header(scope, b"content-type"),
            date=find_header(scope, b"x-ms-date"),
            path=PATH,
        )
        signature = parse_authorization(find_header(scope, b"authorization"))
        sender, slot = self._find_signer(named, request, signature)
        workspace = self._store.snapshot.workspaces.get(sender.workspace_id)
        if workspace is not None:
            _require_local_auth(workspace)
            self._network.check(workspace, Plane.INGESTION, client_address(scope))
        self._uses.note(sender.owner_id, slot, client_address(scope))
        self._gate.check(sender.workspace_id, sender.customer, (f"{log_type}_CL",))
        return sender

    def _find_signer(
        self, named: _Sender, request: SignedRequest, signature: Signature
    ) -> tuple[_Sender, KeySlot]:
        customers = self._store.snapshot.customers_of.get(named.workspace_id, ())
        candidates = (
            [named] if named.customer else [named, *(_Sender(named.workspace_id, one) for one in customers)]
        )
        refusal: InvalidSharedKey | None = None
        for candidate in candidates:
            try:
                which = verify_shared_key(request, signature, self._keys_of(candidate), self._clock.now())
            except InvalidSharedKey as refused:
                refusal = refusal or refused
            else:
                return candidate, _SLOTS[which]
        assert refusal is not None
        raise refusal

    def _keys_of(self, sender: _Sender) -> tuple[str, str]:
        if sender.customer is None:
            keys = self._store.shared_keys(sender.workspace_id)
        else:
            keys = self._store.customer_keys(sender.customer.properties.customer_id)
        return keys.primary, keys.secondary


def _require_local_auth(workspace: Resource[Workspace]) -> None:
    """Refuse any key of a workspace whose owner switched keys off."""
    if workspace.properties.settings.features.disable_local_auth:
        raise ServiceError(
            Category.FORBIDDEN,
            "LocalAuthDisabled",
            f"The workspace '{workspace.id.name}' takes no records by key: its owner switched keys off "
            "(disableLocalAuth). Send through the Logs Ingestion API, or ask its owner.",
        )


def _invalid(code: str, message: str) -> ServiceError:
    return ServiceError(Category.INVALID, code, message)


def _check_api_version(scope: Scope) -> None:
    query = parse_qs(scope["query_string"].decode("latin-1"))
    given = next((values[0] for name, values in query.items() if name.lower() == "api-version"), "")
    if not given:
        raise _invalid("MissingApiVersion", f"The request names no api-version; it is {_API_VERSION}.")
    if given != _API_VERSION:
        raise _invalid("InvalidApiVersion", f"The api-version '{given}' is not {_API_VERSION}.")


def _read_log_type(scope: Scope) -> str:
    log_type = find_header(scope, b"log-type")
    if not log_type:
        raise _invalid("MissingLogType", "The request has no Log-Type header.")
    if not _LOG_TYPE.fullmatch(log_type):
        raise _invalid(
            "InvalidLogType", f"The Log-Type '{log_type[:200]}' is not 1 to 100 letters, digits and '_'."
        )
    return log_type


def _check_content_type(scope: Scope) -> None:
    content_type = find_header(scope, b"content-type")
    if not content_type:
        raise _invalid("MissingContentType", f"The request has no Content-Type; it is {_CONTENT_TYPE}.")
    if content_type.partition(";")[0].strip().lower() != _CONTENT_TYPE:
        raise _invalid("UnsupportedContentType", f"The Content-Type '{content_type}' is not {_CONTENT_TYPE}.")


def _count_records(body: bytes, encoding: str, limit_bytes: int) -> int:
    try:
        scanned = scan_body(body, encoding, limit_bytes, allows_single=True)
    except BodyRefused as refused:
        if refused.category is Category.TOO_LARGE:
            raise
        raise _invalid("InvalidDataFormat", refused.message) from refused
    reserved = find_reserved_property(scanned)
    if reserved is not None:
        raise _invalid(
            "InvalidDataFormat", f"A record has the property '{reserved}', whose name is reserved."
        )
    return scanned.records
