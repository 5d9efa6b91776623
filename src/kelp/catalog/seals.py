"""Workspaces whose keys can't be had because their owner took the key above them away: their data is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from kelp.base.errors import Category, ServiceError

if TYPE_CHECKING:
    from kelp.resources.resource import Resource
    from kelp.resources.workspace import Workspace

FindSeal: TypeAlias = Callable[[UUID], "str | None"]
"""Tells why a store is sealed off; None if it is not. Answers from memory."""


class WorkspaceSealedOff(ServiceError):
    """A query that would read such a workspace. It is refused whole: no rows are left out silently."""

    def __init__(self, workspace: Resource[Workspace], reason: str) -> None:
        message = (
            f"The workspace '{workspace.id.name}' can't be read: the key that protects its data can't be used "
            f"({reason}). Whoever owns the key vault can bring the data back: enable or recover the key, and give the "
            "cluster's identity get, wrap and unwrap on it. Kelp notices within a minute."
        )
        super().__init__(Category.FORBIDDEN, "WorkspaceKeyUnavailable", message, target=str(workspace.id))
