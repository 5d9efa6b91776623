"""The way into the portal and out of it, and one's own account, in a real browser."""

from __future__ import annotations

import base64
import re
import time
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kelp.identity.second_factor import code_of
from kelp.identity.sessions import IDLE_PERIOD
from tests.portal.app import App, axe
from tests.portal.browsing import second_factor_of

pytestmark = pytest.mark.browser


def test_a_wrong_password_then_the_right_one_leads_to_the_page_that_was_wanted(app: App) -> None:
    app.refusals.add(401)
    person = app.server.people.person
    app.open("/me?kept=1")
    expect(app.page.get_by_label("User name")).to_be_focused()
    axe(app.page)
    app.sign_in(person, "wrong")
    alert = app.page.get_by_role("alert")
    expect(alert).to_contain_text("password is wrong")
    expect(alert).not_to_contain_text("AADSTS")
    axe(app.page)
    app.sign_in(person)
    app.expect_page("Profile and settings")
    expect(app.page).to_have_url(re.compile(r"/me\?kept=1$"))
    expect(app.page).to_have_title("Profile and settings · Kelp")


def test_nobody_is_sent_to_a_strangers_address(app: App) -> None:
    app.open("/signin?next=//elsewhere.example/me")
    app.sign_in(app.server.people.person)
    expect(app.page.get_by_role("button", name=re.compile("^Account of"))).to_be_visible()
    assert app.page.url.startswith(app.server.endpoint + "/")


def test_the_password_can_be_looked_at(app: App) -> None:
    app.open()
    password = app.page.get_by_label("Password", exact=True)
    password.fill("open sesame")
    expect(password).to_have_attribute("type", "password")
    app.page.get_by_role("button", name="Show the password").click()
    expect(password).to_have_attribute("type", "text")


def test_a_second_factor_is_asked_for(app: App) -> None:
    app.refusals.add(401)
    person = app.server.people.person
    with second_factor_of(app.server, person) as (secret, _):
        app.open("/signin?next=/me")
        app.sign_in(person)
        code = app.page.get_by_label("Code")
        expect(code).to_be_focused()
        axe(app.page)
        code.fill("000000")
        expect(app.page.get_by_role("alert")).to_contain_text("code is wrong")
        # The code of the enrolment's own step was used up by it.
        code.fill(code_of(secret, int(time.time() // 30) + 1))
        app.expect_page("Profile and settings")


def test_signing_out_ends_the_session_in_every_tab(app: App) -> None:
    app.enter("/me")
    app.expect_page("Profile and settings")
    other = app.context.new_page()
    app.watch(other)
    other.goto(f"{app.server.endpoint}/me")
    expect(other.get_by_role("heading", name="Profile and settings")).to_be_visible()
    app.page.get_by_role("button", name=re.compile("^Account of")).click()
    axe(app.page)
    app.page.get_by_role("menuitem", name="Sign out").click()
    app.expect_page("Sign in to Kelp")
    expect(other.get_by_role("heading", name="Sign in to Kelp")).to_be_visible()
    app.page.goto(f"{app.server.endpoint}/me")
    app.expect_page("Sign in to Kelp")


def test_an_idle_end_is_announced_and_can_be_put_off(app: App) -> None:
    app.page.clock.install()
    app.enter("/me")
    app.expect_page("Profile and settings")
    app.page.clock.fast_forward((IDLE_PERIOD - timedelta(seconds=100)) // timedelta(milliseconds=1))
    warning = app.page.get_by_role("alertdialog", name="Are you still there?")
    expect(warning).to_contain_text("1 min")
    axe(app.page)
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()
    app.end_sessions()
    app.page.clock.fast_forward(IDLE_PERIOD // timedelta(milliseconds=1))
    app.expect_page("Sign in to Kelp")
    expect(app.page).to_have_url(re.compile(r"next=%2Fme"))


def test_what_one_chose_is_there_in_the_next_browser_too(app: App) -> None:
    person = app.server.people.newcomer
    app.enter("/me", person)
    zone = app.page.get_by_role("combobox", name="Time zone")
    _choose(app, "Dark", "Asia/Tok")
    root = app.page.locator("html")
    expect(root).to_have_attribute("data-theme", "dark")
    axe(app.page)
    app.page.evaluate("() => localStorage.clear()")
    app.page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(zone).to_have_value("Asia/Tokyo")
    _choose(app, "As the system", "As the")


def test_a_second_factor_is_set_up_and_turned_off(app: App) -> None:
    person = app.server.people.newcomer
    app.refusals.add(400)
    app.enter("/me", person)
    app.page.get_by_role("button", name="Set up").click()
    dialog = app.page.get_by_role("dialog", name="Set up the second factor")
    dialog.get_by_label("Current password").fill(person.password)
    dialog.get_by_role("button", name="Continue").click()
    expect(dialog.get_by_role("img", name="QR code for the authenticator")).to_be_visible()
    axe(app.page)
    dialog.get_by_label("Code that").fill("000000")
    dialog.get_by_role("button", name="Turn it on").click()
    expect(dialog).to_contain_text("The code is wrong")
    secret = dialog.get_by_role("region", name="Secret").inner_text().strip()
    dialog.get_by_label("Code that").fill(_code(secret))
    dialog.get_by_role("button", name="Turn it on").click()
    codes = dialog.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(codes).to_have_count(10)
    axe(app.page)
    recovery = codes.first.inner_text()
    dialog.get_by_role("button", name="I have kept them").click()
    app.page.get_by_role("button", name="Turn off…").click()
    app.page.get_by_role("alertdialog").get_by_label("A code of the").fill(recovery)
    app.page.get_by_role("button", name="Turn it off").click()
    expect(app.page.get_by_role("button", name="Set up")).to_be_visible()


def test_another_session_is_ended(app: App) -> None:
    person = app.server.people.newcomer
    app.enter("/me", person)
    app.enter("/me", person)
    ends = app.page.get_by_role("button", name=re.compile("^End the session of"))
    expect(ends.nth(1)).to_be_visible()
    before = ends.count()
    app.page.get_by_role("row").filter(has_not_text="this one").get_by_role(
        "button", name=re.compile("^End the session of")
    ).first.click()
    expect(ends).to_have_count(before - 1)
    app.expect_page("Profile and settings")


def _choose(app: App, theme: str, zone: str) -> None:
    """Choose a theme and the first zone that a text finds, and wait until the server keeps both."""
    field = app.page.get_by_role("combobox", name="Time zone")
    with app.page.expect_response(lambda one: "theme" in (one.request.post_data or "")):
        app.page.get_by_text(theme, exact=True).click()
    with app.page.expect_response(lambda one: "timeZone" in (one.request.post_data or "")):
        field.fill(zone)
        field.press("ArrowDown")
        field.press("Enter")


def _code(secret: str) -> str:
    return code_of(base64.b32decode(secret), int(time.time() // 30))
