"""Keys are made, lent, rotated, moved and destroyed; at rest they are wrapped."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from kelp.base.errors import Category, ServiceError
from kelp.base.keys import KeyProvider
from kelp.base.sealing import SealBroken
from kelp.vault import (
    DEFAULT_CLUSTER,
    FileRootKey,
    KeyHierarchy,
    KeyNotFound,
    KeyStore,
    KeyStoreDamaged,
    KeysUnavailable,
    RootKey,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORKSPACE = UUID("11111111-2222-3333-4444-555555555555")


class FixedClock:
    def now(self) -> datetime:
        return NOW


class RevocableKey:
    """A customer's key in a vault of theirs."""

    def __init__(self, inner: RootKey, key_id: str = "customer-1") -> None:
        self.key_id = key_id
        self.revoked = False
        self._inner = inner

    def wrap(self, secret: bytes, context: bytes) -> bytes:
        self._check()
        return self._inner.wrap(secret, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        self._check()
        return self._inner.unwrap(wrapped, context)

    def _check(self) -> None:
        if self.revoked:
            raise KeysUnavailable("the customer revoked it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "keys"


@pytest.fixture
def root_key(tmp_path: Path) -> FileRootKey:
    return FileRootKey.create(tmp_path / "root.key")


@pytest.fixture
def customer_key(tmp_path: Path) -> RevocableKey:
    return RevocableKey(FileRootKey.create(tmp_path / "customer.key"))


@pytest.fixture
def keys(folder: Path, root_key: FileRootKey) -> KeyHierarchy:
    return reopen(folder, root_key)


def reopen(folder: Path, root_key: RootKey) -> KeyHierarchy:
    return KeyHierarchy(KeyStore(folder), root_key, FixedClock())


def read_everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_it_fulfils_the_contract(keys: KeyHierarchy) -> None:
    provider: KeyProvider = keys
    assert provider.unwrap("smtp password", provider.wrap("smtp password", b"hunter2")) == b"hunter2"


def test_keys_are_the_same_after_a_restart(keys: KeyHierarchy, folder: Path, root_key: FileRootKey) -> None:
    keys.create_workspace_keys(WORKSPACE)
    again = reopen(folder, root_key)
    assert again.current_data_key(WORKSPACE) == keys.current_data_key(WORKSPACE)
    assert again.get_disk_key(WORKSPACE) == keys.get_disk_key(WORKSPACE)
    assert again.get_installation_key("disk") == keys.get_installation_key("disk")
    assert again.unwrap("p", keys.wrap("p", b"secret")) == b"secret"


def test_every_key_is_another(keys: KeyHierarchy) -> None:
    other = uuid4()
    keys.create_workspace_keys(WORKSPACE)
    keys.create_workspace_keys(other)
    found = {
        keys.current_data_key(WORKSPACE).secret,
        keys.get_disk_key(WORKSPACE),
        keys.current_data_key(other).secret,
        keys.get_disk_key(other),
        keys.get_installation_key("disk"),
        keys.get_installation_key("journal"),
    }
    assert len(found) == 6
    assert {len(secret) for secret in found} == {32}


def test_a_workspace_has_keys_once(keys: KeyHierarchy) -> None:
    keys.create_workspace_keys(WORKSPACE)
    before = keys.current_data_key(WORKSPACE)
    with pytest.raises(ServiceError) as caught:
        keys.create_workspace_keys(WORKSPACE)
    assert caught.value.category is Category.CONFLICT
    assert keys.current_data_key(WORKSPACE) == before


def test_a_workspace_without_keys_is_named(keys: KeyHierarchy) -> None:
    for ask in (keys.current_data_key, keys.get_disk_key, keys.rotate_data_key, keys.destroy_workspace_keys):
        with pytest.raises(KeyNotFound, match=str(WORKSPACE)):
            ask(WORKSPACE)


def test_rotation_keeps_older_versions(keys: KeyHierarchy, folder: Path, root_key: FileRootKey) -> None:
    keys.create_workspace_keys(WORKSPACE)
    first, disk = keys.current_data_key(WORKSPACE), keys.get_disk_key(WORKSPACE)
    assert keys.rotate_data_key(WORKSPACE) == 2
    for hierarchy in (keys, reopen(folder, root_key)):
        assert hierarchy.current_data_key(WORKSPACE).version == 2
        assert hierarchy.get_data_key(WORKSPACE, 1) == first
        assert hierarchy.get_data_key(WORKSPACE, 2) == hierarchy.current_data_key(WORKSPACE)
        assert hierarchy.get_disk_key(WORKSPACE) == disk
    with pytest.raises(KeyNotFound, match="version 3"):
        keys.get_data_key(WORKSPACE, 3)


def test_a_version_made_by_another_process_is_found(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey
) -> None:
    keys.create_workspace_keys(WORKSPACE)
    keys.current_data_key(WORKSPACE)
    other = reopen(folder, root_key)
    other.rotate_cluster_key(DEFAULT_CLUSTER)
    other.rotate_data_key(WORKSPACE)
    assert keys.get_data_key(WORKSPACE, 2) == other.current_data_key(WORKSPACE)


def test_status_tells_what_a_rotation_needs(keys: KeyHierarchy) -> None:
    keys.create_workspace_keys(WORKSPACE)
    keys.rotate_data_key(WORKSPACE, double_encryption=True)
    status = keys.get_status(WORKSPACE)
    assert (status.cluster_id, status.data_key_version, status.data_key_created_at) == (
        DEFAULT_CLUSTER,
        2,
        NOW,
    )
    assert status.double_encryption
    assert keys.list_workspaces() == [WORKSPACE]


def test_double_encryption_needs_the_installation_too(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey
) -> None:
    keys.create_workspace_keys(WORKSPACE, double_encryption=True)
    key = keys.current_data_key(WORKSPACE)
    assert key.second_secret is not None
    assert key.second_secret != key.secret
    assert reopen(folder, root_key).current_data_key(WORKSPACE) == key
    keys.rotate_data_key(WORKSPACE)
    second = keys.current_data_key(WORKSPACE)
    assert second.second_secret not in (None, key.second_secret)
    keys.rotate_data_key(WORKSPACE, double_encryption=False)
    assert keys.current_data_key(WORKSPACE).second_secret is None
    assert keys.get_data_key(WORKSPACE, 1) == key


def test_nothing_is_stored_in_the_clear(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE, double_encryption=True)
    stored = read_everything(folder)
    key = keys.current_data_key(WORKSPACE)
    assert key.second_secret is not None
    for secret in (
        key.secret,
        key.second_secret,
        keys.get_disk_key(WORKSPACE),
        keys.get_installation_key("disk"),
    ):
        for shown in (secret, base64.b64encode(secret)[:40], secret.hex().encode()):
            assert shown not in stored


def test_files_are_for_their_owner(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE)
    for path in folder.rglob("*"):
        assert not path.stat().st_mode & 0o077


def test_another_root_key_opens_nothing(keys: KeyHierarchy, folder: Path, tmp_path: Path) -> None:
    stranger = FileRootKey.create(tmp_path / "other.key")
    with pytest.raises(KeysUnavailable, match="not attached"):
        reopen(folder, stranger)


def test_a_root_key_with_a_stolen_name_opens_nothing(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey, tmp_path: Path
) -> None:
    stranger = RevocableKey(FileRootKey.create(tmp_path / "other.key"), root_key.key_id)
    with pytest.raises(KeyStoreDamaged):
        reopen(folder, stranger)


def test_keys_of_one_workspace_do_not_serve_another(keys: KeyHierarchy, folder: Path) -> None:
    other = uuid4()
    keys.create_workspace_keys(WORKSPACE)
    keys.create_workspace_keys(other)
    own = folder / "workspaces" / f"{WORKSPACE}.json"
    stolen = (folder / "workspaces" / f"{other}.json").read_bytes()
    own.write_bytes(stolen)
    with pytest.raises(KeyStoreDamaged):
        keys.current_data_key(WORKSPACE)
    own.write_bytes(stolen.replace(str(other).encode(), str(WORKSPACE).encode()))
    with pytest.raises(KeyStoreDamaged, match="do not open"):
        keys.current_data_key(WORKSPACE)


def test_versions_can_not_be_exchanged(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE)
    keys.rotate_data_key(WORKSPACE)
    path = folder / "workspaces" / f"{WORKSPACE}.json"
    text = path.read_text()
    first, second = text.index('"version":1', text.index("dataKeys")), text.index('"version":2')
    path.write_text(
        text[:first] + '"version":2' + text[first + 11 : second] + '"version":1' + text[second + 11 :]
    )
    with pytest.raises(KeyStoreDamaged):
        keys.current_data_key(WORKSPACE)


def test_double_encryption_can_not_be_switched_off_in_the_file(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE, double_encryption=True)
    path = folder / "workspaces" / f"{WORKSPACE}.json"
    path.write_text(path.read_text().replace('"secondLayer":true', '"secondLayer":false'))
    with pytest.raises(KeyStoreDamaged):
        keys.current_data_key(WORKSPACE)


def test_a_file_that_is_no_json_is_damage(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE)
    (folder / "workspaces" / f"{WORKSPACE}.json").write_text("{")
    with pytest.raises(KeyStoreDamaged):
        keys.current_data_key(WORKSPACE)


def test_product_secrets_are_bound_to_their_purpose(keys: KeyHierarchy) -> None:
    wrapped = keys.wrap("certificate", b"secret")
    with pytest.raises(SealBroken):
        keys.unwrap("password", wrapped)
    with pytest.raises(SealBroken):
        keys.unwrap("certificate", wrapped[:-1] + bytes([wrapped[-1] ^ 1]))


def test_destroyed_keys_are_gone(keys: KeyHierarchy, folder: Path, root_key: FileRootKey) -> None:
    keys.create_workspace_keys(WORKSPACE)
    keys.rotate_data_key(WORKSPACE)
    keys.current_data_key(WORKSPACE)
    proof = keys.destroy_workspace_keys(WORKSPACE)
    assert (proof.workspace_id, proof.data_key_versions, proof.destroyed_at) == (WORKSPACE, (1, 2), NOW)
    assert not list((folder / "workspaces").iterdir())
    for hierarchy in (keys, reopen(folder, root_key)):
        with pytest.raises(KeyNotFound):
            hierarchy.get_data_key(WORKSPACE, 1)


def test_destroyed_keys_are_overwritten(keys: KeyHierarchy, folder: Path, tmp_path: Path) -> None:
    keys.create_workspace_keys(WORKSPACE)
    (tmp_path / "link").hardlink_to(folder / "workspaces" / f"{WORKSPACE}.json")
    keys.destroy_workspace_keys(WORKSPACE)
    assert not (tmp_path / "link").read_bytes().strip(b"\0")


def test_an_interrupted_destruction_counts(keys: KeyHierarchy, folder: Path) -> None:
    keys.create_workspace_keys(WORKSPACE)
    path = folder / "workspaces" / f"{WORKSPACE}.json"
    path.write_bytes(bytes(path.stat().st_size))
    with pytest.raises(KeyNotFound):
        keys.current_data_key(WORKSPACE)


def test_destruction_needs_no_root_key(keys: KeyHierarchy, customer_key: RevocableKey) -> None:
    keys.create_cluster_key("contoso", customer_key)
    keys.create_workspace_keys(WORKSPACE, "contoso")
    customer_key.revoked = True
    keys.forget_cluster("contoso")
    keys.destroy_workspace_keys(WORKSPACE)
    assert keys.list_workspaces() == []


def test_a_revoked_cluster_key_locks_its_workspaces_only(
    keys: KeyHierarchy, customer_key: RevocableKey
) -> None:
    other = uuid4()
    keys.create_cluster_key("contoso", customer_key)
    keys.create_workspace_keys(WORKSPACE, "contoso")
    keys.create_workspace_keys(other)
    before = keys.current_data_key(WORKSPACE)
    customer_key.revoked = True
    keys.forget_cluster("contoso")
    with pytest.raises(KeysUnavailable):
        keys.current_data_key(WORKSPACE)
    with pytest.raises(KeysUnavailable):
        keys.get_disk_key(WORKSPACE)
    assert keys.current_data_key(other)
    customer_key.revoked = False
    assert keys.current_data_key(WORKSPACE) == before


def test_forgetting_a_workspace_reads_it_anew(keys: KeyHierarchy) -> None:
    keys.create_workspace_keys(WORKSPACE)
    before = keys.current_data_key(WORKSPACE)
    keys.forget(WORKSPACE)
    assert keys.current_data_key(WORKSPACE) == before
    assert keys.current_data_key(WORKSPACE) is not before


def test_a_cluster_key_rotates_without_changing_what_it_wraps(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey
) -> None:
    keys.create_workspace_keys(WORKSPACE)
    keys.rotate_data_key(WORKSPACE)
    before = [keys.get_data_key(WORKSPACE, version) for version in (1, 2)]
    stored = read_everything(folder / "workspaces")
    assert keys.rotate_cluster_key(DEFAULT_CLUSTER) == 2
    assert read_everything(folder / "workspaces") != stored
    again = reopen(folder, root_key)
    assert [again.get_data_key(WORKSPACE, version) for version in (1, 2)] == before


def test_an_interrupted_rotation_is_finished_by_the_next(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey
) -> None:
    other = uuid4()
    for workspace in (WORKSPACE, other):
        keys.create_workspace_keys(workspace)
    before = [keys.current_data_key(workspace) for workspace in (WORKSPACE, other)]
    damaged = folder / "workspaces" / f"{max(WORKSPACE, other)}.json"
    kept = damaged.read_bytes()
    damaged.write_text("{")
    with pytest.raises(KeyStoreDamaged):
        keys.rotate_cluster_key(DEFAULT_CLUSTER)
    damaged.write_bytes(kept)
    half_way = reopen(folder, root_key)
    assert [half_way.current_data_key(workspace) for workspace in (WORKSPACE, other)] == before
    half_way.rotate_cluster_key(DEFAULT_CLUSTER)
    finished = reopen(folder, root_key)
    assert [finished.current_data_key(workspace) for workspace in (WORKSPACE, other)] == before
    assert len(KeyStore(folder).get_cluster(DEFAULT_CLUSTER).versions) == 1


def test_a_workspace_moves_between_clusters(keys: KeyHierarchy, customer_key: RevocableKey) -> None:
    keys.create_cluster_key("contoso", customer_key)
    keys.create_workspace_keys(WORKSPACE)
    before = keys.current_data_key(WORKSPACE)
    keys.move_workspace_keys(WORKSPACE, "contoso")
    assert keys.get_status(WORKSPACE).cluster_id == "contoso"
    assert keys.current_data_key(WORKSPACE) == before
    with pytest.raises(ServiceError, match="still wraps"):
        keys.destroy_cluster_key("contoso")
    keys.move_workspace_keys(WORKSPACE, DEFAULT_CLUSTER)
    keys.destroy_cluster_key("contoso")
    customer_key.revoked = True
    assert keys.current_data_key(WORKSPACE) == before


def test_a_cluster_moves_under_a_customer_key(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey, customer_key: RevocableKey
) -> None:
    keys.create_cluster_key("contoso")
    keys.create_workspace_keys(WORKSPACE, "contoso")
    before = keys.current_data_key(WORKSPACE)
    keys.rotate_cluster_key("contoso", customer_key)
    again = reopen(folder, root_key)
    with pytest.raises(KeysUnavailable, match="customer-1 is not attached"):
        again.current_data_key(WORKSPACE)
    again.attach_root_key(customer_key)
    assert again.current_data_key(WORKSPACE) == before


def test_the_root_key_can_be_replaced(keys: KeyHierarchy, folder: Path, tmp_path: Path) -> None:
    keys.create_workspace_keys(WORKSPACE, double_encryption=True)
    before, wrapped = keys.current_data_key(WORKSPACE), keys.wrap("p", b"secret")
    new = FileRootKey.create(tmp_path / "new.key")
    keys.replace_root_key(new)
    again = reopen(folder, FileRootKey.load(tmp_path / "new.key"))
    assert again.current_data_key(WORKSPACE) == before
    assert again.unwrap("p", wrapped) == b"secret"


@pytest.mark.parametrize("cluster_id", ["", "../x", "A", "a/b", "-a"])
def test_a_cluster_name_is_no_path(keys: KeyHierarchy, cluster_id: str) -> None:
    with pytest.raises(ServiceError) as caught:
        keys.create_cluster_key(cluster_id)
    assert caught.value.category is Category.INVALID


def test_secrets_do_not_show_in_errors_or_texts(keys: KeyHierarchy) -> None:
    keys.create_workspace_keys(WORKSPACE, double_encryption=True)
    keys.current_data_key(WORKSPACE)
    shown = repr(vars(keys))
    assert "secret" not in shown
    assert "disk_key" not in shown


STORE = UUID(int=77)


def test_new_data_is_sealed_under_the_cluster_that_a_workspace_is_linked_to(
    keys: KeyHierarchy, folder: Path, root_key: FileRootKey, customer_key: RevocableKey
) -> None:
    keys.create_cluster_key("contoso", customer_key)
    keys.create_workspace_keys(WORKSPACE)
    first = keys.current_data_key(WORKSPACE)
    assert keys.begin_data_key(WORKSPACE, "contoso", double_encryption=True) == 2
    assert keys.begin_data_key(WORKSPACE, "contoso", double_encryption=True) == 2
    second = keys.current_data_key(WORKSPACE)
    assert second.second_secret is not None
    assert keys.rotate_data_key(WORKSPACE) == 3
    assert keys.get_status(WORKSPACE).cluster_id == "contoso"
    keys.create_store_key(STORE, WORKSPACE, "contoso")
    disk_key = keys.get_disk_key(STORE)
    assert disk_key != keys.get_disk_key(WORKSPACE)
    keys.rotate_cluster_key("contoso")
    again = reopen(folder, root_key)
    again.attach_root_key(customer_key)
    assert [again.get_data_key(WORKSPACE, version) for version in (1, 2)] == [first, second]
    assert again.get_disk_key(STORE) == disk_key
    assert again.begin_data_key(WORKSPACE, DEFAULT_CLUSTER, double_encryption=False) == 4
    customer_key.revoked = True
    again.forget_cluster("contoso")
    assert again.get_data_key(WORKSPACE, 1) == first
    again.current_data_key(WORKSPACE)
    for ask in (lambda: again.get_data_key(WORKSPACE, 2), lambda: again.get_disk_key(STORE)):
        with pytest.raises(KeysUnavailable):
            ask()
    customer_key.revoked = False
    assert again.get_disk_key(STORE) == disk_key


def test_a_destroyed_cluster_takes_its_versions_and_stores_along(
    keys: KeyHierarchy, customer_key: RevocableKey
) -> None:
    keys.create_cluster_key("contoso", customer_key)
    keys.create_workspace_keys(WORKSPACE)
    first = keys.current_data_key(WORKSPACE)
    keys.begin_data_key(WORKSPACE, "contoso", double_encryption=False)
    keys.create_store_key(STORE, WORKSPACE, "contoso")
    with pytest.raises(ServiceError, match="still wraps"):
        keys.destroy_cluster_key("contoso")
    customer_key.revoked = True
    for _ in range(2):
        keys.destroy_cluster("contoso")
    assert not keys.has_cluster_key("contoso")
    assert keys.get_data_key(WORKSPACE, 1) == first
    assert keys.current_data_key(WORKSPACE).version == 3
    for ask in (lambda: keys.get_data_key(WORKSPACE, 2), lambda: keys.get_disk_key(STORE)):
        with pytest.raises(KeyNotFound):
            ask()


def test_a_destroyed_workspace_leaves_no_key_of_its_stores(keys: KeyHierarchy) -> None:
    keys.create_cluster_key("contoso")
    keys.create_workspace_keys(WORKSPACE)
    keys.create_store_key(STORE, WORKSPACE, "contoso")
    keys.get_disk_key(STORE)
    keys.destroy_workspace_keys(WORKSPACE)
    with pytest.raises(KeyNotFound):
        keys.get_disk_key(STORE)
    keys.destroy_cluster_key("contoso")
