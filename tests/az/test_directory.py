"""`az ad` and what `az role` asks of the directory: users, groups, applications and their credentials."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.az.command_line import NOT_FOUND, Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
_PASSWORD = "quite a long secret"


def test_users_groups_and_their_roles(az: Az) -> None:
    user = az.run(
        "ad user create --user-principal-name az@kelp.local --display-name ByAz --password", _PASSWORD
    )
    assert user["userPrincipalName"] == "az@kelp.local"
    assert [one["id"] for one in az.run("ad user list --upn az@kelp.local")] == [user["id"]]
    az.run("ad user update --id az@kelp.local --display-name Renamed")
    assert az.run("ad user show --id az@kelp.local")["displayName"] == "Renamed"
    group = az.run("ad group create --display-name Readers --mail-nickname Readers")
    az.run(f"ad group member add --group Readers --member-id {user['id']}")
    assert az.run(f"ad group member check --group Readers --member-id {user['id']}")["value"] is True
    assert az.run("ad user get-member-groups --id az@kelp.local")[0]["id"] == group["id"]
    scope = str(az.server.home.resource_id)
    arguments = f"--scope {scope} --role Reader"
    to_user = az.run(f"role assignment create --assignee az@kelp.local {arguments}")
    to_group = az.run(f"role assignment create --assignee {group['id']} {arguments}")
    assert [one["principalType"] for one in (to_user, to_group)] == ["User", "Group"]
    listed = az.run(f"role assignment list --assignee az@kelp.local --scope {scope}")
    assert [one["principalName"] for one in listed] == ["az@kelp.local"]
    az.run(f"role assignment delete --ids {to_user['id']} {to_group['id']}")
    az.run("ad group delete --group Readers")
    az.run("ad user delete --id az@kelp.local")
    assert "no such user" in az.refuse("ad user show --id az@kelp.local", status=NOT_FOUND)


def test_an_application_made_for_a_role_signs_in(az: Az, tmp_path: Path) -> None:
    scope = str(az.server.home.resource_id)
    made = az.run(f"ad sp create-for-rbac --name by-az --role Reader --scopes {scope}")
    other = replace(az, folder=tmp_path)
    other.run("cloud register --name kelp --endpoint-resource-manager", az.server.endpoint)
    other.run("cloud set --name kelp")
    other.run("config set core.instance_discovery=false")
    login = f"login --service-principal --username {made['appId']} --tenant {made['tenant']}"
    other.run(f"{login} --password", made["password"])
    assert other.run(f"resource show --ids {scope} --api-version 2022-10-01")["id"] == scope
    reset = az.run(f"ad app credential reset --id {made['appId']} --create-cert")
    other.run(f"{login} --certificate", reset["fileWithCertAndPrivateKey"])
    Path(reset["fileWithCertAndPrivateKey"]).unlink()
    assert [one["appId"] for one in az.run("ad sp list --display-name by-az")] == [made["appId"]]
    az.run(f"ad app delete --id {made['appId']}")
