"""Files are replaced whole, or not at all."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from kelp.base.durable_file import delete_durably, make_directory_durably, write_durably


def test_content_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"first")
    write_durably(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"")
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600


def test_an_exclusive_write_keeps_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_durably(path, b"first", exclusive=True)
    with pytest.raises(FileExistsError):
        write_durably(path, b"second", exclusive=True)
    assert path.read_bytes() == b"first"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_durably(tmp_path / "folder", b"a folder is in the way")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_readers_never_see_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([letter]) * 100_000 for letter in b"abcd"]
    write_durably(path, contents[0])
    done = threading.Event()

    def write() -> None:
        for content in contents * 5:
            write_durably(path, content)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = {path.read_bytes()}
    while not done.is_set():
        seen.add(path.read_bytes())
    writer.join()
    assert seen <= set(contents)


def test_deleting_tells_whether_it_was_there(tmp_path: Path) -> None:
    write_durably(tmp_path / "file", b"")
    assert delete_durably(tmp_path / "file")
    assert not delete_durably(tmp_path / "file")


def test_missing_parents_are_made(tmp_path: Path) -> None:
    make_directory_durably(tmp_path / "a" / "b" / "c")
    make_directory_durably(tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c").is_dir()
