"""Calls of the directory's API on a whole server."""

from __future__ import annotations

from typing import Any

from tests.servers import Server

DIRECTORY_SCOPE = "https://graph.microsoft.com/.default"


def ask_directory(
    server: Server, method: str, path: str, document: Any = None, token: str | None = None
) -> dict[str, Any]:
    """What the directory answers to the installation's owner, or to who bears the token; refusals fail."""
    with server.client(token or server.token(scope=DIRECTORY_SCOPE)) as client:
        answer = client.request(method, f"/v1.0{path}", json=document)
    assert answer.is_success, answer.text
    return dict(answer.json()) if answer.content else {}
