"""A suite that must have a browser does not pass by skipping the tests that need one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source_tree import ROOT

SUITE = """
import pytest

@pytest.mark.browser
def test_portal():
    pytest.skip("no Chromium")

@pytest.mark.cluster
def test_cluster():
    raise AssertionError("needs a cluster")
"""


@pytest.mark.parametrize(("required", "outcome"), [("1", "1 failed, 1 skipped"), ("", "2 skipped")])
def test_a_required_browser_test_is_not_skipped(tmp_path: Path, required: str, outcome: str) -> None:
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE, encoding="utf-8")
    options = ["-q", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    environ = {
        **os.environ,
        "KELP_REQUIRE_BROWSER": required,
        "KELP_TEST_CLICKHOUSE": "",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(suite)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=environ,
        timeout=60,
    )
    assert outcome in done.stdout.splitlines()[-1], done.stdout + done.stderr
