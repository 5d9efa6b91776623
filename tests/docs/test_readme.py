"""Every command of the README and of the tutorial runs, and writes what the page shows."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.docs.pages import Example, Reader, follow, read_examples

EXAMPLES = read_examples(ROOT / "README.md")
COMMANDS_OF_THE_REPOSITORY = [example for example in EXAMPLES if example.text.startswith("make ")]


def test_the_tour(tmp_path: Path) -> None:
    tour = [example for example in EXAMPLES if example not in COMMANDS_OF_THE_REPOSITORY]
    assert len(tour) > 5
    follow(Reader(tmp_path), tour)


def test_the_tutorial(tmp_path: Path) -> None:
    follow(Reader(tmp_path), read_examples(ROOT / "docs" / "tutorial.md"))


def test_make_run_tells_how_to_sign_in_and_a_second_start_keeps_the_data(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    (run,) = (example for example in COMMANDS_OF_THE_REPOSITORY if example.is_server)
    with reader.serve(run) as first:
        told = "\n".join(first)
    assert f"Sign in at https://localhost:{reader.port}" in told
    assert "password" in told
    queries = first[first.index("Try one of these queries:") + 1 :]
    assert len([line for line in queries if line.startswith("  ")]) == 3
    with reader.serve(run) as second:
        assert second[0] == f"Sign in at https://localhost:{reader.port} as admin@kelp.local"


@pytest.mark.parametrize("example", COMMANDS_OF_THE_REPOSITORY, ids=lambda one: one.text.strip())
def test_a_command_of_the_repository_is_there(example: Example) -> None:
    """`make test` can't be run by one of its own tests."""
    done = subprocess.run(
        ["make", "--dry-run", *example.text.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
