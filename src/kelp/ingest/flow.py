"""Where the records of a frame go, and through what: found from the rule, the stream or the log type they came by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from kelp.catalog.storage_rules import CONSTANT_COLUMNS
from kelp.clickhouse.ddl import RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.transformation import check_transformation
from kelp.ingest.journal.envelope import EnvelopeKind
from kelp.kql.types import Column, ScalarType
from kelp.resources.data_collection_rule import output_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kelp.base.ids import WorkspaceId
    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.ingest.journal.envelope import PendingFrame
    from kelp.resources.data_collection_rule import DataCollectionRule
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

UNCHANGED = "source"
"""The transformation that passes every record through."""

ALWAYS_GIVEN = (Column(TIME_COLUMN, ScalarType.DATETIME), Column(RECEIPT_COLUMN, ScalarType.DATETIME))
"""Columns that every record gets, whether it brings them or not."""


@dataclass(frozen=True, slots=True)
class Flow:
    """One way of records into one table.

    `input` are the columns that records may have, `output` those of the table that are filled.
    """

    workspace_id: WorkspaceId
    table: str
    transformation: str
    input: tuple[Column, ...]
    output: tuple[Column, ...]


class FlowDirectory:
    """Finds flows in the state in memory. Safe for concurrent use; raises nothing for what was deleted meanwhile."""

    def __init__(self, store: ResourceStore, workspaces: WorkspaceDirectory) -> None:
        self._store = store
        self._workspaces = workspaces
        self._found: tuple[tuple[int, int], dict[tuple[UUID, EnvelopeKind, str, str], tuple[Flow, ...]]]
        self._found = ((-1, -1), {})

    def find_flows(self, frame: PendingFrame) -> tuple[Flow, ...]:
        """Return the flows of a frame that came by a rule or by Kelp itself; none if rule or workspace are gone.

        Raises `QueryRefusedError` for a transformation that no longer compiles.
        """
        version, known = self._found
        if version != self._workspaces.version:
            version, known = self._workspaces.version, {}
            self._found = (version, known)
        key = (frame.workspace_id, frame.kind, frame.route, frame.stream)
        if key not in known:
            known[key] = tuple(self._iter_flows(frame))
        return known[key]

    def _iter_flows(self, frame: PendingFrame) -> Iterator[Flow]:
        workspace = next(iter(self._workspaces.find_workspaces(str(frame.workspace_id))), None)
        if workspace is None:
            return
        if frame.kind is EnvelopeKind.INTERNAL:
            columns = self._table_columns(workspace, frame.stream)
            yield self._flow(workspace, frame.stream, UNCHANGED, columns)
            return
        rule = self._store.snapshot.rules.get(frame.route)
        if rule is not None:
            yield from self._iter_rule_flows(workspace, rule.properties, frame.stream)

    def _iter_rule_flows(
        self, workspace: Resource[Workspace], rule: DataCollectionRule, stream: str
    ) -> Iterator[Flow]:
        names = {
            destination.name
            for destination in rule.destinations
            if destination.workspace_id == workspace.properties.workspace_id
        }
        for flow in rule.data_flows:
            if stream in flow.streams and names.intersection(flow.destinations):
                columns = self._stream_columns(workspace, rule, stream)
                yield self._flow(workspace, output_table(flow), flow.transform_kql or UNCHANGED, columns)

    def _stream_columns(
        self, workspace: Resource[Workspace], rule: DataCollectionRule, stream: str
    ) -> tuple[Column, ...]:
        """Return the declared columns; a stream that is not declared has those of its table."""
        for declaration in rule.stream_declarations:
            if declaration.name == stream:
                return tuple(Column(column.name, column.type) for column in declaration.columns)
        return self._table_columns(workspace, stream.partition("-")[2])

    def _table_columns(self, workspace: Resource[Workspace], table: str) -> tuple[Column, ...]:
        found = self._workspaces.get_schema(workspace).find_table(table)
        return found.schema.columns if found is not None else ()

    def _flow(
        self, workspace: Resource[Workspace], table: str, transformation: str, columns: tuple[Column, ...]
    ) -> Flow:
        given = check_transformation(transformation, columns).columns
        known = {column.name: column.type for column in self._table_columns(workspace, table)}
        # What Kelp gives itself, and what is the same in every row and so is not stored.
        left_out = CONSTANT_COLUMNS.union(column.name for column in ALWAYS_GIVEN)
        output = [
            Column(c.name, known.get(c.name, c.type))
            for c in given
            if c.name in known and c.name not in left_out
        ]
        return Flow(
            workspace.properties.workspace_id, table, transformation, columns, (*ALWAYS_GIVEN, *output)
        )
