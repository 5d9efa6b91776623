"""What lies on the disk, looked at from outside: no record and no key in the clear, and every layer of encryption."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR

from kelp.app.installation import Installation
from kelp.clickhouse.ddl import database_name
from kelp.engine.disks import WorkspaceDisks
from kelp.engine.errors import WorkspaceKeyUnavailable
from kelp.resources.cluster_link import store_id_of
from kelp.vault.errors import KeyStoreDamaged, KeysUnavailable
from kelp.vault.root_key import FileRootKey
from tests.api.ingestion_setup import collect, make_rule, post, wait_for_rows
from tests.servers import DATA_FOLDER, LOG_FILE, MANAGEMENT_SCOPE, Server, start_server
from tests.waiting import wait_for

MARKER = "the-quick-brown-secret"
VERSION = {"api-version": "2025-07-01"}
ROOT_KEY = Path("keys", "root.key")
"""The one key that a host without an external vault keeps in the clear, for its owner's eyes."""
_HEADER_BYTES = 64
_ALGORITHMS = {0: 16, 2: 32}
"""AES-128 and AES-256 in counter mode: by the engine's number, the bytes of the key."""


@dataclass
class Stored:
    """A data folder in which records lie at home and in a doubly encrypted cluster, and the ids of both."""

    server: Server
    cluster_id: UUID

    @property
    def data(self) -> Path:
        return self.server.folder / DATA_FOLDER

    @property
    def workspace_id(self) -> UUID:
        return UUID(self.server.home.workspace_id)

    @property
    def store_id(self) -> UUID:
        return store_id_of(self.workspace_id, self.cluster_id)

    def files(self) -> Iterator[tuple[Path, bytes]]:
        for path in self.data.rglob("*"):
            if path.is_file() and path.relative_to(self.data) != ROOT_KEY:
                yield path, path.read_bytes()
        yield self.server.folder / LOG_FILE, (self.server.folder / LOG_FILE).read_bytes()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    settings: dict[str, dict[str, object]] = {"telemetry": {"log_level": "debug"}}
    with start_server(tmp_path_factory.mktemp("encryption"), settings=settings) as server:
        rule = make_rule(server, "Secrets", {"Text": "string", "Number": "int"})
        fill(server, rule.path, 1)
        cluster = ask(server, "PUT", cluster_path(server), CLUSTER)
        wait_until_succeeded(server, cluster_path(server))
        link = f"{server.home.resource_id}/linkedServices/cluster"
        ask(server, "PUT", link, {"properties": {"writeAccessResourceId": cluster_path(server)}})
        wait_until_succeeded(server, link)
        fill(server, rule.path, 2)
        stored = Stored(server, UUID(cluster["properties"]["clusterId"]))
        # While it runs, the newest records are in the journal.
        assert find_clear(stored, MARKER.encode()) == []
    return stored


CLUSTER = {
    "location": "local",
    "identity": {"type": "SystemAssigned"},
    "sku": {"name": "CapacityReservation", "capacity": 1000},
}


def cluster_path(server: Server) -> str:
    return f"{str(server.home.resource_id).partition('/workspaces/')[0]}/clusters/cluster-1"


def ask(server: Server, method: str, path: str, body: object = None) -> dict[str, Any]:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.request(method, path, params=VERSION, json=body)
    assert answer.is_success, answer.text
    return dict(answer.json())


def wait_until_succeeded(server: Server, path: str) -> None:
    wait_for(lambda: ask(server, "GET", path)["properties"]["provisioningState"] == "Succeeded")


def fill(server: Server, path: str, times: int) -> None:
    """Send records by both ways, one that does not fit, and ask for them."""
    records = [{"Text": f"{MARKER} {number}", "Number": number} for number in range(200)]
    records.append({"Text": MARKER, "Number": MARKER})
    assert post(server, path, records).is_success
    assert collect(server, json.dumps(records[:200]).encode(), "Collected").is_success
    for query, count in (
        (f"Secrets_CL | where Text has '{MARKER}'", 201 * times),
        (f"Collected_CL | where Text_s has '{MARKER}'", 200 * times),
        ("Operation | where Detail has 'Secrets_CL'", 1),
    ):
        assert len(wait_for_rows(server, query, count)) >= count, query


def find_clear(stored: Stored, secret: bytes) -> list[Path]:
    """The files that hold the bytes as they are, in hexadecimal or in base64 (at any of its three offsets)."""
    forms = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for offset in range(3):
        encoded = base64.b64encode(bytes(offset) + secret)
        # Cut off what the bytes before and after have a part in.
        forms.add(encoded[(offset * 4 + 2) // 3 :].rstrip(b"=")[:-1])
    return [path for path, content in stored.files() if any(form in content for form in forms)]


def test_no_record_is_in_the_clear(stored: Stored) -> None:
    assert find_clear(stored, MARKER.encode()) == []
    assert len(list(stored.files())) > 50


def test_no_key_is_in_the_clear(stored: Stored) -> None:
    with closing(Installation.open(stored.data)) as installation:
        keys, workspace_id = installation.keys, stored.workspace_id
        secrets = [keys.get_disk_key(workspace_id), keys.get_disk_key(stored.store_id)]
        for version in (1, 2):
            data_key = keys.get_data_key(workspace_id, version)
            secrets += [data_key.secret, data_key.second_secret or data_key.secret]
        secrets.append(keys.get_installation_key("engine disks")[:16])
        secrets += [key.secret for cluster in keys._clusters.values() for key in cluster.values()]
        secrets.append(keys._installation.secret)
        shared = installation.store.shared_keys(UUID(stored.server.home.workspace_id))  # type: ignore[arg-type]
        secrets += [base64.b64decode(shared.primary), base64.b64decode(shared.secondary)]
    assert len(set(secrets)) >= 11
    assert [path for secret in secrets for path in find_clear(stored, secret)] == []
    for text in (stored.server.application.client_secret, stored.server.user.password):
        assert find_clear(stored, text.encode()) == []


def test_the_root_key_is_its_owners_alone(stored: Stored) -> None:
    assert (stored.data / ROOT_KEY).stat().st_mode & 0o077 == 0


def decrypt(content: bytes, key: bytes) -> bytes:
    """Take one layer of the engine's encryption off: a header, then AES in counter mode."""
    assert content[:3] == b"ENC"
    _, algorithm = struct.unpack_from("<HH", content, 3)
    assert len(key) == _ALGORITHMS[algorithm]
    counter = content[_HEADER_BYTES - 16 - _PADDING_BYTES : _HEADER_BYTES - _PADDING_BYTES]
    cipher = Cipher(AES(key), CTR(counter)).decryptor()
    return cipher.update(content[_HEADER_BYTES:]) + cipher.finalize()


_PADDING_BYTES = 64 - (3 + 2 + 2 + 16 + 16)


def test_a_store_in_a_cluster_has_two_layers_and_the_one_at_home_has_one(stored: Stored) -> None:
    with closing(Installation.open(stored.data)) as installation:
        outer = installation.keys.get_installation_key("engine disks")[:16]
        home_key = installation.keys.get_disk_key(stored.workspace_id)
        cluster_key = installation.keys.get_disk_key(stored.store_id)
    home = stored.data / "engine" / "disks" / database_name(stored.workspace_id)
    cluster = stored.data / "clusters" / str(stored.cluster_id) / "disks" / database_name(stored.store_id)
    for columns in home.rglob("columns.txt"):
        assert decrypt(columns.read_bytes(), home_key).startswith(b"columns format version")
    inner = [decrypt(columns.read_bytes(), outer) for columns in cluster.rglob("columns.txt")]
    assert inner
    for layer in inner:
        assert decrypt(layer, cluster_key).startswith(b"columns format version")
        assert not decrypt(layer, home_key).startswith(b"columns")


def test_raw_bodies_in_a_cluster_have_two_layers(stored: Stored) -> None:
    rejects = stored.data / "clusters" / str(stored.cluster_id) / "blobs"
    sealed = [path.read_bytes() for path in rejects.rglob("*") if path.is_file()]
    assert sealed
    assert {blob[0] for blob in sealed} == {2}


def test_a_wrong_key_opens_nothing(stored: Stored, tmp_path: Path) -> None:
    other = FileRootKey.create(tmp_path / "other.key")
    with closing(Installation.open(stored.data)) as installation:
        with pytest.raises((KeyStoreDamaged, KeysUnavailable)):
            type(installation.keys)(installation.keys._store, other, installation.clock)
        disks = WorkspaceDisks(
            stored.data / "engine" / "disks",
            _Wrong(installation),  # type: ignore[arg-type]
            clusters_directory=stored.data / "clusters",
        )
        for store_id in (stored.workspace_id, stored.store_id):
            with pytest.raises(WorkspaceKeyUnavailable), disks.lend_keys([database_name(store_id)]):
                pass


class _Wrong:
    """Lends keys that are a bit off."""

    def __init__(self, installation: Installation) -> None:
        self._keys = installation.keys

    def get_disk_key(self, store_id: UUID) -> bytes:
        key = bytearray(self._keys.get_disk_key(store_id))
        key[0] ^= 1
        return bytes(key)
