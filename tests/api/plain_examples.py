"""One valid document of each plain kind, for the tests that all kinds share and for those that aim at every route."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WORKSPACE = "{workspace}"
GROUP = "{group}"
LOGS, INSIGHTS = "Microsoft.OperationalInsights", "Microsoft.Insights"


@dataclass(frozen=True, slots=True)
class Example:
    """A resource below `place` (`WORKSPACE`, `GROUP` or a path below them), under a provider for a group's own.

    `problems` are the targets that are told of `wrong`, a document with several faults. `etag` is the name of the
    member that holds the etag.
    """

    place: str
    path: str
    document: Mapping[str, Any]
    wrong: Mapping[str, Any]
    problems: frozenset[str]
    created: int = 201
    absent: int = 204
    patch: Mapping[str, Any] | None = None
    etag: str = "etag"

    def resource_id(self, workspace: str) -> str:
        group = workspace.partition("/providers/")[0]
        return f"{self.place.format(workspace=workspace, group=group)}/{self.path}"

    @property
    def kind(self) -> str:
        """The kind's segment, by which parameters and documents are found."""
        return self.path.split("/")[-2]

    @property
    def name(self) -> str:
        return self.path.split("/")[-1]

    def filled(self, workspace: str) -> Any:
        """The document with `{workspace}` and `{group}` filled in."""
        return _fill(self.document, workspace, workspace.partition("/providers/")[0])


def _fill(value: Any, workspace: str, group: str) -> Any:
    match value:
        case str():
            return value.replace(WORKSPACE, workspace).replace(GROUP, group)
        case Mapping():
            return {name: _fill(member, workspace, group) for name, member in value.items()}
        case list():
            return [_fill(item, workspace, group) for item in value]
    return value


EXAMPLES = (
    Example(
        WORKSPACE,
        "savedSearches/Errors by computer",
        {
            "properties": {
                "category": "Operations",
                "displayName": "Errors by computer",
                "query": "Heartbeat | where Computer startswith start | summarize n = count() by Computer",
                "functionAlias": "ErrorsByComputer",
                "functionParameters": "start: string = 'web'",
                "version": 2,
                "tags": [{"name": "team", "value": "one"}, {"name": "team", "value": "two"}],
            }
        },
        {"properties": {"category": 1, "displayName": " ", "functionParameters": "a: long"}},
        frozenset(
            {
                "properties.category",
                "properties.displayName",
                "properties.query",
                "properties.functionParameters",
            }
        ),
        created=200,
        absent=404,
    ),
    Example(
        GROUP,
        "providers/Microsoft.Insights/dataCollectionEndpoints/entry",
        {"location": "local", "tags": {"a": "b"}, "properties": {"description": "The way in."}},
        {"location": "no place!", "properties": {"networkAcls": {"publicNetworkAccess": "Perhaps"}}},
        frozenset({"location", "properties.networkAcls.publicNetworkAccess"}),
        patch={"tags": {"c": "d"}},
    ),
)


def examples_in(workspace: str) -> list[tuple[str, Any]]:
    """Resource id and document of each example, in an order in which they can be made."""
    return [(example.resource_id(workspace), example.filled(workspace)) for example in EXAMPLES]
