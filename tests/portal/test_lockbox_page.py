"""An operator asks on the page, and the customer approves for a time, ends the access, and denies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.servers import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def operator(server: Server, browser: Browser) -> Iterator[App]:
    with open_app(server, browser) as app:
        yield app


def ask(page: Page, workspace: str, why: str) -> None:
    page.get_by_role("button", name="Ask for access").click()
    dialog = page.get_by_role("dialog", name="Ask for access")
    dialog.get_by_label("Workspace").fill(workspace)
    dialog.get_by_label("Reason").fill(why)
    dialog.get_by_role("button", name="Ask for access").click()
    expect(dialog).to_have_count(0)


def test_a_request_is_asked_approved_ended_and_denied(operator: App, browser: Browser) -> None:
    server = operator.server
    operator.enter("/t/kelp.local/lockbox")
    for why in ("Ticket 81", "Ticket 82"):
        ask(operator.page, str(server.people.foreign.resource_id), why)
    with open_app(server, browser) as customer:
        customer.refusals.add(403)  # who is no operator has no requests of their own
        customer.enter("/t/fabrikam.local/lockbox", server.people.foreign_person)
        page = customer.page
        page.get_by_role("row", name="Ticket 81").click()
        panel = page.get_by_role("complementary", name="Ticket 81")
        hours = panel.get_by_role("textbox", name="Hours of access")
        expect(hours).to_have_value("4")
        hours.fill("1")
        axe(page)
        panel.get_by_role("button", name="Approve").click()
        expect(panel.get_by_text("PT1H0M")).to_be_visible()
        panel.get_by_role("button", name="End the access now").click()
        expect(panel.get_by_text("Ended by the customer")).to_be_visible()
        page.get_by_role("row", name="Ticket 82").click()
        panel = page.get_by_role("complementary", name="Ticket 82")
        panel.get_by_role("button", name="Deny").click()
        expect(panel.get_by_text("Denied")).to_be_visible()
