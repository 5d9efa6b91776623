"""The page of customers in a browser: onboarded from a list, seen, changed and taken away, on a server of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, expect

from kelp.resources.role_definition import LOG_ANALYTICS_READER, REGISTRATION_ASSIGNMENT_DELETE
from tests.portal.app import App, axe
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Server, populate, shared_rows, start_server

pytestmark = pytest.mark.browser
PAGE = "/t/kelp.local/customers"
VERSION = {"api-version": "2025-07-01"}
LOCK_VERSION = {"api-version": "2020-05-01"}
DELEGATIONS = "/providers/Microsoft.ManagedServices"
TEMPLATE = {
    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "parameters": {"customerName": {"type": "string"}, "workspaceName": {"type": "string"}},
    "resources": [
        {
            "type": "Microsoft.OperationalInsights/workspaces/savedSearches",
            "apiVersion": "2025-07-01",
            "name": "[concat(parameters('workspaceName'), '/of-', parameters('customerName'))]",
            "properties": {"category": "c", "displayName": "d", "query": "Heartbeat", "version": 2},
        }
    ],
}
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
    with provider.client(provider.token(scope=MANAGEMENT_SCOPE)) as owner:
        listed = owner.get(f"{provider.home.resource_id}/customers", params=VERSION).json()["value"]
        for one in listed:
            owner.delete(one["id"], params=VERSION).raise_for_status()


def put_customers(server: Server, *names: str) -> None:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as owner:
        for name in names:
            path = f"{server.home.resource_id}/customers/{name}"
            owner.put(path, params=VERSION, json={"properties": {"displayName": name}}).raise_for_status()


@pytest.fixture
def delegation(provider: Server) -> str:
    """Fabrikam lets the first user read its logs, and end that: the path of the assignment."""
    group = str(provider.people.foreign.resource_id).partition("/providers/")[0]
    subscription, name = group.partition("/resourceGroups/")[0], str(uuid4())
    definition = f"{subscription}{DELEGATIONS}/registrationDefinitions/{name}"
    offer = {
        "registrationDefinitionName": "care",
        "managedByTenantId": str(provider.home.tenant_id),
        "authorizations": [
            {"principalId": str(provider.user.object_id), "roleDefinitionId": str(role)}
            for role in (LOG_ANALYTICS_READER, REGISTRATION_ASSIGNMENT_DELETE)
        ],
    }
    assignment = f"{group}{DELEGATIONS}/registrationAssignments/{name}"
    token = provider.token(provider.people.foreign_owner, MANAGEMENT_SCOPE)
    with provider.client(token) as customer:
        for path, properties in (
            (definition, offer),
            (assignment, {"registrationDefinitionId": definition}),
        ):
            made = customer.put(path, params={"api-version": "2022-10-01"}, json={"properties": properties})
            made.raise_for_status()
    return assignment


def choose_workspace(app: App, dialog: Locator, name: str) -> None:
    dialog.get_by_role("button", name="Your workspace").click()
    app.page.get_by_role("option", name=name).first.click()


def test_customers_of_a_list_are_checked_onboarded_and_those_that_failed_tried_again(
    app: App, tmp_path: Path
) -> None:
    page, server = app.page, app.server
    app.enter(PAGE)
    expect(page.get_by_role("heading", name="You serve no customer yet")).to_be_visible()
    expect(page.get_by_role("img", name="into one workspace of the provider")).to_be_visible()
    axe(page)
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


def test_a_customer_is_seen_changed_asked_and_taken_away(app: App) -> None:
    page, server = app.page, app.server
    put_customers(server, "Contoso", "Tailspin")
    app.enter(f"{PAGE}?kind=delegated")
    expect(page.get_by_text("No customer is like that")).to_be_visible()
    page.get_by_role("link", name="Show all customers").click()
    page.get_by_role("row", name="Contoso").click()
    panel = page.get_by_role("complementary", name="Contoso")
    expect(panel.get_by_role("region", name="Your roles there")).to_contain_text("Owner at")
    expect(panel.get_by_role("region", name="How it stands")).to_contain_text("No record in the last week.")
    panel.get_by_text("No records of this customer are taken; others").click()
    panel.get_by_label("Reason, told to the sender").fill("The contract has ended.")
    panel.get_by_role("textbox", name="Retention in days").fill("5000")
    app.refusals.update({400})
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("raise the workspace's first")).to_be_visible()
    panel.get_by_role("textbox", name="Retention in days").fill("14")
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_text("No records are taken: The contract has ended.")).to_be_visible()
    panel.get_by_role("textbox", name="User name or object id").fill("nobody@elsewhere.example")
    panel.get_by_role("button", name="Let read").click()
    expect(panel.get_by_text("has no user, group or application")).to_be_visible()
    panel.get_by_role("textbox", name="User name or object id").fill(server.people.newcomer.user_name)
    panel.get_by_role("button", name="Let read").click()
    expect(page.get_by_text("may read this customer’s records.")).to_be_visible()
    panel.get_by_role("button", name="Show the keys").click()
    old = panel.get_by_role("region", name="Primary key").inner_text()
    panel.get_by_role("button", name="Replace the primary key").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Replace").click()
    expect(panel.get_by_role("region", name="Primary key")).not_to_have_text(old)
    axe(page)

    page.get_by_role("row", name="Tailspin").get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Apply a template").click()
    dialog = page.get_by_role("dialog", name="Onboard customers")
    expect(dialog.get_by_role("textbox", name="Customers")).to_have_value("Tailspin\n")
    dialog.get_by_role("textbox", name="ARM template").fill(json.dumps(TEMPLATE))
    dialog.get_by_role("button", name="Check").click()
    expect(dialog.get_by_role("row", name="Tailspin")).to_contain_text("of-Tailspin will be made")
    dialog.get_by_role("button", name="Onboard 1 customer").click()
    expect(dialog.get_by_text("1 of 1")).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()

    page.goto(f"{server.endpoint}{PAGE}?health=danger")
    expect(page.get_by_role("row", name="Contoso")).to_be_visible()
    expect(page.get_by_role("row", name="Tailspin")).to_have_count(0)
    page.goto(f"{server.endpoint}{PAGE}")
    page.get_by_role("row", name="Tailspin").click()
    page.get_by_role("button", name="Remove this customer").click()
    confirm = page.get_by_role("alertdialog")
    confirm.get_by_role("textbox").fill("Tailspin")
    confirm.get_by_role("button", name="Remove this customer").click()
    expect(page.get_by_role("row", name="Tailspin")).to_have_count(0)


def test_chosen_customers_are_asked_together_and_a_delegation_is_ended(app: App, delegation: str) -> None:
    page, server = app.page, app.server
    put_customers(server, "Contoso")
    app.enter(PAGE)
    for name in ("Contoso", "Fabrikam"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check(force=True)
    page.get_by_role("button", name="Open in Logs (2 workspaces)").click()
    result = page.get_by_role("grid").filter(has_text="LastHeartbeat")
    expect(result.get_by_role("gridcell", name="Fabrikam")).to_be_visible()
    expect(result).not_to_contain_text("secret")

    page.go_back()
    page.get_by_role("row", name="Fabrikam").click()
    panel = page.get_by_role("complementary", name="Fabrikam")
    expect(panel.get_by_role("region", name="Your roles there")).to_contain_text("by delegation")
    expect(panel.get_by_text(f"DELETE {delegation}", exact=False)).to_be_visible()
    axe(page)
    panel.get_by_role("button", name="End this delegation").click()
    confirm = page.get_by_role("alertdialog")
    confirm.get_by_role("textbox").fill("Fabrikam")
    confirm.get_by_role("button", name="End this delegation").click()
    expect(page.get_by_role("row", name="Fabrikam")).to_have_count(0)
    expect(page.get_by_role("row", name="Contoso")).to_be_visible()
