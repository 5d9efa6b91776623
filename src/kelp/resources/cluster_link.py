"""What ties a workspace to a dedicated cluster, as the workspace remembers it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5


class LinkState(StrEnum):
    """Where the workspace's new records go: to the cluster from `LINKED` on, until it is no longer `UNLINKING`."""

    LINKING = "Linking"
    LINKED = "Linked"
    UNLINKING = "Unlinking"


@dataclass(frozen=True, slots=True)
class ClusterLink:
    """A link, or one that is being made or undone by `operation_id`, which may end at `due_at`.

    `cluster` is the cluster's resource id as text. A cluster that was deleted since is none any more, whatever is
    written here: ask whether it is there.
    """

    cluster: str
    cluster_id: UUID
    state: LinkState
    operation_id: UUID
    due_at: datetime
    linked_at: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def is_running(self) -> bool:
        """Whether an operation has still to end."""
        return self.state is not LinkState.LINKED


@dataclass(frozen=True, slots=True)
class ClusterStore:
    """The store that a workspace has in a cluster: where the records lie that came while it was linked."""

    store_id: UUID
    cluster_id: UUID


def store_id_of(workspace_id: UUID, cluster_id: UUID) -> UUID:
    """Return the id of a workspace's store in a cluster: always the same one. Its store at home has its own id."""
    return uuid5(workspace_id, str(cluster_id))
