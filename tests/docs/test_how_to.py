"""Every example of the how-to guides runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.docs.pages import Reader, follow, read_examples

FOLDER = ROOT / "docs" / "how-to"
ON_THEIR_OWN = {"back-up.md", "query-files.md", "reprocess.md", "rotate-keys.md"}
"""Pages whose reader starts and stops the server, or needs none."""
WITH_AZ = {"use-az.md"}
"""Pages that tests/az follows, since it has the command."""
IN_A_BROWSER = {"dashboards.md", "query-in-the-portal.md", "use-the-portal.md", "work-with-results.md"}
"""Pages of what is done by hand; tests/portal does it."""
NOT_FOLLOWED = {"README.md", *WITH_AZ, *IN_A_BROWSER}
PAGES = sorted(page.name for page in FOLDER.glob("*.md") if page.name not in NOT_FOLLOWED)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """A reader who has done what the index says: the server runs."""
    reader = Reader(tmp_path_factory.mktemp("reader"))
    prepare, serve = read_examples(FOLDER / "README.md")
    reader.run(prepare)
    with reader.serve(serve):
        yield reader


@pytest.mark.parametrize("page", [page for page in PAGES if page not in ON_THEIR_OWN])
def test_a_page_with_a_server(page: str, reader: Reader) -> None:
    examples = read_examples(FOLDER / page)
    assert examples
    follow(reader, examples)


@pytest.mark.parametrize("page", sorted(ON_THEIR_OWN))
def test_a_page_on_its_own(page: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    prepare, _ = read_examples(FOLDER / "README.md")
    reader.run(prepare)
    follow(reader, read_examples(FOLDER / page))
