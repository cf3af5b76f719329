"""The board's pages in a real browser: tabs, address, keyboard, one socket for all."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.stage import Alerts, Feed, alert, machine
from tests.browser.test_board import now

Open = Callable[..., Page]


def test_tabs_and_address_lead_to_each_other(board: Open, feed: Feed, alerts: Alerts) -> None:
    """A tab is a step of history; back and forward work; the socket stays the one that was opened at first."""
    alerts.open = [alert(1)]
    page = board("?lang=en&range=1h")
    feed.tell(machine(), now(), kind="snapshot")
    nav = page.get_by_role("navigation", name="Pages")
    expect(nav.locator("[data-page=alerts] .cnt")).to_contain_text("1")
    nav.get_by_role("link", name="System").click()
    expect(page.locator("#load")).to_be_attached()
    expect(nav.locator("[aria-current=page]")).to_have_text("System")
    assert re.search(r"\?lang=en&range=1h&page=system$", page.url)
    nav.get_by_role("link", name=re.compile("^Alerts")).click()
    expect(page.locator("#load")).to_have_count(0)
    expect(page.locator("[data-alert=a1]")).to_contain_text("alert number 1")
    page.go_back()
    expect(page.locator("#load")).to_be_attached()
    page.go_back()
    expect(page.locator("#load")).to_have_count(0)
    page.go_forward()
    expect(page.locator("#load")).to_be_attached()
    assert len(feed.sockets) == 1


def test_the_keyboard_leads_to_pages(board: Open, feed: Feed) -> None:
    """`g` and a letter goes to a page; `?` names the keys of the page that is shown."""
    page = board()
    feed.tell(machine(), now(), kind="snapshot")
    page.keyboard.press("g")
    page.keyboard.press("s")
    expect(page.locator("#load")).to_be_attached()
    page.keyboard.press("g")
    page.keyboard.press("x")
    page.keyboard.press("a")
    expect(page.locator("#load")).to_be_attached()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("알림 화면으로")
    page.keyboard.press("Escape")


def test_the_sentence_counts_open_alerts_and_each_trouble_once(board: Open, feed: Feed, alerts: Alerts) -> None:
    """An alert adds to the sentence, but not where a tile already tells of it; one that somebody has doesn't."""
    alerts.open = [
        alert(1, severity="critical"),
        alert(2, metric="memory_usage", labels={}),
        alert(3, phase="acknowledged", acknowledged_by="민수"),
    ]
    page = board()
    feed.tell(machine(memory=97.0), now(), kind="snapshot")
    expect(page.locator("h1")).to_have_text("2건 확인 필요")
    expect(page.locator(".iss").nth(0)).to_contain_text("alert number 1")
    expect(page.locator(".iss").nth(1)).to_contain_text("메모리 97.0%")
    feed.alert(alert(1, severity="critical", phase="resolved"), "resolved")
    expect(page.locator("h1")).to_have_text("1건 확인 필요")
    expect(page.locator("#alerts [data-alert=a3]")).to_contain_text("민수 확인함")


def test_new_critical_alerts_are_said_once_outside_the_page(board: Open, feed: Feed, alerts: Alerts) -> None:
    """Only what begins while the board is open and is critical is announced, as text."""
    alerts.open = [alert(1, severity="critical")]
    page = board()
    feed.tell(machine(), now(), kind="snapshot")
    voice = page.get_by_role("alert")
    expect(page.locator("#alerts [data-alert=a1]")).to_be_attached()
    feed.alert(alert(2))
    feed.alert(alert(3, severity="critical", message="<img src=x onerror=alert(1)>"))
    expect(voice).to_have_text("새 위험 알림: <img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0
