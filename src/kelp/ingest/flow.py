"""Where the records of a frame go, and through what: found from the rule, the stream or the table they came for."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from kelp.base.ids import WorkspaceId
from kelp.base.recent import Recent
from kelp.catalog.storage_rules import CONSTANT_COLUMNS
from kelp.clickhouse.ddl import CUSTOMER_COLUMN, RECEIPT_COLUMN, TIME_COLUMN
from kelp.clickhouse.record_texts import SIZE
from kelp.clickhouse.transformation import check_transformation
from kelp.ingest.journal import EnvelopeKind
from kelp.ingest.recipe import RecipeTemplate, template_of_flow
from kelp.kql.types import Column, ScalarType
from kelp.resources.data_collection_rule import output_table

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from kelp.catalog.workspace_directory import WorkspaceDirectory
    from kelp.ingest.journal import Envelope, PendingFrame
    from kelp.resources.data_collection_rule import DataCollectionRule
    from kelp.resources.resource import Resource
    from kelp.resources.store import ResourceStore
    from kelp.resources.workspace import Workspace

UNCHANGED = "source"
"""The transformation that passes every record through."""

ALWAYS_GIVEN = (
    Column(TIME_COLUMN, ScalarType.DATETIME),
    Column(RECEIPT_COLUMN, ScalarType.DATETIME),
    Column(CUSTOMER_COLUMN, ScalarType.STRING),
)
"""Columns that every record gets, whether it brings them or not; and `SIZE`, behind all others."""

_WORD = re.compile(r"\w+")
_REMEMBERED_TEMPLATES = 2_000
_REMEMBERED_ORIGINS = 20_000


class Origin(NamedTuple):
    """Frames of one origin are read alike, so they may be loaded together."""

    workspace_id: WorkspaceId
    kind: EnvelopeKind
    route: str
    stream: str

    @classmethod
    def of(cls, frame: PendingFrame | Envelope) -> Origin:
        """Return the origin of a frame."""
        return cls(WorkspaceId(frame.workspace_id), frame.kind, frame.route, frame.stream)


@dataclass(frozen=True, slots=True)
class Flow:
    """One way of records into one table.

    `input` are the columns that records may have, `output` those of the table that are filled, `SIZE` last. An open
    flow names all columns of a table, of which records are likely to have few: it is to be narrowed first. Kelp's own
    records may say of which customer they tell; those of a sender may not.
    """

    workspace_id: WorkspaceId
    table: str
    transformation: str
    input: tuple[Column, ...]
    output: tuple[Column, ...]
    is_open: bool = False
    is_own: bool = False


class FlowDirectory:
    """Finds flows in the state in memory. Belongs to one event loop."""

    def __init__(self, store: ResourceStore, workspaces: WorkspaceDirectory) -> None:
        self._store = store
        self._workspaces = workspaces
        self._version = (-1, -1)
        self._found: dict[Origin, tuple[Flow, ...]] = {}
        self._last: Recent[Origin, tuple[Flow, ...]] = Recent(_REMEMBERED_ORIGINS)
        self._templates: Recent[Flow, RecipeTemplate] = Recent(_REMEMBERED_TEMPLATES)

    def find_flows(self, origin: Origin) -> tuple[Flow, ...]:
        """Return the flows of frames that came by a rule or by Kelp itself.

        What a rule accepted before it was deleted or changed goes the way it would have gone. None if the workspace is
        gone. Raises `QueryRefusedError` for a transformation that no longer compiles.
        """
        if self._version != self._workspaces.version:
            self._version, self._found = self._workspaces.version, {}
        if origin not in self._found:
            workspace = self._store.snapshot.workspaces.get(origin.workspace_id)
            flows = tuple(self._iter_flows(workspace, origin)) if workspace is not None else ()
            if workspace is not None and not flows:
                flows = self._last.find(origin) or ()
            self._remember(origin, flows)
        return self._found[origin]

    def narrow(self, flow: Flow, properties: Collection[str]) -> Flow:
        """Return an open flow with those columns only that records have, or that the transformation names."""
        wanted = {*properties, *_WORD.findall(flow.transformation)}
        columns = tuple(column for column in flow.input if column.name in wanted)
        given = {column.name for column in check_transformation(flow.transformation, columns).columns}
        output = tuple(
            column for column in flow.output if column in (*ALWAYS_GIVEN, SIZE) or column.name in given
        )
        return replace(flow, input=columns, output=output, is_open=False)

    def get_template(self, flow: Flow) -> RecipeTemplate:
        """Return the recipe of a flow. Raises `QueryRefusedError`."""
        template = self._templates.find(flow)
        if template is None:
            template = template_of_flow(flow)
            self._templates.keep(flow, template)
        return template

    def table_columns(self, workspace_id: WorkspaceId, table: str) -> tuple[Column, ...]:
        """Return the columns that a table has now, as queries see it; none if there is no such table or workspace."""
        workspace = self._store.snapshot.workspaces.get(workspace_id)
        return self._table_columns(workspace, table) if workspace is not None else ()

    def has_rule(self, immutable_id: str) -> bool:
        """Tell whether there is such a rule now."""
        return immutable_id in self._store.snapshot.rules

    def has_workspace(self, workspace_id: WorkspaceId) -> bool:
        """Tell whether the workspace is there and open."""
        return workspace_id in self._store.snapshot.workspaces

    def find_table_name(self, workspace_id: WorkspaceId, name: str) -> str:
        """Return the name of a table as it was first written; as it is written here if there is none."""
        workspace = self._store.snapshot.workspaces.get(workspace_id)
        table = self._store.snapshot.find_table(workspace, name) if workspace is not None else None
        return table.id.name if table is not None else name

    def _remember(self, origin: Origin, flows: tuple[Flow, ...]) -> None:
        self._found[origin] = flows
        self._last.keep(origin, flows)

    def _iter_flows(self, workspace: Resource[Workspace], origin: Origin) -> Iterator[Flow]:
        if origin.kind is EnvelopeKind.INTERNAL:
            columns = self._table_columns(workspace, origin.stream)
            if columns:
                flow = self._flow(workspace, origin.stream, UNCHANGED, columns, is_open=True)
                yield replace(flow, is_own=True)
            return
        rule = self._store.snapshot.rules.get(origin.route)
        if rule is not None:
            yield from self._iter_rule_flows(workspace, rule.properties, origin.stream)

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
                declared = _declared_columns(rule, stream)
                columns = declared or self._table_columns(workspace, stream.partition("-")[2])
                text = flow.transform_kql or UNCHANGED
                yield self._flow(workspace, output_table(flow), text, columns, is_open=not declared)

    def _table_columns(self, workspace: Resource[Workspace], table: str) -> tuple[Column, ...]:
        found = self._workspaces.get_schema(workspace).find_table(table)
        return found.schema.columns if found is not None else ()

    def _flow(
        self,
        workspace: Resource[Workspace],
        table: str,
        transformation: str,
        columns: tuple[Column, ...],
        *,
        is_open: bool,
    ) -> Flow:
        known = {column.name: column.type for column in self._table_columns(workspace, table)}
        kept_out = {column.name for column in (*ALWAYS_GIVEN, SIZE)} | CONSTANT_COLUMNS
        output = tuple(
            Column(column.name, known[column.name])
            for column in check_transformation(transformation, columns).columns
            if column.name in known and column.name not in kept_out
        )
        return Flow(
            workspace.properties.workspace_id,
            table,
            transformation,
            columns,
            (*ALWAYS_GIVEN, *output, SIZE),
            is_open=is_open,
        )


def _declared_columns(rule: DataCollectionRule, stream: str) -> tuple[Column, ...]:
    for declaration in rule.stream_declarations:
        if declaration.name == stream:
            return tuple(Column(column.name, column.type) for column in declaration.columns)
    return ()
