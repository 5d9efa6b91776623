"""With what the command line signs in: flags, else the environment, else the file that `kelp init --json` printed."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE_VARIABLE = "KELP_CLI_CREDENTIALS"
_VARIABLES = {
    "endpoint": "KELP_CLI_ENDPOINT",
    "ca_file": "KELP_CLI_CA_FILE",
    "workspace_id": "KELP_CLI_WORKSPACE",
    "workspace_resource_id": "KELP_CLI_WORKSPACE_RESOURCE_ID",
    "primary_key": "KELP_CLI_WORKSPACE_KEY",
    # The names that every Azure client reads.
    "tenant_id": "AZURE_TENANT_ID",
    "client_id": "AZURE_CLIENT_ID",
    "client_secret": "AZURE_CLIENT_SECRET",
}
"""Which variable gives which value."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of a service and how to sign in to it. In the file the names are in camel case."""

    endpoint: str | None = None
    ca_file: str | None = None
    workspace_id: str | None = None
    workspace_resource_id: str | None = None
    primary_key: str | None = field(default=None, repr=False)
    tenant_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)

    def require(self, name: str, flag: str) -> str:
        """Return a value that the command can't do without. Raises `CommandFailed` that says how to give it."""
        value = getattr(self, name)
        if value:
            return str(value)
        ways = [f"--credentials FILE (what `kelp init --json` printed) or {_VARIABLES[name]}"]
        if flag:
            ways.insert(0, flag)
        raise CommandFailed(
            ExitCode.USAGE, f"The {name.replace('_', ' ')} is not known: give {', '.join(ways)}."
        )


def load_credentials(
    given: Mapping[str, str | None], environ: Mapping[str, str], file: Path | None
) -> Credentials:
    """Return what flags (`given`), environment and file say, the first of them first. Raises `CommandFailed`."""
    path = file if file is not None else environ.get(FILE_VARIABLE)
    found = _read_file(str(path)) if path else Credentials()
    from_environment = {
        name: environ[variable] for name, variable in _VARIABLES.items() if environ.get(variable)
    }
    flags = {name: value for name, value in given.items() if value}
    return replace(found, **(from_environment | flags))


def _read_file(path: str) -> Credentials:
    names = {_camel_case(one.name): one.name for one in fields(Credentials)}
    try:
        content = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, object])
    except (OSError, msgspec.DecodeError) as error:
        raise CommandFailed(ExitCode.USAGE, f"Can't read the credentials in {path}: {error}.") from error
    return Credentials(**{names[key]: str(value) for key, value in content.items() if key in names and value})


def _camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
