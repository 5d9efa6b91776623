"""`kelp directory`, over a folder that nobody serves and over a service."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from kelp.app.installation import Installation
from kelp.base.settings import ServerSettings
from kelp.engine.data_folder import lock_folder

from .conftest import Run, Service


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("directory") / "data"
    with closing(Installation.create(folder)) as installation:
        installation.initialize(ServerSettings())
    return folder


class Offline:
    """Runs the command over the folder and reads its JSON."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run = run
        self._folder = folder

    def __call__(self, *arguments: str | Path, tenant: str = "", code: int = 0) -> Any:
        where = ("--tenant", tenant) if tenant else ()
        outcome = self._run("directory", "--data", self._folder, *where, "--json", *arguments)
        assert outcome.code == code, outcome.err
        return outcome.err if code else json.loads(outcome.out or "null")


@pytest.fixture
def kelp(run: Run, folder: Path) -> Offline:
    return Offline(run, folder)


def test_users_groups_and_guests_of_a_folder(kelp: Offline, run: Run, folder: Path) -> None:
    made = kelp("user", "create", "ada@kelp.local", "--display-name", "Ada")
    assert len(made["password"]) >= 20
    kelp("group", "create", "Operators", "--description", "who run it")
    kelp("group", "create", "Everybody")
    kelp("group", "add-member", "Everybody", "Operators")
    kelp("group", "add-member", "Operators", "ada@kelp.local")
    members = kelp("group", "members", "Everybody", "--all")
    assert {one["displayName"] for one in members} == {"Operators", "Ada"}
    assert "may not be in itself" in kelp("group", "add-member", "Operators", "Everybody", code=3)
    invited = kelp("guest", "invite", "bob@fabrikam.example")
    assert "/redeem?token=" in invited["inviteRedeemUrl"]
    assert [one["externalUserState"] for one in kelp("guest", "list")] == ["PendingAcceptance"]
    kelp("guest", "remove", "bob@fabrikam.example")
    assert kelp("guest", "list") == []
    kelp("user", "update", "ada@kelp.local", "--no-enabled", "--display-name", "Ada L.")
    shown = run("directory", "--data", folder, "user", "list").out
    assert "Ada L." in shown
    kelp("user", "set-password", "ada@kelp.local", "--password", "quite a long secret")
    assert "8 to 256" in kelp("user", "set-password", "ada@kelp.local", "--password", "x", code=3)
    kelp("user", "delete", "ada@kelp.local")
    assert "no such user" in kelp("user", "show", "ada@kelp.local", code=3)


def test_tenants_of_a_folder(kelp: Offline) -> None:
    kelp("tenant", "create", "Contoso", "--domain", "contoso.example", "--password", "quite a long secret")
    kelp("tenant", "rename", "contoso.example", "Contoso Ltd")
    kelp("tenant", "add-domain", "contoso.example", "contoso.test")
    assert "Contoso Ltd" in {one["displayName"] for one in kelp("tenant", "list")}
    kelp("user", "create", "eve@contoso.test", tenant="contoso.example")
    names = {one["userPrincipalName"] for one in kelp("user", "list", tenant="contoso.test")}
    assert names == {"admin@contoso.example", "eve@contoso.test"}
    assert "there are: " in kelp("user", "list", tenant="nowhere.example", code=3)


def test_applications_of_a_folder(kelp: Offline, tmp_path: Path) -> None:
    made = kelp("app", "create", "importer")
    secret = kelp("app", "add-secret", "importer", "--display-name", "first")
    assert secret["secretText"].startswith(secret["hint"])
    kelp("app", "add-redirect", "importer", "https://importer.example/back")
    shown = kelp("app", "show", made["appId"])
    assert shown["web"]["redirectUris"] == ["https://importer.example/back"]
    assert [one["displayName"] for one in shown["passwordCredentials"]] == ["first"]
    kelp("app", "remove-secret", "importer", secret["keyId"])
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    assert "certificate" in kelp("app", "add-certificate", "importer", wrong, code=3)
    kelp("app", "delete", "importer")
    assert "nothing called 'importer'" in kelp("app", "show", "importer", code=3)


def test_a_provider_on_a_host_that_nobody_listed(kelp: Offline) -> None:
    arguments = ("--issuer", "https://login.example/", "--client-id", "kelp", "--client-secret", "secret")
    assert "server.sign_in_hosts" in kelp("provider", "add", "Elsewhere", *arguments, code=3)
    assert kelp("provider", "list") == []
    assert "no such identity provider" in kelp("provider", "remove", "nothing", code=3)


def test_a_folder_that_is_served_is_left_alone(run: Run, folder: Path) -> None:
    import os

    with closing(Installation.open(folder)) as installation:
        installation.layout.engine.mkdir(exist_ok=True)
        lock = lock_folder(installation.layout.engine)
    outcome = run("directory", "--data", folder, "user", "list")
    os.close(lock)
    assert outcome.code != 0
    assert "in use by another process" in outcome.err


def test_a_service_is_asked_for_every_page(run: Run, service: Service, credentials: Path) -> None:
    first = {
        "value": [{"id": "1", "displayName": "One"}],
        "@odata.nextLink": f"{service.url}/v1.0/groups?$skiptoken=x",
    }
    service.answer("GET", "/v1.0/groups", first)
    service.answer(
        "GET", "/v1.0/groups", {"value": [{"id": "2", "displayName": "Two", "description": "second"}]}
    )
    outcome = run("directory", "--credentials", credentials, "group", "list")
    assert outcome.code == 0, outcome.err
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines == [["id", "displayName", "description"], ["1", "One"], ["2", "Two", "second"]]
    assert [one.headers["authorization"] for one in service.of("GET", "/v1.0/groups")] == [
        "Bearer the-token"
    ] * 2


def test_what_a_service_refuses_is_told(run: Run, service: Service, credentials: Path) -> None:
    refusal = {"error": {"code": "Authorization_RequestDenied", "message": "No role grants it."}}
    service.answer("POST", "/v1.0/users", refusal, 403)
    outcome = run("directory", "--credentials", credentials, "user", "create", "ada@kelp.local")
    assert (outcome.code, outcome.err.strip()) == (4, "No role grants it.")
    outcome = run("directory", "--credentials", credentials, "--tenant", "x", "user", "list")
    assert (outcome.code, "--tenant is for --data" in outcome.err) == (2, True)
