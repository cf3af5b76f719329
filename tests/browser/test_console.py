from __future__ import annotations

import contextlib
import os
import re
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.console_stack import (
    Visitors,
    console,
    look_back,
    server,
    visit,
    wait_until_live,
    wait_until_standing,
)
from tests.integration.console_processes import Ports

pytestmark = pytest.mark.slow

HANGUL = re.compile("[가-힣]")
WORDS = "document.body.innerText.replaceAll(/한국어로 보기|한/g, '')"
"""All words on a page but the name of the other language."""

WIDE = """() => Math.max(...['html', '[data-testid=stMain]'].map((name) => {
  const part = document.querySelector(name); return part.scrollWidth - part.clientWidth; }))"""
"""How far the page can be scrolled sideways."""

BOTH = """() => {
  window.both = 0;
  const seen = (part) => part?.checkVisibility({ visibilityProperty: true }) ?? false;
  const look = () => {
    const live = [...document.querySelectorAll('.bongsu .pill.live')].some(seen);
    window.both += live && [...document.querySelectorAll('.bongsu-note')].some(seen);
    requestAnimationFrame(look);
  };
  look();
}"""
"""Counts frames in which a page says that it is live, and that it can't be."""


@pytest.fixture(scope="module")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ports]:
    """Where a console beside a running server is, and that server."""
    ports, folder = Ports(), tmp_path_factory.mktemp("stack")
    with ExitStack() as stack:
        stack.enter_context(server(ports, folder))
        stack.enter_context(console(ports, folder))
        yield ports


@pytest.fixture(scope="module")
def url(ports: Ports) -> str:
    """The address of the console."""
    return ports.console_url


def _scroll_to_history(page: Page) -> None:
    look_back(page, ".js-plotly-plot .scatterlayer .trace")


@pytest.mark.parametrize(("widths", "dark"), [((390, 1280), True), ((768, 1920), False)], ids=["dark", "light"])
def test_the_page_is_live_and_clean(visitors: Visitors, url: str, widths: tuple[int, int], *, dark: bool) -> None:
    """Live figures at every width and theme: no error, no foreign host, no sideways scroll, the theme's ground."""
    with visit(visitors, url, width=widths[0], dark=dark) as seen:
        page = seen.page
        wait_until_standing(page)
        expect(page.locator(".bongsu [role=status]").first).to_contain_text("실시간")
        assert page.evaluate(WIDE) <= 0
        ground = page.locator("[data-testid=stApp]").evaluate("(app) => getComputedStyle(app).backgroundColor")
        assert ground == ("rgb(11, 15, 23)" if dark else "rgb(245, 246, 248)")
        page.set_viewport_size({"width": widths[1], "height": 900})
        page.wait_for_function(f"() => innerWidth === {widths[1]} && ({WIDE})() <= 0")
        expect(page.locator(".bongsu [role=status]").first).to_contain_text("실시간")
        assert (seen.errors, seen.foreign) == ([], [])


def test_the_language_switch_leaves_no_word_behind(visitors: Visitors, url: str) -> None:
    """English everywhere after the switch, on this visit and the next; the page's own language tells it too."""
    with visit(visitors, url) as seen:
        wait_until_live(seen.page)
        _scroll_to_history(seen.page)
        seen.page.get_by_role("button", name="영어로 보기").click()
        seen.page.get_by_text("Look back").wait_for()
        expect(seen.page.locator(".bongsu h1")).not_to_contain_text(HANGUL)
        seen.page.wait_for_function("() => document.title === 'System status · Bongsu'")
        expect(seen.page.locator(".js-plotly-plot").first).to_contain_text(re.compile("CPU.*Network"))
        for _ in range(2):
            # What was there before stays in the page until the server has drawn it to the end.
            seen.page.wait_for_function(f"() => !/[가-힣]/.test({WORDS})")
            assert seen.page.evaluate("() => document.documentElement.lang") == "en"
            seen.page.goto(url)
            wait_until_live(seen.page)
        assert seen.errors == []


def test_the_theme_switch_is_kept(visitors: Visitors, url: str) -> None:
    """The switch turns page and live part dark at once and on the next visit, and the history figure with them."""
    with visit(visitors, url) as seen:
        wait_until_live(seen.page)
        with seen.page.expect_navigation():
            seen.page.get_by_role("button", name="어두운 화면으로").click()
        wait_until_live(seen.page)
        for _ in range(2):
            assert seen.page.evaluate("() => document.documentElement.dataset.theme") == "dark"
            card = seen.page.locator(".bongsu .tile").first
            expect(card).to_have_css("background-color", re.compile(r"rgb\(17, 23, 35\)|rgba\(0, 0, 0, 0\)"))
            _scroll_to_history(seen.page)
            paper = seen.page.locator(".js-plotly-plot .main-svg").first
            expect(paper).to_have_css("background", re.compile(r"rgb\(17, 23, 35\)"))
            seen.page.reload()
            wait_until_live(seen.page)
        assert seen.errors == []


def test_what_was_zoomed_stays_zoomed(visitors: Visitors, url: str) -> None:
    """A newer reading of the history redraws the figure and leaves the chosen section; a double click returns."""
    last = "() => String(document.querySelector('.js-plotly-plot').data[0].x.at(-1))"
    shown = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range.map(String)"
    with visit(visitors, f"{url}/?range=15m") as seen:
        page = seen.page
        wait_until_live(page)
        _scroll_to_history(page)
        plot = page.locator(".js-plotly-plot .nsewdrag").first
        plot.scroll_into_view_if_needed()
        box = plot.bounding_box()
        assert box is not None
        whole = page.evaluate(shown)
        page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40, steps=5)
        page.mouse.up()
        page.wait_for_function(f"(whole) => ({shown})()[0] !== whole[0]", arg=whole)
        zoomed = page.evaluate(shown)
        said = page.locator(".st-key-explore [data-testid=stCaptionContainer]")
        before, newest = said.inner_text(), page.evaluate(last)
        page.locator("body").press("r")
        expect(said).not_to_have_text(before)
        page.wait_for_function(f"(newest) => ({last})() !== newest", arg=newest)
        assert page.evaluate(shown) == zoomed
        _double_click_until(page, f"(zoomed) => ({shown})()[0] !== zoomed[0]", zoomed)
        assert seen.errors == []


def _double_click_until(page: Page, gone: str, zoomed: object, *, tries: int = 5) -> None:
    """Undo the zoom as a reader does: Plotly wants both clicks within 300 ms, so on a busy machine again."""
    plot = page.locator(".js-plotly-plot .nsewdrag").first
    for left in reversed(range(tries)):
        box = plot.bounding_box()
        assert box is not None
        page.mouse.dblclick(box["x"] + box["width"] * 0.5, box["y"] + 40)
        try:
            page.wait_for_function(gone, arg=zoomed, timeout=6_000)
        except PlaywrightTimeoutError:
            if not left:
                raise
        else:
            return


def _show_the_table(page: Page, *, tries: int = 4) -> None:
    """Switch it on as a reader does: on a busy machine what grows above moves the switch from under the press, which is
    then let go of elsewhere, and is pressed again.
    """
    switch = page.locator(".st-key-table")
    for _ in range(tries):
        if not switch.get_by_role("switch").is_checked():
            switch.get_by_text("표로 보기").click()
        with contextlib.suppress(PlaywrightTimeoutError):
            page.locator(".st-key-explore table").wait_for(timeout=10_000)
            return
    page.locator(".st-key-explore table").wait_for(timeout=1_000)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_violation_of_wcag(visitors: Visitors, url: str, *, dark: bool) -> None:
    """axe finds nothing at A or AA on the whole page, the history and its table included."""
    axe = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    with visit(visitors, url, dark=dark, bypass_csp=True) as seen:
        wait_until_standing(seen.page)
        _scroll_to_history(seen.page)
        _show_the_table(seen.page)
        seen.page.evaluate(axe)
        found = seen.page.evaluate(
            "async (tags) => (await axe.run(document, { runOnly: tags })).violations",
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        )
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []


def _pushed(page: Page, ports: Ports, message: str) -> Locator:
    """Where an alert stands that was pushed once the list was there; a busy server has one of its own beside it."""
    body = {"level": "critical", "message": message, "metric": "disk_usage", "value": 96, "threshold": 90}
    page.wait_for_selector("#firing .empty:not([hidden]), .alerts .al", timeout=30_000)
    httpx.post(f"{ports.rest_url}/api/v1/alerts", json=body, trust_env=False).raise_for_status()
    return page.locator(".alerts .al").filter(has_text=message)


@pytest.mark.alone
def test_a_pushed_alert_is_on_the_console_at_once(visitors: Visitors, ports: Ports) -> None:
    """Within two seconds, measured with nothing beside it."""
    with visit(visitors, f"{ports.console_url}/?page=alerts") as seen:
        expect(_pushed(seen.page, ports, "disk full")).to_be_visible(timeout=2_000)


@pytest.mark.guide("G030")
def test_alerts_are_seen_and_taken_on_the_console(visitors: Visitors, ports: Ports) -> None:
    """A pushed alert is acknowledged through the console and has its past below; axe finds nothing."""
    with visit(visitors, f"{ports.console_url}/?page=alerts", bypass_csp=True) as seen:
        page = seen.page
        row = _pushed(page, ports, "disk <b>full</b>")
        expect(row).to_be_visible()
        row.get_by_role("button", name="확인").click()
        page.get_by_role("dialog").get_by_label("이름").fill("수진")
        page.get_by_role("dialog").get_by_role("button", name="확인").click()
        expect(row).to_contain_text("수진 확인함")
        page.locator(".st-key-past").scroll_into_view_if_needed()
        page.locator(".st-key-past table").wait_for()
        expect(page.locator(".st-key-past table")).to_contain_text("disk <b>full</b>")
        assert page.title() == "알림 시스템 · 봉수"
        page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
        found = page.evaluate(
            "async (tags) => (await axe.run(document, { runOnly: tags })).violations",
            ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        )
        assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == []
        assert seen.errors == []
        assert seen.foreign == []


def test_the_range_is_in_the_address(visitors: Visitors, url: str) -> None:
    """Choosing a range writes it into the address, and the address leads back to it."""
    with visit(visitors, url) as seen:
        wait_until_live(seen.page)
        _scroll_to_history(seen.page)
        seen.page.locator(".st-key-explore").get_by_role("radio", name="24시간").click()
        seen.page.wait_for_url("**/?range=24h")
        seen.page.reload()
        chosen = seen.page.locator(".st-key-explore").get_by_role("radio", name="24시간")
        expect(chosen).to_have_attribute("aria-checked", "true")


def test_a_server_that_goes_and_comes_back(visitors: Visitors, tmp_path: Path) -> None:
    """Before the server: what to do; then live by itself; a killed server is said; when it is back all goes on."""
    ports = Ports()
    with console(ports, tmp_path), visit(visitors, ports.console_url) as seen:
        page = seen.page
        page.get_by_text("모니터링 서버에 연결할 수 없습니다").wait_for()
        expect(page.locator(".bongsu-note")).to_contain_text("bongsu up")
        page.evaluate(BOTH)
        pill = page.locator(".bongsu [role=status]").first
        with server(ports, tmp_path) as pid:
            wait_until_live(page)
            expect(pill).to_contain_text("실시간")
            expect(page.locator(".bongsu-note")).to_be_hidden()
            assert page.evaluate("() => window.both") == 0
            os.kill(pid, signal.SIGKILL)
            expect(pill).not_to_contain_text("실시간", timeout=30_000)
        with server(ports, tmp_path):
            expect(pill).to_contain_text("실시간", timeout=30_000)


def test_a_console_that_goes_leaves_the_figures_live(visitors: Visitors, tmp_path: Path) -> None:
    """When the console's process ends its bar says so, not Streamlit; the figures go on, usable; it comes back."""
    ports, drawn = Ports(), "() => document.documentElement.dataset.lastDrawn"
    with server(ports, tmp_path), ExitStack() as stack:
        with console(ports, tmp_path):
            seen = stack.enter_context(visit(visitors, ports.console_url))
            page = seen.page
            wait_until_standing(page)
            lost = page.get_by_text("콘솔 연결이 끊겨 다시 잇는 중")
            expect(lost).to_be_hidden()
        expect(lost).to_be_visible(timeout=30_000)
        expect(page.get_by_text("Connection error")).to_be_hidden()
        before = page.evaluate(drawn)
        page.wait_for_function(f"(before) => ({drawn})() !== before", arg=before)
        page.locator(".bongsu [data-range='1h']").click()
        expect(page.locator(".bongsu [data-range='1h']")).to_have_attribute("aria-pressed", "true")
        expect(lost).to_be_visible()
        with console(ports, tmp_path):
            expect(lost).to_be_hidden(timeout=30_000)
