"""One person's windows beside each other, each in a tenant of its own, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page, expect

from kelp.resources.role_definition import LOG_ANALYTICS_READER
from tests.portal.app import App
from tests.portal.browsing import guest_of, query_hash
from tests.servers import MANAGEMENT_SCOPE, Place, Server

pytestmark = pytest.mark.browser
COMPUTERS = query_hash("Heartbeat | distinct Computer", timespan="PT1H", run=True)


def let_read(server: Server, principal_id: UUID) -> None:
    """Give somebody a role on the installation's own workspace."""
    path = f"{server.home.resource_id}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}"
    role = f"/providers/Microsoft.Authorization/roleDefinitions/{LOG_ANALYTICS_READER}"
    document = {"properties": {"roleDefinitionId": role, "principalId": str(principal_id)}}
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
        owner.put(path, params={"api-version": "2022-04-01"}, json=document).raise_for_status()


def logs_of(domain: str, place: Place) -> str:
    return f"/t/{domain}/w/{place.workspace_id}/logs{COMPUTERS}"


def expect_computer(page: Page, computer: str) -> None:
    cell = page.get_by_role("grid", name="Result").get_by_role("gridcell", name=re.compile(computer))
    expect(cell).to_be_visible()


def run_again(page: Page) -> None:
    """Run the query once more: the request, its events, and its rows."""
    with page.expect_response(lambda answer: "/result?" in answer.url and answer.status == 200):
        page.get_by_role("button", name="Run", exact=True).click()


def export(page: Page, file: Path) -> str:
    page.get_by_role("button", name="Export", exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("menuitem", name=re.compile(r"^CSV \(")).click()
    download.value.save_as(file)
    return file.read_text()


def test_two_windows_of_a_guest_stay_in_their_tenants(app: App, tmp_path: Path) -> None:
    server, person = app.server, app.server.people.foreign_person
    with guest_of(server, person) as guest_id:
        let_read(server, guest_id)
        other, own = app.page, app.context.new_page()
        app.watch(own)
        app.enter(logs_of("kelp.local", server.home), person)
        expect_computer(other, "web-1")
        own.goto(server.endpoint + logs_of("fabrikam.local", server.people.foreign))
        expect_computer(own, "secret-foreign")
        for _ in range(2):
            for page, computer in ((own, "secret-foreign"), (other, "web-1")):
                run_again(page)
                expect_computer(page, computer)
                assert computer in export(page, tmp_path / "rows.csv")

        # A window that goes to the other tenant is there alone, and comes back.
        own.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
        own.get_by_role("button", name=re.compile("^Scope")).click()
        scopes = own.get_by_role("dialog", name="Choose the scope")
        scopes.get_by_role("row").filter(has_text="kelp.local").click()
        expect(own).to_have_url(re.compile("/t/kelp.local"))
        expect(own.get_by_role("banner").get_by_text("guest")).to_be_visible()
        own.go_back()
        expect(own).to_have_url(re.compile("/t/fabrikam.local"))
        expect(own.get_by_role("banner").get_by_text("guest")).to_have_count(0)
        run_again(other)
        expect_computer(other, "web-1")
