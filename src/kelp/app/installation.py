"""What exists without a running server: keys, the resource store, the directory. Synchronous."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from kelp.app.layout import DataLayout
from kelp.base.clock import Clock, SystemClock
from kelp.base.durable_file import make_directory_durably
from kelp.base.errors import Category, ServiceError
from kelp.identity.certificates import CertificateAuthority
from kelp.identity.directory import Directory
from kelp.identity.owners import Owners
from kelp.identity.secrets_hash import SecretHasher
from kelp.resources.bootstrap import FirstSecrets, create_installation, find_installation
from kelp.resources.bootstrap import Installation as Names
from kelp.resources.database import Database
from kelp.resources.store import ResourceStore
from kelp.vault.items import VaultItems
from kelp.vault.key_hierarchy import KeyHierarchy
from kelp.vault.key_store import KeyStore
from kelp.vault.root_key import FileRootKey

if TYPE_CHECKING:
    from pathlib import Path
    from uuid import UUID

    from kelp.base.settings import ServerSettings


@dataclass(frozen=True, slots=True)
class InitializedFolder:
    """What `kelp init` tells. `secrets` only the first time."""

    names: Names
    secrets: FirstSecrets | None
    primary_key: str
    ca_file: Path


class Installation:
    """An open data folder. One process at a time writes to it; close it when done."""

    def __init__(self, layout: DataLayout, keys: KeyHierarchy, database: Database, clock: Clock) -> None:
        """Not to be called: see `create` and `open`."""
        self.layout = layout
        self.keys = keys
        self.database = database
        self.clock = clock
        self.store = ResourceStore(database, clock, keys)
        self.vault_items = VaultItems(database, keys, clock)
        self.directory = Directory(database, clock, SecretHasher())
        self._with_keys: set[UUID] = set()
        # Before the engine hears of a workspace, its keys must be there.
        self.store.subscribe(lambda _: self.ensure_workspace_keys())

    @classmethod
    def exists(cls, folder: Path) -> bool:
        """Tell whether the folder holds an installation, complete or not."""
        return DataLayout(folder).root_key.exists()

    @classmethod
    def create(cls, folder: Path, clock: Clock | None = None) -> Self:
        """Open the folder, making what is missing. Raises `ServiceError` where it can't be."""
        layout = DataLayout(folder.resolve())
        make_directory_durably(layout.root)
        root_key = layout.root_key
        key = FileRootKey.load(root_key) if root_key.exists() else FileRootKey.create(root_key)
        clock = clock or SystemClock()
        keys = KeyHierarchy(KeyStore(layout.wrapped_keys), key, clock)
        database = Database.open_file(layout.database)
        database.migrate()
        return cls(layout, keys, database, clock)

    @classmethod
    def open(cls, folder: Path, clock: Clock | None = None) -> Self:
        """Open a folder that `kelp init` made. Raises `ServiceError` (not_found) for any other."""
        if not cls.exists(folder):
            message = f"{folder} holds no Kelp installation. Make one with: kelp init --data {folder}"
            raise ServiceError(Category.NOT_FOUND, "NoInstallation", message)
        return cls.create(folder, clock)

    def initialize(self, settings: ServerSettings, *, new_secrets: bool = False) -> InitializedFolder:
        """Make tenant, subscription, group, workspace and owners, or return those there are.

        With `new_secrets` the owners that there are get new ones, and the old ones are worth nothing.
        """
        owners = Owners(self.directory)
        names, secrets = create_installation(self.store, owners, location=settings.region)
        if new_secrets and secrets is None:
            application = owners.ensure_owner_application(names.tenant_id)
            user = owners.ensure_owner_user(names.tenant_id)
            secrets = FirstSecrets(application.client_secret, user.password)
        self.ensure_workspace_keys()
        authority = CertificateAuthority(self.layout.certificates, self.keys, self.clock)
        primary = self.store.shared_keys(names.workspace_id).primary
        return InitializedFolder(names, secrets, primary, authority.ca_file)

    def ensure_workspace_keys(self) -> None:
        """Give every workspace that has none its keys."""
        for workspace_id in self.store.snapshot.workspaces.keys() - self._with_keys:
            if workspace_id not in self.keys.list_workspaces():
                self.keys.create_workspace_keys(workspace_id)
            self._with_keys.add(workspace_id)

    def find_names(self) -> Names | None:
        """Return the names and ids of what `initialize` made."""
        return find_installation(self.store)

    def close(self) -> None:
        """Close what is open."""
        self.database.close()


def initialize_folder(
    folder: Path, settings: ServerSettings, *, new_secrets: bool = False
) -> InitializedFolder:
    """Make an installation in the folder, or return what is there. Raises `ServiceError`.

    `new_secrets` is for a folder that nobody serves meanwhile.
    """
    with closing(Installation.create(folder)) as installation:
        return installation.initialize(settings, new_secrets=new_secrets)
