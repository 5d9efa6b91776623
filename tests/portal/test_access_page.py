"""The page of access, as an owner uses it, and what the other person sees of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from kelp.resources.role_definition import READER
from tests.portal.app import App, axe
from tests.portal.browsing import browser_of, fresh_user
from tests.portal.conftest import open_app
from tests.servers import MANAGEMENT_SCOPE, Server, User, populate, shared_rows, start_server

pytestmark = pytest.mark.browser
TENANT = "/t/kelp.local"
GRAPH_SCOPE = "https://graph.microsoft.com/.default"


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("governed")
    with start_server(folder, populate=populate, rows=shared_rows) as server:
        yield server


@pytest.fixture
def owner(governed: Server, browser: Browser) -> Iterator[App]:
    with open_app(governed, browser) as app:
        yield app


def make_group(server: Server, name: str, *members: UUID) -> str:
    with server.client(server.token(scope=GRAPH_SCOPE)) as client:
        nickname = "".join(name.split())
        document = {
            "displayName": name,
            "mailNickname": nickname,
            "mailEnabled": False,
            "securityEnabled": True,
        }
        made = client.post("/v1.0/groups", json=document)
        assert made.status_code == 201, made.text
        group = str(made.json()["id"])
        for member in members:
            reference = {"@odata.id": f"{server.endpoint}/v1.0/directoryObjects/{member}"}
            added = client.post(f"/v1.0/groups/{group}/members/$ref", json=reference)
            assert added.status_code == 204, added.text
        return group


def manage(server: Server, method: str, path: str, document: Any = None) -> Any:
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        answer = client.request(method, path, json=document, params={"api-version": "2022-04-01"})
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None


def choose(box: Locator, text: str, option: str) -> None:
    """Find an option of a combo box by typing."""
    box.fill(text)
    box.page.get_by_role("option").filter(has_text=option).first.click()


def suppose_another_role(page: Page, line: Locator) -> None:
    """Ask what would be without the role of a line, then with another in its place."""
    line.get_by_role("button", name="What if removed").click()
    expect(page.get_by_role("region", name="What if", exact=True)).to_contain_text("Not allowed")
    expect(page.get_by_role("region", name="Now")).to_contain_text("supposed away")
    page.get_by_role("button", name="What if a role were given").click()
    form = page.get_by_role("region", name="What if a role were given")
    choose(form.get_by_role("combobox", name="Role"), "purge", "Owner")
    axe(page)
    form.get_by_role("button", name="Suppose it").click()
    then = page.get_by_role("region", name="What if", exact=True)
    expect(then.get_by_role("heading")).to_contain_text("Allowed")
    expect(then.get_by_text("supposed", exact=True)).to_be_visible()
    axe(page)


def test_access_is_given_to_a_group_explained_supposed_away_and_taken(owner: App, browser: Browser) -> None:
    page, server = owner.page, owner.server
    with fresh_user(server) as user, open_app(server, browser) as other:
        make_group(server, "Operations", user.object_id)
        other.refusals.update({403, 404})
        other.enter(TENANT, user)
        expect(other.page.get_by_text("You reach no workspace").first).to_be_visible()

        owner.enter(f"{TENANT}/access")
        page.get_by_role("button", name="Give access").click()
        dialog = page.get_by_role("dialog")
        choose(dialog.get_by_role("combobox", name="Who"), "Oper", "Operations")
        choose(dialog.get_by_role("combobox", name="Role"), "Log Analytics R", "Log Analytics Reader")
        dialog.get_by_text("What the role permits").click()
        expect(dialog.get_by_text("*/read").first).to_be_visible()
        dialog.get_by_role("button", name="Give access").click()
        row = page.get_by_role("row", name="Operations")
        expect(row).to_be_visible()
        other.open(TENANT)
        expect(other.page.get_by_role("region", name="Health")).to_be_visible()

        page.get_by_role("tab", name="Why").click()
        choose(page.get_by_role("combobox", name="Who"), user.user_name, "Somebody New")
        page.get_by_role("combobox", name="May").fill(
            "Microsoft.OperationalInsights/workspaces/query/Heartbeat/read"
        )
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Explain").click()
        decision = page.get_by_role("region", name="Decision")
        expect(decision.get_by_role("heading")).to_contain_text("Allowed")
        line = decision.get_by_role("listitem").filter(has_text="Through group Operations").last
        expect(line).to_contain_text("this decides")
        expect(line).to_contain_text("*/read")
        axe(page)
        suppose_another_role(page, line)

        # Nothing of it was done.
        other.open(TENANT)
        expect(other.page.get_by_role("region", name="Health")).to_be_visible()
        page.get_by_role("tab", name="Assignments").click()
        row.click()
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
        expect(row).to_have_count(0)

        # The other one is led from the refusal to its reason.
        other.open(TENANT)
        why = other.page.get_by_role("link", name="Why?").first
        expect(why).to_be_visible()
        why.click()
        expect(other.page.get_by_role("region", name="Decision")).to_contain_text("Not allowed")
        expect(other.page.get_by_role("combobox", name="May")).not_to_have_value("")


def test_a_role_is_given_for_some_records_of_a_table_which_the_other_one_sees(owner: App) -> None:
    page, server = owner.page, owner.server
    with fresh_user(server) as user:
        owner.enter(f"{TENANT}/access")
        page.get_by_role("button", name="Give access").click()
        dialog = page.get_by_role("dialog")
        choose(dialog.get_by_role("combobox", name="Who"), user.user_name, "Somebody New")
        # A role is found by what it permits, too.
        choose(dialog.get_by_role("combobox", name="Role"), "tables/data/read", "Log Analytics Data Reader")
        difference = dialog.get_by_role("region", name="What it changes")
        expect(difference).to_contain_text(re.compile(r"All \d+ tables: no records → all records"))
        choose(dialog.get_by_role("combobox", name="Table"), "Heartb", "Heartbeat")
        dialog.get_by_text("Only some records").click()
        choose(dialog.get_by_role("combobox", name="Column"), "Comp", "Computer")
        dialog.get_by_role("button", name="Operator").click()
        page.get_by_role("option", name="begins with", exact=True).click()
        dialog.get_by_label("Values").fill("web-")
        expect(difference).to_contain_text("some records: Computer StringStartsWith 'web-'")
        axe(page)

        text = dialog.get_by_label("Only records for which")
        right = text.input_value()
        owner.refusals.add(400)
        text.fill(right.replace("StringStartsWith", "BeginsWith"))
        expect(dialog.get_by_text("'BeginsWith' is no operator that Kelp has")).to_be_visible()
        expect(dialog.locator("mark")).to_have_text(re.compile("^BeginsWith"))
        text.fill(right)
        expect(difference).to_contain_text("some records")
        dialog.get_by_role("button", name="Give access").click()
        expect(page.get_by_text("has the role Log Analytics Data Reader now")).to_be_visible()
        assert computers_seen_by(server, user) == ["web-1", "web-2"]


def test_a_role_of_ones_own_is_made_refused_at_its_fields_changed_and_deleted(owner: App) -> None:
    page = owner.page
    owner.refusals.update({400, 409})
    owner.enter(f"{TENANT}/access?tab=roles")
    page.get_by_role("button", name="Make a role").click()
    dialog = page.get_by_role("dialog", name="Make a role")
    dialog.get_by_label("Name").fill("Reader")
    choose(dialog.get_by_role("combobox", name="Find an action"), "remove records", "workspaces/purge/action")
    dialog.get_by_role("button", name="Add it").click()
    actions = dialog.get_by_role("textbox", name="Actions", exact=True)
    expect(actions).to_have_value("Microsoft.OperationalInsights/workspaces/purge/action")
    actions.fill("*/read\nMicrosoft.Nothing/x/read\nno good!")
    expect(dialog.get_by_text("No known action: Microsoft.Nothing/x/read, no good!")).to_be_visible()
    save = dialog.get_by_role("button", name="Save the role")
    save.click()
    expect(actions).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_text("'no good!' is no action such as")).to_be_visible()
    axe(page)
    actions.fill("*/read")
    save.click()
    expect(dialog.get_by_label("Name")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Name").fill("Sees all")
    save.click()
    expect(dialog).to_have_count(0)

    page.get_by_role("row", name="Sees all").click()
    panel = page.get_by_role("complementary", name="Sees all")
    panel.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name="Change Sees all")
    dialog.get_by_label("But not", exact=True).fill(
        "Microsoft.OperationalInsights/workspaces/sharedKeys/read"
    )
    dialog.get_by_role("button", name="Save the role").click()
    expect(panel.get_by_text("Microsoft.OperationalInsights/workspaces/sharedKeys/read")).to_be_visible()
    axe(page)
    panel.get_by_role("button", name="Delete the role").click()
    confirm = page.get_by_role("alertdialog")
    confirm.get_by_role("textbox").fill("Sees all")
    confirm.get_by_role("button", name="Delete the role").click()
    expect(page.get_by_role("row", name="Sees all")).to_have_count(0)


def test_the_classic_view_lists_the_members_of_groups_and_nobody_takes_their_last_right(owner: App) -> None:
    page, server = owner.page, owner.server
    with fresh_user(server) as user:
        group = make_group(server, "Auditors", user.object_id)
        subscription = str(server.home.resource_id).partition("/resourceGroups")[0]
        given = manage(
            server,
            "PUT",
            f"{subscription}/providers/Microsoft.Authorization/roleAssignments/{uuid4()}",
            {"properties": {"principalId": group, "roleDefinitionId": str(READER)}},
        )
        owner.enter(f"{TENANT}/access?tab=classic")
        row = page.get_by_role("row").filter(has_text="Somebody New")
        expect(row).to_contain_text("Auditors")
        expect(row).to_contain_text("Reader")
        axe(page)
        with page.expect_download() as download:
            page.get_by_role("button", name="Download as CSV").click()
        saved = download.value.path().read_text(encoding="utf-8")
        assert any("Somebody New" in line and subscription in line for line in saved.splitlines())
        manage(server, "DELETE", given["id"])

    owner.refusals.add(412)
    page.get_by_role("tab", name="Assignments").click()
    page.get_by_role("row").filter(has_text="Administrator").filter(has_text="Owner").first.click()
    page.get_by_role("button", name="Remove").click()
    dialog = page.get_by_role("alertdialog")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog.get_by_text("nobody takes that from themselves")).to_be_visible()


def computers_seen_by(server: Server, user: User) -> list[str]:
    with browser_of(server, user) as client:
        query = {"query": "Heartbeat | distinct Computer | order by Computer asc"}
        answer = client.post(f"/v1/workspaces/{server.home.workspace_id}/query", json=query)
        assert answer.status_code == 200, answer.text
        return [row[0] for row in answer.json()["tables"][0]["rows"]]
