"""An accepted request body on its way to the tables, and what points at it once it is in the journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID


class EnvelopeKind(StrEnum):
    """Which contract the body came in by; it decides how the body is read."""

    DATA_COLLECTOR = "data_collector"
    LOGS_INGESTION = "logs_ingestion"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Envelope:
    """One accepted body as received, with all that its decoding needs later.

    `route` is the immutable id of a data collection rule, or a log type; `stream` the rule's input stream or the
    table. `content_encoding` is empty for an identity body. `headers` holds only what decoding needs (time-generated
    field, resource id, the customer that sent it), by lower-case name. `received_at` keeps microseconds.
    """

    frame_id: UUID
    workspace_id: UUID
    kind: EnvelopeKind
    route: str
    stream: str
    received_at: datetime
    content_encoding: str
    headers: Mapping[str, str]
    principal: str
    body: bytes = field(repr=False)


class FrameRef(NamedTuple):
    """Names a frame of this node's journal for ever; never used again for another. Sorts in order of arrival."""

    segment: int
    sequence: int


@dataclass(frozen=True, slots=True)
class PendingFrame:
    """A durable frame that awaits loading: enough to group it with others without its body."""

    ref: FrameRef
    workspace_id: UUID
    kind: EnvelopeKind
    route: str
    stream: str
    received_at: datetime
    body_bytes: int
