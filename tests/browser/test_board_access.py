"""The board for everybody: narrow and wide windows, keyboards, screen readers, both themes."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib.resources import files

import pytest
from playwright.sync_api import Page, expect

from tests.browser.furnished import violations
from tests.browser.stage import Feed, Past, fits, machine
from tests.browser.test_board import now

Open = Callable[..., Page]

OWN = [
    ("queue_depth", {}, 17.0),
    ("checkout_ms", {"market": "naver"}, 120.0),
    ("checkout_ms", {"market": "11st"}, 80.0),
]


def fill(page: Page, feed: Feed, **values: float) -> None:
    """Values everywhere: a machine and metrics of one's own."""
    feed.tell(machine(**values), now(), kind="snapshot")
    feed.tell(OWN, now(), topic="custom", kind="snapshot")
    expect(page.locator("[data-tile=cpu] .fig")).not_to_have_text("–")


@pytest.mark.guide("G063")
@pytest.mark.guide("G107")
@pytest.mark.parametrize(("language", "widths"), [("ko", (320, 768)), ("en", (768, 320))])
def test_nothing_scrolls_sideways(board: Open, feed: Feed, language: str, widths: tuple[int, int]) -> None:
    """Down to the narrowest phone the page fits, with trouble in the sentence and without own metrics as well."""
    page = board(f"?lang={language}", width=widths[0], height=900)
    feed.tell(machine(cpu=99.0, memory=99.0, disk=99.0), now(), kind="snapshot")
    expect(page.locator(".iss")).to_have_count(3)
    for own, width in ((False, widths[0]), (False, widths[1]), (True, widths[1]), (True, widths[0])):
        if own:
            fill(page, feed, cpu=99.0, memory=99.0, disk=99.0)
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("scrollTo(0, document.body.scrollHeight)")
        page.wait_for_timeout(150)
        fits(page)
        outside = page.evaluate(
            """() => [...document.querySelectorAll('main *')]
                 .filter((e) => !e.closest('.sheet, code, .tip, [hidden], .hide'))
                 .filter((e) => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().right > innerWidth + 1)
                 .map((e) => e.className || e.tagName)"""
        )
        assert outside == [], (width, own)


@pytest.mark.guide("G107")
def test_thumbs_find_their_targets(board: Open, feed: Feed) -> None:
    """On a phone everything that can be pressed is 44 px high at least."""
    page = board(width=390, height=844, has_touch=True)
    fill(page, feed, memory=99.0)
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, main a, .foot a, summary')]
             .map((e) => [e, e.getBoundingClientRect()])
             .filter(([e, { width, height }]) => width > 0 && height < (e.closest('.seg') ? 40 : 44))
             .map(([e]) => e.outerHTML.slice(0, 90))"""
    )
    assert small == []


@pytest.fixture(scope="module")
def axe() -> str:
    """The accessibility checker, as a script."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("state", ["calm", "trouble", "lost", "waiting", "table", "help"])
def test_no_violation_of_wcag(board: Open, feed: Feed, past: Past, axe: str, state: str) -> None:
    """axe finds nothing at A or AA, in any state and theme: half of them begin dark and become light."""
    themes = ("dark", "light") if state in {"trouble", "waiting", "help"} else ("light", "dark")
    past.since = now() - 300_000
    still = {"bypass_csp": True, "reduced_motion": "reduce"}  # no colour is half-way to the other theme
    page = board(color_scheme=themes[0], **still)
    if state != "waiting":
        fill(page, feed, memory=99.0 if state == "trouble" else 40.0, disk=92.0 if state == "trouble" else 40.0)
    if state == "lost":
        feed.greet = False
        feed.sockets[-1].close()
        expect(page.locator("h1")).to_have_text("다시 연결하고 있습니다")
    if state == "table":
        page.locator("#cpu").get_by_role("button").click()
    if state == "help":
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
    page.evaluate(axe)
    for theme in themes:
        page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        found = violations(page)
        assert found == "", f"{theme}: {found}"


def test_the_keyboard_reaches_everything(board: Open, feed: Feed) -> None:
    """Tab leads through language, theme, ranges and pause; `?` opens and Escape closes the help."""
    page = board()
    fill(page, feed)
    reached = []
    for _ in range(24):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.className + '|' + (document.activeElement.textContent || '').trim()")
        )
    assert reached[0].startswith("skip")
    for wanted in ("lang", "15분", "24시간", "일시정지"):
        assert any(wanted in one for one in reached), wanted
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("t")  # keys of the page rest while the help is open
    assert "range=" not in page.url
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_charts_say_what_they_show(board: Open, feed: Feed, past: Past) -> None:
    """Each chart is an image with a summary; ticking values are announced nowhere."""
    past.since = now() - 300_000
    page = board()
    fill(page, feed)
    summary = re.compile(r"^CPU\. 지금 20\.0%")
    expect(page.locator("#cpu [role=img]")).to_have_attribute("aria-label", summary)
    assert page.locator("main [aria-live], main [role=alert], main [role=status]").count() == 0


def test_reduced_motion_is_honoured(board: Open, feed: Feed) -> None:
    """With the system's wish for less motion nothing takes time to appear."""
    page = board(reduced_motion="reduce")
    fill(page, feed)
    assert page.evaluate("getComputedStyle(document.querySelector('.btn')).transitionDuration") == "0s"
