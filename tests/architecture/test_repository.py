"""What the repository may not hold."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.architecture.source_tree import ROOT, list_files, name_path

LARGE_BYTES = 1_500_000
# Written in pieces, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(
        [
            r"pythonhosted" + r"\.org",
            r"pypi" + r"\.org/(simple|packages)",
            r"registry\." + r"(npmjs|yarnpkg)",
            r"deb\." + r"debian\.org",
            r"proxy\." + r"golang\.org",
            r"/opt/" + r"(wheels|pypi)",
            r'"resolved":\s*"' + r"https?:",
        ]
    )
)
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----")


def test_no_file_names_a_package_registry() -> None:
    found = [
        name_path(path)
        for path in list_files()
        if REGISTRIES.search(path.read_bytes().decode("utf-8", errors="ignore"))
    ]
    assert found == []


def test_no_file_holds_a_private_key() -> None:
    found = [
        name_path(path)
        for path in list_files()
        if PRIVATE_KEY.search(path.read_bytes().decode("utf-8", errors="ignore"))
    ]
    assert found == []


def test_no_file_is_large() -> None:
    assert [name_path(path) for path in list_files() if path.stat().st_size > LARGE_BYTES] == []


def test_links_between_pages_lead_somewhere() -> None:
    found = [
        (name_path(page), target)
        for page in list_files()
        if page.suffix == ".md"
        for target in re.findall(r"\]\(([^)#:\s]+)[^):\s]*\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert found == []


def test_the_benchmarks_begin() -> None:
    """They run by hand only, so nothing else tells that a change of Kelp's own modules broke them."""
    subprocess.run([sys.executable, "-m", "benchmarks", "--help"], check=True, capture_output=True, cwd=ROOT)
