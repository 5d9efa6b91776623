"""What usage costs and where it leads: the roll-up over HTTP, and its page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from playwright.sync_api import Browser, expect

from tests.portal.app import App, axe
from tests.portal.browsing import browser_of, fresh_user
from tests.portal.conftest import open_app
from tests.portal.usage_history import CAP_GB, DAILY_GB, GB, populate_with_history
from tests.servers import MANAGEMENT_SCOPE, Rows, Server, start_server

pytestmark = pytest.mark.browser
PRICES = """
currency = "SEK"
[pay_as_you_go]
per_gb = 10.0
[commitment]
5 = 40.0
100 = 500.0
"""
_LOG = {"TimeGenerated": "datetime", "Computer": "string"}


def recent_rows(server: Server) -> list[Rows]:
    at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    rows = [{"TimeGenerated": at, "Computer": name} for name in ("loud", "loud", "loud", "quiet")]
    return [Rows(server.home, "Talk_CL", _LOG, rows)]


@pytest.fixture(scope="module")
def metered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("metered")
    prices = folder.parent / "prices.toml"
    prices.write_text(PRICES)
    settings = {"usage": {"prices_file": str(prices)}}
    with start_server(folder, settings=settings, populate=populate_with_history, rows=recent_rows) as server:
        yield server


@pytest.fixture
def app(metered: Server, browser: Browser) -> Iterator[App]:
    with open_app(metered, browser) as app:
        yield app


def usage(client: httpx.Client, **parameters: Any) -> dict[str, Any]:
    answer = client.get("/portal/api/usage", params=parameters)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def last_days(count: int) -> dict[str, str]:
    today = datetime.now(UTC).date()
    first, last = today - timedelta(days=count), today - timedelta(days=1)
    return {"from": first.isoformat(), "to": last.isoformat()}


def sums(document: dict[str, Any], member: str) -> dict[str, float]:
    return {one["name"]: sum(one[member]) for one in document["groups"] if one[member] is not None}


def test_groups_of_a_period_add_up_and_only_the_tenants_own_are_in_it(metered: Server) -> None:
    with browser_of(metered) as client:
        days = last_days(10)
        tables = usage(client, **days)
        assert len(tables["days"]) == 10
        assert sums(tables, "bytes") == {"Perf": 48 * GB, "Syslog": 20 * GB}
        assert sums(tables, "amounts") == pytest.approx({"Perf": 480, "Syslog": 200})
        for by in ("workspace", "customer", "cluster", "subscription", "meter"):
            found = usage(client, by=by, **days)
            assert sum(sums(found, "amounts").values()) == pytest.approx(
                sum(sums(tables, "amounts").values())
            )
            assert by == "meter" or sum(sums(found, "bytes").values()) == 68 * GB
        assert sums(usage(client, by="workspace", **days), "bytes") == {
            metered.home.name: 60 * GB,
            "neighbour": 8 * GB,
        }
        assert (tables["currency"], tables["pricesAreSet"], tables["unpriced"]) == ("SEK", True, 0)
        assert (tables["capBytes"], tables["capped"], tables["workspaces"]) == (None, 1, 2)


def test_the_month_is_forecast_and_tiers_are_compared(metered: Server) -> None:
    with browser_of(metered) as client:
        home = usage(client, workspace=metered.home.workspace_id)
        assert home["capBytes"] == CAP_GB * GB
        forecast = home["forecast"]
        assert forecast["dailyAverage"] == pytest.approx(60, rel=0.05)
        assert forecast["averagedDays"] == 7
        spent, average, left = (forecast[name] for name in ("spent", "dailyAverage", "daysLeft"))
        assert forecast["amount"] == pytest.approx(spent + average * left)
        (tier,) = home["tiers"]
        assert (tier["kind"], tier["sku"], tier["reservedGb"], tier["days"]) == (
            "workspace",
            "PerGB2018",
            None,
            31,
        )
        assert tier["dailyBytes"] == sum(DAILY_GB.values()) * GB
        offers = [(one["reservedGb"], one["amount"]) for one in tier["offers"]]
        assert offers == [(5, 31 * 50.0), (None, 31 * 60.0), (100, 31 * 500.0)]
        assert tier["amount"] == pytest.approx(31 * 60)


def test_who_may_not_see_it_is_refused_and_what_is_asked_wrong_is_named(metered: Server) -> None:
    for wrong, target in (
        ({"by": "mood"}, "by"),
        ({"from": "soon"}, "from"),
        ({"from": "2026-02-02", "to": "2026-02-01"}, "to"),
        ({"workspace": "here"}, "workspace"),
    ):
        with browser_of(metered) as client:
            answer = client.get("/portal/api/usage", params=wrong)
            assert (answer.status_code, answer.json()["error"]["target"]) == (400, target)
    with fresh_user(metered) as user, browser_of(metered, user) as client:
        refused = client.get("/portal/api/usage")
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "AuthorizationFailed")
    with browser_of(metered) as client:
        for workspace_id in (metered.people.foreign.workspace_id, str(uuid4())):
            assert client.get("/portal/api/usage", params={"workspace": workspace_id}).status_code == 404
    with browser_of(metered, metered.people.person) as reader:
        seen = usage(reader, by="workspace")
        assert [one["name"] for one in seen["groups"]] in ([metered.home.name], [])
    with browser_of(metered, metered.people.foreign_person) as foreign:
        assert sums(usage(foreign, by="workspace", **last_days(2)), "bytes") == {"fabrikam": 100 * GB}


def test_usage_is_read_and_the_cap_is_changed(app: App) -> None:
    page, server = app.page, app.server
    app.enter("/t/kelp.local/usage?period=31")
    app.expect_page("Usage and cost")
    expect(page.get_by_role("row", name="Syslog")).to_be_visible()
    expect(page.get_by_role("region", name="Volume by day, in GB")).to_be_visible()
    expect(page.get_by_text("1 of 2 workspaces have a daily cap")).to_be_visible()
    expect(
        page.get_by_role("region", name="This month").get_by_text("the average of the last 7 full days")
    ).to_be_visible()
    tiers = page.get_by_role("region", name="What other tiers would have cost")
    expect(tiers.get_by_role("row", name=server.home.name)).to_contain_text("5 GB a day")
    axe(page)

    page.get_by_role("button", name="All workspaces Of").click()
    page.get_by_role("option", name=server.home.name).click()
    expect(page.get_by_text("The line is the daily cap: 9 GB.")).to_be_visible()
    page.get_by_role("button", name="Volume Shown").click()
    page.get_by_role("option", name="Cost").click()
    expect(page.get_by_role("region", name="Cost by day, in SEK")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV by day").click()
    lines = saved.value.path().read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Day,Table,Id,Bytes,Cost,Currency"
    assert len(lines) > 60

    page.get_by_role("button", name="Find out").click()
    talkers = page.get_by_role("region", name="Who sends most")
    expect(talkers.get_by_role("row").nth(1)).to_contain_text("loud")
    page.get_by_role("button", name="Change the cap").click()
    dialog = page.get_by_role("dialog", name="Change the cap")
    expect(dialog.get_by_text("00:00 UTC every day")).to_be_visible()
    dialog.get_by_role("textbox", name="GB a day").fill("12")
    axe(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("of 12 GB")).to_be_visible()
    with server.client(server.token(scope=MANAGEMENT_SCOPE)) as client:
        read = client.get(str(server.home.resource_id), params={"api-version": "2025-07-01"}).json()
    assert read["properties"]["workspaceCapping"]["dailyQuotaGb"] == 12
