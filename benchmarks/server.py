"""A real server for measurements: the command a user runs, on a folder of its own, reached over HTTPS."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import ssl
import subprocess
import sys
import time
import urllib.parse
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from benchmarks.dataset import REPOSITORY, WORK_FOLDER
from benchmarks.tables import SYSLOG

_START_SECONDS = 60
STREAM = "Custom-BenchSyslog"
_API = "api-version=2023-03-11"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace by the id that queries name and by the path that management names."""

    id: str
    path: str


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
        command = [str(Path(sys.executable).with_name("kelp"))]
        made = subprocess.run(
            [*command, "init", "--data", str(self.folder), "--json"],
            check=True, capture_output=True, text=True, cwd=REPOSITORY,
        )  # fmt: skip
        self.credentials = json.loads(made.stdout)
        return self

    def seed(self, kind: str, rows: int) -> None:
        """Put rows of a table into the folder while no process serves it."""
        command = [sys.executable, "-m", "benchmarks.seed", str(self.folder), kind, str(rows)]
        subprocess.run(command, check=True, cwd=REPOSITORY)

    def start(self) -> None:
        """Start the process on its folder and wait for the line that says it is ready."""
        command = [str(Path(sys.executable).with_name("kelp")), "serve", "--data", str(self.folder)]
        self._process = subprocess.Popen(
            [*command, "--listen", f"localhost:{self.port}"],
            stdout=subprocess.PIPE, text=True, cwd=REPOSITORY, env=os.environ | self.settings,
        )  # fmt: skip
        assert self._process.stdout is not None
        deadline = time.monotonic() + _START_SECONDS
        for line in self._process.stdout:
            if "ready" in line:
                return
            if time.monotonic() > deadline:
                break
        raise SystemExit("The server did not start.")

    def stop(self) -> None:
        """End the process as an administrator would."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def __exit__(self, *exception: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Kill the process as a crash would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def cpu_seconds(self) -> float:
        """Return the CPU time that the process has used, of all its threads, ended ones included."""
        # The clock of another process, see clock_getcpuclockid(3): its id as Linux makes it.
        return time.clock_gettime((~self._pid << 3) | 2)

    def peak_memory_bytes(self) -> int:
        """Return the most memory that the process has had so far."""
        status = Path(f"/proc/{self._pid}/status").read_text().split()
        return int(status[status.index("VmHWM:") + 1]) * 1024

    @property
    def process_id(self) -> int:
        """The id of the process."""
        return self._pid

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

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
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {content.decode()[:500]}")
        return json.loads(content) if content else {}

    def manage(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        """Call the management API."""
        headers = {
            "Authorization": f"Bearer {self.token('https://management.azure.com')}",
            "Content-Type": "application/json",
        }
        return self._exchange(method, path, json.dumps(document).encode() if document else b"", headers)

    @property
    def workspace(self) -> Workspace:
        """The workspace that every installation begins with."""
        return Workspace(self.credentials["workspaceId"], self.credentials["workspaceResourceId"])

    def make_workspace(self, name: str) -> Workspace:
        """Make another workspace beside the first one."""
        path = f"{self.workspace.path.rpartition('/')[0]}/{name}"
        made = self.manage("PUT", f"{path}?api-version=2023-09-01", {"location": "local", "properties": {}})
        return Workspace(made["properties"]["customerId"], path)

    def ask(
        self, connection: http.client.HTTPSConnection, text: str, workspace: Workspace | None = None
    ) -> bytes:
        """Run a query over an open connection and return the whole answer."""
        headers = {
            "Authorization": f"Bearer {self.token('https://api.loganalytics.io')}",
            "Content-Type": "application/json",
        }
        path = f"/v1/workspaces/{(workspace or self.workspace).id}/query"
        connection.request("POST", path, json.dumps({"query": text}).encode(), headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise SystemExit(f"{text}: {answer.status} {content.decode()[:500]}")
        return content

    def rows(self, text: str, workspace: Workspace | None = None) -> list[list[Any]]:
        """Run a query and return the rows of its first table."""
        connection = self.connect()
        document = json.loads(self.ask(connection, text, workspace))
        connection.close()
        return list(document["tables"][0]["rows"])

    def explain(self, text: str) -> str:
        """Return what the server says that it would do."""
        connection = self.connect()
        headers = {
            "Authorization": f"Bearer {self.token('https://api.loganalytics.io')}",
            "Content-Type": "application/json",
        }
        path = f"/v1/workspaces/{self.workspace.id}/query?explain=true"
        connection.request("POST", path, json.dumps({"query": text}).encode(), headers)
        content = connection.getresponse().read().decode()
        connection.close()
        return content

    def count_rows(self, workspace: Workspace | None = None) -> int:
        """Return how many rows of the measured table are searchable."""
        return int(self.rows(f"{SYSLOG.name} | count", workspace)[0][0])

    def make_rule(self, target: Workspace | None = None) -> str:
        """Make the measured table and a rule for it; return the path that records are posted to."""
        workspace = (target or self.workspace).path
        columns = [{"name": name, "type": kind} for name, kind in SYSLOG.columns.items()]
        table = {"properties": {"schema": {"name": SYSLOG.name, "columns": columns}}}
        self.manage("PUT", f"{workspace}/tables/{SYSLOG.name}?api-version=2022-10-01", table)
        group = workspace.partition("/providers/")[0]
        rule = {
            "location": "local",
            "kind": "Direct",
            "properties": {
                "streamDeclarations": {STREAM: {"columns": columns}},
                "destinations": {"logAnalytics": [{"workspaceResourceId": workspace, "name": "here"}]},
                "dataFlows": [
                    {"streams": [STREAM], "destinations": ["here"], "outputStream": f"Custom-{SYSLOG.name}"}
                ],
            },
        }
        path = f"{group}/providers/Microsoft.Insights/dataCollectionRules/bench-{workspace.rpartition('/')[2]}?{_API}"
        made = self.manage("PUT", path, rule)
        immutable_id = made["properties"]["immutableId"]
        return f"/dataCollectionRules/{immutable_id}/streams/{STREAM}?api-version=2023-01-01"
