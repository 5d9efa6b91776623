"""The door of the journal: a checked body becomes one durable frame for each workspace it goes to."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from kelp.base.ids import new_guid
from kelp.ingest.journal import Envelope, EnvelopeKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from kelp.base.clock import Clock
    from kelp.ingest.journal import Journal
    from kelp.ingest.plain_bodies import PlainBodies

CUSTOMER_HEADER = "customer"
"""The header of a frame that holds the id of the customer whose key or identity the sender used.

Only the door writes it, never a sender; it stays with the frame, so that re-processing stamps the same."""
ONCE_HEADER = "once"
"""The header of a frame with the name of a body that may come again; a batch holds frames of one such name."""
_NO_CUSTOMERS: Mapping[UUID, UUID] = MappingProxyType({})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ReceivedBody:
    """A body as it came, and what its reading will need; see `Envelope`."""

    kind: EnvelopeKind
    route: str
    stream: str
    body: bytes = field(repr=False)
    content_encoding: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: _NO_HEADERS)
    principal: str = ""
    plain: bytes | None = field(default=None, repr=False)
    """The body unpacked, where that was done and is worth keeping until it is loaded."""
    once: str = ""
    """Names a body that may be handed in again, by whoever can't tell whether it was: its rows are there once."""


class Intake:
    """Takes bodies that are known to be well-formed. Belongs to one event loop."""

    def __init__(self, journal: Journal, plain_bodies: PlainBodies, clock: Clock) -> None:
        self._journal = journal
        self._plain_bodies = plain_bodies
        self._clock = clock

    def check_room(self, workspace_ids: Collection[UUID], size_bytes: int) -> None:
        """Raise `ServiceError` (throttled) if a body of this size should come later. Ask before reading it."""
        for workspace_id in workspace_ids:
            self._journal.can_accept(workspace_id, size_bytes)

    async def accept(
        self,
        workspace_ids: Collection[UUID],
        received: ReceivedBody,
        customers: Mapping[UUID, UUID] = _NO_CUSTOMERS,
    ) -> None:
        """Return once the body is durable for all of the workspaces. Raises as `Journal.append` does.

        `customers` are the ids of the customers, by workspace, whose records these are. After an error the body may be
        durable for some of the workspaces.
        """
        received_at = self._clock.now()
        appends = [
            self._journal.append(
                Envelope(
                    frame_id=_frame_id(workspace_id, received.once),
                    workspace_id=workspace_id,
                    kind=received.kind,
                    route=received.route,
                    stream=received.stream,
                    received_at=received_at,
                    content_encoding=received.content_encoding,
                    headers=_headers(received, customers.get(workspace_id)),
                    principal=received.principal,
                    body=received.body,
                )
            )
            for workspace_id in workspace_ids
        ]
        refs = [await appends[0]] if len(appends) == 1 else await asyncio.gather(*appends)
        if received.plain is not None:
            for workspace_id, ref in zip(workspace_ids, refs, strict=True):
                self._plain_bodies.put(ref, workspace_id, received.plain)


def _headers(received: ReceivedBody, customer_id: UUID | None) -> Mapping[str, str]:
    if customer_id is None and not received.once:
        return received.headers
    headers = dict(received.headers)
    if customer_id is not None:
        headers[CUSTOMER_HEADER] = str(customer_id)
    if received.once:
        headers[ONCE_HEADER] = received.once
    return headers


def _frame_id(workspace_id: UUID, once: str) -> UUID:
    """A random id; of a body that may come again always the same, by which re-processing reads it once."""
    return uuid5(workspace_id, once) if once else new_guid()
