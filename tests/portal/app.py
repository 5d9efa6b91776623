"""The portal in a browser: the steps that tests of its pages share, and what no page may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.portal.browsing import browser_of
from tests.servers import Server, User

PATIENCE_MILLISECONDS = 30_000
_AXE = Path(__file__).parents[2] / "portal" / "node_modules" / "axe-core" / "axe.min.js"
_COOKIE = "__Host-kelp-session"
_REPORT_VIOLATIONS = """document.addEventListener('securitypolicyviolation', (event) =>
    console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} at ${event.sourceFile}`))"""
# Popups hang at the end of the body, outside all landmarks, by design of every library of controls.
_CHECK = """async ([part, rules]) => (await axe.run(part ?? document, rules ? { runOnly: rules } : {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    rules: { region: { enabled: false } },
})).violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => html.slice(0, 300) + ' ' + failureSummary).join(' | ')}`)"""


def axe(page: Page, part: str | None = None, rules: tuple[str, ...] | None = None) -> None:
    """Fail where the page as it stands, or the part of it that a selector names, breaks a rule of accessibility.

    `rules` names the only ones that are asked for; without it, all are.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    # What fades in has another contrast on its way.
    page.evaluate(
        "() => Promise.all(document.getAnimations().filter((one) => one.effect.getComputedTiming()"
        ".iterations !== Infinity).map((one) => one.finished.catch(() => null)))"
    )
    faults = page.evaluate(_CHECK, [part, rules])
    assert faults == [], "\n".join(faults)


@dataclass
class App:
    """A browser's page at the portal. `refusals` are statuses that the test asks for on purpose."""

    server: Server
    context: BrowserContext
    page: Page
    faults: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    refusals: set[int] = field(default_factory=set)

    def watch(self, page: Page) -> None:
        """Note what a page logs, throws, is refused by its policy, and asks of whom."""
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        page.add_init_script(_REPORT_VIOLATIONS)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("request", lambda request: self.hosts.add("/".join(request.url.split("/")[:3])))

    def _note(self, kind: str, text: str) -> None:
        is_expected = any(f"status of {status} " in text for status in self.refusals)
        if kind in ("error", "warning") and not is_expected:
            self.faults.append(f"{kind}: {text}")

    def open(self, path: str = "/signin") -> None:
        self.page.goto(f"{self.server.endpoint}{path}")

    def enter(self, path: str = "/me", user: User | None = None) -> None:
        """Open a page with the session of a user, else of the installation's first, who has been nowhere yet."""
        with browser_of(self.server, user) as client:
            assert client.patch("/portal/api/me", json={"workspaces": None}).status_code == 200
            secret = client.cookies[_COOKIE]
        # A name that begins with `__Host-` takes an address and no domain.
        self.context.add_cookies(
            [
                {
                    "name": _COOKIE,
                    "value": secret,
                    "url": self.server.endpoint,
                    "secure": True,
                    "httpOnly": True,
                }
            ]
        )
        self.open(path)

    def sign_in(self, user: User, password: str | None = None) -> None:
        """Fill in the page of the sign-in."""
        self.page.get_by_label("User name").fill(user.user_name)
        self.page.get_by_label("Password", exact=True).fill(password or user.password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def heading(self, name: str) -> Locator:
        return self.page.get_by_role("heading", level=1, name=name)

    def expect_page(self, name: str) -> None:
        expect(self.heading(name)).to_be_visible()

    def end_sessions(self) -> None:
        """End the session of this browser behind its back."""
        with self.server.client() as client:
            secret = next(str(one["value"]) for one in self.context.cookies() if one["name"] == _COOKIE)
            headers = {"X-Kelp-Csrf": "1", "Sec-Fetch-Site": "same-origin", "Cookie": f"{_COOKIE}={secret}"}
            assert client.delete("/portal/api/session", headers=headers).status_code == 204
