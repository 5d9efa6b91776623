"""`az deployment`: templates to a group and to the subscription."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.az.command_line import Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]
SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_WORKSPACE = "Microsoft.OperationalInsights/workspaces"


def write_template(az: Az, name: str, **sections: Any) -> str:
    file = az.folder / name
    text = json.dumps({"$schema": SCHEMA, "contentVersion": "1.0.0.0", **sections}, indent=2)
    file.write_text(f"// As people write them.\n{text}\n")
    return str(file)


def test_a_template_to_a_group(az: Az) -> None:
    template = write_template(
        az,
        "space.json",
        parameters={"name": {"type": "string"}, "days": {"type": "int", "defaultValue": 30}},
        resources=[
            {
                "type": _WORKSPACE,
                "apiVersion": "2025-02-01",
                "name": "[parameters('name')]",
                "location": "[resourceGroup().location]",
                "properties": {"retentionInDays": "[parameters('days')]"},
            }
        ],
        outputs={"id": {"type": "string", "value": "[reference(parameters('name')).customerId]"}},
    )
    given = f"--resource-group default --template-file {template} --parameters name=by-template days="
    made = az.run(f"deployment group create --name first {given}40")["properties"]
    assert made["provisioningState"] == "Succeeded"
    shown = az.run(
        "monitor log-analytics workspace show --resource-group default --workspace-name by-template"
    )
    assert (shown["retentionInDays"], shown["customerId"]) == (40, made["outputs"]["id"]["value"])
    assert az.run(f"deployment group validate {given}50")["properties"]["validatedResources"]
    assert "retention" in az.refuse(f"deployment group create --name second {given}5").lower()
    (operation,) = az.run("deployment operation group list --resource-group default --name second")
    assert operation["properties"]["provisioningState"] == "Failed"
    names = {one["name"] for one in az.run("deployment group list --resource-group default")}
    assert names == {"first", "second"}
    assert az.run("deployment group export --resource-group default --name first")["parameters"]["days"]
    az.run("deployment group delete --resource-group default --name first")


def test_a_template_with_mistakes(az: Az) -> None:
    template = write_template(
        az,
        "wrong.json",
        resources=[
            {"type": _WORKSPACE, "apiVersion": "2025-02-01", "name": "[nothing()]"},
            {"type": _WORKSPACE, "apiVersion": "1999-01-01", "name": "some"},
        ],
    )
    told = az.refuse(f"deployment group create --resource-group default --template-file {template}")
    assert "InvalidTemplate" in told
    assert "There is no function 'nothing'" in told


def test_a_template_to_the_subscription(az: Az) -> None:
    template = write_template(
        az,
        "group.json",
        resources=[
            {
                "type": "Microsoft.Resources/resourceGroups",
                "apiVersion": "2022-09-01",
                "name": "by-template",
                "location": "local",
            }
        ],
    )
    made = az.run(f"deployment sub create --name whole --location local --template-file {template}")
    assert made["properties"]["provisioningState"] == "Succeeded"
    assert az.run("group exists --name by-template") is True
