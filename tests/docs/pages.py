"""The examples of a page, run as its reader would run them: in a new folder, on a free port, with this environment."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

from tests.architecture.source_tree import ROOT

DOCUMENTED_PORT = "8443"
PATIENCE_SECONDS = 60
REPOSITORY = (
    "Makefile",
    "portal",
    "pyproject.toml",
    "requirements-az.lock",
    "requirements-dev.lock",
    "src",
    "tools",
)
"""What the commands of the repository need of it."""
SERVER_COMMAND = re.compile(r"\.venv/bin/kelp serve [^\n]*|make run")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_VARIABLE_PARTS = (
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"[\w+/-]{40,}=*"), "<secret>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r"\S*/kelp-data/"), "<folder>/"),
    (re.compile("─+"), "─"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A block that a reader runs, and what the page shows as its output, if it does."""

    language: str
    text: str
    output: str | None

    @property
    def is_server(self) -> bool:
        return SERVER_COMMAND.fullmatch(self.text.strip()) is not None


def read_examples(page: Path) -> list[Example]:
    """Return the blocks marked `sh` and `python`; a block marked `text` behind one is its output."""
    blocks = _FENCE.findall(page.read_text(encoding="utf-8"))
    following = [*blocks[1:], ("", "")]
    return [
        Example(language, text, output if kind == "text" else None)
        for (language, text), (kind, output) in zip(blocks, following, strict=True)
        if language in {"sh", "python"}
    ]


@dataclass(slots=True)
class Reader:
    """Somebody who follows a page in a folder of their own."""

    folder: Path
    port: str = field(default_factory=lambda: str(find_free_port()))

    def __post_init__(self) -> None:
        (self.folder / ".venv").symlink_to(sys.prefix)
        for name in REPOSITORY:
            (self.folder / name).symlink_to(ROOT / name)

    def run(self, example: Example) -> str:
        """Run a block to its end and return what it wrote. A command that fails ends a block of commands."""
        done = self._run(example)
        assert done.returncode == 0, f"{example.text}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def run_until(self, example: Example, is_expected: Callable[[str], bool]) -> str:
        """Run a query again and again, since records can be queried a little after they were accepted."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            done = self._run(example)
            if done.returncode == 0 and is_expected(done.stdout):
                break
        return self.run(example)

    def _run(self, example: Example) -> subprocess.CompletedProcess[str]:
        text = example.text.replace(DOCUMENTED_PORT, self.port)
        program = ["bash", "-euo", "pipefail", "-c"] if example.language == "sh" else [sys.executable, "-c"]
        return subprocess.run(
            [*program, text],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )

    @contextmanager
    def serve(self, example: Example) -> Iterator[list[str]]:
        """Run the block of a server while the `with` lasts; gives what it wrote up to `ready`. It ends with 0."""
        command = example.text.strip().split()
        command += ["--listen", f"localhost:{self.port}"] if "serve" in command else []
        process = subprocess.Popen(
            command, cwd=self.folder, env=self._environment(), stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        written = []
        try:
            for line in process.stdout:
                written.append(line.rstrip("\n"))
                if line.startswith("ready "):
                    break
            assert written, "the server wrote nothing"
            assert written[-1] == f"ready https://localhost:{self.port}"
            yield written
            process.send_signal(signal.SIGTERM)
            # `make` passes the signal on, waits, and then dies of it itself.
            assert process.wait(PATIENCE_SECONDS) == (-signal.SIGTERM if command[0] == "make" else 0)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def _environment(self) -> dict[str, str]:
        """This process's, without what a reader would not have set, and with the free port for every command."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("KELP_", "AZURE_", "PYTEST_", "MAKE"))
        }
        return kept | {
            "KELP_SERVER_PORT": self.port,
            "LISTEN": f"localhost:{self.port}",
            # The environment that runs the tests is set up.
            "MAKEFLAGS": "STAMP=.venv/bin/kelp --no-print-directory",
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "120",
        }


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def shape(text: str) -> list[str]:
    """Return the lines with single blanks, without empty lines, and with a word for each part that differs every time."""
    lines = []
    for line in text.splitlines():
        for pattern, word in _VARIABLE_PARTS:
            line = pattern.sub(word, line)
        lines.append(" ".join(line.split()))
    return [line for line in lines if line]


def looks_like(expected: Sequence[str], actual: Sequence[str]) -> bool:
    """Compare shapes; an expected line `...` stands for any number of lines."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(looks_like(expected[1:], actual[start:]) for start in range(len(actual) + 1))
    return bool(actual) and expected[0] == actual[0] and looks_like(expected[1:], actual[1:])


def follow(reader: Reader, examples: Sequence[Example]) -> None:
    """Run the examples in order and compare what they write; a server until one needs its folder, or the page ends."""
    if not examples:
        return
    first, *others = examples
    if first.is_server:
        served = list(takewhile(lambda one: "--data" not in one.text, others))
        with reader.serve(first) as written:
            _compare(first, "\n".join(written), reader)
            follow(reader, served)
        follow(reader, others[len(served) :])
    elif "kelp query" in first.text:
        _compare(first, reader.run_until(first, lambda written: _is_expected(first, written, reader)), reader)
        follow(reader, others)
    else:
        _compare(first, reader.run(first), reader)
        follow(reader, others)


def _compare(example: Example, written: str, reader: Reader) -> None:
    assert _is_expected(example, written, reader), f"{example.text}\nwrote\n{written}"


def _is_expected(example: Example, written: str, reader: Reader) -> bool:
    if example.output is None:
        return True
    return looks_like(shape(example.output.replace(DOCUMENTED_PORT, reader.port)), shape(written))
