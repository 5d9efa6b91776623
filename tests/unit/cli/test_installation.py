"""`kelp init` and `kelp serve` for real, the server in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from kelp.app.installation import Installation

from .conftest import Run

KEYS = [
    "endpoint",
    "caFile",
    "tenantId",
    "subscriptionId",
    "resourceGroup",
    "workspaceName",
    "workspaceId",
    "workspaceResourceId",
    "primaryKey",
    "clientId",
    "clientSecret",
    "userName",
    "password",
]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_the_report_has_the_names_that_scripts_rely_on(run: Run, data: Path) -> None:
    outcome = run("init", "--data", data, "--json")
    assert outcome.code == 0
    first = json.loads(outcome.out)
    assert list(first) == KEYS
    assert all(first.values())
    assert Path(first["caFile"]).exists()

    second = json.loads(run("init", "--data", data, "--json").out)
    assert second["clientSecret"] is None
    assert second["password"] is None
    assert {key: second[key] for key in KEYS if second[key]} == {
        key: first[key] for key in KEYS if second[key]
    }


def test_the_report_for_people_tells_secrets_once(run: Run, data: Path) -> None:
    assert "(told once" not in run("init", "--data", data).out
    assert "(told once" in run("init", "--data", data).out


def test_lost_secrets_are_replaced(run: Run, data: Path) -> None:
    first = json.loads(run("init", "--data", data, "--json").out)
    second = json.loads(run("init", "--data", data, "--json", "--new-secrets").out)
    fresh = {key for key in KEYS if first[key] != second[key]}
    assert fresh == {"clientSecret", "password"}
    with closing(Installation.open(data)) as installation:
        account = installation.directory.find_user(second["userName"])
        assert installation.directory.verify_password(account, second["password"])
        assert not installation.directory.verify_password(account, first["password"])


def test_a_query_over_the_folder_without_a_server(run: Run, data: Path, tmp_path: Path) -> None:
    run("init", "--data", data)
    outcome = run("query", "--data", data, "--format", "csv", "Syslog | count")
    assert (outcome.code, outcome.out) == (0, "Count\n0\n")
    names = tmp_path / "names.csv"
    names.write_text("k,Name\n1,one\n")
    outcome = run(
        "query", "--data", data, "--table", f"N={names}", "--format", "csv", "union N, Syslog | project Name"
    )
    assert outcome.out == "Name\none\n"
    assert run("query", "--data", data, "--workspace", "default", "Syslog | count").code == 0


def test_a_workspace_or_folder_that_is_not_there(run: Run, data: Path) -> None:
    outcome = run("query", "--data", data, "Syslog")
    assert outcome.code == 3
    assert f"kelp init --data {data}" in outcome.err
    run("init", "--data", data)
    outcome = run("query", "--data", data, "--workspace", "nowhere", "Syslog")
    assert outcome.code == 3
    assert "nowhere" in outcome.err


def test_the_first_start_serves_until_it_is_told_to_stop(run: Run, data: Path, tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-c",
        "from kelp.cli import main; main()",
        "serve",
        "--data",
        str(data),
        "--listen",
        "localhost:0",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            greeting = []
            for line in server.stdout:
                if line.startswith("ready "):
                    break
                greeting.append(line)
            address = line.split()[1]
            assert "Try one of these queries:" in "".join(greeting)
            assert any(line.strip().startswith("password ") for line in greeting)
            secret = next(line.split()[2] for line in greeting if line.strip().startswith("client secret"))
            report = json.loads(run("init", "--data", data, "--json").out)
            credentials = tmp_path / "credentials.json"
            credentials.write_text(json.dumps(report | {"endpoint": address, "clientSecret": secret}))
            outcome = run("query", "--credentials", credentials, "--format", "csv", "print x = 1 + 1")
            assert (outcome.code, outcome.out) == (0, "x\n2\n"), outcome.err
            refused = run("query", "--data", data, "Syslog | count")
            assert refused.code == 1
            assert "in use" in refused.err
        finally:
            os.kill(server.pid, signal.SIGTERM)
        assert server.wait(30) == 0, server.stderr.read() if server.stderr else ""
