"""What is told of keys without showing any: their versions, their age, their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DestroyedKeys:
    """The proof of a crypto-erasure: whose keys, which versions, when."""

    workspace_id: UUID
    cluster_id: str
    data_key_versions: tuple[int, ...]
    destroyed_at: datetime


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """What a rotation job and a reader of the portal need to know of a workspace's keys."""

    workspace_id: UUID
    cluster_id: str
    data_key_version: int
    data_key_created_at: datetime
    double_encryption: bool


@dataclass(frozen=True, slots=True)
class ClusterStatus:
    """What is known of a cluster's key without opening it. `wrapped` is its newest version, under its root key."""

    cluster_id: str
    root_key_id: str
    version: int
    created_at: datetime
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProductStatus:
    """The key that wraps the product's own secrets now."""

    version: int
    created_at: datetime
