"""Looking at an earlier time: half a range back and ahead, by key, button and address; the present comes back whole."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.furnished import House
from tests.browser.stage import Alerts, Feed, Past, drawn_points, machine, until
from tests.browser.test_board import now

Open = Callable[..., Page]

MINUTE = 60_000


def test_half_a_range_back_and_ahead_again(board: Open, feed: Feed, past: Past, alerts: Alerts) -> None:
    """Values and lines are those of then, live frames change nothing, the address leads there; ahead is live again."""
    past.since = now() - 60 * MINUTE
    page = board("?page=system&lang=en&range=15m", answers=House(alerts).open)
    feed.tell(machine(cpu=20.0), now(), kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("20.0")
    expect(page.get_by_role("button", name="Look ahead")).to_be_disabled()
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"until=20\d\d-"))
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("30.0")
    expect(page.locator("h1")).to_contain_text(" to ")
    feed.tell(machine(cpu=99.0), now())
    page.get_by_role("button", name="Look further back").click()
    page.wait_for_timeout(300)
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("30.0")
    until(page, "Chart.getChart(document.querySelector('#cpu canvas')).data.datasets[0].data.length > 100")
    newest = drawn_points(page, "cpu")[-1][0]
    assert 14 * MINUTE < now() - newest < 17 * MINUTE
    asked = [int(float(one["end"])) for one in past.asked if one["metric"] == "cpu_usage"]
    assert now() - asked[-1] > 14 * MINUTE
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page).not_to_have_url(re.compile("until="))
    feed.tell(machine(cpu=21.0), now(), kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("21.0")
    expect(page.get_by_role("button", name="Look ahead")).to_be_disabled()
    assert now() - drawn_points(page, "cpu")[-1][0] < MINUTE


def test_an_address_leads_to_a_time(board: Open, feed: Feed, past: Past, alerts: Alerts) -> None:
    """`until=` shows that time at once; what history doesn't tell of it is unknown, not what it is now, and not 0."""
    past.since = now() - 5 * MINUTE
    page = board("?page=system&lang=en&until=2026-01-01T00:00:00Z", answers=House(alerts).open)
    feed.tell(machine(cpu=20.0), now(), kind="snapshot")
    expect(page.locator("h1")).to_contain_text("1 Jan 09:00")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("–")
    expect(page.locator("[data-tile=memory] .fig")).to_contain_text("–")
    page.get_by_role("button", name="Back to live").click()
    feed.tell(machine(cpu=22.0), now(), kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).to_contain_text("22.0")
