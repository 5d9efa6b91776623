"""A data collection rule: which streams come in, how they are transformed, and to which tables they go."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kelp.base.ids import WorkspaceId
from kelp.resources.errors import Problem
from kelp.resources.naming import check_location, check_name, check_tags
from kelp.resources.table import TableColumn, check_columns, is_custom_table_name

MAXIMUM_DATA_FLOWS = 10
MAXIMUM_STREAMS = 20
DIRECT_KIND = "Direct"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,61}[A-Za-z0-9_-]")
_STREAM_NAME = re.compile(r"(Custom|Microsoft)-[A-Za-z0-9_.-]{1,110}")


@dataclass(frozen=True, slots=True)
class StreamDeclaration:
    """The columns that records of a custom stream may have."""

    name: str
    columns: tuple[TableColumn, ...]


@dataclass(frozen=True, slots=True)
class LogAnalyticsDestination:
    """A workspace under the name by which data flows call it. `workspace_id` is filled in when the rule is stored."""

    name: str
    workspace_resource_id: str
    workspace_id: WorkspaceId | None = None


@dataclass(frozen=True, slots=True)
class DataFlow:
    """From streams to destinations. `output_stream` of None means the table that the one stream is named after."""

    streams: tuple[str, ...]
    destinations: tuple[str, ...]
    transform_kql: str | None = None
    output_stream: str | None = None


@dataclass(frozen=True, slots=True)
class DataCollectionRule:
    """`immutable_id` is given at creation; empty in a draft. The `_json` members are kept for agents as they came."""

    location: str
    stream_declarations: tuple[StreamDeclaration, ...] = ()
    destinations: tuple[LogAnalyticsDestination, ...] = ()
    data_flows: tuple[DataFlow, ...] = ()
    immutable_id: str = ""
    kind: str | None = None
    description: str = ""
    data_collection_endpoint_id: str | None = None
    data_sources_json: str = "{}"
    agent_settings_json: str = "{}"
    tags: dict[str, str] = field(default_factory=dict)


def output_table(flow: DataFlow) -> str:
    """Return the name of the table that the flow fills."""
    stream = flow.output_stream or flow.streams[0]
    return stream.partition("-")[2]


def check_rule(name: str, rule: DataCollectionRule) -> list[Problem]:
    """Check everything about the rule that can be told from its document alone."""
    problems = [
        *check_name(
            name,
            _NAME,
            "2 to 63 letters, digits, '_', '-' or '.', beginning with a letter or digit, not ending with a period",
        ),
        *check_location(rule.location),
        *check_tags(rule.tags),
        *_check_streams(rule),
        *_check_destination_names(rule),
    ]
    if not rule.data_flows:
        problems.append(Problem("properties.dataFlows", "A rule needs at least one data flow."))
    if len(rule.data_flows) > MAXIMUM_DATA_FLOWS:
        problems.append(
            Problem("properties.dataFlows", f"A rule has at most {MAXIMUM_DATA_FLOWS} data flows.")
        )
    for index, flow in enumerate(rule.data_flows):
        problems += _check_flow(f"properties.dataFlows[{index}]", flow, rule)
    return problems


def _check_streams(rule: DataCollectionRule) -> list[Problem]:
    target = "properties.streamDeclarations"
    problems = []
    if len(rule.stream_declarations) > MAXIMUM_STREAMS:
        problems.append(Problem(target, f"A rule declares at most {MAXIMUM_STREAMS} streams."))
    for stream in rule.stream_declarations:
        where = f"{target}.{stream.name}"
        if not stream.name.startswith("Custom-") or not _STREAM_NAME.fullmatch(stream.name):
            problems.append(
                Problem(
                    where,
                    f"'{stream.name}' can't be declared: the name of a declared stream is 'Custom-' and letters, "
                    "digits, '_', '.' or '-'.",
                    "InvalidStream",
                )
            )
        if not stream.columns:
            problems.append(
                Problem(f"{where}.columns", f"Stream '{stream.name}' declares no columns.", "InvalidStream")
            )
        problems += check_columns(f"{where}.columns", stream.columns)
    return problems


def _check_destination_names(rule: DataCollectionRule) -> list[Problem]:
    target = "properties.destinations.logAnalytics"
    problems = []
    seen: set[str] = set()
    for index, destination in enumerate(rule.destinations):
        if not destination.name or destination.name in seen:
            problems.append(
                Problem(
                    f"{target}[{index}].name",
                    f"Destination name '{destination.name}' is empty or used twice.",
                    "InvalidDestination",
                )
            )
        seen.add(destination.name)
    if not rule.destinations:
        problems.append(
            Problem("properties.destinations", "A rule needs at least one destination.", "InvalidDestination")
        )
    return problems


def _check_flow(target: str, flow: DataFlow, rule: DataCollectionRule) -> list[Problem]:
    declared = {stream.name for stream in rule.stream_declarations}
    problems = []
    if not flow.streams:
        problems.append(Problem(f"{target}.streams", "A data flow names at least one stream."))
    for stream in flow.streams:
        if stream.startswith("Custom-") and stream not in declared:
            problems.append(
                Problem(
                    f"{target}.streams",
                    f"Stream '{stream}' is not declared in streamDeclarations.",
                    "InvalidStream",
                )
            )
        elif not _STREAM_NAME.fullmatch(stream):
            problems.append(
                Problem(
                    f"{target}.streams",
                    f"'{stream}' is no stream: names begin with 'Custom-' or 'Microsoft-'.",
                    "InvalidStream",
                )
            )
    names = {destination.name for destination in rule.destinations}
    if not flow.destinations:
        problems.append(Problem(f"{target}.destinations", "A data flow names at least one destination."))
    problems += [
        Problem(
            f"{target}.destinations",
            f"Destination '{name}' is not among the rule's destinations.",
            "InvalidDestination",
        )
        for name in flow.destinations
        if name not in names
    ]
    return problems + _check_output_stream(target, flow)


def _check_output_stream(target: str, flow: DataFlow) -> list[Problem]:
    where, stream = f"{target}.outputStream", flow.output_stream
    if stream is None:
        if len(flow.streams) != 1:
            return [Problem(where, "A data flow of several streams needs an outputStream.", "InvalidStream")]
        where, stream = f"{target}.streams", flow.streams[0]
    prefix, _, table = stream.partition("-")
    if (prefix == "Custom" and is_custom_table_name(table)) or (prefix == "Microsoft" and table):
        return []
    return [
        Problem(
            where,
            f"'{stream}' names no table: an output stream is 'Custom-' and a table that ends in '_CL', or "
            "'Microsoft-' and a built-in table.",
            "InvalidStream",
        )
    ]
