"""A real server for measurements: the command a user runs, on a folder of its own, reached over HTTPS."""

from __future__ import annotations

import http.client
import json
import shutil
import ssl
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import psutil

from benchmarks.dataset import COLUMNS, REPOSITORY, WORK_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

_START_SECONDS = 60
TABLE = "BenchSyslog_CL"
STREAM = "Custom-BenchSyslog"
_API = "api-version=2023-03-11"


@dataclass(slots=True)
class Server:
    """A server process and what is needed to reach it. Use as a context manager."""

    name: str
    port: int
    settings: dict[str, str] = field(default_factory=dict)
    credentials: dict[str, Any] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None
    _tokens: dict[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """The data folder; removed at the start."""
        return WORK_FOLDER / f"server-{self.name}"

    def __enter__(self) -> Self:
        shutil.rmtree(self.folder, ignore_errors=True)
        command = [sys.executable, "-m", "kelp.cli"]
        made = subprocess.run(
            [*command, "init", "--data", str(self.folder), "--json"],
            check=True, capture_output=True, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        self.credentials = json.loads(made.stdout)
        self.start()
        return self

    def start(self) -> None:
        """Start the process on its folder and wait for the line that says it is ready."""
        command = [sys.executable, "-m", "kelp.cli", "serve", "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--listen", f"localhost:{self.port}"],
            stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=self._environment(),
        )  # fmt: skip
        assert self._process.stdout is not None
        deadline = time.monotonic() + _START_SECONDS
        for line in self._process.stdout:
            if "ready" in line:
                return
            if time.monotonic() > deadline:
                break
        raise SystemExit("The server did not start.")

    def _environment(self) -> dict[str, str]:
        import os  # noqa: PLC0415 - only the child's environment is made here

        return os.environ | self.settings

    def __exit__(self, *exception: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def process(self) -> psutil.Process:
        """The server's process, for its CPU time and memory."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def connect(self) -> http.client.HTTPSConnection:
        """Open a connection that trusts the server's authority."""
        context = ssl.create_default_context(cafile=self.credentials["caFile"])
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=300)

    def token(self, scope: str) -> str:
        """Return a bearer token for a service, asked for once."""
        if scope not in self._tokens:
            form = urllib.parse.urlencode(
                {
                    "grant_type": "client_credentials",
                    "client_id": self.credentials["clientId"],
                    "client_secret": self.credentials["clientSecret"],
                    "scope": f"{scope}/.default",
                }
            )
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            path = f"/{self.credentials['tenantId']}/oauth2/v2.0/token"
            answer = self._exchange("POST", path, form.encode(), headers)
            self._tokens[scope] = answer["access_token"]
        return self._tokens[scope]

    def _exchange(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
        connection = self.connect()
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 400:  # noqa: PLR2004 - HTTP's failures
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode()[:500]}")
        return json.loads(content) if content else {}

    def manage(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Call the management API."""
        headers = {
            "Authorization": f"Bearer {self.token('https://management.azure.com')}",
            "Content-Type": "application/json",
        }
        return self._exchange(method, path, json.dumps(document).encode() if document else b"", headers)

    def query(self, text: str) -> dict[str, Any]:
        """Run a query and return its answer."""
        headers = {
            "Authorization": f"Bearer {self.token('https://api.loganalytics.io')}",
            "Content-Type": "application/json",
        }
        path = f"/v1/workspaces/{self.credentials['workspaceId']}/query"
        return self._exchange("POST", path, json.dumps({"query": text}).encode(), headers)

    def count_rows(self) -> int:
        """Return how many rows of the measured table are searchable."""
        return int(self.query(f"{TABLE} | count")["tables"][0]["rows"][0][0])

    def make_rule(self) -> str:
        """Make the measured table and a rule for it; return the path that records are posted to."""
        workspace = self.credentials["workspaceResourceId"]
        columns = [{"name": name, "type": kind} for name, kind in COLUMNS]
        table = {"properties": {"schema": {"name": TABLE, "columns": columns}}}
        self.manage("PUT", f"{workspace}/tables/{TABLE}?api-version=2022-10-01", table)
        group = workspace.partition("/providers/")[0]
        rule = {
            "location": "local",
            "kind": "Direct",
            "properties": {
                "streamDeclarations": {STREAM: {"columns": columns}},
                "destinations": {"logAnalytics": [{"workspaceResourceId": workspace, "name": "here"}]},
                "dataFlows": [
                    {"streams": [STREAM], "destinations": ["here"], "outputStream": f"Custom-{TABLE}"}
                ],
            },
        }
        path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/bench?{_API}"
        made = self.manage("PUT", path, rule)
        immutable_id = made["properties"]["immutableId"]
        return f"/dataCollectionRules/{immutable_id}/streams/{STREAM}?api-version=2023-01-01"
