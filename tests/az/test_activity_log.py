"""`az monitor activity-log`."""

from __future__ import annotations

import pytest

from tests.az.command_line import Az

pytestmark = [pytest.mark.az, pytest.mark.timeout(600)]


def test_what_was_done_is_listed(az: Az) -> None:
    az.run("group create --name logged --location local")
    (event,) = az.run("monitor activity-log list --resource-group logged --offset 1h")
    assert event["operationName"]["value"] == "Microsoft.Resources/resourceGroups/write"
    assert (event["status"]["value"], event["resourceGroupName"]) == ("Succeeded", "logged")
    assert event["caller"] == str(az.server.application.object_id)
