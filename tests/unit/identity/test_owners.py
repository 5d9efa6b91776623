from __future__ import annotations

from uuid import UUID

from kelp.identity.directory import Directory
from kelp.identity.owners import Owners
from kelp.identity.sign_in import Attempt, SignIn
from kelp.resources.bootstrap import create_installation
from kelp.resources.database import Database
from kelp.resources.store import ResourceStore
from tests.unit.resources.doubles import OwnKeys, TurnedClock

from .test_sign_in import CLI


def test_the_owners_of_an_installation_can_sign_in_and_do_everything(
    database: Database, directory: Directory, clock: TurnedClock, keys: OwnKeys, sign_in: SignIn
) -> None:
    store = ResourceStore(database, clock, keys)
    installation, secrets = create_installation(store, Owners(directory))
    assert secrets is not None
    attempt = Attempt(str(installation.tenant_id))
    application = sign_in.sign_in_application(attempt, str(installation.client_id), secrets.client_secret)
    user = sign_in.sign_in_user(attempt, CLI, installation.user_name, secrets.password)
    assignments = store.snapshot.assignments
    assert set(assignments) == {application.object_id, user.object_id}


def test_asking_again_makes_no_second_owner_and_replaces_the_secrets(directory: Directory) -> None:
    owners, tenant_id = Owners(directory), UUID(int=5)
    owners.ensure_tenant(tenant_id)
    owners.ensure_tenant(tenant_id)
    first, second = (owners.ensure_owner_application(tenant_id) for _ in range(2))
    assert first.client_id == second.client_id
    assert first.client_secret != second.client_secret
    ada, bob = (owners.ensure_owner_user(tenant_id) for _ in range(2))
    assert ada.object_id == bob.object_id
    account = directory.find_account(ada.object_id)
    assert directory.verify_password(account, bob.password)
    assert not directory.verify_password(account, ada.password)
