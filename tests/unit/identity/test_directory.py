from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.identity.directory import Account, Directory, SecretState, Tenant
from kelp.identity.principal import AccountKind
from kelp.identity.secrets_hash import SecretHasher
from kelp.identity.services import IdentityServices
from kelp.resources.database import Database
from tests.unit.resources.doubles import TurnedClock

from .conftest import PASSWORD


def test_a_tenant_is_found_by_id_and_domain(directory: Directory, tenant: Tenant) -> None:
    assert directory.find_tenant(str(tenant.id).upper()) == tenant
    assert directory.find_tenant("Contoso.Local") == tenant
    assert directory.find_tenant("fabrikam.local") is None


def test_accounts_are_found_by_all_their_names(
    directory: Directory, application: Account, user: Account
) -> None:
    assert application.application_id is not None
    assert directory.find_application(application.application_id) == application
    assert directory.find_user("ADA@contoso.local") == user
    assert directory.find_account(user.object_id) == user
    assert (application.kind, user.kind) == (AccountKind.SERVICE_PRINCIPAL, AccountKind.USER)


def test_a_directory_opened_later_knows_the_same(
    directory: Directory, user: Account, database: Database, clock: TurnedClock, hasher: SecretHasher
) -> None:
    again = Directory(database, clock, hasher)
    assert again.find_account(user.object_id) == user
    assert again.tenants == directory.tenants


def test_names_are_unique(directory: Directory, tenant: Tenant, user: Account) -> None:
    for make in (
        lambda: directory.create_tenant("Other", "CONTOSO.local"),
        lambda: directory.create_user(tenant.id, "ada@CONTOSO.local", "Ada", "x"),
    ):
        with pytest.raises(ServiceError) as refusal:
            make()
        assert refusal.value.category is Category.CONFLICT
    with pytest.raises(ServiceError) as refusal:
        directory.create_application(UUID(int=1), "lost")
    assert refusal.value.category is Category.NOT_FOUND


def test_every_secret_of_an_application_opens_until_it_expires(
    directory: Directory, application: Account, clock: TurnedClock
) -> None:
    first = directory.add_secret(application.object_id, timedelta(days=1))
    second = directory.add_secret(application.object_id)
    assert directory.verify_secret(application, first) is SecretState.RIGHT
    assert directory.verify_secret(application, second) is SecretState.RIGHT
    assert directory.verify_secret(application, second + "x") is SecretState.WRONG
    clock.turn(days=1)
    assert directory.verify_secret(application, first) is SecretState.EXPIRED
    assert directory.verify_secret(application, second) is SecretState.RIGHT
    directory.remove_secrets(application.object_id)
    assert directory.verify_secret(application, second) is SecretState.WRONG


def test_a_password_can_be_checked_and_changed(directory: Directory, user: Account) -> None:
    assert directory.verify_password(user, PASSWORD)
    assert not directory.verify_password(user, PASSWORD.upper())
    assert not directory.verify_password(None, PASSWORD)
    directory.set_password(user.object_id, "another")
    assert directory.verify_password(user, "another")
    assert not directory.verify_password(user, PASSWORD)


def test_a_new_password_ends_what_the_old_one_opened(
    directory: Directory, identity: IdentityServices, user: Account
) -> None:
    session = identity.sessions.begin(user.object_id)
    token = identity.refresh_tokens.begin(user.object_id, "client", uuid4())
    assert identity.sessions.find_principal(session) is not None
    assert identity.refresh_tokens.find_owner(token, "CLIENT") == user.object_id
    directory.set_password(user.object_id, "another")
    assert identity.sessions.find_principal(session) is None
    assert identity.refresh_tokens.find_owner(token, "client") is None


def test_no_secret_lies_readable_in_the_database(
    directory: Directory, application: Account, user: Account, database: Database
) -> None:
    secret = directory.add_secret(application.object_id)
    database.close()
    path = Path(database.engine.url.database or "")
    stored = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert secret.encode() not in stored
    assert PASSWORD.encode() not in stored
    assert b"$argon2id$" in stored


def test_a_tenant_is_renamed_and_has_domains(
    directory: Directory, tenant: Tenant, user: Account, database: Database, clock: TurnedClock
) -> None:
    directory.rename_tenant(tenant.id, "Contoso Ltd")
    directory.add_domain(tenant.id, "Contoso.Example")
    renamed = directory.find_tenant("contoso.example")
    assert renamed is not None
    assert (renamed.name, renamed.domains) == ("Contoso Ltd", ("contoso.local", "contoso.example"))
    bob = directory.create_user(tenant.id, "bob@contoso.example", "Bob", PASSWORD)
    again = Directory(database, clock, SecretHasher(memory_kib=8, passes=1))
    assert again.find_tenant("contoso.example") == renamed
    for domain in ("contoso.local", "contoso.example"):
        with pytest.raises(ServiceError, match="can't be removed"):
            directory.remove_domain(tenant.id, domain)
    with pytest.raises(ServiceError, match="the domain"):
        directory.create_tenant("Other", "contoso.example")
    directory.delete_account(bob.object_id)
    directory.remove_domain(tenant.id, "contoso.example")
    assert directory.find_tenant("contoso.example") is None


def test_an_account_is_changed_and_removed(directory: Directory, tenant: Tenant, user: Account) -> None:
    changed = directory.update_account(user.object_id, user_name="Lovelace@contoso.local", name="Ada L.")
    assert directory.find_user("lovelace@contoso.local") == changed
    assert directory.find_user("ada@contoso.local") is None
    with pytest.raises(ServiceError, match="domain portion"):
        directory.update_account(user.object_id, user_name="ada@elsewhere.local")
    directory.delete_account(user.object_id)
    assert directory.find_user("lovelace@contoso.local") is None
    assert not directory.verify_password(user, PASSWORD)
    with pytest.raises(ServiceError) as refusal:
        directory.delete_account(user.object_id)
    assert refusal.value.category is Category.NOT_FOUND


def test_a_resource_has_one_identity(directory: Directory, tenant: Tenant) -> None:
    path = "/subscriptions/1/resourceGroups/g/providers/Microsoft.OperationalInsights/clusters/c"
    first = directory.create_managed_identity(tenant.id, path, "c")
    assert directory.create_managed_identity(tenant.id, path.upper(), "c") == first
    assert directory.find_managed_identity(path) == first
    directory.remove_managed_identity(path)
    directory.remove_managed_identity(path)
    assert directory.find_account(first.object_id) is None
