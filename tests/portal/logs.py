"""The portal's page of logs in a browser: the steps that its tests share."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.portal.app import App

ENDLESS = "range x from 1 to 1000000000000 step 1 | where x % 7 == 8 | count"


class Logs:
    """The page of logs, with the steps that its tests share."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.page = app.page
        self.path = f"/t/{app.server.home.tenant_id}/w/{app.server.home.workspace_id}/logs"

    def open(self) -> None:
        """Begin a query of its own: other tests of the same person have theirs on the page too."""
        if not self.page.url.endswith(self.path) or self.page.get_by_role("dialog").count():
            self.app.enter(self.path)
        self.button("New query").click()
        expect(self.page.get_by_role("tab", name="New query", selected=True)).to_be_visible()
        self.focus()

    def focus(self) -> None:
        expect(self.code).to_be_attached()
        self.code.focus()

    @property
    def code(self) -> Locator:
        """Where the full editor takes keys."""
        return self.page.locator(".monaco-editor textarea")

    @property
    def lines(self) -> Locator:
        return self.page.locator(".monaco-editor .view-line")

    def write(self, text: str) -> None:
        self.focus()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        expect(self.status.get_by_text("Draft kept")).to_be_visible()

    def run(self, text: str) -> None:
        """Write a query, run it by keyboard, and wait for its end."""
        self.write(text)
        self.run_here()

    def run_here(self) -> None:
        before = self.run_id()
        self.page.keyboard.press("Shift+Enter")
        self.wait_for_end(before)

    def wait_for_end(self, before: str) -> None:
        expect(self.status).not_to_contain_text(f"run {before}" if before else "no such run")
        expect(self.page.get_by_role("button", name="Run", exact=True)).to_be_visible()
        expect(self.page.get_by_role("status").filter(has_text=re.compile("^(Done|The run)"))).to_have_count(
            1
        )

    def run_id(self) -> str:
        found = re.search(r"run ([0-9a-f]{8})", self.status.inner_text())
        return found[1] if found else ""

    @property
    def status(self) -> Locator:
        return self.page.get_by_label("State of the run")

    @property
    def problems(self) -> Locator:
        return self.page.get_by_label("Editor").get_by_role("list", name="Problems")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def tab(self, name: str) -> Locator:
        return self.page.get_by_role("tab", name=name, exact=True)

    def text(self) -> str:
        return "\n".join(self.lines.all_inner_texts()).replace("\xa0", " ")
