"""Keys are replaced when their time has come or when asked; what the old ones protect stays readable."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kelp.app.installation import Installation
from kelp.app.key_rotation import make_key_rotation
from kelp.base.sealing import open_sealed, seal, sealed_key_version
from kelp.base.settings import ServerSettings, Settings
from kelp.identity.signing_keys import SigningKeys
from kelp.jobs.key_rotation import KeyPart, KeyRotation
from kelp.jobs.vault_upkeep import VaultUpkeep
from kelp.resources.author import system_author
from kelp.resources.key_vault import KeyVaultSettings, delete_key_vault, put_key_vault
from kelp.vault.errors import ItemNotFound, KeyRefused, KeyRevoked
from kelp.vault.item import ItemKind, Usage
from kelp.vault.rotation_policy import RotationPolicy
from kelp.vault.vault_keys import create_key


class TurnedClock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 3, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock() -> TurnedClock:
    return TurnedClock()


@pytest.fixture
def installation(tmp_path: Path, clock: TurnedClock) -> Iterator[Installation]:
    with closing(Installation.create(tmp_path, clock)) as installation:
        installation.initialize(ServerSettings())
        yield installation


@pytest.fixture
def rotation(installation: Installation, clock: TurnedClock) -> KeyRotation:
    signing_keys = SigningKeys(installation.database, installation.keys, clock)
    return make_key_rotation(installation, Settings(), signing_keys)


def versions(rotation: KeyRotation) -> dict[KeyPart, list[str]]:
    found: dict[KeyPart, list[str]] = {}
    for state in rotation.list_states():
        found.setdefault(state.part, []).append(state.version)
    return found


def test_what_is_due_is_replaced_and_opens_what_it_sealed(
    installation: Installation, rotation: KeyRotation, clock: TurnedClock
) -> None:
    names = installation.find_names()
    assert names is not None
    old = installation.keys.current_data_key(names.workspace_id)
    sealed = seal(old, b"records", b"there")
    primary = installation.store.shared_keys(names.workspace_id).primary
    secret = ItemKind.SECRET
    kept = installation.vault_items.add((names.workspace_id, secret, "kept"), b"value", {}, Usage(), {})
    assert rotation.rotate_due() == 0
    clock.moment += timedelta(days=89)
    assert rotation.rotate_due() == 0
    clock.moment += timedelta(days=1)
    assert rotation.rotate_due() == 3
    assert rotation.rotate_due() == 0
    after = versions(rotation)
    assert (after[KeyPart.WORKSPACES], after[KeyPart.CLUSTERS], after[KeyPart.PRODUCT]) == (
        ["2"],
        ["2"],
        ["2"],
    )
    assert installation.keys.current_data_key(names.workspace_id).version == 2
    former = installation.keys.get_data_key(names.workspace_id, sealed_key_version(sealed))
    assert open_sealed(former, sealed, b"there") == b"records"
    installation.store.refresh()
    assert installation.store.shared_keys(names.workspace_id).primary == primary
    found = installation.vault_items.get((names.workspace_id, secret, "kept"))
    assert (found.wrapped != kept.wrapped, sealed_key_version(found.wrapped)) == (True, 2)
    assert installation.vault_items.open(found) == b"value"


def test_all_opens_after_a_restart(
    installation: Installation, rotation: KeyRotation, tmp_path: Path, clock: TurnedClock
) -> None:
    names = installation.find_names()
    assert names is not None
    primary = installation.store.shared_keys(names.workspace_id).primary
    assert rotation.rotate(KeyPart.ALL) == 4
    assert rotation.rotate(KeyPart.WORKSPACES, str(names.workspace_id)) == 1
    assert rotation.rotate(KeyPart.WORKSPACES, "nobody") == 0
    installation.close()
    with closing(Installation.open(tmp_path, clock)) as again:
        assert again.store.shared_keys(names.workspace_id).primary == primary
        assert again.keys.current_data_key(names.workspace_id).version == 3
        assert SigningKeys(again.database, again.keys, clock).current().kid
        assert again.initialize(ServerSettings()).primary_key == primary


def test_a_sealed_off_cluster_waits_and_lends_nothing(
    installation: Installation, rotation: KeyRotation, clock: TurnedClock
) -> None:
    names = installation.find_names()
    assert names is not None
    installation.keys.seal_off("default", "the customer took it away")
    assert installation.keys.find_seal(names.workspace_id) == "the customer took it away"
    for lend in (installation.keys.current_data_key, installation.keys.get_disk_key):
        with pytest.raises(KeyRevoked, match="the customer took it away"):
            lend(names.workspace_id)
    clock.moment += timedelta(days=100)
    assert rotation.rotate_due() == 1  # the key of the product's secrets, which no customer's key protects
    installation.keys.lift_seal("default")
    assert installation.keys.current_data_key(names.workspace_id).version == 1
    assert rotation.rotate_due() == 2


def test_keys_of_vaults_follow_their_policies(
    installation: Installation, rotation: KeyRotation, clock: TurnedClock
) -> None:
    names = installation.find_names()
    assert names is not None
    items, place = installation.vault_items, (names.workspace_id, ItemKind.KEY, "turning")
    first = create_key(items, place, ("EC", None, "P-384"), operations=("sign",), usage=Usage(), tags={})
    items.set_policy(place, RotationPolicy(expiry_time="P60D", rotate_before_expiry="P30D"))
    installation.vault_items.change(first, usage=Usage(expires_at=clock.now() + timedelta(days=60)))
    clock.moment += timedelta(days=29)
    assert rotation.rotate_due() == 0
    clock.moment += timedelta(days=1)
    assert rotation.rotate_due() == 1
    second = items.get(place)
    assert (second.version != first.version, second.details["crv"]) == (True, "P-384")
    assert second.details["key_ops"] == ["sign"]
    assert second.usage.expires_at == clock.now() + timedelta(days=60)


def test_what_is_deleted_goes_when_its_time_is_over(installation: Installation, clock: TurnedClock) -> None:
    names = installation.find_names()
    assert names is not None
    group = names.workspace_resource_id.parent
    assert group is not None
    vault_id = group.child("Microsoft.KeyVault/vaults", "safe")
    settings = KeyVaultSettings("local", names.tenant_id, soft_delete_retention_in_days=7)
    with installation.store.write(system_author(names.tenant_id)) as transaction:
        vault = put_key_vault(transaction, vault_id, settings)
    items, upkeep = installation.vault_items, VaultUpkeep(installation.store, installation.vault_items, clock)
    for name in ("kept", "deleted"):
        items.add((vault.uid, ItemKind.SECRET, name), b"value", {}, Usage(), {})
    items.delete((vault.uid, ItemKind.SECRET, "deleted"), vault.properties.recovery_period)
    assert upkeep.destroy_due() == 0
    clock.moment += timedelta(days=7)
    with pytest.raises(ItemNotFound):
        items.get_deleted((vault.uid, ItemKind.SECRET, "deleted"))
    assert upkeep.destroy_due() == 1
    with installation.store.write(system_author(names.tenant_id)) as transaction:
        assert delete_key_vault(transaction, vault_id)
    assert upkeep.destroy_due() == 0
    assert items.get((vault.uid, ItemKind.SECRET, "kept")).name == "kept"
    clock.moment += timedelta(days=7)
    assert upkeep.destroy_due() == 1
    with pytest.raises(ItemNotFound):
        items.get((vault.uid, ItemKind.SECRET, "kept"))


def test_a_refusal_is_told_from_silence() -> None:
    assert KeyRefused("it is disabled").reason == "it is disabled"
