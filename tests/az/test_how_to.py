"""The page about `az`, followed as its reader would."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT
from tests.az.command_line import EXECUTABLE
from tests.docs.pages import Reader, follow, read_examples

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
FOLDER = ROOT / "docs" / "how-to"


class ReaderWithAz(Reader):
    """Somebody who has `az`, and the line in the profile that the page asks for."""

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {
            "PATH": f"{EXECUTABLE.parent}:{os.environ['PATH']}",
            "AZURE_CONFIG_DIR": str(self.folder / "az"),
            "REQUESTS_CA_BUNDLE": str(self.folder / "kelp-data" / "certificates" / "ca.pem"),
        }


def test_the_page(tmp_path: Path) -> None:
    reader = ReaderWithAz(tmp_path)
    prepare, serve = read_examples(FOLDER / "README.md")
    reader.run(prepare)
    with reader.serve(serve):
        follow(reader, read_examples(FOLDER / "use-az.md"))
