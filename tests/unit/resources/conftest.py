from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from kelp.base.ids import ResourceId
from kelp.resources.author import Author, AuthorKind
from kelp.resources.database import Database
from kelp.resources.resource_group import ResourceGroup, put_resource_group
from kelp.resources.store import ResourceStore
from kelp.resources.subscription import Subscription
from kelp.resources.workspace import WorkspaceSettings, put_workspace

from .doubles import OwnKeys, TurnedClock

TENANT = UUID(int=1)
SUBSCRIPTION = ResourceId.parse(f"/subscriptions/{UUID(int=2)}")
GROUP = SUBSCRIPTION.child("resourceGroups", "group")
WORKSPACE = GROUP.child("Microsoft.OperationalInsights/workspaces", "space")
AUTHOR = Author(TENANT, UUID(int=3), "ada@contoso.local", AuthorKind.USER, "correlation", "192.0.2.1")


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open_file(tmp_path / "resources.db")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def keys() -> OwnKeys:
    return OwnKeys()


@pytest.fixture
def store(database: Database, clock: TurnedClock, keys: OwnKeys) -> ResourceStore:
    """A store with one subscription, group and workspace."""
    store = ResourceStore(database, clock, keys)
    with store.write(AUTHOR) as transaction:
        transaction.put(SUBSCRIPTION, Subscription("Contoso"))
        put_resource_group(transaction, GROUP, ResourceGroup("local"))
        put_workspace(transaction, WORKSPACE, WorkspaceSettings("local"))
    return store
