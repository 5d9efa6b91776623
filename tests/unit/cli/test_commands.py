from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from .conftest import Run

COMMANDS = ("init", "serve", "query", "ingest", "reprocess", "verify", "version", "directory")


def test_the_version(run: Run) -> None:
    outcome = run("version")
    assert outcome.code == 0
    assert outcome.out == f"kelp {version('kelp-logs')}, engine chdb {version('chdb-core')}\n"


def test_help_lists_every_command(run: Run) -> None:
    outcome = run("--help")
    assert outcome.code == 0
    assert all(command in outcome.out for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: Run, command: str) -> None:
    outcome = run(command, "--help")
    assert outcome.code == 0
    assert command in outcome.out


def test_help_loads_neither_engine_nor_server() -> None:
    program = (
        "import sys\n"
        "from kelp.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "assert not {'chdb', 'pyarrow', 'sqlalchemy', 'uvicorn'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=60)


@pytest.mark.parametrize(
    "arguments", [("unknown",), ("query",), ("query", "--format", "xml", "T"), ("ingest", "f.json")]
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).code == 2


@pytest.mark.parametrize("listen", ["localhost:", ":8443", "localhost:https"])
def test_an_address_to_listen_on_is_host_and_port(run: Run, tmp_path: Path, listen: str) -> None:
    outcome = run("serve", "--data", tmp_path / "data", "--listen", listen)
    assert outcome.code == 2
    assert "is not HOST:PORT" in outcome.err


def test_a_wrong_setting(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "kelp.toml"
    config.write_text("[query]\nmaximum_row = 3\n")
    outcome = run("serve", "--data", tmp_path / "data", "--config", config)
    assert outcome.code == 2
    assert "maximum_rows" in outcome.err


def test_variables_of_the_command_line_are_no_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KELP_CLI_ENDPOINT", "https://elsewhere")
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}')
    assert run("query", "--table", f"T={path}", "T").code == 0


def test_a_reader_that_leaves_early_is_no_failure_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("line\n" * 50_000)
    reading, writing = os.pipe()
    command = [
        sys.executable,
        "-c",
        "from kelp.cli import main; main()",
        "query",
        "--table",
        f"L={path}",
        "--format",
        "csv",
        "L",
    ]
    with subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE, text=True) as process:
        os.close(writing)
        os.read(reading, 10)
        os.close(reading)
        _, complaint = process.communicate(timeout=60)
    assert "Traceback" not in complaint
