"""The page of customers in a browser: onboarded from a list, seen, changed and taken away, on a server of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Server, populate, shared_rows, start_server

pytestmark = pytest.mark.browser
PAGE = "/t/kelp.local/customers"
LOCK_VERSION = {"api-version": "2020-05-01"}
LIST = """name,displayName,dailyQuotaGb
contoso,Contoso Ltd.,2
fabrikam,Fabrikam Inc.,plenty
tailspin,Tailspin Toys,
"""


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("customers-page")
    with start_server(folder, populate=populate, rows=shared_rows) as server:
        yield server


@pytest.fixture
def app(provider: Server, browser: Browser) -> Iterator[App]:
    with open_app(provider, browser) as app:
        yield app


def choose_workspace(app: App, dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name="Your workspace").click()
    app.page.get_by_role("option", name=name).first.click()


def test_customers_of_a_list_are_checked_onboarded_and_those_that_failed_tried_again(
    app: App, tmp_path: Path
) -> None:
    page, server = app.page, app.server
    app.enter(PAGE)
    page.get_by_role("button", name="Onboard customers").click()
    dialog = page.get_by_role("dialog", name="Onboard customers")
    choose_workspace(app, dialog, server.home.name)
    file = tmp_path / "customers.csv"
    file.write_text(LIST, encoding="utf-8")
    dialog.get_by_label("Open a CSV file").set_input_files(file)
    text = dialog.get_by_role("textbox", name="Customers")
    expect(text).to_have_value(LIST)
    axe(page)
    dialog.get_by_role("button", name="Check").click()

    expect(dialog.get_by_text("2 ready, 1 with a fault.")).to_be_visible()
    wrong = dialog.get_by_role("row", name="fabrikam")
    expect(wrong).to_contain_text("'plenty' is no number of gigabytes such as 1.5.")
    expect(dialog.get_by_role("row", name="tailspin")).to_contain_text("will be made")
    axe(page)
    dialog.get_by_role("button", name="Back").click()
    text.fill(LIST.replace("plenty", "3"))
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_text("3 ready.")).to_be_visible()

    # Somebody locks the workspace in between: each is refused by itself, and told why.
    lock = f"{server.home.resource_id}/providers/Microsoft.Authorization/locks/frozen"
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
        document = {"properties": {"level": "ReadOnly"}}
        owner.put(lock, params=LOCK_VERSION, json=document).raise_for_status()
        dialog.get_by_role("button", name="Onboard 3 customers").click()
        expect(dialog.get_by_text("0 of 3, 3 failed")).to_be_visible()
        expect(dialog.get_by_role("row", name="contoso")).to_contain_text("lock")
        owner.delete(lock, params=LOCK_VERSION).raise_for_status()
    dialog.get_by_role("button", name="Retry the failed ones").click()
    expect(dialog.get_by_text("3 of 3")).to_be_visible()
    axe(page)
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Save keys and passwords").click()
    made = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert [one["name"] for one in made] == ["contoso", "fabrikam", "tailspin"]
    assert all(one["enrollmentKey"] for one in made)
    dialog.get_by_role("button", name="Close").last.click()
    for name in ("Contoso Ltd.", "Fabrikam Inc.", "Tailspin Toys"):
        expect(page.get_by_role("row", name=name)).to_be_visible()
