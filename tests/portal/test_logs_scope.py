"""Queries over several workspaces on the page of logs: chosen, seen, taken out again, and refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.portal.app import axe
from tests.portal.logs import Logs

pytestmark = pytest.mark.browser


def scope_bar(logs: Logs) -> Locator:
    return logs.page.get_by_role("region", name="Workspaces that the query asks")


def test_ticked_workspaces_are_asked_shown_and_taken_out(logs: Logs) -> None:
    page, neighbour = logs.page, logs.app.server.people.neighbour
    bar = scope_bar(logs)
    expect(bar).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Scope")).click()
    scopes = page.get_by_role("dialog", name="Choose the scope")
    scopes.get_by_label("Query neighbour too").check(force=True)
    expect(scopes.get_by_text("2 workspaces are asked together.")).to_be_visible()
    axe(page)
    page.keyboard.press("Escape")
    expect(bar.get_by_role("listitem")).to_have_text(["default", "neighbour"])
    expect(page).to_have_url(re.compile(f"also={neighbour.workspace_id}"))
    schema = page.get_by_role("tabpanel", name="Schema")
    held = schema.get_by_role("listitem").filter(has_text="Secret_CL")
    expect(held).to_contain_text("in 1 of 2")
    axe(page)
    logs.focus()
    page.keyboard.type("Secr")
    expect(
        page.locator(".suggest-widget.visible").get_by_role("option", name=re.compile("^Secret_CL"))
    ).to_be_visible()
    logs.run("union Heartbeat, Secret_CL | where Computer startswith 'secret' or Text startswith 'secret'")
    expect(logs.status).to_contain_text("21 shown")

    # Another query has a scope of its own; this one keeps its own over a reload.
    logs.button("New query").click()
    expect(bar).to_have_count(0)
    expect(page).to_have_url(re.compile("/logs$"))
    page.get_by_role("tab", name="union").click()
    expect(bar.get_by_role("listitem")).to_have_count(2)
    expect(logs.status).to_contain_text("Draft kept")
    page.reload()
    expect(bar.get_by_role("listitem")).to_have_text(["default", "neighbour"])
    bar.get_by_role("button", name="Leave out neighbour").click()
    expect(bar).to_have_count(0)
    expect(page).to_have_url(re.compile("/logs$"))
    expect(schema.get_by_role("listitem").filter(has_text="Secret_CL")).to_have_count(0)
    expect(logs.problems).to_contain_text("'Secret_CL'")


def test_a_workspace_that_refuses_is_named_and_left_out(logs: Logs) -> None:
    page, people = logs.page, logs.app.server.people
    logs.app.refusals.add(403)
    logs.write("Heartbeat | distinct Computer")
    also = f"{people.neighbour.workspace_id},{people.foreign.workspace_id}"
    logs.app.open(f"{logs.path}?also={also}")
    bar = scope_bar(logs)
    refusal = bar.get_by_role("alert")
    expect(refusal).to_contain_text("You have no right to query the workspace")
    expect(refusal).to_contain_text("Every query is refused")
    expect(bar.get_by_role("listitem")).to_have_text(["default", "neighbour", people.foreign.workspace_id])
    axe(page)
    logs.focus()
    page.keyboard.press("Shift+Enter")
    expect(page.get_by_role("region", name="Results")).to_contain_text("You have no right to query")
    bar.get_by_role("button", name="Leave out what is refused").click()
    expect(refusal).to_have_count(0)
    logs.focus()
    page.keyboard.press("Shift+Enter")
    expect(logs.status).to_contain_text("4 shown")
    bar.get_by_role("button", name="Only this workspace").click()
    logs.app.refusals.discard(403)
