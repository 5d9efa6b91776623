from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kelp.identity.addresses import Addresses
from kelp.identity.directory import Account, Directory, Tenant
from kelp.identity.secrets_hash import SecretHasher
from kelp.identity.services import IdentityServices, make_identity_services
from kelp.identity.sign_in import SignIn
from kelp.resources.database import Database
from tests.unit.resources.doubles import OwnKeys, TurnedClock

BASE_URL = "https://localhost:8443"
PASSWORD = "correct horse battery staple"


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def keys() -> OwnKeys:
    return OwnKeys()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open_file(tmp_path / "directory.db")
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def hasher() -> SecretHasher:
    return SecretHasher(memory_kib=8, passes=1)


@pytest.fixture
def addresses() -> Addresses:
    return Addresses(BASE_URL, frozenset({"localhost", "127.0.0.1", "::1", "kelp.example"}))


@pytest.fixture
def directory(database: Database, clock: TurnedClock, hasher: SecretHasher) -> Directory:
    return Directory(database, clock, hasher)


@pytest.fixture
def identity(
    database: Database, keys: OwnKeys, clock: TurnedClock, directory: Directory, addresses: Addresses
) -> IdentityServices:
    return make_identity_services(database, keys, clock, directory, addresses)


@pytest.fixture
def sign_in(identity: IdentityServices) -> SignIn:
    return identity.sign_in


@pytest.fixture
def tenant(directory: Directory) -> Tenant:
    return directory.create_tenant("Contoso", "contoso.local")


@pytest.fixture
def application(directory: Directory, tenant: Tenant) -> Account:
    return directory.create_application(tenant.id, "importer")


@pytest.fixture
def user(directory: Directory, tenant: Tenant) -> Account:
    return directory.create_user(tenant.id, "Ada@contoso.local", "Ada", PASSWORD)
