from __future__ import annotations

import json
from pathlib import Path

import pytest

from kelp.cli.credentials import load_credentials
from kelp.cli.exit_codes import CommandFailed, ExitCode


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "credentials.json"
    path.write_text(
        json.dumps(
            {
                "endpoint": "https://file",
                "clientSecret": "from file",
                "caFile": "/ca",
                "userName": "u",
                "password": None,
            }
        )
    )
    return path


def test_flags_beat_the_environment_which_beats_the_file(file: Path) -> None:
    environ = {"KELP_CLI_ENDPOINT": "https://environment", "AZURE_CLIENT_SECRET": "from environment"}
    found = load_credentials({"endpoint": "https://flag", "workspace_id": None}, environ, file)
    assert found.endpoint == "https://flag"
    assert found.client_secret == "from environment"
    assert found.ca_file == "/ca"
    assert found.workspace_id is None


def test_the_environment_may_name_the_file(file: Path) -> None:
    assert load_credentials({}, {"KELP_CLI_CREDENTIALS": str(file)}, None).endpoint == "https://file"


def test_what_is_missing_is_asked_for_by_flag_and_variable() -> None:
    with pytest.raises(CommandFailed, match=r"--endpoint URL.*KELP_CLI_ENDPOINT") as caught:
        load_credentials({}, {}, None).require("endpoint", "--endpoint URL")
    assert caught.value.code is ExitCode.USAGE


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(content)
    with pytest.raises(CommandFailed, match="Can't read the credentials"):
        load_credentials({}, {}, path)
    with pytest.raises(CommandFailed, match="Can't read the credentials"):
        load_credentials({}, {}, tmp_path / "none.json")


def test_secrets_do_not_show_themselves(file: Path) -> None:
    assert "from file" not in repr(load_credentials({"primary_key": "hidden"}, {}, file))
    assert "hidden" not in repr(load_credentials({"primary_key": "hidden"}, {}, file))
