"""No secret of the product or of its customers lies in the data folder in the clear, whatever its spelling."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kelp.app.installation import Installation
from kelp.app.key_rotation import make_key_rotation
from kelp.base.settings import ServerSettings, Settings
from kelp.identity.second_factor import SecondFactors
from kelp.identity.signing_keys import SigningKeys
from kelp.jobs.key_rotation import KeyPart
from kelp.vault.item import ItemKind, Usage
from kelp.vault.key_material import generate

ROOT_KEY = "root.key"
"""The one file that holds a key in the clear; only its owner may read it, and it can lie elsewhere."""


def spellings(secret: bytes) -> Iterator[bytes]:
    yield secret
    yield base64.b64encode(secret).rstrip(b"=")
    yield base64.urlsafe_b64encode(secret).rstrip(b"=")
    yield base64.b32encode(secret).rstrip(b"=")
    yield secret.hex().encode()
    yield secret.hex().upper().encode()


def test_nothing_secret_lies_in_the_folder(tmp_path: Path) -> None:
    secrets: dict[str, bytes] = {}
    with closing(Installation.create(tmp_path)) as installation:
        made = installation.initialize(ServerSettings())
        assert made.secrets is not None
        names, keys = made.names, installation.keys
        secrets["client secret"] = made.secrets.client_secret.encode()
        secrets["password"] = made.secrets.password.encode()
        shared = installation.store.shared_keys(names.workspace_id)
        secrets["primary key"] = base64.b64decode(shared.primary)
        secrets["secondary key"] = base64.b64decode(shared.secondary)
        signing = SigningKeys(installation.database, keys, installation.clock)
        rotation = make_key_rotation(installation, Settings(), signing)
        secrets["secret of a vault"] = b"a secret that a customer keeps " + uuid4().hex.encode()
        vault, usage = uuid4(), Usage()
        place = (vault, ItemKind.SECRET, "password")
        installation.vault_items.add(place, secrets["secret of a vault"], {}, usage, {})
        for kind in ("RSA", "EC", "oct"):
            material = generate(kind, None, None)
            secrets[f"{kind} key of a vault"] = material.private[-48:]
            place = (vault, ItemKind.KEY, kind)
            installation.vault_items.add(place, material.private, material.public, usage, {})
        user = installation.directory.find_user(names.user_name)
        assert user is not None
        enrolled = SecondFactors(installation.database, keys, installation.clock).enrol(user)
        secrets["second factor"] = base64.b32decode(enrolled.secret + "=" * (-len(enrolled.secret) % 8))
        rotation.rotate(KeyPart.ALL)
        private = signing.current().private_key.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )
        secrets["key that signs tokens"] = private[-64:]
        for version in (1, 2):
            data_key = keys.get_data_key(names.workspace_id, version)
            secrets[f"data key {version}"] = data_key.secret
        secrets["disk key"] = keys.get_disk_key(names.workspace_id)
        secrets["installation key"] = keys.get_installation_key("engine disks")
    files = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ROOT_KEY]
    assert len(files) > 5
    found = [
        (name, str(path.relative_to(tmp_path)))
        for path in files
        for content in [path.read_bytes()]
        for name, secret in secrets.items()
        if any(spelling in content for spelling in spellings(secret))
    ]
    assert found == []
    assert (tmp_path / "keys" / ROOT_KEY).stat().st_mode & 0o077 == 0
