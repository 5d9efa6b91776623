from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from kelp.resources.access import QUERY_READ, TELEMETRY_WRITE, Access
from kelp.resources.bootstrap import create_installation, find_installation
from kelp.resources.database import Database
from kelp.resources.store import ResourceStore
from kelp.resources.workspace import Workspace

from .doubles import OwnKeys, TurnedClock
from .test_access import Person


@dataclass(frozen=True)
class Application:
    object_id: UUID
    client_id: UUID
    client_secret: str


@dataclass(frozen=True)
class User:
    object_id: UUID
    user_name: str
    password: str


class OneDirectory:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.tenants: set[UUID] = set()
        self.application = uuid4()
        self.user = uuid4()
        self.fails = False

    def ensure_tenant(self, tenant_id: UUID) -> None:
        self.tenants.add(tenant_id)

    def ensure_owner_application(self, tenant_id: UUID) -> Application:
        return Application(self.application, UUID(int=8), str(uuid4()))

    def ensure_owner_user(self, tenant_id: UUID) -> User:
        if self.fails:
            raise RuntimeError
        return User(self.user, "admin@kelp.local", str(uuid4()))


@pytest.fixture
def empty_store(database: Database, clock: TurnedClock, keys: OwnKeys) -> ResourceStore:
    return ResourceStore(database, clock, keys)


def test_an_installation_has_everything_to_begin_with(empty_store: ResourceStore) -> None:
    directory = OneDirectory()
    installation, secrets = create_installation(empty_store, directory)
    assert secrets is not None
    assert (installation.resource_group, installation.workspace_name) == ("default", "default")
    workspace = empty_store.get(Workspace, installation.workspace_resource_id)
    assert workspace.properties.workspace_id == installation.workspace_id
    assert workspace.properties.settings.location == "local"
    assert len(empty_store.shared_keys(installation.workspace_id).primary) == 88
    access = Access(empty_store)
    for object_id in (directory.application, directory.user):
        owner = Person(installation.tenant_id, object_id)
        assert access.decide(owner, QUERY_READ, workspace.id).allowed
        assert access.decide(owner, TELEMETRY_WRITE, workspace.id, is_data=True).allowed


def test_opening_it_again_makes_nothing_and_tells_no_secrets(empty_store: ResourceStore) -> None:
    first, _ = create_installation(empty_store, OneDirectory())
    version = empty_store.snapshot.version
    again, secrets = create_installation(empty_store, OneDirectory())
    assert again == first == find_installation(empty_store)
    assert secrets is None
    assert empty_store.snapshot.version == version


def test_an_attempt_cut_short_is_taken_up_in_the_same_tenant(empty_store: ResourceStore) -> None:
    directory = OneDirectory()
    directory.fails = True
    with pytest.raises(RuntimeError):
        create_installation(empty_store, directory)
    assert find_installation(empty_store) is None
    directory.fails = False
    installation, secrets = create_installation(empty_store, directory)
    assert secrets is not None
    assert directory.tenants == {installation.tenant_id}
    assert len(empty_store.snapshot.workspaces) == 1
