"""Files that survive a crash: written whole or not at all, and on the disk when the call returns."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY_SUFFIX = ".tmp"
"""Ends the name of a file that is being written; one found after a crash may be deleted."""


def write_durably(path: Path, content: bytes, *, mode: int = 0o600, exclusive: bool = False) -> None:
    """Replace the file with `content`: temporary file, fsync, rename, fsync of the directory.

    Readers see the old content or the new, never a mixture. With `exclusive` it raises `FileExistsError` where the
    file exists. Raises `OSError`; then the old content stands and no temporary file is left. Safe for concurrent use:
    the last writer wins.
    """
    temporary = path.with_name(f".{path.name[:120]}.{secrets.token_hex(8)}{TEMPORARY_SUFFIX}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            write_all(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if exclusive:
            os.link(temporary, path)
            temporary.unlink()
        else:
            temporary.rename(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def write_all(descriptor: int, content: bytes) -> None:
    """Write every byte at the descriptor's position, however many calls that takes. Raises `OSError`."""
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def delete_durably(path: Path) -> bool:
    """Delete the file so that it stays deleted after a crash; tell whether it was there. Raises `OSError`."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_directory(path.parent)
    return True


def make_directory_durably(path: Path, *, mode: int = 0o700) -> None:
    """Create the directory and its missing parents, each on the disk before the next. Raises `OSError`."""
    missing = [path]
    while not missing[-1].parent.exists():
        missing.append(missing[-1].parent)
    for directory in reversed(missing):
        directory.mkdir(mode=mode, exist_ok=True)
        sync_directory(directory.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable. Raises `OSError`."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
