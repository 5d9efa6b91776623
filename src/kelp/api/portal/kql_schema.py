"""What a query over several workspaces may name, and which of them the caller may not query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from kelp.api.portal.kql_documents import invalid
from kelp.api.query.metadata import describe_workspaces, find_tables
from kelp.base.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.api.query.runner import QueryRunner
    from kelp.catalog.scope import BuiltScope
    from kelp.identity.principal import Principal
    from kelp.resources.resource import Resource
    from kelp.resources.saved_search import SavedSearch
    from kelp.resources.workspace import Workspace


@dataclass(frozen=True, slots=True)
class AskedSchema:
    """The workspaces that were asked for: the scope of those that the caller may query, and why not the others."""

    built: BuiltScope
    functions: Sequence[tuple[Resource[Workspace], Resource[SavedSearch]]]
    refusals: Mapping[str, ServiceError]

    def describe(self) -> dict[str, Any]:
        """Return the metadata of all as one, with `conflicts` and `refused`. Takes a while; may run in a thread."""
        named = find_tables(self.built)
        return describe_workspaces(self.built, named, self.functions) | {
            "conflicts": [{"table": name, "message": text} for name, text in named.conflicts.items()],
            "refused": [
                {"workspace": name, "code": one.code, "message": one.message}
                for name, one in self.refusals.items()
            ],
        }


def ask_schema(runner: QueryRunner, principal: Principal, workspaces: Sequence[str]) -> AskedSchema:
    """Return what a query over workspaces may name: over all it is refused as long as one of them is.

    Raises `ServiceError` where all are refused, or there are too many.
    """
    allowed: list[str] = []
    refusals: dict[str, ServiceError] = {}
    for workspace in dict.fromkeys(workspaces):
        try:
            runner.build_scope(principal, [workspace])
        except ServiceError as refusal:
            refusals[workspace] = refusal
        else:
            allowed.append(workspace)
    if not allowed:
        raise refusals[workspaces[0]]
    built = runner.build_scope(principal, allowed)
    return AskedSchema(built, runner.list_functions(built), refusals)


def decode_workspaces(document: Mapping[str, Any]) -> list[str]:
    """Return the workspaces of a body. Raises `ServiceError` (invalid)."""
    workspaces = document.get("workspaces")
    if (
        not isinstance(workspaces, list)
        or not workspaces
        or not all(isinstance(one, str) for one in workspaces)
    ):
        raise invalid("workspaces", "'workspaces' must be a list with at least one workspace's id.")
    return workspaces
