"""`az monitor log-analytics workspace` and what lies in a workspace."""

from __future__ import annotations

import pytest

from tests.az.command_line import NOT_FOUND, Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
_WORKSPACE = "monitor log-analytics workspace"


def test_a_workspace_from_beginning_to_end(az: Az) -> None:
    one = "--resource-group default --workspace-name by-az"
    made = az.run(f"{_WORKSPACE} create {one} --retention-time 40 --tags team=blue")
    assert (made["name"], made["retentionInDays"], made["tags"]) == ("by-az", 40, {"team": "blue"})
    assert made["provisioningState"] == "Succeeded"
    changed = az.run(f"{_WORKSPACE} update {one} --retention-time 60 --quota 2")
    assert (changed["retentionInDays"], changed["workspaceCapping"]["dailyQuotaGb"]) == (60, 2)
    assert changed["customerId"] == made["customerId"]
    assert az.run(f"{_WORKSPACE} show {one}")["tags"] == {"team": "blue"}
    keys = az.run(f"{_WORKSPACE} get-shared-keys {one}")
    assert keys["primarySharedKey"] != keys["secondarySharedKey"]
    az.run(f"{_WORKSPACE} delete {one} --yes")
    assert "by-az" in az.refuse(f"{_WORKSPACE} show {one}", status=NOT_FOUND)
    assert "by-az" in {gone["name"] for gone in az.run(f"{_WORKSPACE} list-deleted-workspaces")}
    az.run(f"{_WORKSPACE} recover {one}")
    recovered = az.run(f"{_WORKSPACE} list --resource-group default")
    assert made["customerId"] in {found["customerId"] for found in recovered}


def test_a_refusal_is_shown(az: Az) -> None:
    one = "--resource-group default --workspace-name refused"
    told = az.refuse(f"{_WORKSPACE} create {one} --retention-time 5000")
    assert "retentionInDays" in told


def test_a_table(az: Az) -> None:
    one = "--resource-group default --workspace-name default --name Az_CL"
    made = az.run(
        f"{_WORKSPACE} table create {one} --retention-time 30 --columns",
        "TimeGenerated=datetime",
        "Text=string",
    )
    assert [column["name"] for column in made["schema"]["columns"]] == ["TimeGenerated", "Text"]
    changed = az.run(f"{_WORKSPACE} table update {one} --total-retention-time 90")
    assert changed["totalRetentionInDays"] == 90
    assert az.run(f"{_WORKSPACE} table show {one}")["retentionInDays"] == 30
    listed = az.run(f"{_WORKSPACE} table list --resource-group default --workspace-name default")
    assert "Az_CL" in {table["name"] for table in listed}
    az.run(f"{_WORKSPACE} table delete {one} --yes")
    az.refuse(f"{_WORKSPACE} table show {one}", status=NOT_FOUND)


def test_a_saved_search(az: Az) -> None:
    one = "--resource-group default --workspace-name default --name by-az"
    told = ["--category", "Tests", "--display-name", "By az", "--saved-query", "Heartbeat | take 1"]
    made = az.run(f"{_WORKSPACE} saved-search create {one} --func-alias ByAz --tags team=blue", *told)
    assert (made["category"], made["functionAlias"], made["tags"]) == (
        "Tests",
        "ByAz",
        [{"name": "team", "value": "blue"}],
    )
    changed = az.run(f"{_WORKSPACE} saved-search update {one} --category Others")
    assert (changed["category"], changed["query"]) == ("Others", "Heartbeat | take 1")
    assert az.run(f"{_WORKSPACE} saved-search show {one}")["displayName"] == "By az"
    listed = az.run(f"{_WORKSPACE} saved-search list --resource-group default --workspace-name default")
    assert "by-az" in {search["name"] for search in listed}
    az.run(f"{_WORKSPACE} saved-search delete {one} --yes")
    az.refuse(f"{_WORKSPACE} saved-search show {one}", status=NOT_FOUND)


def test_a_data_export(az: Az) -> None:
    one = "--resource-group default --workspace-name default --name by-az"
    storage = f"{az.subscription}/resourceGroups/default/providers/Microsoft.Storage/storageAccounts/kept"
    made = az.run(
        f"{_WORKSPACE} data-export create {one} --destination {storage} --tables Heartbeat --enable true"
    )
    assert (made["tableNames"], made["enable"]) == (["Heartbeat"], True)
    changed = az.run(
        f"{_WORKSPACE} data-export update {one} --destination {storage} --tables Heartbeat Syslog"
    )
    assert changed["tableNames"] == ["Heartbeat", "Syslog"]
    assert az.run(f"{_WORKSPACE} data-export show {one}")["name"] == "by-az"
    listed = az.run(f"{_WORKSPACE} data-export list --resource-group default --workspace-name default")
    assert [export["name"] for export in listed] == ["by-az"]
    az.run(f"{_WORKSPACE} data-export delete {one} --yes")
    az.refuse(f"{_WORKSPACE} data-export show {one}", status=NOT_FOUND)
