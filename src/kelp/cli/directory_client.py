"""The directory as the command line asks it: of a server through its API, or of a folder that nobody serves."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import msgspec

from kelp.cli.exit_codes import CommandFailed, ExitCode
from kelp.cli.service_client import ServiceClient, describe_failure, exit_code_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from kelp.base.settings import Settings


class DirectoryClient(Protocol):
    """Answers requests of the directory's API."""

    def request(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Return the document of an answer, empty for none. `path` begins below `/v1.0`."""
        ...


class ServiceDirectory:
    """The directory of a server."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    def request(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Send a request. Raises `CommandFailed` with what the service says."""
        body = b"" if document is None else msgspec.json.encode(document)
        answer = self._client.request(method, f"/v1.0{path}", body)
        if not answer.is_success:
            raise CommandFailed(exit_code_of(answer), describe_failure(answer))
        return dict(msgspec.json.decode(answer.body)) if answer.body else {}


@contextmanager
def open_directory(
    settings: Settings | None,
    tenant: str | None,
    endpoint: str | None,
    credentials: Path | None,
    ca_file: str | None,
) -> Iterator[DirectoryClient]:
    """Open the directory of a folder if there are settings for one, else of a server."""
    if settings is not None:
        from kelp.cli.offline_directory import open_offline_directory

        with open_offline_directory(settings, tenant) as directory:
            yield directory
        return
    from kelp.cli.credentials import load_credentials

    if tenant is not None:
        message = (
            "--tenant is for --data: on a server, the tenant is the one of the application that signs in."
        )
        raise CommandFailed(ExitCode.USAGE, message)
    known = load_credentials({"endpoint": endpoint, "ca_file": ca_file}, os.environ, credentials)
    with closing(ServiceClient(known)) as client:
        yield ServiceDirectory(client)


def list_all(client: DirectoryClient, path: str, **options: str) -> list[dict[str, Any]]:
    """Return all pages of a list; `options` are query options without their dollar."""
    query = "&".join(f"${name}={quote(value)}" for name, value in options.items() if value)
    found: list[dict[str, Any]] = []
    following = f"{path}?{query}" if query else path
    while following:
        document = client.request("GET", following)
        found += document["value"]
        _, _, following = str(document.get("@odata.nextLink", "")).partition("/v1.0")
    return found


def find_one(client: DirectoryClient, path: str, name: str, *members: str) -> dict[str, Any]:
    """Return the object that is called `name` by its id or one of the members. Raises `CommandFailed`."""
    text = name.replace("'", "''")
    found = list_all(client, path, filter=" or ".join(f"{member} eq '{text}'" for member in ("id", *members)))
    if len(found) != 1:
        kind = path.strip("/")
        what = f"There is nothing called '{name}' among the {kind}."
        if found:
            what = f"{len(found)} of the {kind} are called '{name}'; name one by its id: "
            what += ", ".join(str(one["id"]) for one in found)
        raise CommandFailed(ExitCode.REFUSED, what)
    return found[0]
