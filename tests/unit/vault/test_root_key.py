"""The root key file is made once, for its owner only."""

from __future__ import annotations

from pathlib import Path

import pytest

from kelp.vault import FileRootKey, KeyStoreDamaged, KeysUnavailable


def test_a_loaded_key_opens_what_the_created_one_wrapped(tmp_path: Path) -> None:
    created = FileRootKey.create(tmp_path / "keys" / "root.key")
    wrapped = created.wrap(b"secret", b"context")
    loaded = FileRootKey.load(tmp_path / "keys" / "root.key")
    assert loaded.key_id == created.key_id
    assert loaded.unwrap(wrapped, b"context") == b"secret"
    with pytest.raises(KeyStoreDamaged):
        loaded.unwrap(wrapped, b"another context")


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    FileRootKey.create(tmp_path / "root.key")
    assert (tmp_path / "root.key").stat().st_mode & 0o777 == 0o400


@pytest.mark.parametrize("mode", [0o440, 0o404, 0o620, 0o602, 0o601])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    FileRootKey.create(tmp_path / "root.key")
    (tmp_path / "root.key").chmod(mode)
    with pytest.raises(KeysUnavailable, match="rights for no one else"):
        FileRootKey.load(tmp_path / "root.key")


def test_a_link_is_refused(tmp_path: Path) -> None:
    FileRootKey.create(tmp_path / "root.key")
    (tmp_path / "link").symlink_to(tmp_path / "root.key")
    with pytest.raises(KeysUnavailable):
        FileRootKey.load(tmp_path / "link")


def test_a_key_is_never_replaced(tmp_path: Path) -> None:
    FileRootKey.create(tmp_path / "root.key")
    with pytest.raises(KeysUnavailable, match="exists already"):
        FileRootKey.create(tmp_path / "root.key")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeysUnavailable, match=r"root\.key"):
        FileRootKey.load(tmp_path / "root.key")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"\xff",
        b'{"format":1,"keyId":"k","secret":"AAAA"}',
        b'{"format":1,"keyId":"k","secret":"?"}',
    ],
)
def test_other_content_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "root.key"
    path.write_bytes(content)
    path.chmod(0o400)
    with pytest.raises(KeyStoreDamaged) as caught:
        FileRootKey.load(path)
    assert caught.value.__cause__ is None


def test_the_key_does_not_show(tmp_path: Path) -> None:
    key = FileRootKey.create(tmp_path / "root.key")
    assert "secret" not in repr(key)
    assert "secret" not in repr(key.__dict__)
