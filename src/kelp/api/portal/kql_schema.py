"""What a query over several workspaces may name, and which of them the caller may not query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kelp.api.portal.kql_documents import invalid
from kelp.api.query.metadata import describe_workspaces, find_conflicts
from kelp.base.errors import ServiceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kelp.api.query.runner import QueryRunner
    from kelp.identity.principal import Principal


def describe_schema(runner: QueryRunner, principal: Principal, workspaces: Sequence[str]) -> dict[str, Any]:
    """Return the metadata of all workspaces as one, of those that the caller may query, with `conflicts` and `refused`.

    A query over all is refused as long as one of them is. Raises `ServiceError` where all are, or there are too many.
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
    return describe_workspaces(built, runner.list_functions(built)) | {
        "conflicts": [{"table": name, "message": text} for name, text in find_conflicts(built).items()],
        "refused": [
            {"workspace": name, "code": one.code, "message": one.message} for name, one in refusals.items()
        ],
    }


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
