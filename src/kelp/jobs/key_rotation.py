"""Replaces keys when their time has come, and whenever an operator asks: new ones seal, old ones still open.

Data keys of workspaces, keys of clusters, the key of the product's own secrets (which are wrapped anew with it), the
keys that sign tokens, and keys of vaults whose policy says so. The keys of engine disks stay for the life of the disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import structlog

from kelp.base.errors import ServiceError
from kelp.vault.vault_keys import rotate_key

if TYPE_CHECKING:
    from kelp.base.clock import Clock
    from kelp.vault.items import VaultItems
    from kelp.vault.key_hierarchy import KeyHierarchy

NAME = "key-rotation"
INTERVAL = timedelta(hours=1)
FIRST_AFTER = timedelta(minutes=1)


class KeyPart(StrEnum):
    """Which keys are meant."""

    ALL = "all"
    WORKSPACES = "workspaces"
    CLUSTERS = "clusters"
    PRODUCT = "product"
    TOKENS = "tokens"


@dataclass(frozen=True, slots=True)
class KeyState:
    """A key as it is used now. `due_at` is when it is replaced by itself; `seal` why it can't be used, else empty."""

    part: KeyPart
    owner: str
    version: str
    created_at: datetime
    due_at: datetime
    seal: str = ""


class TokenKeys(Protocol):
    """The keys that sign tokens."""

    def describe_newest(self) -> tuple[str, datetime]:
        """Return the name of the newest key and when it was made."""
        ...

    def rotate(self) -> object:
        """Make a new key now; the one before still verifies."""
        ...

    def rewrap(self) -> int:
        """Wrap the keys anew."""
        ...


class KeyRotation:
    """Blocks, but for `run`. One run at a time."""

    def __init__(
        self,
        keys: KeyHierarchy,
        tokens: TokenKeys,
        items: VaultItems,
        rewrap: Sequence[Callable[[], int]],
        clock: Clock,
        period: timedelta,
    ) -> None:
        """`rewrap` are those who keep secrets of the product; each wraps its own anew and says how many there were."""
        self._keys = keys
        self._tokens = tokens
        self._items = items
        self._rewrap = rewrap
        self._clock = clock
        self._period = period
        self._log = structlog.get_logger("kelp.keys")

    async def run(self) -> None:
        """Replace what is due. One key that can't be replaced now does not stop the others."""
        await asyncio.to_thread(self.rotate_due)

    def rotate_due(self) -> int:
        """Replace what is due, keys of vaults by their own policies included; return how many keys.

        Those that sign tokens are replaced by whoever signs.
        """
        now = self._clock.now()
        due = [
            state
            for state in self.list_states()
            if state.due_at <= now and not state.seal and state.part is not KeyPart.TOKENS
        ]
        return sum(self._rotate(state) for state in due) + self._rotate_vault_keys()

    def rotate(self, part: KeyPart, owner: str = "") -> int:
        """Replace the keys of a part now, only those of an owner if one is named; return how many."""
        wanted = [
            state
            for state in self.list_states()
            if part in (KeyPart.ALL, state.part) and owner in ("", state.owner) and not state.seal
        ]
        return sum(self._rotate(state) for state in wanted)

    def list_states(self) -> list[KeyState]:
        """Return how each key stands."""
        product = self._keys.get_product_status()
        name, made_at = self._tokens.describe_newest()
        states = [
            self._state(KeyPart.PRODUCT, "", str(product.version), product.created_at),
            self._state(KeyPart.TOKENS, "", name, made_at),
        ]
        for cluster_id in self._keys.list_clusters():
            status = self._keys.find_cluster_status(cluster_id)
            if status is not None:
                seal = self._keys.find_cluster_seal(cluster_id) or ""
                states.append(
                    self._state(KeyPart.CLUSTERS, cluster_id, str(status.version), status.created_at, seal)
                )
        return states + [self.get_workspace_state(one) for one in self._keys.list_workspaces()]

    def get_workspace_state(self, workspace_id: UUID) -> KeyState:
        """Return how a workspace's data key stands. Raises `KeyNotFound`."""
        found = self._keys.get_status(workspace_id)
        seal = self._keys.find_cluster_seal(found.cluster_id) or ""
        version, at = str(found.data_key_version), found.data_key_created_at
        return self._state(KeyPart.WORKSPACES, str(workspace_id), version, at, seal)

    def _state(
        self, part: KeyPart, owner: str, version: str, created_at: datetime, seal: str = ""
    ) -> KeyState:
        return KeyState(part, owner, version, created_at, created_at + self._period, seal)

    def _rotate(self, state: KeyState) -> int:
        try:
            self._rotate_one(state)
        except ServiceError as error:
            self._log.warning(
                "key_not_rotated", part=state.part, owner=state.owner, code=error.code, error=error.message
            )
            return 0
        self._log.info("key_rotated", part=state.part, owner=state.owner)
        return 1

    def _rotate_one(self, state: KeyState) -> None:
        match state.part:
            case KeyPart.WORKSPACES:
                self._keys.rotate_data_key(UUID(state.owner))
            case KeyPart.CLUSTERS:
                self._keys.rotate_cluster_key(state.owner)
            case KeyPart.PRODUCT:
                self._keys.rotate_product_key()
                self._tokens.rewrap()
                for rewrap in self._rewrap:
                    rewrap()
            case KeyPart.TOKENS:
                self._tokens.rotate()
            case KeyPart.ALL:
                raise ValueError(state.part)

    def _rotate_vault_keys(self) -> int:
        rotated = 0
        for place, policy in self._items.iter_policies():
            newest = self._items.get(place)
            due_at = policy.rotates_at(newest.created_at, newest.usage.expires_at)
            if due_at is not None and due_at <= self._clock.now():
                rotate_key(self._items, place)
                rotated += 1
        return rotated
