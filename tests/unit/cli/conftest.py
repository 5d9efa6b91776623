from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kelp.cli import main


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process."""
    for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str | Path) -> Outcome:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Outcome(int(ended.value.code or 0), captured.out, captured.err)

    return invoke


@dataclass
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Service:
    """A service on this machine that answers what a test tells it to, and remembers what it was asked."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    answers: dict[tuple[str, str], list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)

    def answer(self, method: str, path: str, document: object, status: int = 200, **headers: str) -> None:
        """Answer requests to a path (without its query); several answers come in turn, the last one stays."""
        body = b"" if document is None else json.dumps(document).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.setdefault((method, path), []).append((status, sent, body))

    def of(self, method: str, path: str) -> list[Request]:
        return [one for one in self.requests if one.method == method and one.path.partition("?")[0] == path]


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _take(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.requests.append(Request(self.command, self.path, headers, body))
            answers = service.answers.get((self.command, self.path.partition("?")[0]))
            status, sent, content = (
                (404, {}, b"") if not answers else answers.pop(0) if len(answers) > 1 else answers[0]
            )
            self.send_response(status)
            for name, value in sent.items():
                self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _take  # noqa: N815 - the names that the server calls

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


TENANT = "0bcbaed6-2ef8-4ebc-bede-95729854687d"
WORKSPACE = "1b87bde6-e462-4b8b-b373-fe7b3de3df0d"
KEY = "c2VjcmV0IGtleSBvZiBhIHdvcmtzcGFjZQ=="
RESOURCE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w"


@pytest.fixture
def credentials(service: Service, tmp_path: Path) -> Path:
    """The file that `kelp init --json` prints, for the service."""
    service.answer("POST", f"/{TENANT}/oauth2/v2.0/token", {"access_token": "the-token", "expires_in": 3599})
    document = {
        "endpoint": service.url,
        "workspaceId": WORKSPACE,
        "workspaceResourceId": RESOURCE,
        "primaryKey": KEY,
        "tenantId": TENANT,
        "clientId": "client",
        "clientSecret": "secret",
        "userName": "admin@kelp.local",
        "password": None,
    }
    path = tmp_path / "credentials.json"
    path.write_text(json.dumps(document))
    return path


def write_lines(path: Path, lines: Sequence[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path
