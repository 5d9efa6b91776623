"""What the tests of the journal need: keys in memory, a clock to turn, envelopes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from kelp.base.errors import Category, ServiceError
from kelp.base.keys import DataKey
from kelp.ingest.journal import Envelope, EnvelopeKind, FrameRef
from kelp.ingest.load_plan import LoadPlan

WORKSPACE = UUID("aaaaaaaa-0000-4000-8000-000000000001")
OTHER_WORKSPACE = UUID("bbbbbbbb-0000-4000-8000-000000000002")
START = datetime(2026, 3, 1, 23, 59, 0, 123456, tzinfo=UTC)


class MemoryKeys:
    """A `KeyProvider` whose keys can be rotated, withheld and destroyed."""

    def __init__(self) -> None:
        self._keys: dict[UUID, dict[int, DataKey]] = {}
        self._destroyed: set[UUID] = set()
        self.withheld: set[UUID] = set()
        self._broken = False

    def rotate(self, workspace_id: UUID, *, double_encryption: bool = False) -> None:
        versions = self._versions(workspace_id)
        version = max(versions) + 1
        versions[version] = make_key(workspace_id, version, double_encryption=double_encryption)

    def destroy(self, workspace_id: UUID) -> None:
        self._destroyed.add(workspace_id)

    def break_down(self) -> None:
        """Fail from now on in a way that the contract does not know."""
        self._broken = True

    def current_data_key(self, workspace_id: UUID) -> DataKey:
        if self._broken:
            raise ZeroDivisionError
        versions = self._versions(workspace_id)
        return versions[max(versions)]

    def get_data_key(self, workspace_id: UUID, version: int) -> DataKey:
        return self._versions(workspace_id)[version]

    def get_disk_key(self, store_id: UUID) -> bytes:
        return bytes(32)

    def wrap(self, purpose: str, secret: bytes) -> bytes:
        return secret

    def unwrap(self, purpose: str, wrapped: bytes) -> bytes:
        return wrapped

    def _versions(self, workspace_id: UUID) -> dict[int, DataKey]:
        if workspace_id in self._destroyed:
            raise ServiceError(Category.NOT_FOUND, "KeyNotFound", "destroyed")
        if workspace_id in self.withheld:
            raise ServiceError(Category.UNAVAILABLE, "KeyUnavailable", "withheld")
        return self._keys.setdefault(workspace_id, {1: make_key(workspace_id, 1)})


def make_key(workspace_id: UUID, version: int, *, double_encryption: bool = False) -> DataKey:
    secret = uuid5(workspace_id, f"a{version}").bytes + uuid5(workspace_id, f"b{version}").bytes
    return DataKey(version, secret, secret[::-1] if double_encryption else None)


@dataclass
class TurnedClock:
    moment: datetime = field(default=START)

    def now(self) -> datetime:
        return self.moment

    def turn(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


def make_envelope(
    number: int = 0,
    *,
    workspace_id: UUID = WORKSPACE,
    body: bytes | None = None,
    received_at: datetime = START,
    route: str = "dcr-secretroute",
) -> Envelope:
    return Envelope(
        frame_id=UUID(int=number),
        workspace_id=workspace_id,
        kind=EnvelopeKind.LOGS_INGESTION,
        route=route,
        stream="Custom-Secretstream_CL",
        received_at=received_at,
        content_encoding="gzip",
        headers={"time-generated-field": "secretfield"},
        principal="secretprincipal",
        body=b"secretbody %d" % number if body is None else body,
    )


def make_plan(
    number: int,
    frames: Iterable[FrameRef],
    *,
    workspace_id: UUID = WORKSPACE,
    table: str = "Custom_CL",
    generation: int = 1,
    block_cuts: tuple[int, ...] = (),
) -> LoadPlan:
    return LoadPlan(
        plan_id=UUID(int=number),
        workspace_id=workspace_id,
        store_id=workspace_id,
        table=table,
        generation=generation,
        frames=tuple(frames),
        transformation="source | extend secretcolumn = now()",
        transformation_version="v1",
        schema_version="s1",
        columns=(("TimeGenerated", "datetime"), ("secretcolumn", "datetime")),
        now_at=START,
        stamps={"ItemId": "secretstamp", "n": 1, "x": 1.5, "b": True, "none": None},
        block_cuts=block_cuts,
    )
