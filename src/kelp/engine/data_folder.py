"""The engine's folder on disk: which engine wrote it, and the configuration it starts with."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from kelp.engine.errors import DataFolderRefused
from kelp.engine.settings import print_engine_configuration

if TYPE_CHECKING:
    from pathlib import Path

    from kelp.engine.settings import EmbeddedSettings

VERSION_FILE = "engine-version"


def prepare_data_folder(settings: EmbeddedSettings, engine_version: str) -> Path:
    """Make or check the folder, write the configuration, and return the path of the configuration file.

    The folder remembers the newest engine that opened it. Raises `DataFolderRefused` if that one is newer than this, or
    of another major version: an older engine may misread what a newer one wrote, and a major step needs a backup first.
    """
    folder = settings.data_directory
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    (folder / "disks").mkdir(exist_ok=True)
    version_file = folder / VERSION_FILE
    if version_file.exists():
        _check_version(folder, version_file.read_text(encoding="ascii").strip(), engine_version)
    _write_durably(version_file, engine_version + "\n")
    configuration = folder / "config.xml"
    _write_durably(configuration, print_engine_configuration(settings))
    return configuration


def _check_version(folder: Path, written_by: str, engine_version: str) -> None:
    try:
        written, present = _parts(written_by), _parts(engine_version)
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


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _write_durably(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    with temporary.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
