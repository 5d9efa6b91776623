"""Microsoft's language service, asked in a process of its own about many texts at once.

It runs in Node. Its version is pinned by `package-lock.json`; it is installed into `node_modules` beside it when first
asked, whole or not at all.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules"
REQUIRED = "KELP_REQUIRE_REFERENCE"
INSTALL = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the language service has to say about a text.

    Errors are (code, offset, message). `columns` are (name, type) of the last result; None where they are not known.
    """

    syntax: tuple[tuple[str, int, str], ...]
    meaning: tuple[tuple[str, int, str], ...]
    columns: tuple[tuple[str, str], ...] | None


def ask_reference(
    texts: Iterable[str], tables: Mapping[str, str], *, parse_only: bool = False
) -> list[Answer | None]:
    """Return an answer for each text, None where the language service fails inside of itself.

    `tables` holds the columns of each table as `(name: type, ...)`. Skips the test where there is no Node, or no way to
    install the language service, unless `KELP_REQUIRE_REFERENCE=1` asks for it.
    """
    node = shutil.which("node")
    if node is None:
        _give_up("there is no Node here")
    _install()
    request = {"tables": tables, "parseOnly": parse_only, "texts": list(texts)}
    done = subprocess.run(
        [node, str(HERE / "reference.js")],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return [_read_answer(json.loads(line)) for line in done.stdout.splitlines()]


def _read_answer(found: dict[str, list[list[object]]] | None) -> Answer | None:
    if found is None:
        return None
    columns = found["columns"]
    return Answer(
        tuple((str(code), int(str(start)), str(message)) for code, start, message in found["syntax"]),
        tuple((str(code), int(str(start)), str(message)) for code, start, message in found["meaning"]),
        None if columns is None else tuple((str(name), str(kind)) for name, kind in columns),
    )


def _install() -> None:
    """Install what the lock file names, unless that is done; processes take turns."""
    wanted = (HERE / "package-lock.json").read_bytes()
    stamp = INSTALLED / ".installed-from"
    with (HERE / ".gitignore").open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_bytes() == wanted:
            return
        npm = shutil.which("npm")
        if npm is None:
            _give_up("there is no npm here")
        done = subprocess.run(
            [npm, *INSTALL], cwd=HERE, capture_output=True, text=True, check=False, timeout=110
        )
        if done.returncode != 0:
            _give_up(f"npm could not install it: {done.stderr.strip()[-500:]}")
        stamp.write_bytes(wanted)


def _give_up(reason: str) -> NoReturn:
    text = f"Microsoft's language service can't be asked: {reason}"
    if os.environ.get(REQUIRED) == "1":
        pytest.fail(text)
    pytest.skip(text)
