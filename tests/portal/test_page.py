"""The portal's page in a real browser."""

from __future__ import annotations

import re
from datetime import timedelta

import psutil
import pytest
from playwright.sync_api import expect

from tests.portal.conftest import Portal

pytestmark = pytest.mark.browser

ENDLESS = "range x from 1 to 1000000000000 step 1 | where x % 7 == 8 | count"
BY_COMPUTER = "Heartbeat | summarize Beats = count() by Computer | sort by Computer asc"


def test_a_wrong_password_and_then_the_right_one(portal: Portal) -> None:
    portal.refusals.add(400)
    portal.open()
    expect(portal.page.get_by_label("User name")).to_be_focused()
    user = portal.server.people.person
    portal.page.get_by_label("User name").fill(user.user_name)
    portal.page.get_by_label("Password").fill("wrong")
    portal.page.get_by_role("button", name="Sign in").click()
    alert = portal.at("#sign-in-error")
    expect(alert).to_contain_text("password")
    expect(alert).not_to_contain_text("AADSTS")
    expect(portal.at("#logs")).to_be_hidden()
    portal.sign_in(user)
    expect(portal.at("#user")).to_have_text(user.user_name)
    expect(portal.at("#password")).to_have_value("")
    portal.page.reload()
    expect(portal.at("#logs")).to_be_visible()


def test_the_workspaces_are_those_that_one_may_query(portal: Portal) -> None:
    portal.enter()
    workspaces = portal.page.get_by_label("Workspace")
    expect(workspaces.locator("option")).to_have_text(["default", "neighbour"])
    portal.run(BY_COMPUTER)
    assert portal.cells() == [["db-1", "20"], ["web-1", "20"], ["web-2", "20"]]
    workspaces.select_option("neighbour")
    expect(portal.at(".grid")).to_have_count(0)
    portal.run(BY_COMPUTER)
    assert portal.cells() == [["secret-neighbour", "20"]]


def test_a_reader_sees_one_workspace(portal: Portal) -> None:
    portal.enter(portal.server.people.person)
    expect(portal.page.get_by_label("Workspace").locator("option")).to_have_text(["default"])


def test_who_has_no_role_is_told_what_to_ask_for(portal: Portal) -> None:
    portal.enter(portal.server.people.newcomer)
    expect(portal.at("#status")).to_contain_text("Log Analytics Reader")
    expect(portal.page.get_by_role("button", name="Run")).to_be_disabled()


def test_rows(portal: Portal) -> None:
    portal.enter()
    portal.run(BY_COMPUTER)
    expect(portal.at(".grid th")).to_have_text([re.compile("Computer"), re.compile("Beats")])
    expect(portal.at("#status")).to_have_text(re.compile(r"3 rows of 60 read in [\d,]+ ms"))
    expect(portal.at("#chart")).to_be_hidden()
    portal.run("print a = 1; print b = 2, c = 'x'")
    assert [portal.cells(0), portal.cells(1)] == [[["1"]], [["2", "x"]]]
    portal.run("Heartbeat | where Computer == 'none'")
    expect(portal.at("#status")).to_have_text(re.compile("^0 rows"))
    assert portal.cells() == []


def test_values_are_shown_exactly(portal: Portal) -> None:
    portal.enter()
    portal.page.get_by_label("Time range").select_option("Set in query")
    portal.run("Types_CL | sort by Row asc | project Long, Real, Decimal, Time, Span, Bool, Dynamic")
    assert portal.cells() == [
        [
            "9007199254740993",
            "1.5",
            "12345678901234567.125",
            "2026-01-02 03:04:05.1234567Z",
            "1.02:03:04.5",
            "true",
            '{"a": [1, null, "x"], "b": {"c": 9007199254740993}}',
        ],
        [""] * 7,
    ]
    portal.run("print real(nan), long(-9223372036854775808), 1.0, datetime(2026-01-01), 1d, 100s")
    assert portal.cells() == [
        ["NaN", "-9223372036854775808", "1", "2026-01-01 00:00:00Z", "1.00:00:00", "00:01:40"]
    ]


def test_a_row_opens_by_click_and_by_keyboard(portal: Portal) -> None:
    portal.enter()
    portal.run("print a = 1, d = dynamic({'k': [1, 9007199254740993]}) | union (print a = 2) | sort by a asc")
    rows = portal.at(".grid tbody tr[aria-expanded]")
    rows.first.click()
    whole = portal.at(".grid tr.whole dd").nth(1)
    expect(whole).to_have_text(re.compile(r'"k": \[\s+1,\s+9007199254740993\s+\]'))
    rows.first.click()
    expect(portal.at(".grid tr.whole")).to_have_count(0)
    portal.at(".grid").focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        portal.page.keyboard.press(key)
    expect(rows.nth(1)).to_be_focused()
    expect(rows.nth(1)).to_have_attribute("aria-expanded", "true")
    expect(portal.at(".grid tr.whole dd").first).to_have_text("2")
    portal.page.keyboard.press("Home")
    expect(rows.first).to_be_focused()


def test_many_rows_are_shown_in_parts_and_cut_at_the_pages_limit(portal: Portal) -> None:
    portal.enter()
    portal.run("range x from 1 to 20000 step 1")
    expect(portal.at("#partial")).to_contain_text("10,000 rows")
    expect(portal.at("#status")).to_contain_text("10,000 rows")
    expect(portal.at(".grid tbody tr")).to_have_count(1000)
    portal.page.get_by_role("button", name="Show more (1,000 of 10,000 rows are shown)").click()
    expect(portal.at(".grid tbody tr")).to_have_count(2000)
    portal.run("print 1")
    expect(portal.at("#partial")).to_be_hidden()


def test_the_time_range_narrows(portal: Portal) -> None:
    portal.enter()
    portal.page.get_by_label("Time range").select_option("Last hour")
    portal.run("print n = toscalar(Heartbeat | count), o = toscalar(Types_CL | count)")
    assert portal.cells() == [["60", "2"]]
    portal.run("union Heartbeat | where TimeGenerated < ago(2h) | count")
    assert portal.cells() == [["0"]]


def test_a_time_chart(portal: Portal) -> None:
    portal.enter()
    portal.run(
        "range t from datetime(2026-01-01) to datetime(2026-01-01 05:00) step 1h | extend n = 10, m = 20"
        "| render timechart with (title='Beats by hour')"
    )
    expect(portal.at("figcaption")).to_have_text("Beats by hour")
    expect(portal.at(".legend li")).to_have_text(["n", "m"])
    lines = portal.at("svg path.line")
    expect(lines).to_have_count(2)
    expect(portal.at("svg circle")).to_have_count(12)
    assert portal.at("svg text").all_text_contents()[-6:] == [
        "00:00",
        "01:00",
        "02:00",
        "03:00",
        "04:00",
        "05:00",
    ]
    expect(portal.at("svg circle title").first).to_have_text("n\n2026-01-01 00:00:00Z: 10")
    expect(portal.at(".grid tbody tr")).to_have_count(6)


def test_a_bar_chart_and_a_column_chart(portal: Portal) -> None:
    portal.enter()
    data = "datatable (k: string, v: long) ['a', 10, 'b', 20, 'c', 5]"
    portal.run(f"{data} | render barchart")
    bars = portal.at("svg rect")
    expect(bars).to_have_count(3)
    widths = [float(bar.get_attribute("width") or 0) for bar in bars.all()]
    assert widths[1] == pytest.approx(2 * widths[0])
    assert widths[0] == pytest.approx(2 * widths[2])
    portal.run(f"{data} | render columnchart")
    heights = [float(bar.get_attribute("height") or 0) for bar in portal.at("svg rect").all()]
    assert heights[1] == pytest.approx(2 * heights[0])


def test_a_pie_chart(portal: Portal) -> None:
    portal.enter()
    portal.run("datatable (k: string, v: long) ['a', 25, 'b', 50, 'c', 25] | render piechart")
    expect(portal.at("svg path.slice")).to_have_count(3)
    rows = portal.at(".pie table tr").all()
    assert [row.locator("td").all_inner_texts()[1:] for row in rows] == [
        ["b", "50", "50.0 %"],
        ["a", "25", "25.0 %"],
        ["c", "25", "25.0 %"],
    ]
    portal.run("range x from 1 to 20 step 1 | project k = strcat('k', x), v = 1 | render piechart")
    expect(portal.at("svg path.slice")).to_have_count(8)
    expect(portal.at(".pie table tr").last).to_contain_text("13 others")
    portal.run("print k = 'all', v = 7 | render piechart")
    expect(portal.at(".pie table tr").last).to_contain_text("100.0 %")


@pytest.mark.parametrize(
    ("query", "shape", "count"),
    [
        ("range x from 1 to 5 step 1 | extend y = x * x | render linechart", "path.line", 1),
        ("range x from 1 to 5 step 1 | extend y = x, z = 2 * x | render areachart", "path.area", 2),
        ("range x from 1 to 5 step 1 | extend y = x, z = 2 * x | render stackedareachart", "path.area", 2),
        ("range x from 1 to 5 step 1 | extend y = x | render scatterchart", "circle", 5),
        ("range x from 1 to 5 step 1 | extend y = x, z = 2 | render columnchart with (kind=unstacked)", "rect", 10),
        ("range x from 1 to 3 step 1 | extend s = tostring(x % 2), y = -x | render columnchart", "rect", 6),
    ],
)  # fmt: skip
def test_other_charts(portal: Portal, query: str, shape: str, count: int) -> None:
    portal.enter()
    portal.run(query)
    expect(portal.at(f"svg {shape}")).to_have_count(count)


def test_cards_and_tables(portal: Portal) -> None:
    portal.enter()
    portal.run("print Computers = 3, Beats = 60 | render card")
    expect(portal.at(".cards")).to_have_text(re.compile("3Computers60Beats"))
    portal.run("print a = 1 | render table")
    expect(portal.at("#chart")).to_be_hidden()
    portal.run("print a = 'no number' | render timechart")
    expect(portal.at("#chart")).to_be_hidden()


def test_a_chart_follows_the_width_of_the_window(portal: Portal) -> None:
    portal.enter()
    portal.run("range x from 1 to 5 step 1 | extend y = x | render linechart")
    wide = portal.at("svg").get_attribute("viewBox")
    portal.page.set_viewport_size({"width": 700, "height": 900})
    expect(portal.at("svg")).not_to_have_attribute("viewBox", wide or "")


def test_an_error_is_shown_under_the_text_with_a_caret(portal: Portal) -> None:
    portal.refusals.add(400)
    portal.enter()
    portal.run("print 1")
    portal.run("Heartbeat\n| where Compute == 'x'\n| take 1")
    error = portal.at("#query-error")
    expect(error).to_be_visible()
    assert error.text_content() == (
        "SEM0100: there is no column or value named 'Compute'; did you mean 'Computer'?\n"
        "line 2, position 9\n\n"
        "| where Compute == 'x'\n"
        "        ^^^^^^^"
    )
    expect(portal.at(".grid")).to_have_count(0)
    error.click()
    expect(portal.editor).to_be_focused()
    portal.page.keyboard.type("Computer")
    portal.page.keyboard.press("Shift+Enter")
    portal.wait_for_end()
    expect(error).to_be_hidden()
    expect(portal.at("#status")).to_have_text(re.compile("^0 rows"))


def test_what_is_selected_is_run_alone(portal: Portal) -> None:
    portal.refusals.add(400)
    portal.enter()
    editor = portal.editor
    editor.fill("print a = 1\nprint nothing")
    editor.press("Control+Home")
    editor.press("Shift+End")
    editor.press("Shift+Enter")
    portal.wait_for_end()
    assert portal.cells() == [["1"]]
    editor.press("Control+End")
    editor.press("Shift+Home")
    editor.press("Control+Enter")
    expect(portal.at("#query-error")).to_contain_text("line 1, position 7")
    portal.at("#query-error").click()
    portal.page.keyboard.type("b = 2")
    expect(editor).to_have_value("print a = 1\nprint b = 2")


def uses_cpu(portal: Portal) -> bool:
    assert portal.server.process is not None
    return bool(psutil.Process(portal.server.process.pid).cpu_percent(1) > 6)


@pytest.mark.parametrize("how", ["button", "key", "another query", "leaving"])
def test_a_query_that_is_cancelled_ends(portal: Portal, how: str) -> None:
    portal.enter()
    editor = portal.editor
    editor.fill(ENDLESS)
    editor.press("Shift+Enter")
    expect(portal.at("#status")).to_have_text("Running")
    while not uses_cpu(portal):
        portal.page.wait_for_timeout(50)
    match how:
        case "button":
            portal.page.get_by_role("button", name="Cancel").click()
        case "key":
            portal.page.keyboard.press("Escape")
        case "another query":
            portal.run("print v = 'after'")
            assert portal.cells() == [["after"]]
        case _:
            portal.page.goto("about:blank")
            portal.hosts.discard("about:blank")
    if how in ("button", "key"):
        expect(portal.at("#status")).to_have_text("Cancelled")
        expect(portal.page.get_by_role("button", name="Cancel")).to_be_hidden()
    while uses_cpu(portal):
        portal.page.wait_for_timeout(50)


def test_tables_and_columns_are_put_into_the_query(portal: Portal) -> None:
    portal.enter()
    tables = portal.at("#tables")
    expect(tables.locator("summary")).to_contain_text(["Heartbeat", "Types_CL"])
    editor = portal.editor
    editor.fill("")
    tables.locator("summary", has_text="Types_CL").click()
    tables.get_by_role("button", name="Types_CL").click()
    editor.press("End")
    portal.page.keyboard.type(" | project ")
    tables.get_by_role("button", name="Decimal").click()
    expect(editor).to_have_value("Types_CL | project Decimal")
    expect(editor).to_be_focused()


def test_signing_out_deletes_the_session(portal: Portal) -> None:
    portal.enter()
    portal.run(BY_COMPUTER)
    session_id = portal.session_id()
    assert portal.is_session_alive(session_id)
    with portal.page.expect_response("**/portal/session") as answered:
        portal.page.get_by_role("button", name="Sign out").click()
    assert answered.value.status == 204
    assert "storage" in (answered.value.header_value("clear-site-data") or "")
    expect(portal.at("#sign-in")).to_be_visible()
    assert portal.session_id() == ""
    assert not portal.is_session_alive(session_id)
    assert "web-1" not in portal.page.content()
    assert portal.server.user.user_name not in portal.page.content()
    expect(portal.editor).to_have_value("")
    portal.page.reload()
    expect(portal.at("#sign-in")).to_be_visible()


def test_signing_out_reaches_the_other_tabs(portal: Portal) -> None:
    portal.enter()
    other = portal.context.new_page()
    portal.watch(other)
    other.goto(f"{portal.server.endpoint}/")
    expect(other.locator("#logs")).to_be_visible()
    portal.page.get_by_role("button", name="Sign out").click()
    expect(other.locator("#sign-in-notice")).to_have_text("You signed out in another window.")
    expect(other.locator("#logs")).to_be_hidden()


def test_a_session_that_has_ended_leads_to_the_sign_in(portal: Portal) -> None:
    portal.refusals.add(401)
    portal.enter()
    portal.run(BY_COMPUTER)
    with portal.server.later(timedelta(minutes=31)):
        portal.editor.press("Shift+Enter")
        expect(portal.at("#sign-in-notice")).to_have_text("Your session has ended. Sign in again.")
    expect(portal.at("#logs")).to_be_hidden()
    assert "web-1" not in portal.page.content()
    portal.sign_in(portal.server.people.person)


def test_a_page_that_is_not_used_ends_its_session(portal: Portal) -> None:
    portal.page.clock.install()
    portal.enter()
    portal.run(BY_COMPUTER)
    session_id = portal.session_id()
    portal.page.clock.fast_forward("29:00")
    portal.run(BY_COMPUTER)
    portal.page.clock.fast_forward("29:00")
    expect(portal.at("#logs")).to_be_visible()
    portal.page.clock.fast_forward("02:00")
    expect(portal.at("#sign-in-notice")).to_contain_text("not used for a while")
    assert "web-1" not in portal.page.content()
    while portal.is_session_alive(session_id):
        portal.page.wait_for_timeout(50)


def test_the_cookie_and_the_pages_headers(portal: Portal) -> None:
    answer = portal.page.goto(f"{portal.server.endpoint}/")
    assert answer is not None
    policy = answer.header_value("content-security-policy") or ""
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.header_value("x-content-type-options") == "nosniff"
    assert answer.header_value("referrer-policy") == "no-referrer"
    portal.sign_in()
    (cookie,) = portal.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"]) == ("__Host-kelp-session", True, True)
    assert cookie["sameSite"] in ("Lax", "Strict")
    assert portal.server.user.user_name not in str(cookie)
    kept = portal.context.storage_state()
    assert [origin for origin in kept["origins"] if origin.get("localStorage")] == []


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def test_texts_stay_texts(portal: Portal) -> None:
    """Values, names, titles and errors are shown as they are, and nothing in them runs."""
    portal.refusals.add(400)
    portal.page.on("dialog", lambda dialog: portal.faults.append(f"dialog: {dialog.message}"))
    portal.enter()
    name = f'["{HOSTILE}"]'
    portal.run(
        f'datatable ({name}: string, v: long) ["{HOSTILE}", 1] | render piechart with (title="{HOSTILE}")'
    )
    assert portal.cells() == [[HOSTILE, "1"]]
    expect(portal.at("figcaption")).to_have_text(HOSTILE)
    expect(portal.at(".grid th").first).to_contain_text(HOSTILE)
    portal.at(".grid tbody tr").first.click()
    expect(portal.at("dd").first).to_have_text(HOSTILE)
    portal.run(f"print {name}")
    expect(portal.at("#query-error")).to_contain_text(HOSTILE)
    portal.run(f'datatable (s: string, v: long) ["{HOSTILE}", 1] | render barchart')
    expect(portal.at("svg text").last).to_contain_text("<img")
    expect(portal.at("img, main script")).to_have_count(0)


def test_everything_by_keyboard(portal: Portal) -> None:
    portal.open()
    keyboard, user = portal.page.keyboard, portal.server.people.person
    keyboard.type(user.user_name)
    keyboard.press("Tab")
    keyboard.type(user.password)
    keyboard.press("Enter")
    expect(portal.editor).to_be_focused()
    keyboard.press("Control+A")
    keyboard.type(BY_COMPUTER)
    keyboard.press("Shift+Enter")
    portal.wait_for_end()
    for _ in range(10):
        keyboard.press("Tab")
        if portal.page.evaluate("() => document.activeElement.className") == "grid":
            break
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(portal.at(".grid tr.whole")).to_have_count(1)
    for _ in range(20):
        keyboard.press("Shift+Tab")
        if portal.page.evaluate("() => document.activeElement.id") == "sign-out":
            break
    keyboard.press("Enter")
    expect(portal.at("#sign-in")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_cut_off_on_a_narrow_screen(portal: Portal, scheme: str) -> None:
    portal.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    portal.page.set_viewport_size({"width": 360, "height": 740})
    portal.enter()
    portal.run("Heartbeat | take 5 | render barchart")
    overflow = portal.page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
