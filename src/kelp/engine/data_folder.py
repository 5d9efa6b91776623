"""The engine's folder on disk: who uses it, which engine wrote it, where it was, what the engine starts with."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from kelp.base.durable_file import make_directory_durably, write_durably
from kelp.clickhouse.quoting import quote_string
from kelp.engine.errors import DataFolderRefused
from kelp.engine.settings import print_engine_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.engine.settings import EmbeddedSettings

VERSION_FILE = "engine-version"
LOCATION_FILE = "location"
CLUSTERS_LOCATION_FILE = "clusters-location"
_UNUSABLE = frozenset("?&\\")
"""They mean something else in the text that tells the engine its folder."""


class DataFolder:
    """The folder of a running engine: nobody else can claim it until it is released. Blocks."""

    def __init__(self, folder: Path, lock: int) -> None:
        self._folder = folder
        self._lock = lock

    @classmethod
    def claim(cls, settings: EmbeddedSettings, engine_version: str) -> DataFolder:
        """Make or check the folder, whose path must be absolute, and write the configuration.

        The folder remembers the newest engine that opened it. Raises `DataFolderRefused` if that one is newer than
        this, or of another major version: an older engine may misread what a newer one wrote, and a major step needs a
        backup first. Also if the folder is in use. A folder that was moved or copied is corrected.
        """
        folder = settings.data_directory
        if unusable := _UNUSABLE & set(f"{folder}{settings.clusters_directory}"):
            raise DataFolderRefused(f"{folder} can't hold data: its path contains '{min(unusable)}'.")
        make_directory_durably(folder / "disks")
        folder.chmod(0o700)
        claimed = cls(folder, lock_folder(folder))
        try:
            claimed._prepare(settings, engine_version)
        except BaseException:
            claimed.release()
            raise
        return claimed

    @property
    def store(self) -> Path:
        """What the engine calls its path."""
        return self._folder / "engine"

    @property
    def disks(self) -> Path:
        """Where the folders of encrypted disks are."""
        return self._folder / "disks"

    @property
    def configuration(self) -> Path:
        """The engine's configuration file."""
        return self._folder / "config.xml"

    def release(self) -> None:
        """Let others claim the folder. Safe to call again."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _prepare(self, settings: EmbeddedSettings, engine_version: str) -> None:
        if (written_by := _find_text(self._folder / VERSION_FILE)) is not None:
            _check_version(self._folder, written_by, engine_version)
        _follow_move(self._folder, LOCATION_FILE, self._folder, "/disks/")
        if settings.clusters_directory is not None:
            _follow_move(self._folder, CLUSTERS_LOCATION_FILE, settings.clusters_directory, "/")
        write_durably(self._folder / VERSION_FILE, f"{engine_version}\n".encode())
        write_durably(self.configuration, print_engine_configuration(settings).encode())


def lock_folder(folder: Path) -> int:
    """Claim an engine's folder, and return the descriptor to close. Raises `DataFolderRefused` while it is in use."""
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise DataFolderRefused(f"{folder} is in use by another process.") from None
    return descriptor


def _check_version(folder: Path, written_by: str, engine_version: str) -> None:
    try:
        written, present = _version_parts(written_by), _version_parts(engine_version)
    except ValueError:
        raise DataFolderRefused(f"{folder / VERSION_FILE} does not name an engine version.") from None
    if written[0] != present[0]:
        raise DataFolderRefused(
            f"{folder} was written by engine {written_by}; this is {engine_version}, another major version. "
            "Back the data up with the version that wrote it and restore it with this one."
        )
    if written > present:
        raise DataFolderRefused(
            f"{folder} was written by engine {written_by}, which is newer than this one, {engine_version}. "
            "Install the newer version again."
        )


def _follow_move(folder: Path, file: str, place: Path, below: str) -> None:
    """Correct the paths of disks in the engine's metadata, which are absolute, when `place` is not what `file` tells.

    Left as they are, a moved folder would open empty, and a copied one would write into the original.
    """
    location = _find_text(folder / file)
    if location == str(place):
        return
    if location is not None:
        old, new = _path_beginning(location + below), _path_beginning(str(place) + below)
        for metadata in (folder / "engine" / "store").glob("*/*/*.sql"):
            text = metadata.read_text(encoding="utf-8")
            if old in text:
                write_durably(metadata, text.replace(old, new).encode())
    write_durably(folder / file, f"{place}\n".encode())


def _path_beginning(path: str) -> str:
    return "path = " + quote_string(path).removesuffix("'")


def _find_text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8").removesuffix("\n") if path.exists() else None


def _version_parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
