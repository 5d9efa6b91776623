"""The real `az`, signed in to a running server the way a user signs in."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.architecture.source_tree import ROOT
from tests.servers import Server, start_server

EXECUTABLE = ROOT / ".venv-az" / "bin" / "az"
NOT_FOUND, REFUSED = 3, 1
"""How `az` ends for a status of 404, and for any other refusal."""
_PATIENCE_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Az:
    """One user's `az`: a folder of settings, and the server that it is signed in to."""

    server: Server
    folder: Path

    @property
    def subscription(self) -> str:
        """The path of the installation's own subscription."""
        return str(self.server.home.resource_id).partition("/resourceGroups/")[0]

    def run(self, command: str, *arguments: str) -> Any:
        """Run a command and return the document that it prints, None where it prints none."""
        done = self._run(command, arguments)
        assert done.returncode == 0, f"az {command}\n{done.stdout}\n{done.stderr}"
        return json.loads(done.stdout) if done.stdout.strip() else None

    def refuse(self, command: str, *arguments: str, status: int = REFUSED) -> str:
        """Run a command that must fail, and return what it says."""
        done = self._run(command, arguments)
        assert done.returncode == status, f"az {command}\n{done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stderr

    def _run(self, command: str, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        """The words of the command itself have no blanks; arguments may."""
        return subprocess.run(
            [str(EXECUTABLE), *command.split(), *arguments, "--output", "json", "--only-show-errors"],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )

    def _environment(self) -> dict[str, str]:
        """This process's, with settings of its own; what `az` compiles is kept, so that it starts faster."""
        ours = ("AZURE_", "KELP_", "PYTHON", "PYTEST_", "VIRTUAL_ENV")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        return kept | {
            "AZURE_CONFIG_DIR": str(self.folder / "settings"),
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
            "REQUESTS_CA_BUNDLE": self.server.ca_file,
        }


@contextmanager
def sign_in(folder: Path) -> Iterator[Az]:
    """Start a server and do with `az` what docs/how-to/use-az.md says, once for all tests of a process."""
    assert EXECUTABLE.exists(), f"{EXECUTABLE} is made and used by `make test-az`."
    with start_server(folder / "server") as server:
        az = Az(server, folder)
        az.run("cloud register --name kelp --endpoint-resource-manager", server.endpoint)
        az.run("cloud set --name kelp")
        az.run("config set core.instance_discovery=false extension.use_dynamic_install=no")
        owner = server.application
        az.run(
            f"login --service-principal --username {owner.client_id} --tenant {owner.tenant_id} --password",
            owner.client_secret,
        )
        yield az
