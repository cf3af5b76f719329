"""The board on a wall: pages take turns without anybody's hand, no money where none is to be seen, Esc leads out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.furnished import House, violations
from tests.browser.stage import Alerts, Feed, fits, until
from tests.browser.test_board_every_page import AXE, TABS

Open = Callable[..., Page]

LOCK = """
window.locks = [];
Object.defineProperty(navigator, 'wakeLock', { value: { request: async (kind) => {
  window.locks.push(kind);
  return { release: () => window.locks.push('released') };
} } });
"""


@pytest.fixture
def wall(board: Open, feed: Feed, alerts: Alerts) -> Callable[..., Page]:
    """Opens the board as a wall of 1920 by 1080, its timers in the test's hands."""

    def hang(query: str, **options: object) -> Page:
        house = House(alerts)
        house.fill()

        def prepare(page: Page) -> None:
            page.clock.install()
            page.add_init_script(LOCK)

        size = {"width": 1920, "height": 1080, "reduced_motion": "reduce"} | options
        page = board(query, prepare=prepare, answers=house.open, wait="main h1:not(:empty)", **size)
        house.tell(feed)
        page.wait_for_selector(".kclock")
        return page

    return hang


def test_pages_take_turns(wall: Callable[..., Page]) -> None:
    """Screenful after screenful, page after page, and from the start again; nothing can be pressed, type is large."""
    page = wall("?kiosk=system,shop&every=20s")
    expect(page).to_have_url(re.compile("page=system"))
    expect(page.locator("main button:visible, main input:visible, main select:visible, .foot:visible")).to_have_count(0)
    expect(page.locator(".nav a:visible").first).to_have_text(re.compile("시스템"))
    assert page.evaluate("document.documentElement.currentCSSZoom") == pytest.approx(1.35)
    fits(page)
    seen = [page.url]
    for _ in range(12):
        page.clock.run_for(20_100)
        page.wait_for_timeout(50)
        seen.append(page.url)
        if "page=shop" in seen[-2] and "page=system" in seen[-1]:
            break
    else:
        pytest.fail(f"it never came round: {seen}")
    assert page.evaluate("scrollY") == 0


def test_everything_is_on_the_wall_once(wall: Callable[..., Page]) -> None:
    """A page that is higher than the screen is shown to its end before the next one."""
    page = wall("?kiosk=system&every=5s", height=700)
    bottom = "scrollY + innerHeight >= document.documentElement.scrollHeight - 10"
    assert not page.evaluate(bottom)
    for _ in range(8):
        page.clock.run_for(5_100)
        page.wait_for_timeout(30)
        if page.evaluate(bottom):
            break
    assert page.evaluate(bottom)
    page.clock.run_for(5_100)
    until(page, "scrollY === 0")


def test_money_is_hidden_where_none_is_to_be_seen(wall: Callable[..., Page]) -> None:
    """With `money=0` the shop tells orders, customers and stock, and no amount anywhere, not even in a title."""
    page = wall("?kiosk=shop&money=0")
    expect(page.locator("[data-tile=orders] .fig")).to_contain_text("40")
    expect(page.locator("[data-tile=revenue], [data-tile=basket]")).to_have_count(0)
    until(page, "document.querySelectorAll('.channels li').length > 0")
    told = page.evaluate("document.querySelector('main').innerHTML")
    assert not re.search(r"\d\s*(만|억)?원|KRW", told), re.findall(r".{30}\d\s*(?:만|억)?원.{10}", told)


def test_esc_leads_out(wall: Callable[..., Page]) -> None:
    """Esc gives the board back where it was, with its controls; the address says so, and the screen may sleep again."""
    page = wall("?kiosk=shop,system&every=1m&range=1h")
    until(page, "window.locks.length > 0")
    assert page.evaluate("window.locks") == ["screen"]
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("page=system"))
    page.mouse.move(500, 500)
    expect(page.locator(".khint")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("kiosk|every"))
    expect(page).to_have_url(re.compile("page=system"))
    expect(page.locator(".nav a:visible")).to_have_count(len(TABS))
    expect(page.locator(".hero .pause")).to_be_visible()
    expect(page.locator(".kclock, .khint, .kdots")).to_have_count(0)
    until(page, "window.locks.length > 1")
    assert page.evaluate("window.locks") == ["screen", "released"]
    page.clock.run_for(130_000)
    expect(page).to_have_url(re.compile("page=system"))


def test_space_holds_a_page(wall: Callable[..., Page]) -> None:
    """Space keeps what is shown until it is pressed again."""
    page = wall("?kiosk=shop,system&every=5s", height=3_000)
    expect(page).to_have_url(re.compile("page=shop"))
    page.keyboard.press(" ")
    page.clock.run_for(30_000)
    expect(page).to_have_url(re.compile("page=shop"))
    page.keyboard.press(" ")
    page.clock.run_for(5_100)
    expect(page).to_have_url(re.compile("page=system"))


def test_anybody_can_read_it(wall: Callable[..., Page]) -> None:
    """Nothing for axe, in both themes, with the line about keys on it; nothing scrolls sideways on a small screen."""
    page = wall("?kiosk=shop,system", color_scheme="light", bypass_csp=True)
    page.mouse.move(500, 500)
    expect(page.locator(".khint")).to_be_visible()
    page.clock.resume()
    page.evaluate(AXE)
    assert violations(page) == ""
    page.emulate_media(color_scheme="dark")
    page.mouse.move(520, 520)
    expect(page.locator(".khint")).to_be_visible()
    assert violations(page) == ""
    page.set_viewport_size({"width": 390, "height": 844})
    fits(page)
