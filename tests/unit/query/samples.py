"""A request, its workspaces and a stream of rows, for tests of single modules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self, cast
from uuid import UUID

from kelp.base.ids import ResourceId, WorkspaceId
from kelp.clickhouse.compiler import CompiledQuery, CompiledResult
from kelp.engine.contract import QueryStatistics
from kelp.engine.errors import EngineError
from kelp.identity.principal import AccountKind, Principal
from kelp.kql.types import Column, ScalarType
from kelp.query.execution import RunningQuery
from kelp.query.request import QueryOrigin, QueryReach, QueryRequest
from kelp.resources.author import AuthorKind, Stamp
from kelp.resources.resource import Resource
from kelp.resources.workspace import Workspace, WorkspaceSettings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT, CALLER, CLIENT = UUID(int=1), UUID(int=2), UUID(int=3)


def make_workspace(number: int, location: str = "local") -> Resource[Workspace]:
    workspace_id = ResourceId.parse(
        f"/subscriptions/{UUID(int=9)}/resourceGroups/Group"
        f"/providers/Microsoft.OperationalInsights/workspaces/space-{number}"
    )
    stamp = Stamp(NOON, "Kelp", AuthorKind.SYSTEM)
    properties = Workspace(WorkspaceId(UUID(int=100 + number)), WorkspaceSettings(location))
    return Resource(UUID(int=number), workspace_id, TENANT, "etag", stamp, stamp, properties)


def make_request(kind: AccountKind = AccountKind.SERVICE_PRINCIPAL, **changes: Any) -> QueryRequest:
    values: dict[str, Any] = {
        "text": "print 1",
        "reach": cast("QueryReach", None),
        "caller": Principal(TENANT, CALLER, kind, "ann@kelp.local", CLIENT),
        "received_at": NOON,
        "tag": "tag",
        "origin": QueryOrigin("client", "/v1/x/query", "correlation"),
    }
    return QueryRequest(**(values | changes))


class Rows:
    """A result that is there already; `failure` comes after its chunks."""

    def __init__(self, *chunks: bytes, failure: EngineError | None = None) -> None:
        self._chunks = list(chunks)
        self._failure = failure
        self.is_closed = False

    @property
    def statistics(self) -> QueryStatistics:
        return QueryStatistics(elapsed_seconds=1.5, rows_read=10, bytes_read=100)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        assert not self.is_closed
        if self._chunks:
            return self._chunks.pop(0)
        if self._failure is not None:
            raise self._failure
        raise StopAsyncIteration

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        self.is_closed = True


class Begun:
    """A query over prepared results, and what became of it."""

    def __init__(self, results: Sequence[Rows | EngineError], rows: int = 100, size: int = 10_000) -> None:
        self._later = list(results[1:])
        self.opened: list[Rows] = []
        self.closings = 0
        columns = (Column("x", ScalarType.LONG),)
        compiled = [
            CompiledResult(f"table {number}", "", columns, frozenset(), None)
            for number in range(len(results))
        ]
        first = results[0]
        assert isinstance(first, Rows)
        query = CompiledQuery(tuple(compiled), {}, (), reads_clock=False)
        self.query = RunningQuery(query, rows, size, self._open, first, self._close, "tag")

    async def _open(self, _: CompiledResult) -> Rows:
        found = self._later.pop(0)
        if isinstance(found, EngineError):
            raise found
        self.opened.append(found)
        return found

    async def _close(self, _: RunningQuery) -> None:
        self.closings += 1
