"""Storing a data collection rule: tying what it names to workspaces, endpoints and tables that exist."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from kelp.base.errors import ServiceError
from kelp.base.ids import ResourceId, new_immutable_rule_id
from kelp.resources.data_collection_endpoint import DataCollectionEndpoint
from kelp.resources.data_collection_rule import (
    DataCollectionRule,
    DataFlow,
    LogAnalyticsDestination,
    check_rule,
    output_table,
)
from kelp.resources.errors import Problem, ResourceConflict, refuse_if_any
from kelp.resources.naming import normalize_location
from kelp.resources.table import BuiltInTables, Table, TableColumn
from kelp.resources.workspace import Workspace

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.transaction import Transaction

CheckTransformation: TypeAlias = Callable[[str, Sequence[TableColumn]], Sequence[str]]
"""Compiles a transformation over `source` with these columns; returns what is wrong with it, nothing if it is fine."""

MAXIMUM_TRANSFORMATION_CHARACTERS = 15_360


def put_rule(
    transaction: Transaction,
    rule_id: ResourceId,
    draft: DataCollectionRule,
    built_in_tables: BuiltInTables,
    check_transformation: CheckTransformation,
    *,
    if_match: str | None = None,
) -> Resource[DataCollectionRule]:
    """Create or replace the rule; its immutable id, kind and location stay.

    Raises `InvalidDocument` with every problem, `ResourceConflict`, `PreconditionFailed`, `ResourceNotFound` (no such
    group). May take as long as the transformations take to compile.
    """
    draft, unknown_workspaces = _resolve_destinations(
        transaction, replace(draft, location=normalize_location(draft.location))
    )
    problems = check_rule(rule_id.name, draft) + unknown_workspaces
    problems += _check_endpoint(transaction, draft)
    problems += _check_transformations(draft, built_in_tables, check_transformation)
    if not problems:
        problems += _check_output_tables(transaction, draft, built_in_tables)
    refuse_if_any(problems)
    existing = transaction.find(DataCollectionRule, rule_id)
    immutable_id = new_immutable_rule_id()
    if existing is not None:
        _require_same_place(rule_id, existing.properties, draft)
        immutable_id = existing.properties.immutable_id
    return transaction.put(rule_id, replace(draft, immutable_id=immutable_id), if_match=if_match)


def _resolve_destinations(
    transaction: Transaction, draft: DataCollectionRule
) -> tuple[DataCollectionRule, list[Problem]]:
    resolved, problems = [], []
    for index, destination in enumerate(draft.destinations):
        target = f"properties.destinations.logAnalytics[{index}].workspaceResourceId"
        try:
            workspace = transaction.find(Workspace, ResourceId.parse(destination.workspace_resource_id))
        except ServiceError as error:
            problems.append(Problem(target, error.message, "InvalidDestination"))
            continue
        if workspace is None:
            problems.append(
                Problem(
                    target,
                    f"The workspace '{destination.workspace_resource_id}' does not exist.",
                    "InvalidDestination",
                )
            )
            continue
        resolved.append(replace(destination, workspace_id=workspace.properties.workspace_id))
    return replace(draft, destinations=tuple(resolved) if not problems else draft.destinations), problems


def _check_endpoint(transaction: Transaction, draft: DataCollectionRule) -> list[Problem]:
    if draft.data_collection_endpoint_id is None:
        return []
    target = "properties.dataCollectionEndpointId"
    try:
        endpoint = transaction.find(
            DataCollectionEndpoint, ResourceId.parse(draft.data_collection_endpoint_id)
        )
    except ServiceError as error:
        return [Problem(target, error.message)]
    if endpoint is None:
        return [Problem(target, f"The endpoint '{draft.data_collection_endpoint_id}' does not exist.")]
    return []


def _check_transformations(
    draft: DataCollectionRule, built_in_tables: BuiltInTables, check_transformation: CheckTransformation
) -> list[Problem]:
    declared = {stream.name: stream.columns for stream in draft.stream_declarations}
    problems = []
    for index, flow in enumerate(draft.data_flows):
        target = f"properties.dataFlows[{index}].transformKql"
        if flow.transform_kql is None:
            continue
        if len(flow.transform_kql) > MAXIMUM_TRANSFORMATION_CHARACTERS:
            problems.append(
                Problem(
                    target,
                    f"A transformation has at most {MAXIMUM_TRANSFORMATION_CHARACTERS} characters.",
                    "InvalidTransformQuery",
                )
            )
            continue
        for stream in flow.streams:
            columns = declared.get(stream) or _columns_of_built_in(stream, built_in_tables)
            if columns is None:
                continue
            problems += [
                Problem(target, f"{message} (stream '{stream}')", "InvalidTransformQuery")
                for message in check_transformation(flow.transform_kql, columns)
            ]
    return problems


def _columns_of_built_in(stream: str, built_in_tables: BuiltInTables) -> tuple[TableColumn, ...] | None:
    built_in = built_in_tables.find_built_in(stream.partition("-")[2])
    return built_in.columns if built_in else None


def _check_output_tables(
    transaction: Transaction, draft: DataCollectionRule, built_in_tables: BuiltInTables
) -> list[Problem]:
    destinations = {destination.name: destination for destination in draft.destinations}
    return [
        problem
        for index, flow in enumerate(draft.data_flows)
        for name in flow.destinations
        for problem in _check_output_table(
            f"properties.dataFlows[{index}].outputStream",
            transaction,
            flow,
            destinations[name],
            built_in_tables,
        )
    ]


def _check_output_table(
    target: str,
    transaction: Transaction,
    flow: DataFlow,
    destination: LogAnalyticsDestination,
    built_in_tables: BuiltInTables,
) -> list[Problem]:
    name = output_table(flow)
    if (flow.output_stream or flow.streams[0]).startswith("Microsoft-"):
        exists = built_in_tables.find_built_in(name) is not None
    else:
        workspace_id = ResourceId.parse(destination.workspace_resource_id)
        exists = transaction.find(Table, workspace_id.child("tables", name)) is not None
    if exists:
        return []
    return [
        Problem(
            target,
            f"Table for output stream '{flow.output_stream or flow.streams[0]}' is not available for destination "
            f"'{destination.name}'.",
            "InvalidOutputTable",
        )
    ]


def _require_same_place(rule_id: ResourceId, before: DataCollectionRule, draft: DataCollectionRule) -> None:
    if before.location != draft.location:
        raise ResourceConflict(
            "InvalidResourceLocation",
            f"The rule '{rule_id.name}' exists in location '{before.location}'.",
            target="location",
        )
    if before.kind != draft.kind:
        raise ResourceConflict(
            "InvalidKind",
            f"The rule '{rule_id.name}' has kind '{before.kind}'; the kind of a rule can't change.",
            target="kind",
        )
