"""Where things lie in the data folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DataLayout:
    """The paths below one data folder. docs/operations.md explains them to administrators."""

    root: Path

    @property
    def root_key(self) -> Path:
        """The root key's file, which only the owner may read."""
        return self.root / "keys" / "root.key"

    @property
    def wrapped_keys(self) -> Path:
        """All other keys, wrapped."""
        return self.root / "keys" / "wrapped"

    @property
    def database(self) -> Path:
        """The resource store, the directory and the ledger of tables."""
        return self.root / "kelp.sqlite"

    @property
    def certificates(self) -> Path:
        """The built-in authority and the server's certificate."""
        return self.root / "certificates"

    @property
    def journal(self) -> Path:
        """What was accepted and is not in the tables yet."""
        return self.root / "journal"

    @property
    def plans(self) -> Path:
        """The load plans of this node."""
        return self.root / "plans.sqlite"

    @property
    def blobs(self) -> Path:
        """Raw bodies as they came, sealed."""
        return self.root / "blobs"

    @property
    def clusters(self) -> Path:
        """A folder for each dedicated cluster, unless a setting puts them elsewhere."""
        return self.root / "clusters"

    @property
    def engine(self) -> Path:
        """The engine's own folder."""
        return self.root / "engine"

    @property
    def machine_sources(self) -> Path:
        """How far this machine's own logs were read."""
        return self.root / "machine"
