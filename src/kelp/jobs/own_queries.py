"""Queries that jobs run, over what the access that they are given lets them read."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from kelp.base.clock import to_ticks
from kelp.base.errors import Category, ServiceError
from kelp.catalog.table_access import Grant
from kelp.clickhouse.compiler import CompileOptions, compile_query
from kelp.query.inquiry import Inquiry

if TYPE_CHECKING:
    from collections.abc import Hashable
    from datetime import datetime
    from uuid import UUID

    from kelp.catalog.scope import ScopeBuilder
    from kelp.catalog.table_access import TableAccess
    from kelp.clickhouse.compiler import CompiledQuery, CompiledResult
    from kelp.engine.contract import ResultStream
    from kelp.kql.questions import Answer, WebRequest
    from kelp.kql.types import Column, RowSchema
    from kelp.plan.scope import ScopedTable
    from kelp.query.stages import Stages
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

DEADLINE_SECONDS = 600.0
_TAG = "kelp.jobs"
_decode_row = msgspec.json.Decoder(list[Any]).decode


class AnswerTooLarge(ServiceError):
    """A query of a job gave more rows than the job takes."""

    def __init__(self, maximum_rows: int) -> None:
        super().__init__(
            Category.INVALID,
            "TooManyRows",
            f"The query gives more than {maximum_rows:,} rows. Summarize more coarsely, or over less.",
        )


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """The first result of a query: its columns, and rows of JSON values by position."""

    columns: tuple[Column, ...]
    rows: list[list[Any]]

    def as_objects(self) -> list[dict[str, Any]]:
        """Return each row as an object without its nulls."""
        names = [column.name for column in self.columns]
        return [
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
            for row in self.rows
        ]


@dataclass(frozen=True, slots=True)
class WorkspaceAccess:
    """Every row of one workspace, and nothing of any other. Fulfils `catalog.table_access.TableAccess`."""

    workspace_id: UUID

    @property
    def key(self) -> Hashable:
        return ("workspace", self.workspace_id)

    def may_query(self, workspace: Resource[Workspace]) -> bool:
        return workspace.properties.workspace_id == self.workspace_id

    def find_grant(
        self, workspace: Resource[Workspace], schema: RowSchema, stored: ScopedTable
    ) -> Grant | None:
        del schema, stored
        return Grant() if self.may_query(workspace) else None


class OwnQueries:
    """Safe for concurrent use from the tasks of one event loop."""

    def __init__(self, stages: Stages, scopes: ScopeBuilder) -> None:
        self._stages = stages
        self._scopes = scopes

    async def read(
        self,
        text: str,
        access: TableAccess,
        workspace_id: UUID,
        now: datetime,
        *,
        time_range: tuple[datetime, datetime] | None = None,
        maximum_rows: int = 500_000,
    ) -> OwnAnswer:
        """Return the first result of a text over a workspace, as far as `access` lets; `now` is what `now()` gives.

        Raises `QueryRefusedError`, `AnswerTooLarge`, `ServiceError`.
        """
        built = self._scopes.build([str(workspace_id)], access, to_ticks(now))
        ticks = (to_ticks(time_range[0]), to_ticks(time_range[1])) if time_range else None

        def compile_with(answers: tuple[Answer, ...]) -> CompiledQuery:
            options = CompileOptions(
                now_ticks=to_ticks(now), time_range=ticks, row_cap=maximum_rows + 1, answers=answers
            )
            return compile_query(text, built.provider, built.scope, options)

        compiled = await Inquiry(self._open, _refuse_request).compile(compile_with)
        first = compiled.results[0]
        async with await self._open(first) as stream:
            content = b"".join([chunk async for chunk in stream])
        rows = [_decode_row(line) for line in content.splitlines() if line]
        if len(rows) > maximum_rows:
            raise AnswerTooLarge(maximum_rows)
        return OwnAnswer(first.columns, rows)

    async def _open(self, result: CompiledResult) -> ResultStream:
        return await self._stages.open(result, tag=_TAG, deadline_at_monotonic=monotonic() + DEADLINE_SECONDS)


async def _refuse_request(_request: WebRequest) -> Answer:
    raise ServiceError(
        Category.INVALID,
        "RequestsNotAllowed",
        "A query that runs by schedule can't send requests to addresses.",
    )
